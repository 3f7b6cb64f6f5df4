"""Suite rot: one place of a store is damaged, and everything in it is read and verified.

The store has everything: tables that were imported (two versions), trained, grafted and converted,
counts, datasets of two kinds with two versions each, indexes of which the second shares a segment
with the first, and a context store of two namespaces whose last writer was killed. A copy of it is
damaged in one place:

  flip      one bit                        cut      the file ends early
  zero      a run of bytes, a sector, a page   extend   bytes of garbage behind the end
  move      a block lies where another was     remove   the file is not there
  swap      two files of a kind change places  replace  the file is another of its kind, or what it
                                                        was when the store was younger

Rows of three tables, then every file gets its turn, then files are taken by size. After each damage:

  - every reader, in process, by the command and (in a sample) over HTTP, gives the right bytes or
    refuses in one line that names the file, or what it is a file of; none crashes or hangs;
  - what has no share in the damaged file goes on as before;
  - of the context store, blocks may be missing, which is told; none is wrong;
  - `engram verify` or `engram context verify` exits with 1 where anything was refused, and also where
    nothing was, unless the file is one that holds no data (NO_DATA says which, and why).

A case is KIND:FILE:FIRST:END:OTHER. Folders of tables/ are named by what they hold.
"""
import collections
import concurrent.futures
import fnmatch
import hashlib
import itertools
import json
import os
import random
import re
import shutil
import struct
import subprocess
import threading
import time

from torture.report import Failure, Outcome
from torture.stage import FOLDER, PATIENCE, PYTHON, Nursery, Stage, remove

NAME = "rot"
ABOUT = "bits, sectors, files damaged, swapped, replaced, removed; right bytes or a line that says why"
JOBS = 2
LEAST = 120  # places of a run, whatever the time
SERVED = 8  # one case in so many is read over HTTP too
KINDS = ("flip", "flip", "zero", "zero", "cut", "extend", "move", "swap", "replace", "remove")

#: Damages of a kind that are no loss: kinds, patterns, and why.
LEGAL = (
    (("remove",), "context/pins", "a store of which nothing was ever pinned has none"),
    (("remove",), "context/segments/*.blocks", "a crash leaves none; the data is read instead"),
    (("replace",), "context/state.json", "an older one is what a crash leaves, too; no segment knows "
     "that there was a newer one"),
    (("replace",), "context/pins", "as of the state: what was pinned then is pinned"),
    (("extend",), "catalog/MANIFEST-*", "a record that is not complete, as a crash leaves it"),
)

#: What the store has published.
NAMES = {"table": ["g@1", "m/bf16@1", "m/layer1@1", "m/layer1@2", "m/layer14@1", "t@1"],
         "dataset": ["docs@1", "docs@2", "ids@1", "ids@2"], "index": ["docs@1", "docs@2"]}
#: Files that hold no data: patterns, and why nobody has to notice what becomes of them.
NO_DATA = (
    ("catalog/LOG*", "RocksDB's account for people; nothing reads it"),
    ("catalog/LOCK", "an empty file that RocksDB locks; made where it is missing"),
    ("catalog/IDENTITY", "a name of the database; made where it is missing"),
    ("catalog/OPTIONS-*", "a record of options; the program gives its own"),
    ("writer.lock", "a file that the writer locks; its text is for people"),
    ("context/writer.lock", "a file that the writer locks; its text is for people"),
    ("leases/*", "empty files that readers lock; of one that is missing verify tells"),
    ("catalog/*.log", "a log of what is not in other files yet: nothing, behind every commit"),
    ("tables/*/COMMITTED", "an empty file that saves readers a look; made where it is missing"),
    ("context/recency", "what was used lately; without it all blocks are as old as each other"),
)


class RotNursery(Nursery):
    """Forks the readers of this suite."""

    def start(self):
        self.process = subprocess.Popen(
            [PYTHON, os.path.join(FOLDER, "rot_reader.py")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=self.environment, start_new_session=True)
        self.line()


class Place:
    """A damage: what, where."""

    def __init__(self, kind, path, low=0, high=0, other=""):
        self.kind = kind
        self.path = path
        self.low = low
        self.high = high
        self.other = other
        self.changed = (0, 0)  # the bytes that are different, once it was done

    def __str__(self):
        return ":".join(map(str, (self.kind, self.path, self.low, self.high, self.other)))

    @classmethod
    def parse(cls, text):
        kind, path, low, high, other = text.split(":")
        return cls(kind, path, int(low), int(high), other)

    def in_words(self):
        return {
            "flip": f"bit {self.low % 8} of byte {self.low // 8} of {self.path} flipped",
            "zero": f"bytes {self.low} to {self.high - 1} of {self.path} zeroed",
            "cut": f"{self.path} cut to {self.low} bytes",
            "extend": f"{self.low} bytes of garbage behind the end of {self.path}",
            "move": f"{self.other} bytes at {self.low} of {self.path} written at {self.high}",
            "swap": f"{self.path} and {self.other} swapped",
            "replace": f"{self.path} replaced by {self.other}",
            "remove": f"{self.path} removed"}[self.kind]


class RottenStore:
    """The pristine store: its files, what each is a part of, and what its readers say."""

    def __init__(self, stage):
        self.stage = stage
        self.path = os.path.join(stage.work, "rot")
        self.older = os.path.join(stage.work, "rot-older")
        self.shares = {}  # a chunk's or page's path: the dataset versions that it may be part of
        self.make()
        self.labels = self.make_labels()
        self.names = {name: label for label, name in self.labels.items()}
        self.sizes = {}
        for above, _, names in os.walk(self.path):
            for name in names:
                path = os.path.join(above, name)
                self.sizes[self.alias(os.path.relpath(path, self.path))] = os.path.getsize(path)
        self.files = sorted(self.sizes)
        self.kinds = collections.defaultdict(list)
        for name in self.files:
            self.kinds[self.kind(name)].append(name)
        self.digests = self.digest_files()
        self.read_ranges = {}
        for name in fnmatch.filter(self.files, "context/segments/*.data"):
            self.read_ranges[name] = self.ranges_of(os.path.join(self.path, name))

    @staticmethod
    def ranges_of(path):
        """The bytes of a segment that anybody reads, [(first, end)]: its head, and of blocks that were
        not cleared the heads and the slots. The rest is padding (Schemas/context-store.md)."""
        with open(path, "rb") as file:
            data = file.read()
        cleared = set()
        if os.path.exists(path[:-4] + "dead"):
            with open(path[:-4] + "dead", "rb") as file:
                dead = file.read()
            count, = struct.unpack_from("<Q", dead, 24)
            cleared = {64 * each for each in struct.unpack_from(f"<{count}I", dead, 32)}
        ranges, at = [(0, 68)], 4096
        while data[at:at + 4] == b"EGCF":
            head, groups, frame = struct.unpack_from("<IIQ", data, at + 8)
            if at not in cleared:
                ranges.append((at, at + head))
                first = at + -(-head // 64) * 64
                size = 0
                for group in range(groups):
                    _, layers, rows, row_bytes = struct.unpack_from("<4I", data, at + 160 + 16 * group)
                    size += layers * rows * (row_bytes + 4)
                ranges.append((first, first + size))
            at += frame
        return ranges

    def make(self):
        stage, engram = self.stage, self.stage.engram(self.path)
        source = stage.inputs.path
        tokenizer = ["--tokenizer", source("tokenizer.json")]
        chunks = ["--chunk-size", "64K", "--block-size", "4K"]

        def dataset(name, *arguments, also=()):
            """A dataset version, whose new files it shares with later ones at the most."""
            before = self.objects()
            engram.must_run(*arguments)
            for path in self.objects() - before:
                self.shares[path] = {name, *also}

        imports = ["memory", "import", "--from", source("checkpoint"), "--name", "m"]
        engram.must_run(*imports)
        dataset("docs@1", "ingest", source("docs1.jsonl"), "--dataset", "docs", *chunks,
                also=["docs@2"])
        dataset("docs@2", "ingest", source("docs2.jsonl"), "--dataset", "docs", *chunks)
        engram.must_run("index", "build", "docs@1")
        for version in (1, 2):
            dataset(f"ids@{version}", "dataset", "tokenize", f"docs@{version}", *tokenizer, "--as",
                    "ids", "--pack", "256", *chunks, also=["ids@2"])
        engram.must_run("memory", "count", "docs@1", *tokenizer, "--orders", "2-3", "--as", "c")
        for name in ("memory-train", "memory-graft"):
            stage.must_run(stage.writers[name].command(self.path))
        self.make_context(os.path.join(self.path, "context"), stage.seed)
        shutil.copytree(self.path, self.older)
        shutil.rmtree(os.path.join(self.older, "context"))
        self.make_context(os.path.join(self.older, "context"), stage.seed)
        engram.must_run("index", "build", "docs@2")
        engram.must_run("memory", "convert", "m/layer1@1", "--codec", "bf16", "--as", "m/bf16")
        engram.must_run(*imports, "--layer", "1")
        engram.must_run("verify")
        # A reader sees to what the last writer left in the context store; a copy of it only.

    def make_context(self, folder, seed):
        subprocess.run([PYTHON, os.path.join(FOLDER, "rot_reader.py"), "make", folder, str(seed)],
                       env=self.stage.environment, timeout=PATIENCE)

    def objects(self):
        return {os.path.relpath(os.path.join(above, name), self.path)
                for folder in ("chunks", "pages")
                for above, _, names in os.walk(os.path.join(self.path, folder)) for name in names}

    def make_labels(self):
        """What lies in each folder of tables/, and what each lease is of, as names without slashes."""
        labels, self.segments = {}, collections.defaultdict(set)
        tables = os.path.join(self.path, "tables")
        for folder in os.listdir(tables):
            path = os.path.join(tables, folder, "manifest.json")
            if not os.path.exists(path):
                continue
            with open(path) as file:
                manifest = json.load(file)
            kind = "index" if "segments" in manifest else \
                "counts" if "orders" in manifest else "table"
            name = f"{manifest.get('name', manifest.get('dataset'))}@{manifest['version']}"
            labels[folder] = f"{kind} {name}".replace("/", ".")
            for segment in manifest.get("segments", ()):
                self.segments[segment["id"]].add(name)
        for name in NAMES["dataset"]:
            (shown,) = self.stage.engram(self.path).json("dataset", "show", name)
            labels[shown["identity"]] = name
        for folder, names in self.segments.items():
            labels[folder] = f"segment {' '.join(sorted(names))}"
        return labels

    # Names

    def alias(self, path):
        """A path with the name of what lies in it in place of a random one."""
        first, *rest = path.split("/")
        return "/".join([first, self.labels[rest[0]], *rest[1:]]) \
            if first in ("tables", "leases") else path

    def real(self, alias):
        first, *rest = alias.split("/")
        return "/".join([first, self.names[rest[0]], *rest[1:]]) \
            if first in ("tables", "leases") else alias

    @staticmethod
    def kind(name):
        """Files of a kind have one of these names."""
        first, _, rest = name.partition("/")
        if first in ("chunks", "pages", "leases"):
            return first
        if first == "tables":
            rest = rest.partition("/")[2]
        return f"{first}/" + re.sub(r"\d{6,}", "N", rest)

    def digest_files(self):
        found = {}
        for name in self.files:
            with open(os.path.join(self.path, self.real(name)), "rb") as file:
                found[name] = hashlib.sha256(file.read()).digest()
        return found

    # Shares

    def concerned(self, name):
        """Patterns of the keys that have a share in a file, and words one of which a refusal has."""
        first, _, rest = name.partition("/")
        words = [os.path.basename(name)]
        if first == "leases":
            version = rest
            return [f"{kind}:{version}" for kind in ("dataset", "index")] + ["explain:*", "listed"], \
                words + [version]
        if first == "context":
            # A service that is to serve it does not start without it.
            return ["context*", "served store"], words + ["context"]
        if first not in ("tables", "chunks", "pages"):
            return ["store", "listed", "table:*", "dataset:*", "index:*", "counts:*", "explain:*"], \
                words + [first, "store"]
        if first in ("chunks", "pages"):
            versions = self.shares[name]
            keys = [f"{kind}:{version}" for kind in ("dataset", "index") for version in versions]
            if "docs@1" in versions:
                keys += ["explain:t@1"]
            return keys, words + [one for version in versions for one in (version,
                                                                          version[:-2])]
        label, _, rest = rest.partition("/")
        kind, *names = label.split(" ")
        words += [self.names[label], *names, *(one.replace(".", "/") for one in names)]
        # The list of all tells of what it cannot read of one.
        if kind == "table" or kind == "counts":
            keys = ["listed", f"{kind}:{names[0].replace('m.', 'm/')}"]
            return keys + (["explain:*"] if names[0] in ("t@1", "c@1") else []), words
        return ["listed", "explain:*"] + [f"index:{one}" for one in names], words + ["docs"]

    # A copy

    def copy(self, path, places):
        """A copy of which only what may be written to is copied: the rest are the same files."""
        damaged = {self.real(name) for place in places for name in (place.path, place.other)
                   if name}
        for above, folders, names in os.walk(self.path):
            inner = os.path.relpath(above, self.path)
            folder = os.path.normpath(os.path.join(path, inner))
            os.makedirs(folder)
            first = inner.split("/")[0]
            for name in names:
                old = os.path.join(above, name)
                relative = os.path.normpath(os.path.join(inner, name))
                if first in ("tables", "chunks", "pages") and relative not in damaged:
                    os.link(old, os.path.join(folder, name))
                else:
                    shutil.copy2(old, os.path.join(folder, name))

    def damage(self, store, place, choose):
        """Does it to a copy; returns whether a byte changed."""
        path = os.path.join(store, self.real(place.path))
        if place.kind == "remove":
            os.unlink(path)
            place.changed = (0, self.sizes[place.path])
            return True
        if place.kind == "swap":
            other = os.path.join(store, self.real(place.other))
            os.rename(path, path + ".swap")
            os.rename(other, path)
            os.rename(path + ".swap", other)
            return self.digests[place.path] != self.digests[place.other]
        with open(path, "rb") as file:
            old = file.read()
        new = bytearray(old)
        if place.kind == "flip":
            new[place.low // 8] ^= 1 << place.low % 8
        elif place.kind == "zero":
            new[place.low:place.high] = bytes(place.high - place.low)
        elif place.kind == "cut":
            del new[place.low:]
        elif place.kind == "extend":
            new += choose.randbytes(place.low)
        elif place.kind == "move":
            size = int(place.other)
            new[place.high:place.high + size] = old[place.low:place.low + size]
        elif place.kind == "replace":
            folder, name = (self.older, place.other[1:]) if place.other.startswith("<") \
                else (self.path, place.other)
            with open(os.path.join(folder, self.real(name)), "rb") as file:
                new = file.read()
        with open(path, "wb") as file:
            file.write(new)
        places = [at for at, (one, other) in enumerate(zip(old, new)) if one != other]
        if len(old) != len(new):
            places += [min(len(old), len(new)), max(len(old), len(new)) - 1]
        if places:
            place.changed = (min(places), max(places) + 1)
        return bool(places)


class Commands:
    """What the command reads: argvs by name, the keys that each needs, and what each prints."""

    def __init__(self, stage, rotten):
        self.stage = stage
        tokenizer = stage.inputs.path("tokenizer.json")
        words = stage.inputs.words
        json_form = ["--format", "json"]
        self.argvs = {}
        for name, rows in (("m/layer1@1", 2000), ("m/layer1@2", 2000), ("m/layer14@1", 5000),
                           ("m/bf16@1", 2000), ("t@1", 1500), ("g@1", 300)):
            numbers = ",".join(map(str, range(0, rows, 3)))
            self.argvs[f"lookup {name}"] = \
                (["memory", "lookup", name, "--raw", "--rows", numbers], {f"table:{name}"})
            self.argvs[f"inspect {name}"] = \
                (["memory", "inspect", name, *json_form], {f"table:{name}"})
        for name in ("t@1", "g@1"):
            self.argvs[f"lookup text {name}"] = \
                (["memory", "lookup", name, "--text", " ".join(words[:9]), "--tokenizer", tokenizer,
                  *json_form], {f"table:{name}"})
        for name in ("docs@1", "docs@2", "ids@1", "ids@2"):
            keys = {f"dataset:{name}"}
            self.argvs[f"cat {name}"] = (["dataset", "cat", name, *json_form], keys)
            self.argvs[f"order {name}"] = \
                (["dataset", "order", name, "--seed", "3", "--ranks", "3", "--digest"], keys)
            self.argvs[f"show {name}"] = (["dataset", "show", name, *json_form], keys)
            self.argvs[f"export {name}"] = \
                (["dataset", "export", name, "--to", "-", "--format", "jsonl"], keys)
        for name in ("docs@1", "docs@2"):
            keys = {f"index:{name}"}
            self.argvs[f"passages {name}"] = (["index", "passages", name, *json_form][:3], keys)
            self.argvs[f"query {name}"] = \
                (["query", f'"{words[0]}" {words[1]} edited', "--dataset", name, "-k", "100",
                  "--where", "part>=1", *json_form], keys)
            self.argvs[f"index show {name}"] = (["index", "show", name, *json_form], keys)
        self.argvs["counts c@1"] = (["memory", "counts", "c@1", "top", "-n", "100000", "--order", "3",
                                     *json_form], {"counts:c@1"})
        self.argvs["explain"] = \
            (["explain", " ".join(words[:6]), "--memory", "t@1", "--counts", "c@1", "--dataset",
              "docs@1", "--tokenizer", tokenizer, "--nearest", "0", *json_form], {"explain:t@1"})
        for kind in ("memory list", "memory counts list", "dataset list", "index list"):
            self.argvs[kind] = (kind.split() + json_form, {"listed"})
        # What each version changed is worked out from their pages.
        self.argvs["dataset log docs"] = (
            ["dataset", "log", "docs", *json_form], {"listed", "dataset:docs@1", "dataset:docs@2"})
        self.argvs["context list"] = (["context", "list", *json_form], {"context:list"})
        self.argvs["context stats"] = (["context", "stats", *json_form], {"context:stats"})
        self.expected = {}
        for name in list(self.argvs):
            code, self.expected[name], errors = self.run(rotten.path, name)
            if code != 0:
                raise Failure("wrong", f"engram {name} exits with {code} on a whole store: {errors}",
                              rotten.path)

    def run(self, store, name):
        """Exit code, output without the store's path, errors."""
        code, output, errors = self.stage.run(
            self.stage.engram(store).command(*self.argvs[name][0]))
        # How large files are is no content.
        output = re.sub(rb'"(used_)?bytes":\d+', b"", output.replace(store.encode(), b"STORE"))
        return code, output, errors

    def concerned(self, patterns):
        return [name for name, (_, keys) in self.argvs.items()
                if any(fnmatch.fnmatchcase(key, pattern) for key in keys for pattern in patterns)]


class Suite:
    def __init__(self, options):
        self.options = options
        self.outcome = Outcome(NAME, options.seed)
        self.outcome.details = dict.fromkeys(
            ("flipped", "zeroed", "cut", "extended", "moved", "swapped", "replaced", "removed",
             "without data"), 0)
        self.random = random.Random(f"rot {options.seed}")
        self.lock = threading.Lock()
        self.silent = collections.Counter()

    def run(self):
        began = time.monotonic()
        with Stage(self.options.work, self.options.seed, self.options.binary) as self.stage:
            self.rotten = RottenStore(self.stage)
            self.commands = Commands(self.stage, self.rotten)
            self.learn()
            if self.options.only:
                self.try_place(0, Place.parse(self.options.only), is_served=True)
            else:
                self.all(began + 60 * self.options.minutes)
            self.must_be_pristine()
        return self.outcome

    def learn(self):
        """What is read of a whole store: the oracle."""
        store = os.path.join(self.options.work, "whole", "store")
        self.known = []
        for mode in ("reading", "writing"):
            self.rotten.copy(store, [])
            found = self.look(store, mode, True)
            bad = [f"{key}: {value}" for key, value in found.items()
                   if "digest" not in value or key == "said" and value["digest"]]
            if bad or not any(key.startswith("served index") for key in found):
                raise Failure("wrong", f"a whole store is not read: {bad or sorted(found)}", store)
            for argv in (["verify"], ["context", "verify"]):
                self.stage.must_run(self.stage.engram(store).command(*argv))
            self.known.append(found)
            remove(os.path.dirname(store))
        if self.known[0] != self.known[1]:
            raise Failure("wrong", "opened for writing, a whole store is read otherwise")
        self.known = self.known[0]

    def places(self):
        """Without an end: rows of tables, every file in turn, then half in turn and half by size."""
        # In a short run chance may miss the rows themselves.
        largest = sorted(fnmatch.filter(self.rotten.files, "tables/table *.sst"),
                         key=self.rotten.sizes.get)[-3:]
        for name in largest:
            middle = self.rotten.sizes[name] // 2
            yield Place("zero", name, middle, middle + 16)
        weights = [self.rotten.sizes[name] for name in self.rotten.files]
        is_first = True
        while True:
            turn = list(self.rotten.files)
            self.random.shuffle(turn)
            for name in turn:
                yield self.place(name)
                if not is_first:
                    yield self.place(self.random.choices(self.rotten.files, weights)[0])
            is_first = False

    def place(self, name):
        """A damage that can be done to a file."""
        choose, size = self.random, self.rotten.sizes[name]
        alike = [other for other in self.rotten.kinds[self.rotten.kind(name)] if other != name
                 and self.rotten.digests[other] != self.rotten.digests[name]]
        older = os.path.join(self.rotten.older, self.rotten.real(name))
        while True:
            kind = choose.choice(KINDS)
            if kind == "remove":
                return Place(kind, name)
            if kind == "extend":
                return Place(kind, name, choose.choice([1, 16, 512, 5000]))
            if kind == "swap" and alike:
                return Place(kind, name, other=choose.choice(alike))
            if kind == "replace":
                others = alike + ["<" + name] * (1 + len(alike) // 2) * os.path.exists(older)
                if others:
                    return Place(kind, name, other=choose.choice(others))
            if kind == "flip" and size:
                return Place(kind, name, choose.randrange(8 * size))
            if kind == "cut" and size:
                return Place(kind, name, choose.choice(
                    [0, size // 2, size - 1, size & ~511, choose.randrange(size)]) % size)
            if kind == "zero" and size:
                run = choose.choice([1, 16, 512, 4096])
                low = choose.randrange(size) // run * run
                return Place(kind, name, low, min(size, low + run))
            if kind == "move" and size > 128:
                run = choose.choice([step for step in (64, 512, 4096) if 2 * step <= size])
                low, high = choose.sample(range(size // run), 2)
                return Place(kind, name, low * run, high * run, str(run))

    def all(self, deadline):
        """Damages until the time is over, two at once."""
        places = enumerate(self.places(), 1)
        least = LEAST if self.options.quick or not self.options.minutes else len(self.rotten.files)
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            tasks = set()
            try:
                while True:
                    while len(tasks) < 2 * JOBS and (
                            self.outcome.tried + len(tasks) < least or time.monotonic() < deadline):
                        tasks.add(pool.submit(self.try_place, *next(places)))
                    if not tasks:
                        return
                    done, tasks = concurrent.futures.wait(
                        tasks, return_when=concurrent.futures.FIRST_COMPLETED)
                    for task in done:
                        task.result()
                    self.options.progress(f"{self.outcome.tried} places")
            except BaseException as error:
                pool.shutdown(cancel_futures=True)
                if isinstance(error, Failure):
                    error.outcome = self.outcome
                raise

    # One damage

    def look(self, store, mode, is_served):
        """What readers in process say, and those of a service."""
        nurseries = self.stage.nurseries
        nursery = nurseries.setdefault(threading.get_ident(), RotNursery(self.stage.environment))
        order = {"store": store, "keys": None, "seed": self.stage.seed, "mode": mode,
                 "patience": PATIENCE, "names": NAMES,
                 "with tokens": ["t@1", "g@1"], "vocabulary": self.stage.inputs.vocabulary,
                 "questions": self.stage.inputs.questions, "prompts": {}}
        if not is_served:
            return self.answer(nursery.ask(order), store)
        with Service(self.stage, store) as service:
            if service.address is None:
                found = self.answer(nursery.ask(order), store)
                found["served store"] = {"refusal": service.said}
                return found
            # The service is the one that writes the context store.
            found = self.answer(nursery.ask({
                **order, "address": service.address, "mode": "reading"}), store)
            # What the service mended it has told.
            found["said"]["digest"] += service.log()
        return found

    @staticmethod
    def answer(answer, store):
        if "died" in answer:
            number = answer["died"]
            raise Failure("hang" if number == 14 else "crash", f"a reader dies of signal {number}",
                          store)
        if "error" in answer:
            raise Failure("crash", f"a reader ends by {answer['error']}", store)
        return answer["found"]

    def try_place(self, number, place, is_served=None):
        folder = os.path.join(self.options.work, f"case-{number}")
        store = os.path.join(folder, "store")
        choose = random.Random(f"{self.options.seed} {place}")
        try:
            self.rotten.copy(store, [place] if place.kind == "swap" else [Place("", place.path)])
            if not self.rotten.damage(store, place, choose):
                remove(folder)
                return
            refused = self.judge(store, place, choose,
                                 number % SERVED == 0 if is_served is None else is_served)
        except Failure as failure:
            raise Failure(failure.kind, f"after {place.in_words()}: {failure.what}", store,
                          str(place)) from None
        remove(folder)
        with self.lock:
            self.outcome.tried += 1
            self.outcome.survived += 1
            self.outcome.refused += refused
            self.outcome.count({"flip": "flipped", "zero": "zeroed", "extend": "extended",
                                "move": "moved", "swap": "swapped", "replace": "replaced",
                                "remove": "removed"}.get(place.kind, place.kind))

    def judge(self, store, place, choose, is_served):
        """Whether anything was rightly refused; what is wrong is raised."""
        patterns, words = [], []
        for name in [place.path] + [place.other] * (place.kind == "swap"):
            more, also = self.rotten.concerned(name)
            patterns += more
            words += also
        found = {}
        verified = []
        for argv in (["verify"], ["context", "verify"]):
            code, output, errors = self.stage.run(self.stage.engram(store).command(*argv))
            text = (output + errors).decode(errors="replace")
            if code not in (0, 1) or code == 1 and not text.strip():
                raise Failure("crash", f"engram {' '.join(argv)} exits with {code}: {text[-800:]}")
            verified.append((code, text))
        is_reported = any(code for code, _ in verified)
        own = self.commands.concerned(patterns)
        others = [name for name in self.commands.argvs if name not in own]
        for name in choose.sample(own, min(2, len(own))) + choose.sample(others, min(1, len(others))):
            code, output, errors = self.commands.run(store, name)
            text = errors.decode(errors="replace").strip()
            if code == 0 and output == self.commands.expected[name]:
                continue
            if code not in (0, 1):
                raise Failure("crash", f"engram {name} exits with {code}: {text[-800:]}")
            if code == 0:
                if name.startswith("context"):
                    found[f"context:{name}"] = {"refusal": "context counts less"}
                    continue
                raise Failure("wrong", f"engram {name} prints something else: {output[:300]!r}")
            found[f"engram {name}"] = {"refusal": text, "keys": self.commands.argvs[name][1]}
        found.update(self.look(store, choose.choice(["reading", "writing"]), is_served))
        refused = self.compare(found, patterns, words, is_served)
        if refused and not is_reported:
            raise Failure("unfound", f"verify and context verify find nothing; {refused[0]}")
        if not is_reported and not self.holds_no_data(place):
            raise Failure("unfound", "verify and context verify find nothing, nor does a reader")
        with self.lock:
            if not is_reported:
                self.outcome.count("without data")
        return bool(refused)

    def holds_no_data(self, place):
        if any(place.kind in kinds and fnmatch.fnmatchcase(place.path, pattern)
               for kinds, pattern, _ in LEGAL):
            return True
        if place.kind != "swap" and place.path in self.rotten.read_ranges:
            # Padding, or a block that was cleared. `changed` is set by damage().
            low, high = place.changed
            return not any(low < end and high > first
                           for first, end in self.rotten.read_ranges[place.path])
        return all(any(fnmatch.fnmatchcase(name, pattern) for pattern, _ in NO_DATA)
                   for name in [place.path] + [place.other] * (place.kind == "swap"))

    def compare(self, found, patterns, words, is_served):
        """Lines of what was refused or missing, each rightly; what is not right is raised."""
        refused = []
        said = found.pop("said", {"digest": ""})["digest"]
        expected = {key: value for key, value in self.known.items()
                    if is_served or not key.startswith("served ")}
        del expected["said"]
        # One refusal of the whole stands for all in it.
        for whole, inner in (("store", ("listed", "table:", "dataset:", "index:")),
                             ("served store", ("served ",)), ("context", ("context:",))):
            if "refusal" in found.get(whole, {}):
                expected = {key: value for key, value in expected.items()
                            if not key.startswith(inner)}
                expected[whole] = None
        for key in sorted({*expected, *found}):
            was, there = expected.get(key), found.get(key)
            if there == was:
                continue
            bare = key.removeprefix("served ")
            keys = there.pop("keys", {bare}) if there else {bare}
            is_concerned = any(fnmatch.fnmatchcase(one, pattern)
                               for one in {key, *keys} for pattern in patterns)
            if there is None:
                raise Failure("lost", f"{key} is not listed any more, without a word")
            if "wrong" in there:
                raise Failure("wrong", there["wrong"])
            text = there.get("refusal") or there["digest"]
            if "digest" in there and not bare.startswith("context:"):
                raise Failure("wrong", f"{key} is read as {text}, and is {was}")
            if not is_concerned:
                raise Failure("lost", f"{key} has no share in it: {text}")
            if "digest" in there:
                if any(now > then for now, then in zip(text, was["digest"])):
                    raise Failure("wrong", f"{key} has blocks that nobody put: {text}")
                if not said.strip():
                    raise Failure("unfound", f"blocks of {key} are gone without a word: {text}")
                refused.append(f"{key}: {text}")
                continue
            if "\n" in text or not text:
                raise Failure("wrong", f"{key} is refused in other than one line: {text!r}")
            if not any(word in text for word in words) and not key.startswith("context:context"):
                raise Failure("wrong", f"{key} is refused by a line that names nothing of "
                              f"{sorted(set(words))}: {text}")
            refused.append(f"{key}: {text}")
        return refused

    def must_be_pristine(self):
        if self.rotten.digest_files() != self.rotten.digests:
            raise Failure("wrong", "a reader wrote to a file of the store", self.rotten.path)


class Service:
    """`engram serve` on a store; `address` is None where it would not start, which `said` tells."""

    def __init__(self, stage, store, is_with_context=True):
        self.stage = stage
        self.store = store
        self.options = ["--context", os.path.join(store, "context")] if is_with_context else []

    def __enter__(self):
        # A path of a socket has 107 bytes at the most.
        socket = os.path.relpath(os.path.join(os.path.dirname(self.store), "s"))
        self.errors = open(os.path.join(os.path.dirname(self.store), "service.log"), "w+b")
        self.process = subprocess.Popen(
            self.stage.engram(self.store).command(
                "serve", "--listen", f"unix:{os.path.abspath(socket)}", "--log-level", "warning",
                *self.options),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors,
            env=self.stage.environment)
        line = self.process.stdout.readline().decode().strip()
        self.address, self.said = None, ""
        if line.startswith("listening on "):
            self.address = line.removeprefix("listening on ")
            return self
        code = self.process.wait(PATIENCE)
        self.said = self.log()
        if code != 1:
            raise Failure("crash", f"engram serve ends with {code}: {self.said[-800:]}")
        return self

    def log(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise Failure("hang", "engram serve does not end by SIGTERM") from None
        self.process.stdout.close()
        self.errors.close()
        if self.process.returncode < 0:
            raise Failure("crash", f"engram serve dies of signal {-self.process.returncode}")


def run(options):
    return Suite(options).run()
