"""Suite hostile: inputs that nobody means well with.

Four parts share the time:

  bombs    small inputs that ask for much (bombs.py, context_bombs.py): each command has to end within
           20 s of the processor (60 s by the clock) and within 1.5 GB of memory or ten times what it was
           given, with exit code 1 and one line that says what is wrong, or with 0 where the input is
           legal; never by a signal
  lines    command lines made of the commands' own options and values that nobody gives, by seed: the
           same, and exit code 64 of what the command line refuses itself
  served   the same against `engram serve` (served_bombs.py): each request is answered, by no 500, or its
           connection is closed; the service lives on, answers the next one, and its memory is bounded
  fuzz     Tools/fuzz/run: the parsers of untrusted bytes, each under libFuzzer in a process of its own;
           left out where the targets are not built (Tools/fuzz/run --build)

`--only NAME` tries one bomb, `--only served:NAME` one request, `--only line:NUMBER` one command line of
the seed, `--only fuzz:TARGET` one parser.
"""
import json
import os
import random
import re
import select
import shutil
import socket
import subprocess
import sys
import time

from engram_command import ROOT
from torture import bombs, bounded, context_bombs, served_bombs  # noqa: F401
from torture.report import Failure, Outcome

NAME = "hostile"
ABOUT = "hostile bytes: parsers under a fuzzer, inputs that ask for much memory or time"

MEMORY = 1536 << 20
PROCESSOR = 20
SECONDS = 60
#: Bombs that are tried however short the time is.
FEWEST = 40
#: A message may name a path and say what to do; more is no line that anybody reads.
LONGEST_LINE = 10_000
#: What a service may have: requests and answers may use 512 MB, and it has something without them.
SERVED_MEMORY = 1024 << 20
#: A request is answered or its connection closed within the service's own limits, 30 s, and a bit.
SERVED_SECONDS = 45
FUZZ = os.path.join(ROOT, "Tools/fuzz/run")


def judge(ended, codes, given, longest=LONGEST_LINE):
    """What is wrong with how a command ended, and the kind of that; None where nothing is.

    - given: bytes of its input.
    - longest: bytes that a line may have, where the command line itself is long.
    """
    if ended.killed:
        return "hang", ended.killed
    if ended.code < 0:
        return "crash", f"it ended by signal {-ended.code}: {tail(ended.errors)}"
    most = max(MEMORY, 10 * given)
    if ended.memory > most:
        return "hang", f"it had {ended.memory >> 20} MB of memory, {most >> 20} MB may be"
    if ended.code not in codes:
        return "wrong", f"it exits with {ended.code}, not {codes}: {tail(ended.errors)}"
    if ended.code == 1:
        lines = ended.errors.strip(b"\n").split(b"\n")
        # What a check finds is its result: that is printed.
        if lines == [b""] and ended.output.strip():
            return None
        if lines == [b""]:
            return "wrong", "it exits with 1 and says nothing"
        if len(lines) > 1:
            return "wrong", f"it says {len(lines)} lines: {tail(ended.errors)}"
        if len(lines[0]) > longest:
            return "wrong", f"it says a line of {len(lines[0])} bytes: {tail(ended.errors)}"
        if any(byte < 32 or byte == 127 for byte in lines[0]):
            return "wrong", f"its line has control characters: {lines[0][:400]!r}"
    return None


def tail(errors):
    """The last of what a command said, short enough for a report."""
    return errors[-600:].decode(errors="replace").strip()


def environment(folder):
    """Where a command puts what it makes; a crash's own report would only take time."""
    scratch = os.path.join(folder, "scratch")
    os.makedirs(scratch, exist_ok=True)
    return dict(os.environ, TMPDIR=scratch, ENGRAM_STORE=os.path.join(folder, "store"),
                SWIFT_BACKTRACE="enable=no")


def fresh(work, name):
    """An empty folder of a case."""
    folder = os.path.join(work, re.sub(r"[^A-Za-z0-9_.=-]", "", name)[:100])
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def run_command(binary, arguments, folder, given, most, codes, name, case):
    """Runs a command and judges its end; raises Failure, which leaves the folder."""
    ended = bounded.run([binary, *arguments], folder, given, environment(folder), SECONDS, PROCESSOR,
                        max(MEMORY, 10 * most))
    longest = LONGEST_LINE + 8 * max(map(len, arguments))
    fault = judge(ended, codes, most, longest)
    if fault:
        kind, what = fault
        shown = " ".join(arguments)
        raise Failure(kind, f"{name}: engram {shown[:400]}: {what}", folder, case)
    return ended


def try_bomb(name, work, binary):
    """Tries a bomb; returns how its last command ended."""
    bomb = bombs.TABLE[name]
    folder = fresh(work, name)
    place = bombs.Place(folder)
    commands = bomb.make(place)
    for number, arguments in enumerate(commands):
        is_last = number == len(commands) - 1
        ended = run_command(binary, arguments, folder, place.input if is_last else b"", place.bytes,
                    bomb.codes if is_last else (0, *bomb.codes), name, name)
        if ended.code != 0 and arguments[0] == "ingest":
            break
    shutil.rmtree(folder, ignore_errors=True)
    return ended


# Command lines

#: Commands that read and write a store, and what comes in front of their options. `serve` goes on until
#: it is stopped, and `bench` for minutes.
DOCS = ["docs", "--tokenizer", "tokenizer.json"]
COMMANDS = {
    "memory import": ["--from", "model"], "memory list": [], "memory inspect": ["plain"],
    "memory lookup": ["plain"], "memory verify": ["plain"], "memory export": ["plain", "--to", "x"],
    "memory convert": ["plain", "--codec", "f16", "--as", "x"],
    "memory count": [*DOCS, "--as", "x"], "memory train": [*DOCS, "--as", "x", "--time-limit", "1"],
    "memory evaluate": DOCS, "memory counts": [], "memory count-map": [*DOCS, "--to", "x"],
    "memory count-merge": ["x", "--as", "x"], "memory graft list": [], "memory graft load": [],
    "memory gate": ["plain"], "ingest": ["docs", "--dataset", "more"], "dataset list": [],
    "dataset show": ["docs"], "dataset log": ["docs"], "dataset diff": ["docs", "docs"],
    "dataset cat": ["docs"], "dataset head": ["docs"], "dataset stats": ["docs"],
    "dataset order": ["docs"], "dataset tokenize": [*DOCS, "--as", "x"],
    "dataset export": ["docs", "--to", "x"], "dataset verify": ["docs"], "index build": ["docs"],
    "index list": [], "index show": ["docs"], "index passages": ["docs"],
    "index evaluate": ["docs"], "index verify": ["docs"], "query": ["row", "--dataset", "docs"],
    "explain": [], "context stats": [], "context list": [], "context verify": [],
    "context replay": ["trace.jsonl", "--capacity", "64M"], "verify": [],
    "address": ["--preset", "qwen-ple"], "tokenize": ["--tokenizer", "tokenizer.json"], "fuse": [],
    "gc": [],
}
VALUES = [
    "", "0", "1", "-1", "2", "3", "2147483647", "2147483648", "4294967296", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "18446744073709551615", "18446744073709551616",
    "1e308", "1e400", "-0.0", "nan", "inf", "-inf", "0.5", "1e-320", "16E", "9999999999G", "1K", "-1G",
    "1.5T", "8E8", "0x10", "١٢", "１２", "1,2,3", "1,,2", ",", "3-2", "1-8", "0-0", "1-99999999999",
    "99999999999999999999m", "1.5h", "50%", "-5%", "1e308%", "docs", "docs@0", "docs@1", "docs@-1",
    "docs@99999999999999999999", "@", "@1", "a/b/c", "..", "../docs", "a" * 300, "a" * 100_000,
    "%s%n%d", "a\nb", "\x1b[31m", "\u202e", "é\u0301" * 500, "*" * 2000, "[" * 5000, "id=*", "n>=x",
    "n>=1e308", "!=", "=", "\"a", "latent-fp8:99999999999", "dsa:-1", "latent-fp8:", "mla:61:61:61",
    "bf16", "fp8e4m3", "json", "text", "global", "chunked", "hybrid", "dense", "qwen-ple", "engram-paper",
    "deepseek-v4.1", "ndcg@99999999999", "map", "recall@0", "mrr@-1", "tokenizer.json", "vectors.npy",
    "rows.safetensors", "trace.jsonl", "nowhere", "/dev/null", "/proc/self/mem", "model", "docs.jsonl",
]
NUMBERS = ["0", "1", "2", "3", "7", "64", "65", "1000", "65536", "2147483647", "4294967295",
           "9223372036854775807", "1M", "4G", "0.5", "0.999", "1e-9", "1"]
#: What help calls values that are numbers.
COUNTED = {"count", "number", "tokens", "rows", "numbers", "bytes", "size", "sizes", "seconds", "time",
           "layer", "chunks", "position", "0..1", "0..0.5", "factor", "length", "share", "id", "ids", "k",
           "folders", "epoch", "limit"}
#: Where these write, a case may only write below its own folder.
WRITTEN = {"--to", "--out", "--plot", "--csv", "--model", "--work", "--folder", "--bad-file", "--context",
           "--store", "--as"}
PLACES = ["x", "x/y/z", "", "a" * 300, "a" * 5000, "/dev/null", "/dev/full", "nowhere/x.svg", "x.png",
          "x.svg", "é\nx", "-"]


class Lines:
    """Command lines, by seed and number, on copies of a small store."""

    def __init__(self, work, seed, binary):
        self.work, self.seed, self.binary = work, seed, binary
        self.good = os.path.join(work, "good")
        self.options = {}
        make_store(self.good, binary)

    def options_of(self, command):
        """The options that a command's help names: whether each takes a value."""
        if command not in self.options:
            help = subprocess.run([self.binary, *command.split(), "--help"], capture_output=True,
                                  text=True, timeout=60).stdout
            found = re.findall(r"^  (?:-\w, )?(--?[a-z-]+)(?:/--[a-z-]+)?(?: <([a-z0-9. -]+)>)?", help,
                               re.M)
            self.options[command] = sorted({(name, value) for name, value in found
                                            if name not in ("--help", "--version")})
        return self.options[command]

    def line(self, number):
        """The arguments of a case."""
        choose = random.Random(f"{self.seed}/{number}")
        command = choose.choice(sorted(COMMANDS))
        arguments = [*command.split(), *COMMANDS[command]]
        if choose.random() < 0.15 and COMMANDS[command]:
            arguments[-1] = choose.choice(VALUES)
        options = self.options_of(command)
        for name, value in choose.sample(options, min(len(options), choose.randint(1, 4))):
            arguments.append(name)
            if value:
                # Mostly what it takes, or the command would read no further.
                fitting = NUMBERS if value in COUNTED else PLACES if name in WRITTEN else VALUES
                arguments.append(choose.choice(fitting if choose.random() < 0.8 else
                                               PLACES if name in WRITTEN else VALUES))
        if choose.random() < 0.03:
            arguments.append(choose.choice(VALUES))
        return arguments

    def attempt(self, number):
        name = f"line-{number}"
        folder = fresh(self.work, name)
        shutil.rmtree(folder)
        shutil.copytree(self.good, folder, symlinks=True)
        arguments = self.line(number)
        ended = run_command(self.binary, arguments, folder, b'{"text":"a"}\n', 1 << 20, (0, 1, 64), name,
                    f"line:{number}")
        shutil.rmtree(folder, ignore_errors=True)
        return ended


def make_store(folder, binary):
    """A small store with documents, an index and a table, and files that options may name."""
    place = bombs.Place(folder)
    lines = "".join(json.dumps({"id": f"d{n}", "n": n, "text": f"row table {n} of memory pages"}) + "\n"
                    for n in range(200))
    place.write("docs.jsonl", lines)
    place.write("docs/one.txt", "row table page")
    place.write("model/rows.safetensors", bombs.tensors(
        {"rows": bombs.tensor([500, 16], 0, 32_000)}, bytes(range(1, 201)) * 160))
    shutil.copy(place.path("model/rows.safetensors"), place.path("rows.safetensors"))
    place.write("tokenizer.json", json.dumps(bombs.byte_pairs()))
    place.write("trace.jsonl", '{"tokens":[1,2,3]}\n')
    place.write("vectors.npy", bombs.npy(("<f4", "(2, 4)"), bytes(32)))
    for arguments in (["ingest", "docs.jsonl", "--dataset", "docs"], ["index", "build", "docs"],
                      ["memory", "import", "--from", "model", "--name", "plain", "--tensor", "rows"]):
        done = subprocess.run([binary, *arguments], cwd=folder, env=environment(folder),
                              capture_output=True, timeout=120)
        if done.returncode != 0:
            raise Failure("crash", f"a good store cannot be made: {tail(done.stderr)}", folder)


# The service

def is_whole(answer):
    """Whether these bytes are an answer with all of its body, where its head says how much that is."""
    head, end, body = bytes(answer).partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(end and length and len(body) >= int(length[1]))


class Served:
    """A service of a small store, to which requests are sent."""

    def __init__(self, work, binary):
        self.folder = os.path.join(work, "served")
        self.requests = served_bombs.table()
        shutil.rmtree(self.folder, ignore_errors=True)
        make_store(self.folder, binary)
        self.path = os.path.join(self.folder, "socket")
        if len(self.path) > 100:
            # A socket's path may have 107 bytes.
            self.path = f"/tmp/engram-hostile-{os.getpid()}"
        self.process = subprocess.Popen(
            [binary, "serve", "--listen", "unix:" + self.path, "--log-level", "error", "--context",
             os.path.join(self.folder, "context"), "--context-capacity", "64M"],
            env=environment(self.folder), stdout=subprocess.PIPE, text=True,
            stderr=open(os.path.join(self.folder, "log"), "wb"), preexec_fn=bounded.limits)
        line = self.process.stdout.readline()
        if not line.startswith("listening"):
            self.stop()
            raise Failure("crash", f"engram serve says {line!r}; see the file log there", self.folder)
        body = self.exchange(served_bombs.request("POST", "/v1/contexts", served_bombs.CONTEXT))
        self.context = json.loads(body.split(b"\r\n\r\n", 1)[1])["id"].encode()

    def exchange(self, content):
        """What comes back: the first answer, or all until the connection is closed."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.path)
            connection.setblocking(False)
            end = time.monotonic() + SERVED_SECONDS
            answer, rest = bytearray(), memoryview(content)
            # Both at once: a request may be refused, and not be read any further, before all is sent.
            while not is_whole(answer):
                left = end - time.monotonic()
                reading, writing, _ = select.select(
                    [connection], [connection] if rest else [], [], max(0, left))
                if not reading and not writing:
                    raise TimeoutError
                try:
                    if reading:
                        part = connection.recv(1 << 16)
                        if not part:
                            break
                        answer += part
                    elif writing:
                        rest = rest[connection.send(rest[:1 << 16]):]
                        if not rest:
                            connection.shutdown(socket.SHUT_WR)
                except (BrokenPipeError, ConnectionResetError):
                    # Whatever it had to say is there to be read.
                    if not rest:
                        break
                    rest = rest[:0]
            return bytes(answer)

    def attempt(self, name):
        """Sends a request; returns the status of its answer, None where there was none."""
        def fail(kind, what):
            raise Failure(kind, f"{name}: {what}", self.folder, f"served:{name}")
        content = self.requests[name].replace(b"{ID}", self.context)
        try:
            answer = self.exchange(content)
        except TimeoutError:
            fail("hang", f"neither an answer nor an end within {SERVED_SECONDS} s")
        status = None
        if answer:
            found = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
            if not found:
                fail("wrong", f"no answer of HTTP: {answer[:200]!r}")
            status = int(found[1])
            if status == 500:
                fail("wrong", f"it is the service's own fault: {answer[:600]!r}")
        try:
            if not self.exchange(served_bombs.request("GET", "/healthz")).startswith(b"HTTP/1.1 200 "):
                fail("crash", "the service does not answer any more")
        except OSError as error:
            fail("crash", f"the service is not there any more ({error}), exit code "
                 f"{self.process.poll()}")
        most = bounded.memory_of(self.process.pid)
        if most > SERVED_MEMORY:
            fail("hang", f"the service had {most >> 20} MB, {SERVED_MEMORY >> 20} MB may be")
        return status

    def stop(self):
        """Ends it; its exit code has to be 0."""
        self.process.terminate()
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = "none within a minute"
        self.process.stdout.close()
        if os.path.lexists(self.path):
            os.unlink(self.path)
        return code


# The suite

class Suite:
    """Tries cases, goes on after a failure, and reports the first one."""

    def __init__(self, options):
        self.options = options
        self.outcome = Outcome(NAME, options.seed)
        self.failures = []
        self.began = time.monotonic()

    def passed(self, share):
        """Whether a share of the time is over."""
        return time.monotonic() - self.began >= 60 * self.options.minutes * share

    def attempt(self, name, body):
        """Tries a case; `body` returns whether it was refused."""
        self.outcome.tried += 1
        self.options.progress(name)
        try:
            if body():
                self.outcome.refused += 1
            self.outcome.survived += 1
        except Failure as failure:
            self.failures.append(failure)
            self.outcome.count("failures")
            print(f"hostile: {failure}", file=sys.stderr, flush=True)

    def bombs(self, share):
        names = list(bombs.TABLE)
        random.Random(self.options.seed).shuffle(names)
        for number, name in enumerate(names):
            if number >= FEWEST and self.passed(share):
                break
            self.attempt(name, lambda: try_bomb(name, self.options.work, self.options.binary).code != 0)
            self.outcome.count("bombs")

    def lines(self, share, fewest=20):
        lines = Lines(self.options.work, self.options.seed, self.options.binary)
        number = 0
        while number < fewest or not self.passed(share):
            self.attempt(f"line {number}", lambda: lines.attempt(number).code != 0)
            self.outcome.count("command lines")
            number += 1

    def served(self, share, fewest=20):
        served = Served(self.options.work, self.options.binary)
        names = sorted(served.requests)
        random.Random(self.options.seed).shuffle(names)
        failed = len(self.failures)
        try:
            for number, name in enumerate(names):
                if number >= fewest and self.passed(share):
                    break
                self.attempt(name, lambda: served.attempt(name) != 200)
                self.outcome.count("requests")
                if len(self.failures) > failed:
                    break
        finally:
            code = served.stop()
        if code != 0 and len(self.failures) == failed:
            raise Failure("crash", f"the service ends with {code}", served.folder)

    def fuzz(self, minutes, targets=()):
        """Runs the fuzz targets for some minutes in all."""
        listed = subprocess.run([FUZZ, "--list"], capture_output=True, text=True, check=True)
        targets = targets or listed.stdout.split()
        seconds = max(1, int(60 * minutes / len(targets)))
        if self.options.quick and not targets[1:] == []:
            # A second or two each, of as many as there is time for.
            seconds = 2
            random.Random(self.options.seed).shuffle(targets)
            targets = targets[:max(2, int(60 * minutes / (seconds + 1)))]
        for target in targets:
            done = subprocess.run([FUZZ, "--no-build", "--seed", str(self.options.seed % (1 << 31) or 1),
                                   str(seconds), target], capture_output=True, text=True)
            if done.returncode == 3:
                self.outcome.details["fuzz"] = "not built"
                return
            self.outcome.tried += 1
            if done.returncode != 0:
                failure = Failure("crash", done.stderr.strip(), None, f"fuzz:{target}")
                self.failures.append(failure)
                print(f"hostile: {failure}", file=sys.stderr, flush=True)
                continue
            self.outcome.survived += 1
            self.outcome.count("parsers")
            runs = re.search(r"number_of_executed_units: *(\d+)", done.stdout)
            self.outcome.count("fuzzed inputs", int(runs[1]) if runs else 0)

    def only(self, case):
        """Tries one case again."""
        kind, _, name = case.partition(":")
        work, binary = self.options.work, self.options.binary
        if kind == "served" and name:
            served = Served(work, binary)
            try:
                self.attempt(name, lambda: served.attempt(name) != 200)
            finally:
                served.stop()
        elif kind == "line" and name:
            lines = Lines(work, self.options.seed, binary)
            print(json.dumps(lines.line(int(name)))[:2000])
            self.attempt(case, lambda: lines.attempt(int(name)).code != 0)
        elif kind == "fuzz" and name:
            self.fuzz(max(0.1, self.options.minutes), [name])
        elif case in bombs.TABLE:
            self.attempt(case, lambda: try_bomb(case, work, binary).code != 0)
        else:
            raise Failure("unfound", f"no case {case}; see bombs.py and served_bombs.py", None, case)

    def end(self):
        if self.failures:
            first, *others = self.failures
            if others:
                first.what += "".join(f"\n  and {other.case}: {other}"[:1000] for other in others)
            self.outcome.survived = min(self.outcome.survived, self.outcome.tried)
            raise first
        return self.outcome


def run(options):
    suite = Suite(options)
    if options.only:
        suite.only(options.only)
        return suite.end()
    suite.bombs(0.5)
    suite.served(0.65)
    suite.lines(0.75)
    left = options.minutes - (time.monotonic() - suite.began) / 60
    suite.fuzz(max(left, 0.1))
    return suite.end()
