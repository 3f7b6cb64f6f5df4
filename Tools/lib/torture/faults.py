"""Suite faults: one call on the file system fails, at whichever place, and nothing is lost by it.

A writer begins on its pristine store, and the n-th of its calls of one kind fails: with ENOSPC,
EDQUOT, EIO or EMFILE, or it writes half of its bytes; or from the n-th on there is no room for
anything, as on a disk that is full. Then

- it ends with 0, or with 1 and one line that says what failed;
- everything is as before or as after, and as after where it ended with 0; what an export has put
  under its final name is whole;
- where a flush failed and it ended with 0 all the same, a power cut is played right behind it by
  the strictest rules (powercut.py): what the failed flush should have saved is gone, whatever was
  flushed afterwards, and still everything is as after;
- the same command without the fault reaches what it has to, garbage is collected, and all is
  verified.

Commands that read are tried in the same way: the right answer, or one line and exit code 1.

A case is WRITER/CALL:FAULT:N, the N-th call of that kind: `ingest/fsync:EIO:3`, `gc/write:short:1`,
`append/any:full:20` (the 20th of all that need room), `read query/mmap:EIO:2`.
"""
import concurrent.futures
import errno
import itertools
import os
import random
import threading
import time

from torture import shim
from torture.powercut import Disk
from torture.report import Failure, Outcome
from torture.stage import Stage, remove

NAME = "faults"
ABOUT = "the n-th call on the file system fails, is cut short, or the disk is full from there on"
LEAST = 66  # cases of a run, whatever the time
LEAST_QUICK = 44  # of the short one
LEAST_READS = 12

FLUSHES = ("fsync", "fdatasync", "syncfs")
#: What may befall a call.
FAULTS = {
    "open": ("EMFILE", "EIO"), "create": ("ENOSPC", "EMFILE", "EIO", "EDQUOT"),
    "write": ("ENOSPC", "short", "EIO", "EDQUOT"), "fsync": ("EIO", "ENOSPC", "EDQUOT"),
    "fdatasync": ("EIO", "ENOSPC", "EDQUOT"), "syncfs": ("EIO",), "msync": ("EIO",),
    "sync_file_range": ("EIO",), "rename": ("ENOSPC", "EIO", "EDQUOT"), "link": ("ENOSPC", "EIO"),
    "unlink": ("EIO",), "mkdir": ("ENOSPC", "EIO", "EDQUOT"), "rmdir": ("EIO",),
    "symlink": ("ENOSPC",), "mmap": ("EIO", "ENOMEM"), "fallocate": ("ENOSPC", "EIO", "EDQUOT"),
    "truncate": ("EIO", "ENOSPC"), "copy": ("ENOSPC", "short", "EIO"), "close": ("EIO", "ENOSPC"),
    "list": ("EMFILE", "EIO"),
}
READ_FAULTS = {"open": ("EMFILE", "EIO", "EACCES"), "mmap": ("ENOMEM", "EIO"), "read": ("EIO",),
               "list": ("EIO", "EMFILE")}
#: Cases that once failed; every run begins with them.
AGAIN = (
    "context-clear/unlink:EIO:1",  # data went, and its list stayed
    "context-put/fdatasync:ENOSPC:4",  # a segment was sealed over what a flush had lost
    "context-put-relaxed/fdatasync:EIO:4",
    "memory-import/mmap:ENOMEM:23",  # one of two tables stayed
    "context-put-relaxed/fallocate:EDQUOT:3",  # a full disk cost a segment that was there
    "context-put/mmap:ENOMEM:10",  # blocks were refused without a word
    "context-put-relaxed/fsync:EIO:31",  # the state of a context store was not on the disk
    "memory-convert/any:full:20",  # the log of RocksDB ended the process
)
#: Calls that need room; `full` counts these.
ROOM = ("write", "mkdir", "link", "symlink", "fallocate", "copy")


class Fault:
    """One thing that goes wrong: CALL:FAULT:N."""

    def __init__(self, call, kind, number):
        self.call, self.kind, self.number = call, kind, number

    def __str__(self):
        return f"{self.call}:{self.kind}:{self.number}"

    @classmethod
    def parse(cls, text):
        call, kind, number = text.split(":")
        return cls(call, kind, int(number))

    def environment(self, work, path):
        """Of the run that it befalls; recorded where it is a flush that fails."""
        calls = ROOM if self.call == "any" else (self.call,)
        log = os.path.join(work, "shim.log") if self.call in FLUSHES else None
        kinds = {"full": ("full_from", errno.ENOSPC), "short": ("short_at", None)}
        kind, error = kinds.get(self.kind) or ("fail_at", getattr(errno, self.kind))
        # What a backtrace says of an abort would hide the line before it.
        return {"SWIFT_BACKTRACE": "enable=no", **shim.environment(
            work, path, calls=calls, error=error, log=log, **{kind: self.number})}

    def words(self):
        """What the line on standard error may call it."""
        code = {"full": errno.ENOSPC, "short": errno.EIO}.get(self.kind)
        return os.strerror(getattr(errno, self.kind) if code is None else code)


class Plan:
    """The faults of one writer or reader: first one of each kind of call, then all, by turns.

    - seen: kinds of calls that others have had already; those come later.
    """

    def __init__(self, name, seed, counts, faults, seen):
        choose = random.Random(f"{seed} faults {name}")
        self.counts = counts
        rest = [Fault(call, kind, number) for call, count in sorted(counts.items())
                for kind in faults.get(call, ()) for number in range(1, count + 1)]
        room = sum(counts.get(call, 0) for call in ROOM)
        if "write" in faults:
            rest += [Fault("any", "full", number) for number in range(1, room + 1)]
        choose.shuffle(rest)
        # A flush that matters comes soon with every writer, and what nobody has had.
        kinds = {}
        for fault in rest:
            kinds.setdefault((fault.call, fault.kind), []).append(fault)
        order = sorted(kinds, key=lambda kind: (seen.get(kind, 0), choose.random()))
        flush = [kind for kind in order if kind[0] in FLUSHES]
        for kind in order:
            seen[kind] = seen.get(kind, 0) + 1
        order = flush[:1] + [kind for kind in order if kind not in flush[:1]]
        self.total = len(rest)
        self.faults = [fault for row in itertools.zip_longest(*(kinds[kind] for kind in order))
                       for fault in row if fault]
        self.next = 0

    def draw(self):
        """The next fault; over and over."""
        fault = self.faults[self.next % len(self.faults)]
        self.next += 1
        return fault


class Suite:
    def __init__(self, options):
        self.options = options
        self.outcome = Outcome(NAME, options.seed)
        self.lock = threading.Lock()
        self.numbers = itertools.count()
        self.plans = {}
        self.readings = {}
        self.refusals = {}

    def count(self, name, number=1):
        with self.lock:
            self.outcome.count(name, number)

    def folder(self):
        """A new one for a case."""
        with self.lock:
            path = os.path.join(self.options.work, f"case-{next(self.numbers)}")
        os.makedirs(path)
        return path

    # Writers

    def counts(self, writer):
        """How many calls of each kind an undisturbed run makes."""
        folder = self.folder()
        store = os.path.join(folder, "store")
        self.stage.fresh(writer, store)
        added = shim.environment(folder, store, calls=tuple(FAULTS))
        code, _, errors = self.stage.run(writer.command(store), added)
        if code != 0:
            raise Failure("wrong", f"{writer.name} exits with {code} under a shim that only "
                          f"counts: {errors.decode(errors='replace')[-1000:]}", store)
        state = shim.State(os.path.join(folder, "shim.state"))
        remove(folder)
        return state.by_name

    def try_fault(self, writer, fault):
        """One run with a fault, what it leaves, and the run after it."""
        stage = self.stage
        folder = self.folder()
        disk = os.path.join(folder, "disk")
        store = os.path.join(disk, "store")
        case = f"{writer.name}/{fault}"
        os.mkdir(disk)
        try:
            stage.fresh(writer, store)
            first = Disk(disk) if fault.call in FLUSHES else None
            argv = writer.command(store)
            code, output, errors = stage.run(argv, fault.environment(folder, disk))
            hit = shim.State(os.path.join(folder, "shim.state"))
            words = errors.decode(errors="replace").strip()
            place = f"{writer.name}, {fault} ({hit.path.removeprefix(disk + '/')})"
            if code < 0:
                raise Failure("crash", f"{place}: it dies of signal {-code}: {words[-1500:]}")
            if code > 1:
                raise Failure("wrong", f"{place}: exit code {code}: {words[-1500:]}")
            if not hit.hits and code:
                raise Failure("wrong", f"{place}: no call failed, and it exits with {code}: "
                              f"{words}")
            if code == 1:
                self.must_be_told(place, words, fault, hit, writer)
            acknowledged = stage.acknowledged(code, output)
            if writer.name == "context-put-relaxed" and hit.hits and fault.call in FLUSHES:
                # Not on the disk yet: a flush that fails may lose it, and a line says so.
                if "flush" not in words:
                    raise Failure("wrong", f"{place}: a flush failed, and no line says so: "
                                  f"{words[:2000]!r}")
                acknowledged = False
            choose = random.Random(case)
            keys = stage.concerned(writer, choose, 1)
            found = stage.observe(store, keys)
            state = stage.judge(writer, found, acknowledged, keys=keys)
            if hit.hits and first:
                self.must_not_matter(writer, first, folder, code, acknowledged, place)
            if code == 0:
                self.count("survived by the run" if hit.hits else "not reached")
            elif state == "after":
                self.count("failed behind the commit")
            expected = self.go_on(writer, store, code, state, place)
            look = None if choose.random() < 0.25 else keys
            found = stage.observe(store, look)
            stage.judge(writer, found, state != "after" or code == 0, expected, keys=look)
            self.settle(writer, store, place, expected)
        except Failure as failure:
            failure.store, failure.case = failure.store or store, case
            if str(fault) not in failure.what:
                failure.what = f"{writer.name}, {fault}: {failure.what}"
            raise
        remove(folder)
        with self.lock:
            self.outcome.tried += 1
            self.outcome.survived += 1
            self.outcome.refused += code == 1
        self.options.progress(f"{self.outcome.tried} faults, {case}")

    def must_not_matter(self, writer, disk, folder, code, acknowledged, place):
        """What was acknowledged after a flush that failed outlives a power cut."""
        stage = self.stage
        for change in shim.read_log(os.path.join(folder, "shim.log")):
            disk.play(change)
        cut = os.path.join(folder, "cut")
        disk.lay_out(cut, "strict")
        if writer.name == "context-put-relaxed":
            acknowledged = False  # promised to outlive the process only
        store = os.path.join(cut, "store")
        keys = stage.concerned(writer, random.Random(place), 1)
        try:
            stage.judge(writer, stage.observe(store, keys), acknowledged, keys=keys)
        except Failure as failure:
            failure.store = store
            failure.what = (f"{place}: it exits with {code}, and after a power cut behind it: "
                            f"{failure.what}")
            raise
        self.count("failed flushes, then a power cut")

    @staticmethod
    def must_be_told(place, words, fault, hit, writer=None):
        """One line that says what failed: the file or folder, or what the error is called."""
        lines = words.split("\n")
        if writer and writer.kind != "commit":
            # What a context store says as it goes on is said by a library, not by a command.
            own = [line for line in lines if not line.startswith("engram context: ")]
            lines = own or lines[-1:]
        if not words or len(lines) > 1:
            raise Failure("wrong", f"{place}: it says {words[:2000]!r}, which is no line")
        names = {os.path.basename(hit.path), os.path.basename(os.path.dirname(hit.path))}
        if fault.words().lower() not in words.lower() and not any(
                name and name in words for name in names):
            raise Failure("wrong", f"{place}: its line says nothing of it: {words}")

    def go_on(self, writer, store, code, state, place):
        """The same command without the fault; returns what it has to reach, if not the usual."""
        stage = self.stage
        # Failed behind its commit, a training goes on with what it has kept, and publishes again.
        is_left = state == "after" and writer.keeps_work and os.path.isdir(
            os.path.join(store, "training"))
        if state == "after" and not is_left:
            return None
        if not writer.exports_whole:
            for path in writer.leaves_files(store):
                remove(path)
        for argv in writer.again(store):
            again, _, errors = stage.run(argv)
            words = errors.decode(errors="replace").strip()
            if again == 0:
                return (stage.expected_again(writer)[1],) * 2 if is_left else None
            # Failed before its first durable point, a run has nothing to go on with.
            if not ("--resume" in argv and ("resume" in words or "checkpoint" in words)):
                break
        raise Failure("wrong", f"{place}: when the fault is gone, {stage.shown(argv)} exits with "
                      f"{again}: {words[-1500:]}")

    def settle(self, writer, store, place, expected):
        try:
            if expected:
                self.stage.settle(store)
            else:
                self.stage.settle_as_expected(writer, store)
        except Failure as failure:
            failure.what = f"{place}: {failure.what}"
            raise

    # Readers

    def make_readings(self):
        """Commands that read, and what each prints of a store that is whole."""
        stage = self.stage
        words, tokenizer = stage.inputs.words, stage.inputs.path("tokenizer.json")
        argvs = {
            "lookup": ["memory", "lookup", "m/layer1@1", "--raw", "--rows", "0,5,70,1500"],
            "lookup text": ["memory", "lookup", "g@1", "--text", " ".join(words[:9]), "--tokenizer",
                            tokenizer, "--format", "json"],
            "cat": ["dataset", "cat", "docs@2", "--format", "json"],
            "order": ["dataset", "order", "docs@2", "--seed", "3", "--ranks", "3", "--digest"],
            "query": ["query", f'"{words[0]}" {words[1]} edited', "--dataset", "docs@1", "-k", "50",
                      "--where", "part>=1", "--format", "json"],
            "counts": ["memory", "counts", "c@1", "top", "-n", "1000", "--order", "3", "--format",
                       "json"],
            "list": ["dataset", "list", "--format", "json"],
            "explain": ["explain", " ".join(words[:6]), "--memory", "t@1", "--counts", "c@1",
                        "--dataset", "docs@1", "--tokenizer", tokenizer, "--nearest", "0",
                        "--format", "json"],
            "verify": ["verify"],
            "context stats": ["context", "stats", "--format", "json"],
            "context verify": ["context", "verify"],
        }
        folder = self.folder()
        store = os.path.join(folder, "store")
        seen = {}
        stage.fresh(stage.writers["ingest"], store)
        for name, argv in argvs.items():
            command = stage.engram(store).command(*argv)
            added = shim.environment(folder, store, calls=tuple(READ_FAULTS))
            expected = stage.must_run(command)
            code, output, errors = stage.run(command, added)
            if code != 0 or (output != expected and name != "verify"):
                raise Failure("wrong", f"engram {name} exits with {code} under a shim that only "
                              f"counts: {errors.decode()[-1000:]}", store)
            counts = shim.State(os.path.join(folder, "shim.state")).by_name
            self.readings[name] = argv, expected
            self.plans[f"read {name}"] = Plan(
                name, self.options.seed, counts, READ_FAULTS, seen)
        remove(folder)

    def try_read(self, name, fault):
        """One command that reads, with a fault: the right answer or a line."""
        stage = self.stage
        folder = self.folder()
        store = os.path.join(folder, "store")
        case = f"read {name}/{fault}"
        argv, expected = self.readings[name]
        try:
            stage.fresh(stage.writers["ingest"], store)
            code, output, errors = stage.run(
                stage.engram(store).command(*argv), fault.environment(folder, store))
            hit = shim.State(os.path.join(folder, "shim.state"))
            words = errors.decode(errors="replace").strip()
            place = f"engram {name}, {fault} ({hit.path.removeprefix(folder + '/')})"
            if code < 0:
                raise Failure("crash", f"{place}: it dies of signal {-code}: {words[-1500:]}")
            if code not in (0, 1):
                raise Failure("wrong", f"{place}: exit code {code}: {words[-1500:]}")
            if code == 0 and output.replace(store.encode(), b"") != expected.replace(
                    store.encode(), b"") and name not in ("verify", "context verify"):
                raise Failure("wrong", f"{place}: it answers wrongly, with exit code 0: "
                              f"{output[:500]!r}")
            if code == 1 and name not in ("verify", "context verify"):
                self.must_be_told(place, words, fault, hit)
            code, output, errors = stage.run(stage.engram(store).command(*argv))
            if code != 0:
                raise Failure("wrong", f"{place}: when the fault is gone it exits with {code}: "
                              f"{errors.decode(errors='replace')[-1000:]}")
        except Failure as failure:
            failure.store, failure.case = store, case
            raise
        remove(folder)
        with self.lock:
            self.outcome.tried += 1
            self.outcome.survived += 1
            self.outcome.count("readers")

    # All of it

    def one(self, name):
        """The next fault of a writer or a reader."""
        with self.lock:
            fault = self.plans[name].draw()
        if name.startswith("read "):
            self.try_read(name.removeprefix("read "), fault)
        else:
            self.try_fault(self.stage.writers[name], fault)

    def only(self, case):
        name, _, fault = case.rpartition("/")
        if name.startswith("read "):
            self.make_readings()
            self.try_read(name.removeprefix("read "), Fault.parse(fault))
        else:
            self.try_fault(self.stage.writers[name], Fault.parse(fault))

    def all(self):
        deadline = time.monotonic() + 60 * self.options.minutes
        seen = {}
        with concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            writers = list(self.stage.writers.values())
            for writer, counts in zip(writers, pool.map(self.counts, writers)):
                self.plans[writer.name] = Plan(
                    writer.name, self.options.seed, counts, FAULTS, seen)
            self.make_readings()
            names = list(self.plans)
            writing = [name for name in names if not name.startswith("read ")]
            reading = [name for name in names if name.startswith("read ")]
            least = LEAST_QUICK if self.options.quick else LEAST
            order = itertools.chain(
                writing * (least // len(writing)), reading, itertools.cycle(writing * 3 + reading))
            running = {pool.submit(self.only, case) for case in AGAIN}
            begun, is_over = 0, False
            while running or not is_over:
                while len(running) < pool._max_workers and not is_over:
                    running.add(pool.submit(self.one, next(order)))
                    begun += 1
                    is_over = begun >= least + LEAST_READS and (
                        time.monotonic() > deadline
                        or all(plan.next >= plan.total for plan in self.plans.values()))
                done, running = concurrent.futures.wait(
                    running, return_when=concurrent.futures.FIRST_COMPLETED)
                try:
                    for future in done:
                        future.result()
                except BaseException:
                    for future in running:
                        future.cancel()
                    raise
        self.outcome.details["possible"] = sum(plan.total for plan in self.plans.values())


def run(options):
    suite = Suite(options)
    try:
        with Stage(options.work, options.seed, options.binary) as suite.stage:
            if options.only:
                suite.only(options.only)
            else:
                suite.all()
    except Failure as failure:
        failure.outcome = suite.outcome
        raise
    return suite.outcome
