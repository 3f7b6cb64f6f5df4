"""Suite crowd: 32 readers and a writer, all at once, for the time that is given.

The writer publishes versions of datasets, tables and indexes, drops old ones and collects garbage;
another puts, pins, clears and evicts blocks of a context store. Meanwhile they are read by

  8   threads of this process that run commands, one process a read
  16  threads of four long-lived Python processes
  2   Python processes that fork and read in parent and child
  2   that hold old versions open while these are dropped and collected
  3   HTTP clients of one service
  1   reader of the context store

What a version holds follows from its name, its number and the seed, so every read is checked against
the version that was opened. A reader may be refused only a version of which dropping has begun.
At the end every process has ended in order, nothing lies in tmp/, everything verifies, and memory,
descriptors and mappings of the long-lived processes are as they were once all had begun (SLACK).

There is no single case: with the same seed the content and the choices are the same, not the timing.
"""
import json
import os
import random
import shutil
import statistics
import struct
import subprocess
import threading
import time

from torture.crowd_reader import (DIMENSION, DOCUMENTS, FRESH, ROWS, WORDS, Journal, document,
                                  row_bytes)
from torture.report import Failure, Outcome
from torture.rot import Service
from torture.stage import FOLDER, PATIENCE, PYTHON, Command

NAME = "crowd"
ABOUT = "32 readers and a writer that publishes, drops and collects; every read checked"
DATASETS = ("d0", "d1", FRESH)
KEPT = 3  # versions of each thing
LEAST = 25  # steps of the writer, whatever the time
COMMANDS = 8
#: Threads that read in each process of a role.
ROLES = [("threads", 4)] * 4 + [("fork", 1)] * 2 + [("hold", 1)] * 2 + [("http", 3), ("contexts", 1)]
#: What the end may have more than what was there after warming up: a factor, and an amount.
SLACK = {"descriptors": (1.25, 24), "mappings": (1.25, 100), "memory": (1.25, 32 << 20)}


class Usage:
    """Samples of what a long-lived process takes."""

    def __init__(self, name, process):
        self.name = name
        self.process = process
        self.samples = []

    def take(self):
        """One more sample; nothing where the process has ended."""
        folder = f"/proc/{self.process.pid}"
        try:
            with open(f"{folder}/status") as file:
                fields = dict(line.split(":", 1) for line in file if ":" in line)
            with open(f"{folder}/maps", "rb") as file:
                mappings = sum(1 for _ in file)
            self.samples.append({
                "memory": 1024 * int(fields["RssAnon"].split()[0]), "mappings": mappings,
                "descriptors": len(os.listdir(f"{folder}/fd"))})
        except (OSError, KeyError):
            pass

    def growth(self):
        """A line for each thing that grew: the median of a quarter of the samples after warming up
        against that of the last quarter."""
        quarter = len(self.samples) // 4
        if quarter < 3:
            return []
        lines = []
        for what, (factor, amount) in SLACK.items():
            begin, end = (statistics.median(sample[what] for sample in part) for part in (
                self.samples[quarter:2 * quarter], self.samples[-quarter:]))
            if end > factor * begin + amount:
                lines.append(f"{self.name}: {what} grew from {begin:,.0f} to {end:,.0f}")
        return lines


class Reader:
    """A process of crowd_reader.py."""

    def __init__(self, suite, role, orders):
        self.name = f"{role} {orders['number']}"
        self.path = os.path.join(suite.work, f"reader-{orders['number']}.out")
        with open(self.path, "wb") as output, open(self.path + ".errors", "wb") as errors:
            self.process = subprocess.Popen(
                [PYTHON, os.path.join(FOLDER, "crowd_reader.py"), role, json.dumps(orders)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=suite.environment)

    def errors(self):
        with open(self.path + ".errors", "rb") as file:
            return file.read()[-1500:].decode(errors="replace")

    def last(self):
        """What it has counted; a failure that it has told of is raised."""
        counted = {"reads": 0, "refused": 0}
        with open(self.path, "rb") as file:
            for line in file.read().splitlines(keepends=True):
                if not line.endswith(b"\n"):
                    break
                said = json.loads(line)
                if "failure" in said:
                    raise Failure(said["failure"], f"{self.name}: {said['what']}")
                counted = said
        return counted


class Suite:
    def __init__(self, options):
        self.options = options
        self.work = options.work
        self.seed = options.seed
        self.random = random.Random(f"crowd {options.seed}")
        self.store = os.path.join(self.work, "store")
        self.context = os.path.join(self.work, "context")
        self.journal_path = os.path.join(self.work, "journal")
        self.stop = os.path.join(self.work, "stop")
        self.scratch = os.path.join(self.work, "scratch")
        self.environment = {name: value for name, value in os.environ.items()
                            if name not in ("ENGRAM_STORE", "LD_PRELOAD")}
        self.environment["TMPDIR"] = self.scratch
        self.outcome = Outcome(NAME, options.seed)
        self.versions = {}  # (kind, name): versions that are there, oldest first
        self.counters = {}
        self.uncollected = []  # dataset versions that were dropped, and no gc since
        self.failure = None
        self.lock = threading.Lock()
        self.reads = self.refused = self.steps = 0

    def engram(self, store):
        return Command(self.options.binary, store, self.environment)

    def run_command(self, argv, patience=PATIENCE):
        """Exit code, output and errors of a command."""
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.environment)
        try:
            output, errors = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Failure("hang", f"engram {' '.join(argv[1:])} does not end in {patience} s") \
                from None
        return process.returncode, output, errors.decode(errors="replace").strip()

    def must_run(self, *arguments):
        code, output, errors = self.run_command(self.engram(self.store).command(*arguments),
                                                4 * PATIENCE)
        if code != 0:
            raise Failure("wrong", f"engram {' '.join(arguments)} exits with {code}: {errors}",
                          self.store)
        return output

    # The writer

    def note(self, kind, name, version, event):
        with open(self.journal_path, "ab") as file:
            file.write(json.dumps([kind, name, version, event, time.monotonic()]).encode() + b"\n")

    def publish(self, kind, name, version, *arguments):
        self.must_run(*arguments)
        self.versions.setdefault((kind, name), []).append(version)
        self.note(kind, name, version, "published")

    def ingest(self, name):
        version = self.counters[name] = self.counters.get(name, 0) + 1
        path = os.path.join(self.work, f"{name}.jsonl")
        with open(path, "w") as file:
            for number in range(DOCUMENTS):
                text = document(self.seed, name, version, number)
                file.write(json.dumps({"id": str(number), "text": text}) + "\n")
        self.publish("dataset", name, version, "ingest", path, "--dataset", name, "--chunk-size",
                     "64K", "--block-size", "4K")

    def import_table(self):
        version = self.counters["tab"] = self.counters.get("tab", 0) + 1
        folder = os.path.join(self.work, "rows")
        os.makedirs(folder, exist_ok=True)
        data = row_bytes(self.seed, "tab", version)
        header = json.dumps({"rows": {"dtype": "BF16", "shape": [ROWS, DIMENSION],
                                      "data_offsets": [0, len(data)]}}).encode()
        with open(os.path.join(folder, "model.safetensors"), "wb") as file:
            file.write(struct.pack("<Q", len(header)) + header + data)
        self.publish("table", "tab", version, "memory", "import", "--from", folder, "--name", "tab",
                     "--tensor", "rows")

    def build_index(self, name):
        version = self.versions["dataset", name][-1]
        if version not in self.versions.get(("index", name), []):
            self.publish("index", name, version, "index", "build", f"{name}@{version}")

    def drop(self, kind, name):
        """The oldest version; of a dataset with the index that reads its samples."""
        version = self.versions[kind, name][0]
        if kind == "dataset" and version in self.versions.get(("index", name), []):
            self.drop("index", name)
        self.note(kind, name, version, "dropping")
        # An index is of no use without what it is an index of.
        command = {"dataset": "dataset", "table": "memory", "index": "index"}[kind]
        self.must_run(command, "drop", f"{name}@{version}")
        self.versions[kind, name].remove(version)
        self.note(kind, name, version, "dropped")
        if kind == "dataset":
            self.uncollected.append((kind, name, version))

    def collect(self):
        self.must_run("gc")
        for key in self.uncollected:
            self.note(*key, "collected")
        self.uncollected = []

    def step(self):
        """One change. Every other one sees to it that a short run, too, collects versions whose
        chunks no other version has, and which readers have open."""
        for (kind, name), versions in self.versions.items():
            if len(versions) > KEPT:
                return self.drop(kind, name)
        if self.steps % 4 == 0:
            return self.ingest(FRESH)
        if self.steps % 4 == 2:
            return self.collect()
        action = self.random.random()
        name = self.random.choice(DATASETS)
        if action < 0.4:
            self.ingest(name)
        elif action < 0.6:
            self.import_table()
        elif action < 0.8:
            self.build_index(name)
        else:
            self.collect()

    # Readers by the command

    def command_reader(self, number):
        choose = random.Random(f"{self.seed} command {number}")
        journal = Journal(self.journal_path)
        while not os.path.exists(self.stop) and self.failure is None:
            try:
                self.one_command(journal, choose)
            except Failure as failure:
                self.failure = self.failure or failure
            except Exception as error:
                self.failure = self.failure or Failure(
                    "crash", f"a reader of the suite ends by {type(error).__name__}: {error}")

    def one_command(self, journal, choose):
        kind = choose.choice(["dataset", "table", "index"])
        key = journal.choose(choose, kind)
        if key is None:
            return time.sleep(0.2)
        name = f"{key[1]}@{key[2]}"
        numbers = [choose.randrange(ROWS if kind == "table" else DOCUMENTS) for _ in range(20)]
        argv = {
            "dataset": ["dataset", "cat", name, *map(str, numbers), "--format", "json"],
            "table": ["memory", "lookup", name, "--raw", "--rows", ",".join(map(str, numbers))],
            "index": ["query", " ".join(choose.sample(WORDS, 2)), "--dataset", name, "--format",
                      "json"]}[kind]
        began = time.monotonic()
        code, output, errors = self.run_command(self.engram(self.store).command(*argv))
        state = journal.state(key)
        if code != 0:
            is_missing = any(words in errors for words in (
                "has no version", "no dataset", "no table", "has no index", "there is no"))
            if code != 1 or "dropping" not in state or not is_missing or "\n" in errors:
                raise Failure("wrong" if "dropping" in state else "lost", f"engram {' '.join(argv)} "
                              f"exits with {code}, the version is {state}, now it is "
                              f"{time.monotonic():.2f}: {errors[-600:]}", self.store)
            with self.lock:
                self.refused += 1
            return
        if state.get("dropped", began) < began:
            raise Failure("wrong", f"engram {' '.join(argv)} reads what was dropped", self.store)
        if kind == "table":
            expected, size = row_bytes(self.seed, key[1], key[2]), 2 * DIMENSION
            is_right = output == b"".join(expected[size * row:size * (row + 1)] for row in numbers)
        else:
            lines = [json.loads(line) for line in output.splitlines()]
            samples = [line["sample"] for line in lines] if kind == "index" else numbers
            texts = [document(self.seed, key[1], key[2], sample) for sample in samples]
            is_right = len(lines) == len(texts) and all(
                line["text"] in text if kind == "index" else line["text"] == text
                for line, text in zip(lines, texts))
        if not is_right:
            raise Failure("wrong", f"engram {' '.join(argv)} prints {output[:300]!r}", self.store)
        with self.lock:
            self.reads += 1

    # All of it

    def begin(self):
        os.makedirs(self.scratch)
        open(self.journal_path, "wb").close()
        for name in DATASETS:
            self.ingest(name)
        self.import_table()
        self.build_index("d0")

    def orders(self, number, threads=1):
        return {"number": number, "seed": self.seed, "store": self.store, "threads": threads,
                "journal": self.journal_path, "stop": self.stop, "context": self.context,
                "hold": 4 if self.options.quick else 20}

    def run(self):
        began = time.monotonic()
        self.readers = []
        try:
            self.begin()
            with Service(self, self.store, is_with_context=False) as service:
                if service.address is None:
                    raise Failure("wrong", f"engram serve does not start: {service.said}", self.store)
                self.in_the_crowd(service, began + 60 * self.options.minutes)
            self.settle()
        except Failure as failure:
            failure.store = failure.store or self.store
            failure.outcome = self.count()
            raise
        finally:
            for reader in self.readers:
                if reader.process.poll() is None:
                    reader.process.kill()
                    reader.process.wait()
        self.count()
        self.outcome.survived = self.outcome.tried
        return self.outcome

    def in_the_crowd(self, service, deadline):
        """Everybody, until the time is over."""
        writer = Reader(self, "write", self.orders(0))
        self.readers.append(writer)
        until = time.monotonic() + PATIENCE
        while not os.path.exists(os.path.join(self.context, "FORMAT")):
            if writer.process.poll() is not None or time.monotonic() > until:
                raise Failure("wrong", f"the context store's writer does not begin: {writer.errors()}")
            time.sleep(0.05)
        for number, (role, threads) in enumerate(ROLES, 1):
            orders = {**self.orders(number, threads), "address": service.address}
            self.readers.append(Reader(self, role, orders))
        threads = [threading.Thread(target=self.command_reader, args=(number,), daemon=True)
                   for number in range(COMMANDS)]
        for thread in threads:
            thread.start()
        self.usages = [Usage("the service", service.process)] + [
            Usage(reader.name, reader.process) for reader in self.readers]
        try:
            while self.steps < LEAST or time.monotonic() < deadline:
                self.step()
                self.steps += 1
                for usage in self.usages:
                    usage.take()
                self.must_live(service)
                self.options.progress(f"{self.steps} changes, {self.count().tried:,} reads")
        finally:
            open(self.stop, "wb").close()
            for thread in threads:
                thread.join(2 * PATIENCE)
        self.end_readers()
        if self.failure:
            raise self.failure
        # The service lets go of what was dropped; its client has ended.
        grown = [line for usage in self.usages for line in usage.growth()]
        if grown:
            raise Failure("wrong", "; ".join(grown))

    def must_live(self, service):
        """Nobody has ended or told of a failure."""
        if self.failure:
            raise self.failure
        for reader in self.readers:
            reader.last()
            if reader.process.poll() is not None:
                reader.last()
                raise Failure("crash", f"{reader.name} ended with {reader.process.returncode}: "
                              f"{reader.errors()}")
        if service.process.poll() is not None:
            raise Failure("crash", f"the service ended with {service.process.returncode}: "
                          f"{service.log()[-800:]}")

    def end_readers(self):
        for reader in self.readers:
            try:
                code = reader.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                raise Failure("hang", f"{reader.name} does not end") from None
            reader.last()
            if code != 0:
                raise Failure("crash", f"{reader.name} ends with {code}: {reader.errors()}")

    def settle(self):
        """What must hold when all have gone."""
        self.must_run("gc")
        self.must_run("verify")
        code, output, errors = self.run_command(
            [self.options.binary, "context", "verify", "--context", self.context])
        if code != 0:
            raise Failure("wrong", f"context verify: {output.decode()}{errors}", self.context)
        left = [f"tmp/{name}" for name in os.listdir(os.path.join(self.store, "tmp"))]
        left += [f"a temporary folder {name}" for name in os.listdir(self.scratch)]
        folders = len(os.listdir(os.path.join(self.store, "tables")))
        if folders < len(self.versions["table", "tab"]):
            raise Failure("lost", f"tables/ has {folders} folders", self.store)
        if left:
            raise Failure("wrong", f"left behind: {', '.join(left[:5])}", self.store)
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{process}/cmdline", "rb") as file:
                    command = file.read()
            except OSError:
                continue
            if self.work.encode() in command and int(process) != os.getpid():
                raise Failure("wrong", f"process {process} is left: {command.decode()[:200]}")
        shutil.rmtree(self.scratch)

    def count(self):
        """The outcome until now."""
        counted = [json.loads("{}")]
        for reader in self.readers:
            try:
                counted.append(reader.last())
            except Failure:
                continue
        self.outcome.tried = self.reads + sum(each.get("reads", 0) for each in counted)
        self.outcome.refused = self.refused + sum(each.get("refused", 0) for each in counted)
        self.outcome.survived = self.outcome.tried
        self.outcome.details = {"changes": self.steps, "readers": COMMANDS + sum(
            threads for _, threads in ROLES), "reads by commands": self.reads}
        return self.outcome


def run(options):
    return Suite(options).run()
