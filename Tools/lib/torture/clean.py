"""Suite clean: nothing is left behind by opening and closing, and sanitizers have nothing to say.

Processes open and close stores, tables, datasets, indexes, contexts and prefixes through the Python
package, through the C library alone, by threads that come and go, and in ways that are refused, each
with what it reads compared. After every turn all is closed, and five things are looked at: bytes that
were allocated and not freed (mallinfo2, which no cache of the allocator blurs), resident memory, open
descriptors, mappings and threads. The first third warms up; after it the median of the last window must
be that of the first, but for a slack that is stated here.

Cases: `table`, `dataset`, `index`, `contexts`, `refusals`, `threads`, `calls`; and, only when
they are asked for by name, `sanitizers` (all), `sanitizers/address`, `sanitizers/thread`: the tests built
and run with a sanitizer, in a folder of their own, which takes long.

  Tools/torture clean --minutes 60
  Tools/torture clean --only sanitizers/address
"""
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time

from engram_command import ROOT, Engram
from served_rows import make_store
from torture.report import Failure, Outcome

NAME = "clean"
ABOUT = "opening and closing leaves nothing behind; sanitizers, when asked for"

KINDS = ("table", "dataset", "index", "contexts", "refusals", "threads", "calls")
PYTHON = os.path.join(ROOT, ".cache/python/bin/python")
LIBRARY = os.environ.get("ENGRAM_LIBRARY", os.path.join(ROOT, ".build/library/libengram.so"))
PATIENCE = 120  # seconds for a turn
#: Turns of a kind at least, and rounds of one: the first third of the turns warms up.
TURNS, ROUNDS = 9, 3
#: What may be there more at the end than after warming up. A round leaks less than LEAK bytes of the
#: allocator's: what a leak of one small object a round would exceed.
LEAK = 48
MOST = {"bytes": 64 << 10, "resident": 24 << 20, "descriptors": 0, "mappings": 8, "threads": 0}
SANITIZERS = ("address", "thread")


class Life:
    """A process of clean_life.py, and what the system says of it."""

    def __init__(self, kind, options, engram):
        self.kind, self.options = kind, options
        work = os.path.join(options.work, kind)
        os.makedirs(work)
        path = os.path.join(work, "orders")
        with open(path, "w") as file:
            json.dump({"kind": kind, "store": engram.store, "context": os.path.join(work, "context"),
                       "rounds": ROUNDS, "seed": options.seed}, file)
        self.log = path + ".log"
        environment = dict(os.environ, ENGRAM_LIBRARY=LIBRARY)
        python = PYTHON if os.access(PYTHON, os.X_OK) else sys.executable
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [python, os.path.join(ROOT, "Tools/lib/torture/clean_life.py"), path],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment)
        self.samples = []

    def fail(self, kind, what):
        self.close()
        with open(self.log, errors="replace") as file:
            tail = file.read()[-2000:]
        raise Failure(kind, f"{self.kind}: {what}\n{tail}".rstrip(), self.options.work, self.kind)

    def go(self):
        """Lets some rounds begin; the first ones have begun by themselves."""
        if self.samples:
            self.process.stdin.write(b"go\n")
            self.process.stdin.flush()

    def turn(self):
        """The end of these rounds, and what there is when all is closed."""
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            self.fail("hang", f"{ROUNDS} rounds take more than {PATIENCE} s")
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait(PATIENCE)
            self.fail("crash" if code < 0 else "wrong", f"ended with {code}")
        said = json.loads(line)
        folder = f"/proc/{self.process.pid}"
        with open(f"{folder}/status") as file:
            status = dict(line.split(":", 1) for line in file)
        with open(f"{folder}/maps") as file:
            mappings = sum(1 for _ in file)
        self.rounds = said["rounds"]
        self.samples.append({
            "bytes": said["bytes"], "resident": 1024 * int(status["RssAnon"].split()[0]),
            "descriptors": len(os.listdir(f"{folder}/fd")), "mappings": mappings,
            "threads": int(status["Threads"])})

    def judge(self):
        """Compares the medians of the first window after warming up and of the last one."""
        warm = self.samples[len(self.samples) // 3:]
        window = max(2, len(warm) // 3)
        rounds = (len(warm) - window) * ROUNDS
        grown = {}
        for name, most in MOST.items():
            first, last = (sorted(sample[name] for sample in part)[len(part) // 2]
                           for part in (warm[:window], warm[-window:]))
            grown[name] = last - first
            allowed = max(most, LEAK * rounds) if name == "bytes" else most
            if grown[name] > allowed:
                self.fail("wrong", f"{name} grow from {first:,} to {last:,} in {rounds:,} rounds of opening "
                                   f"and closing, by more than {allowed:,}")
        return grown

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def make(options):
    """A small store with a table, a dataset and an index."""
    engram = make_store(options.work, "1M", options.binary)
    source = os.path.join(options.work, "docs.jsonl")
    words = "amber basin cedar delta ember fjord glade heron inlet juniper otter".split()
    with open(source, "w") as file:
        for number in range(200):
            text = " ".join(words[(number * 7 + k * k) % len(words)] for k in range(40))
            print(json.dumps({"id": f"d{number}", "text": f"{text} otter number{number}."}), file=file)
    engram.must_run("ingest", source, "--dataset", "docs")
    engram.must_run("index", "build", "docs")
    return engram


def leaks(options, outcome, kinds):
    """Lives of all kinds, turn by turn, until the time is over."""
    if not os.path.exists(LIBRARY):
        raise SystemExit(f"no {LIBRARY}; run: Tools/build-library")
    engram = make(options)
    end = time.monotonic() + 60 * options.minutes
    lives = [Life(kind, options, engram) for kind in kinds]
    turns = 0
    try:
        while turns < TURNS or time.monotonic() < end:
            for life in lives:
                life.go()
            for life in lives:
                life.turn()
                outcome.tried += 1
            turns += 1
            options.progress(f"{turns} turns of {len(lives)} kinds")
        most = {}
        for life in lives:
            for name, number in life.judge().items():
                most[name] = max(most.get(name, 0), number)
            outcome.count("rounds", life.rounds)
        outcome.survived = outcome.tried
        outcome.details["bytes more at most"] = most["bytes"]
        outcome.details["KB resident more at most"] = most["resident"] >> 10
    finally:
        for life in lives:
            life.close()


def sanitize(name, options, outcome):
    """The tests with a sanitizer. Failures of tests count as much as what the sanitizer says."""
    scratch = os.path.join(ROOT, ".build", {"address": "asan", "thread": "tsan"}[name])
    log = os.path.join(options.work, f"{name}.log")
    environment = dict(os.environ)
    # An error ends the test at once, with a code that nobody else gives.
    environment["ASAN_OPTIONS"] = "halt_on_error=1:exitcode=86:detect_leaks=0:abort_on_error=0"
    # No suppression: none is known that a system library is to blame for.
    environment["TSAN_OPTIONS"] = "halt_on_error=0:exitcode=86"
    with open(log, "wb") as file:
        process = subprocess.Popen(
            ["swift", "test", f"--sanitize={name}", "--scratch-path", scratch, "--no-parallel"],
            cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, env=environment, start_new_session=True)
        try:
            while (code := process.poll()) is None:
                time.sleep(1)
                options.progress(f"{name}: {os.path.getsize(log) >> 10} KB of log")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    with open(log, errors="replace") as file:
        text = file.read()
    outcome.tried += 1
    found = re.search(r"(?:ERROR: AddressSanitizer|WARNING: ThreadSanitizer)[^\n]*(?:\n[^\n]*){0,30}", text)
    if found or code != 0:
        raise Failure("wrong", f"swift test --sanitize={name} exits with {code}: "
                               f"{found.group(0) if found else text[-3000:]}", log, f"sanitizers/{name}")
    counted = re.findall(r"Test run with (\d+) tests", text) + re.findall(r"Executed (\d+) tests", text)
    if not sum(map(int, counted)):
        raise Failure("wrong", f"swift test --sanitize={name} ran no test: {text[-1000:]}", log,
                      f"sanitizers/{name}")
    outcome.count(f"tests with {name}", sum(map(int, counted)))
    outcome.survived += 1


def run(options):
    """The suite."""
    outcome = Outcome(NAME, options.seed)
    try:
        cases(options, outcome)
    except Failure as failure:
        failure.outcome = outcome
        raise
    return outcome


def cases(options, outcome):
    """Those that are wanted."""
    only = options.only
    if only and only.split("/")[0] == "sanitizers":
        if not shutil.which("swift"):
            raise SystemExit("no swift in PATH")
        for name in SANITIZERS:
            if only in ("sanitizers", f"sanitizers/{name}"):
                sanitize(name, options, outcome)
        return
    kinds = [kind for kind in KINDS if not only or only == kind]
    if not kinds:
        raise SystemExit(f"suite {NAME} has no case {only}; there are {', '.join(KINDS)}")
    leaks(options, outcome, kinds)
