"""Suite planted: whether the other suites find anything.

The product is built once more with faults in it (`-Xswiftc -DPLANTED_FAULTS`, in .build/planted; what
is built without the flag has none of them). $ENGRAM_PLANTED names the one that is on:

  no-commit-sync      a commit and a durable put are acknowledged without their flush
  no-checksum         rows and blocks of chunks are not compared with their checksums
  rename-first        files get their names before their bytes are written and flushed
  gc-ignores-readers  garbage is collected under readers that have a dropped version open

First the short run of each suite that is to find one must pass on this build with no fault on: a
suite that fails of something else would seem to have found the fault. Then with each fault on, by
the same seed, the short run must end by a loss or by something wrong. That the suite itself broke,
or that something hung, is not taken for it.

A case is the name of a fault: the run of its suites, behind the run of these with no fault on. The
suite takes some minutes and a build, and runs only when it is named.
"""
import itertools
import json
import os
import shutil
import subprocess
import sys

from engram_command import ROOT
from torture.report import Failure, Outcome

NAME = "planted"
ABOUT = "faults that are built in on purpose; the suite that is there for each has to find it"
#: What may find each, in the order in which they are asked.
FAULTS = {
    "no-commit-sync": ("unsynced",),
    "no-checksum": ("rot",),
    "rename-first": ("unsynced", "kill"),
    "gc-ignores-readers": ("crowd",),
}
FOUND = ("lost", "wrong")
SCRATCH = os.path.join(ROOT, ".build/planted")
PRODUCTS = {"engram": "engram", "EngramLibrary": "libEngramLibrary.so"}
PATIENCE = 900  # seconds that a short run may take


def say(text):
    print(f"planted: {text}", file=sys.stderr, flush=True)


def newest_source():
    """When a file that is built was changed last."""
    times = [os.path.getmtime(os.path.join(ROOT, "Package.swift"))]
    for above, _, names in os.walk(os.path.join(ROOT, "Sources")):
        times += [os.path.getmtime(os.path.join(above, name)) for name in names]
    return max(times)


def build():
    """The paths of the command and of the C library with the faults in them."""
    paths = {product: os.path.join(SCRATCH, "release", file) for product, file in PRODUCTS.items()}
    changed = newest_source()
    for product, path in paths.items():
        if os.path.exists(path) and os.path.getmtime(path) > changed:
            continue
        say(f"building {product} with the faults, in {os.path.relpath(SCRATCH, ROOT)}")
        done = subprocess.run(
            ["swift", "build", "-c", "release", "--product", product, "-Xswiftc",
             "-DPLANTED_FAULTS", "--scratch-path", SCRATCH],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Failure("crash", f"{product} with the faults is not built: "
                          f"{done.stdout.decode(errors='replace')[-3000:]}")
        # One that is as it was is not written anew.
        os.utime(path)
    return paths["engram"], paths["EngramLibrary"]


class Suite:
    def __init__(self, options):
        self.options = options
        self.outcome = Outcome(NAME, options.seed)
        self.sound = set()  # suites that passed with no fault on
        self.numbers = itertools.count()

    def short_run(self, name, fault=None):
        """What the short run of a suite says, the object that the driver prints."""
        # Short: a path of a socket has 107 bytes at the most.
        work = os.path.join(self.options.work, str(next(self.numbers)))
        os.makedirs(work)
        environment = {key: value for key, value in os.environ.items() if key != "ENGRAM_PLANTED"}
        environment["ENGRAM_LIBRARY"] = self.library
        if fault:
            environment["ENGRAM_PLANTED"] = fault
        called = f"the short run of {name} with {fault or 'no fault'}"
        process = subprocess.Popen(
            [sys.executable, os.path.join(ROOT, "Tools/torture"), name, "--quick", "--format",
             "json", "--seed", str(self.options.seed), "--binary", self.binary, "--store", work],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment)
        try:
            output, errors = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.terminate()  # it ends its own children
            process.communicate()
            raise Failure("hang", f"{called} does not end in {PATIENCE} s", work, fault) from None
        try:
            said = json.loads(output.splitlines()[0])
        except (IndexError, ValueError):
            raise Failure("crash", f"{called} exits with {process.returncode} and says "
                          f"{output[-300:]!r}, "
                          f"{errors.decode(errors='replace')[-1500:]}", work, fault) from None
        if (process.returncode == 0) != (said["failure"] is None):
            raise Failure("wrong", f"{called} exits with {process.returncode} and says "
                          f"{said['failure']}", work, fault)
        if said["failure"] is None or fault and said["failure"]["kind"] in FOUND:
            shutil.rmtree(work)
        return said

    @staticmethod
    def in_a_line(failure):
        return f"{failure['kind']}: {' '.join(failure['what'].split())}"

    def must_pass(self, name):
        """With no fault on there is nothing to find."""
        if name in self.sound:
            return
        self.options.progress(f"{name} with no fault on")
        said = self.short_run(name)
        if said["failure"]:
            raise Failure("wrong", f"with no fault on, {name} fails: "
                          f"{self.in_a_line(said['failure'])}")
        say(f"no fault: {name} passes {said['tried']:,} cases")
        self.outcome.count("cases that pass with no fault on", said["tried"])
        self.sound.add(name)

    def find(self, fault):
        """The fault is on: one of its suites says so."""
        self.outcome.tried += 1
        answers = []
        for name in FAULTS[fault]:
            self.must_pass(name)
            self.options.progress(f"{name} with {fault}")
            said = self.short_run(name, fault)
            failure = said["failure"]
            if failure and failure["kind"] in FOUND:
                say(f"{fault}: {name} finds it after {said['tried']:,} cases: "
                    f"{self.in_a_line(failure)}")
                self.outcome.survived += 1
                self.outcome.details[f"cases of {name} until {fault}"] = said["tried"]
                return
            answers.append(f"{name} says after {said['tried']:,} cases: " + (
                self.in_a_line(failure) if failure else "all is well"))
        raise Failure("unfound", f"{fault} is planted and not found; {'; '.join(answers)}",
                      case=fault)

    def run(self):
        faults = [self.options.only] if self.options.only else list(FAULTS)
        unknown = [fault for fault in faults if fault not in FAULTS]
        if unknown:
            raise Failure("crash", f"there is no fault {unknown[0]}; there are {', '.join(FAULTS)}")
        try:
            self.binary, self.library = build()
            for fault in faults:
                self.find(fault)
        except Failure as failure:
            failure.outcome = self.outcome
            raise
        return self.outcome


def run(options):
    return Suite(options).run()
