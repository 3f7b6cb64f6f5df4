"""Suite kill: writers are killed with SIGKILL, and what they leave is held against the oracle.

A writer begins on its pristine store and is killed, up to three times one after another: at a
marked point, before or after its n-th file system call on the store (n walks through all of them),
or at a random time. Each run draws anew what must not matter: threads, memory, sizes of chunks,
blocks and segments, --resume or from the beginning. After each kill everything that the writer
changes is read, and some of the rest; everything is as before or as after, and as after where it was
acknowledged. Then the writer runs to its end and everything in the store is read; garbage is
collected, everything is verified, nothing is left in tmp/.

A case is WRITER/KILLS/ROLL: kills are `before:N`, `after:N` or `time:SECONDS`, with commas between
them; ROLL is the number that the options are drawn by.
"""
import concurrent.futures
import itertools
import os
import random
import signal
import subprocess
import threading
import time

from torture import shim
from torture.report import Failure, Outcome
from torture.stage import PATIENCE, Stage, remove

NAME = "kill"
ABOUT = "SIGKILL at any moment of any writer; everything as before or after, then it goes on"
KILLS = 3  # of a chain, at the most
LEAST = 44  # kills of a run, whatever the time


class Points:
    """Where a writer is to be killed next: by turns at a marked point and at a random time."""

    def __init__(self, stage, writer):
        self.writer = writer
        self.random = random.Random(f"{stage.seed} points {writer.name}")
        path = os.path.join(stage.work, f"counted-{writer.name}", "store")
        os.makedirs(os.path.dirname(path))
        try:
            stage.expected(writer)
            self.duration = stage.durations[writer.name]
            stage.fresh(writer, path)
            self.calls = shim.count(writer.command(path), path=writer.touches(path))
        finally:
            remove(os.path.dirname(path))
        self.passes = 0
        self.marked = self.walk()
        self.turns = itertools.count()

    def walk(self):
        """All marked points in a random order, over and over."""
        while True:
            points = [f"{when}:{number}" for number in range(1, self.calls + 1)
                      for when in ("before", "after")]
            self.random.shuffle(points)
            yield from points
            self.passes += 1

    def next(self):
        if next(self.turns) % 3 == 2 or not self.calls:
            low = 0.66 if self.random.random() < 0.5 else 0
            return f"time:{self.random.uniform(low, 1.05) * self.duration:.4f}"
        return next(self.marked)


class Chain:
    """One store: kills of its writer, the run to its end, and what must hold in between."""

    def __init__(self, suite, writer, number, roll):
        self.suite = suite
        self.stage = suite.stage
        self.writer = writer
        self.roll = roll
        self.random = random.Random(f"{self.stage.seed} {writer.name} {roll}")
        self.folder = os.path.join(suite.options.work, f"chain-{number}")
        self.store = os.path.join(self.folder, "store")
        self.kills = []

    @property
    def case(self):
        return f"{self.writer.name}/{','.join(self.kills)}/{self.roll}"

    def run(self, points):
        """Kills at these points until the writer's work is there, then to the end.

        - points: an iterator; where it ends, or after KILLS of them, no more kills.
        """
        os.makedirs(self.folder)
        try:
            self.stage.fresh(self.writer, self.store)
            state, argv = "before", self.writer.command(self.store, self.random)
            for point in itertools.islice(points, KILLS):
                self.kills.append(point)
                state, is_over = self.kill(argv, point)
                self.suite.tell(self, point)
                if is_over:
                    break
                self.clear_output()
                # The run after a crash, which is killed too.
                argv = self.writer.again(self.store, self.random)[0]
            if not self.suite.is_stopped:
                self.finish(state)
        except Failure as failure:
            failure.store, failure.case = self.store, self.case
            raise
        remove(self.folder)

    def clear_output(self):
        """An export of several files into a folder asks for an empty one."""
        if not self.writer.exports_whole:
            for path in self.writer.leaves_files(self.store):
                remove(path)

    def kill(self, argv, point):
        """One run and its kill; returns the store's state and whether the work is there."""
        kind, value = point.split(":")
        environment, patience = {}, PATIENCE
        if kind == "time":
            patience = float(value)
        else:
            # A folder for each run: what the shim counts begins at 0.
            folder = os.path.join(self.folder, f"shim-{len(self.kills)}")
            os.makedirs(folder)
            environment = shim.environment(
                folder, path=self.writer.touches(self.store), kill_at=int(value), when=kind)
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**self.stage.environment, **environment})
        try:
            output, errors = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
            if kind != "time":
                raise Failure("hang", f"{self.stage.shown(argv)} does not end within {patience} s")
        code = process.returncode
        words = errors.decode(errors="replace").strip()
        if code == -signal.SIGKILL:
            self.suite.count("kills")
        elif code == 0:
            self.suite.count("too late")
        elif not self.is_refused_rightly(argv, words):
            raise Failure("wrong" if code > 0 else "crash",
                          f"{self.stage.shown(argv)} exits with {code}: {words[-1500:]}")
        acknowledged = self.stage.acknowledged(code, output)
        keys = self.stage.concerned(self.writer, self.random, 1)
        found = self.stage.observe(self.store, keys)
        state = self.stage.judge(self.writer, found, acknowledged, keys=keys)
        self.measure()
        if state == "after" and code != 0:
            self.suite.count("landed")
        return state, state == "after" or code == 0

    @staticmethod
    def is_refused_rightly(argv, words):
        """Killed before its first durable point, a run has nothing to go on with."""
        return "--resume" in argv and ("resume" in words or "checkpoint" in words)

    def measure(self):
        """The cap of a context store, by du."""
        context = os.path.join(self.store, "context")
        if self.writer.kind == "evict" and os.path.isdir(context):
            used = int(subprocess.run(["du", "-s", "-B1", context], capture_output=True,
                                      check=True).stdout.split()[0])
            # Before a run with the small cap has opened the store it is the pristine one's.
            cap = self.stage.capacity(self.store)
            if used > cap:
                raise Failure("wrong", f"{used} bytes in {context}, by du; the cap is {cap}")

    def finish(self, state):
        """To the end: the writer once more, everything read, collected, verified and read again."""
        stage, writer = self.stage, self.writer
        if state == "after" and writer.keeps_work:
            self.judge_all(False)
            self.end()
            self.judge_all(True, (stage.expected_again(writer)[1],) * 2)
            stage.settle(self.store)
            return
        if state != "after":
            self.end()
        is_acknowledged = state != "after"
        self.judge_all(is_acknowledged)
        self.suite.count("temporary files beside exports", len(
            stage.settle_as_expected(writer, self.store)))
        if self.random.random() < 0.3:
            self.judge_all(is_acknowledged)
        if state == "after" and self.random.random() < 0.3:
            # What a writer does that comes after a crash behind the commit.
            code, _, errors = stage.run(writer.command(self.store))
            expected_code, expected = stage.expected_again(writer)
            if code != expected_code:
                raise Failure("wrong", f"after a kill behind its commit {writer.name} exits "
                              f"with {code}, not {expected_code}: {errors.decode()[-1000:]}")
            self.judge_all(code == 0, (expected, expected))
            self.suite.count("run once more")

    def end(self):
        """The writer's run after the kills that nobody disturbs."""
        self.clear_output()
        for argv in self.writer.again(self.store, self.random):
            code, _, errors = self.stage.run(argv)
            words = errors.decode(errors="replace").strip()
            if code == 0:
                return
            if not self.is_refused_rightly(argv, words):
                break
        raise Failure("wrong", f"the run after the kills, {self.stage.shown(argv)}, exits with "
                      f"{code}: {words[-1500:]}")

    def judge_all(self, is_acknowledged, expected=None):
        found = self.stage.observe(self.store)
        self.stage.judge(self.writer, found, is_acknowledged, expected)


class Suite:
    def __init__(self, options):
        self.options = options
        self.outcome = Outcome(NAME, options.seed)
        self.lock = threading.Lock()
        self.stage = None
        self.points = {}
        self.is_stopped = False

    def count(self, name, number=1):
        if number:
            with self.lock:
                self.outcome.count(name, number)

    def tell(self, chain, point):
        with self.lock:
            self.outcome.tried += 1
        self.options.progress(f"{self.outcome.details.get('kills', 0)} kills, "
                              f"{chain.writer.name} {point}")

    def one(self, writer, number):
        """A chain of the next points."""
        points = self.points[writer.name]
        chain = Chain(self, writer, number, number)

        def drawn():
            while not self.is_stopped:
                with self.lock:
                    point = points.next()
                yield point
        chain.run(drawn())
        with self.lock:
            self.outcome.survived += len(chain.kills)
            self.outcome.count("stores")

    def only(self, case):
        """One chain again; a kill at a random time comes about when it came."""
        name, kills, roll = case.split("/")
        chain = Chain(self, self.stage.writers[name], 0, int(roll))
        chain.run(iter(kills.split(",")))
        self.outcome.survived += len(chain.kills)

    def all(self):
        """Writers by turns, each at least once, on as many threads as there are processors."""
        deadline = time.monotonic() + 60 * self.options.minutes
        writers = list(self.stage.writers.values())
        threads = min(4, os.cpu_count() or 1)
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            for writer, points in zip(writers, pool.map(
                    lambda writer: Points(self.stage, writer), writers)):
                self.points[writer.name] = points
            numbers = itertools.count()
            running = set()
            is_over = False
            try:
                while running or not is_over:
                    while len(running) < threads and not is_over:
                        number = next(numbers)
                        writer = writers[number % len(writers)]
                        running.add(pool.submit(self.one, writer, number))
                        is_over = (time.monotonic() > deadline and number + 1 >= len(writers)
                                   and self.outcome.tried >= LEAST)
                    done, running = concurrent.futures.wait(
                        running, return_when=concurrent.futures.FIRST_COMPLETED)
                    for future in done:
                        future.result()
            except BaseException:
                # The others end their run of a command, and no more.
                self.is_stopped = True
                raise
        passes = min(points.passes for points in self.points.values())
        self.outcome.details["marked points"] = sum(
            2 * points.calls for points in self.points.values())
        if passes:
            self.outcome.details["times through all of them"] = passes


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
