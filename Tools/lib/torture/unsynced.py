"""Suite unsynced: the power is cut at any moment of a writer's run.

The writer runs once with the shim, which records all that it does to the disk in the order in which
it took effect. For a point of this log, what a power cut may have left (powercut.py) is laid out
and opened:

- "all": everything up to there;
- "data": what was written and not flushed is gone, names are as they are;
- "strict": names, too, are as their folders were flushed last;
- "torn": what was not flushed is there by sectors, some and not others, and names up to some
  moment.

Everything is as before or as after; and as after where the writer had acknowledged it by then: at
the end of the log, or, of context blocks, behind the line that said so. Then the writer goes on in
that store and reaches what it has to; garbage is collected, and all is verified.

First the suite tries itself: a program that renames a file without flushing it must be caught, and
one that does all that is needed must not be.

A case is WRITER/POINT/MODE: `ingest/57/strict`, `append/80/torn-3` (drawn by 3). Where threads race
the log of another run has other points; the store that was found is kept.

Memory train changes rows/ of its folder through a shared mapping, the only file of a store that is
written so: that is not seen, and not promised. A later run makes it anew, from a checkpoint, which
is written and flushed as other files are.
"""
import concurrent.futures
import copy
import itertools
import json
import os
import random
import subprocess
import sys
import threading
import time

from torture import shim
from torture.powercut import Disk
from torture.report import Failure, Outcome
from torture.stage import Stage, remove

NAME = "unsynced"
ABOUT = "the power is cut: what was not flushed is gone or torn, at every point of a writer's run"
MODES = ("strict", "data", "torn", "all")
FLUSHES = ("flushed", "flushed folder", "flushed all")


class Recording:
    """The log of an undisturbed run, and what was on the disk before it."""

    def __init__(self, suite, writer):
        stage = suite.stage
        self.writer = writer
        self.folder = os.path.join(suite.options.work, f"recorded-{writer.name}")
        self.disk = os.path.join(self.folder, "disk")
        os.makedirs(self.disk)
        store = os.path.join(self.disk, "store")
        stage.fresh(writer, store)
        self.first = Disk(self.disk)
        log = os.path.join(self.folder, "log")
        code, _, errors = stage.run(
            writer.command(store), shim.environment(self.folder, self.disk, log=log))
        if code != 0:
            raise Failure("wrong", f"{writer.name} exits with {code} where it is recorded: "
                          f"{errors.decode(errors='replace')[-1000:]}", store)
        self.changes = shim.read_log(log)
        self.check()
        self.plan = self.points(stage.seed, suite.options.quick)
        remove(self.folder)

    def check(self):
        """Nothing may have gone past the shim: the whole log leads to what is on the disk."""
        missed = self.disk_at(len(self.changes)).differences()
        if missed:
            raise Failure("wrong", f"{self.writer.name}: the log does not lead to what is there: "
                          f"{', '.join(missed[:5])}", self.disk)

    def disk_at(self, point):
        """The disk after so many changes."""
        disk = copy.deepcopy(self.first)
        for change in self.changes[:point]:
            disk.play(change)
        return disk

    def points(self, seed, quick):
        """(point, mode) in the order in which they are tried, and how many of them are a must."""
        changes = self.changes
        choose = random.Random(f"{seed} points {self.writer.name}")
        end = len(changes)
        steps = [number for number, change in enumerate(changes)
                 if change.kind in FLUSHES or change.kind in ("renamed", "exchanged")]
        # The commit: the last flush of the catalog's log, or of a segment of contexts.
        commits = [number for number in steps if changes[number].kind == "flushed" and (
            "/catalog/" in changes[number].path and changes[number].path.endswith(".log")
            or "/context/" in changes[number].path)] or steps[-1:]
        renames = [number for number in steps if changes[number].kind in ("renamed", "exchanged")]
        least = [(end, "strict")]
        for step in [*commits[-1:], *renames[-1:]]:
            least += [(step + 1, "strict"), (step, "data")]
        least += [] if quick else [(end, "data"), (end, "all")]
        edges = {point for step in steps for point in (step, step + 1)}
        rest = [(point, mode) for point in sorted(edges) for mode in ("strict", "data", "torn")]
        choose.shuffle(rest)
        others = [(point, mode) for point in range(end + 1) for mode in MODES]
        choose.shuffle(others)
        order = list(dict.fromkeys([*least, *rest, *others]))
        self.least = len(dict.fromkeys(least))
        return [(point, f"torn-{choose.randrange(1000)}" if mode == "torn" else mode)
                for point, mode in order]


class Suite:
    def __init__(self, options):
        self.options = options
        self.outcome = Outcome(NAME, options.seed)
        self.lock = threading.Lock()
        self.numbers = itertools.count()
        self.recordings = {}

    def new_folder(self):
        with self.lock:
            path = os.path.join(self.options.work, f"case-{next(self.numbers)}")
        os.makedirs(path)
        return path

    def try_point(self, writer, point, mode):
        """One power cut, what is there, and the run after it."""
        stage, recording = self.stage, self.recordings[writer.name]
        case = f"{writer.name}/{point}/{mode}"
        kind, _, number = mode.partition("-")
        choose = random.Random(f"{stage.seed} {case}")
        folder = self.new_folder()
        store = os.path.join(folder, "disk", "store")
        try:
            disk = recording.disk_at(point)
            disk.lay_out(os.path.join(folder, "disk"), kind, random.Random(number))
            is_over = point == len(recording.changes)
            acknowledged = self.acknowledged(writer, kind, disk, is_over)
            keys = stage.concerned(writer, choose, 1)
            found = stage.observe(store, keys)
            state = stage.judge(writer, found, acknowledged, keys=keys)
            with self.lock:
                self.outcome.count(f"as {state}")
            if is_over or choose.random() < (0.25 if self.options.quick else 0.7):
                self.go_on(writer, store, state, keys, choose)
        except Failure as failure:
            near = "; ".join(str(change).replace(recording.disk + "/", "") for change in
                             recording.changes[max(0, point - 3):point])
            following = recording.changes[point:point + 1]
            failure.store, failure.case = store, case
            failure.what = (
                f"power cut at {point} of {len(recording.changes)}, {mode}: {failure.what}\n  just "
                f"done: {near}\n  not yet: "
                + (str(following[0]).replace(recording.disk + "/", "") if following else "-"))
            raise
        remove(folder)
        with self.lock:
            self.outcome.tried += 1
            self.outcome.survived += 1
        self.options.progress(f"{self.outcome.tried} power cuts, {case}")

    @staticmethod
    def acknowledged(writer, kind, disk, is_over):
        """What the writer had said by then that outlives a power cut."""
        if writer.name == "context-put-relaxed" and kind != "all":
            return False  # promised to outlive the process only
        if is_over:
            return True
        lines = b"".join(disk.printed).splitlines()
        return {json.loads(line)["acknowledged"] for line in lines
                if line.startswith(b'{"acknowledged"')}

    def go_on(self, writer, store, state, keys, choose):
        """The writer's next run, which must find its way in what was left."""
        stage = self.stage
        # Cut off behind its commit, a training goes on with what it has kept, and publishes again.
        is_left = state == "after" and writer.keeps_work and os.path.isdir(
            os.path.join(store, "training"))
        expected = None
        if state != "after" or is_left:
            if not writer.exports_whole:
                for path in writer.leaves_files(store):
                    remove(path)
            for argv in writer.again(store):
                code, _, errors = stage.run(argv)
                words = errors.decode(errors="replace").strip()
                if code == 0:
                    break
                if not ("--resume" in argv and ("resume" in words or "checkpoint" in words)):
                    raise Failure("wrong", f"the run after it, {stage.shown(argv)}, exits with "
                                  f"{code}: {words[-1500:]}")
            else:
                raise Failure("wrong", f"no run after it succeeds: {words[-1500:]}")
            if is_left:
                expected = (stage.expected_again(writer)[1],) * 2
        look = None if choose.random() < 0.3 else keys
        found = stage.observe(store, look)
        stage.judge(writer, found, state != "after" or is_left, expected, keys=look)
        if is_left:
            stage.settle(store)
        else:
            stage.settle_as_expected(writer, store)
        with self.lock:
            self.outcome.count("gone on with")

    # All of it

    def record(self, writer):
        return Recording(self, writer)

    def only(self, case):
        name, point, mode = case.split("/")
        writer = self.stage.writers[name]
        self.recordings[name] = Recording(self, writer)
        self.try_point(writer, min(int(point), len(self.recordings[name].changes)), mode)

    def all(self):
        deadline = time.monotonic() + 60 * self.options.minutes
        writers = list(self.stage.writers.values())
        with concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            for writer, recording in zip(writers, pool.map(self.record, writers)):
                self.recordings[writer.name] = recording
            plans = [[(recording.writer, *place) for place in recording.plan]
                     for recording in self.recordings.values()]
            turns = [place for row in itertools.zip_longest(*plans) for place in row if place]
            least = max(recording.least for recording in self.recordings.values())
            least = sum(min(least, len(plan)) for plan in plans)
            order = iter(enumerate(turns))
            running, is_over = set(), False
            while running or not is_over:
                while len(running) < pool._max_workers and not is_over:
                    number, place = next(order, (None, None))
                    if place is None or number >= least and time.monotonic() > deadline:
                        is_over = True
                        break
                    running.add(pool.submit(self.try_point, *place))
                if not running:
                    break
                done, running = concurrent.futures.wait(
                    running, return_when=concurrent.futures.FIRST_COMPLETED)
                try:
                    for future in done:
                        future.result()
                except BaseException:
                    for future in running:
                        future.cancel()
                    raise
        self.outcome.details["possible"] = len(turns)


# The suite tries itself

SAVERS = {
    "neither flush": ((), {"data", "strict", "torn"}),
    "no flush of the file": (("folder",), {"data", "strict", "torn"}),
    "no flush of the folder": (("file",), {"strict", "torn"}),
    "all flushes": (("file", "folder"), set()),
}
PROGRAM = """
import os, sys
folder, flushes = sys.argv[1], sys.argv[2].split(",")
file = os.open(folder + "/value.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
os.write(file, b"new " * 1000)
if "file" in flushes: os.fsync(file)
os.close(file)
os.rename(folder + "/value.new", folder + "/value")
if "folder" in flushes:
    above = os.open(folder, os.O_RDONLY)
    os.fsync(above)
"""


def try_itself(options):
    """Programs that replace a file, rightly and wrongly, by the same rules: which are caught."""
    for name, (flushes, modes) in SAVERS.items():
        folder = os.path.join(options.work, "itself")
        disk_path = os.path.join(folder, "disk")
        os.makedirs(disk_path)
        with open(os.path.join(disk_path, "value"), "wb") as file:
            file.write(b"old")
        first = Disk(disk_path)
        log = os.path.join(folder, "log")
        subprocess.run([sys.executable, "-c", PROGRAM, disk_path, ",".join(flushes)], check=True,
                       env={**os.environ, **shim.environment(folder, disk_path, log=log)})
        changes = shim.read_log(log)
        caught, found = set(), []
        for point in range(len(changes) + 1):
            if point:
                first.play(changes[point - 1])
            for mode in MODES:
                for number in range(20 if mode == "torn" else 1):
                    image = os.path.join(folder, "image")
                    first.lay_out(image, mode, random.Random(f"{point} {number}"))
                    with open(os.path.join(image, "value"), "rb") as file:
                        value = file.read()
                    remove(image)
                    allowed = (b"new " * 1000,) if point == len(changes) else (
                        b"old", b"new " * 1000)
                    if value not in allowed:
                        caught.add(mode)
                        found.append(f"{mode} after {point}: {len(value)} bytes, {value[:8]}")
        remove(folder)
        if caught != modes:
            raise Failure("unfound", f"a program with {name}, tried by the rules of a power cut, "
                          f"is caught by {sorted(caught)}, not by {sorted(modes)}; its log: "
                          f"{'; '.join(map(str, changes))}; found: {', '.join(found[:8])}")


def run(options):
    suite = Suite(options)
    try:
        try_itself(options)
        with Stage(options.work, options.seed, options.binary) as suite.stage:
            if options.only:
                suite.only(options.only)
            else:
                suite.all()
    except Failure as failure:
        failure.outcome = suite.outcome
        raise
    return suite.outcome
