"""The writers of a store, what they begin from, and the oracle: what readers have to say afterwards.

The oracle lies outside the store. Each writer runs once undisturbed, on a copy of the store that it
begins from; what is read before and after is kept as digests (see reader.py). Whatever is done to
another run of it, each thing in the store has to be as before or as after.
"""
import contextlib
import hashlib
import json
import os
import random
import select
import shutil
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from engram_command import ROOT, Engram, Violation  # noqa: E402
from torture.report import Failure  # noqa: E402

FOLDER = os.path.dirname(os.path.abspath(__file__))
#: The interpreter that Tools/setup made; it has NumPy.
PYTHON = os.path.join(ROOT, ".cache/python/bin/python")
#: Seconds after which something that takes one hangs.
PATIENCE = 120
#: The smallest that a context store has.
CAPACITY = (1 << 20) + (8 << 16)
SEGMENT = 1 << 16
LETTERS = "abcdefghijklmnopqrstuvwxyz"
QUESTIONS = 6


class Refusal(str):
    """How a reader refuses something: its line."""

    def __repr__(self):
        return f"Refusal({str.__repr__(self)})"


class Wrong(str):
    """Bytes that a reader delivered and that are not what they have to be: which."""


class Command(Engram):
    """The command on one store, by a binary that is given."""

    def __init__(self, binary, store, environment):
        self.binary = binary
        self.store = store
        self.environment = environment


class Nursery:
    """The process that forks readers (reader.py), one a thread that asks."""

    def __init__(self, environment):
        if not os.access(PYTHON, os.X_OK):
            raise Violation(f"there is no {os.path.relpath(PYTHON, ROOT)}; run: Tools/setup")
        self.environment = environment
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [PYTHON, os.path.join(FOLDER, "reader.py")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=self.environment, start_new_session=True)
        self.line()

    def line(self):
        if not select.select([self.process.stdout], [], [], 2 * PATIENCE)[0]:
            self.close()
            raise Failure("hang", "the process that reads does not answer")
        text = self.process.stdout.readline()
        if not text:
            raise Violation("the process that forks readers has ended; is there a library? "
                            "run: Tools/build-library")
        return json.loads(text)

    def ask(self, order):
        if self.process is None or self.process.poll() is not None:
            self.start()
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        return self.line()

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                pipe.close()
            self.process = None


class Writer:
    """A command that changes a store.

    - name: as --only and messages have it.
    - before: the pristine store that it begins from ("none": there is no store).
    - make: (store, roll) -> argv; `roll` is a random.Random for options that change nothing of what
      is written (threads, memory, sizes of chunks and blocks), or None for the defaults.
    - again: (store, roll) -> argvs to try one after another where a run was interrupted.
    - exports: paths outside the store that it writes, as what is added to the store's path.
    - exports_whole: whether these appear all at once.
    - keeps_work: whether a run that is killed behind its commit leaves working files for --resume,
      which publishes the same once more and removes them.
    - kind: "commit", or of context stores "put", "clear" or "evict": what may be left half done.
    """

    def __init__(self, name, before, make, again=None, exports=(), exports_whole=True,
                 keeps_work=False, kind="commit"):
        self.name = name
        self.before = before
        self.make = make
        self.make_again = again or (lambda store, roll: [make(store, roll)])
        self.exports = exports
        self.exports_whole = exports_whole
        self.keeps_work = keeps_work
        self.kind = kind

    def command(self, store, roll=None):
        """What to run."""
        return self.make(store, roll)

    def again(self, store, roll=None):
        """What to run after an interrupted run: the first of these that exits with 0."""
        return self.make_again(store, roll)

    def leaves_files(self, store):
        """The paths outside the store that it writes."""
        return [store + added for added in self.exports]

    def touches(self, store):
        """The path whose file system calls are to be disturbed."""
        return store + self.exports[0] if self.exports else store


class Inputs:
    """Small sources of everything, made by seed."""

    def __init__(self, folder, seed, environment):
        self.folder = folder
        self.random = random.Random(f"inputs {seed}")
        self.environment = environment
        os.makedirs(folder)
        self.words = ["".join(self.random.choices(LETTERS, k=self.random.randrange(2, 9)))
                      for _ in range(300)] + ["记忆", "éclair", "naïve"]
        self.vocabulary = self.tokenizer(self.path("tokenizer.json"))
        for version in (1, 2, 3):
            self.documents(f"docs{version}.jsonl", "docs", version, 120)
        self.documents("old.jsonl", "old", 1, 60)
        self.questions = self.make_questions()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def tokenizer(self, path):
        """Byte-level BPE: a token a byte, and some pairs of letters."""
        vocabulary, following = {}, 256
        for byte in range(256):
            is_shown = 33 <= byte <= 126 or 161 <= byte <= 172 or byte >= 174
            vocabulary[chr(byte if is_shown else following)] = byte
            following += not is_shown
        merges = []
        for first in LETTERS[::3]:
            for second in LETTERS[::4]:
                vocabulary[first + second] = len(vocabulary)
                merges.append(f"{first} {second}")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({
                "version": "1.0", "added_tokens": [], "normalizer": None,
                "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False,
                                  "use_regex": True},
                "decoder": {"type": "ByteLevel"},
                "model": {"type": "BPE", "vocab": vocabulary, "merges": merges}}, file)
        return len(vocabulary)

    def documents(self, file_name, name, version, count):
        """Documents of three paragraphs; in later versions one in ten is edited."""
        choose = random.Random(f"{name} {self.words[0]}")
        with open(self.path(file_name), "w", encoding="utf-8") as file:
            for number in range(count):
                text = "\n\n".join(" ".join(choose.choices(self.words, k=60)) for _ in range(3))
                if version > 1 and (number + version) % 10 == 0:
                    text = f"edited {version} {text}"
                line = {"id": f"{name}{number}", "text": text, "part": number % 4}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def make_questions(self):
        texts = [" ".join(self.random.choices(self.words, k=1 + number % 5))
                 for number in range(QUESTIONS - 3)]
        return ([{"text": text} for text in texts]
                + [{"text": "edited 2"}, {"text": "记忆", "where": ["part=1"]},
                   {"text": f'"{self.words[0]}" {self.words[1]}'}])

    def checkpoint(self):
        subprocess.run(
            [PYTHON, os.path.join(ROOT, "Tools/make-checkpoint"), "--family", "deepseek-v4.1",
             "--base", "40", "--head-dim", "32", "--layers", "1,14", "--dim", "32", "--quiet",
             "--seed", str(self.random.randrange(1000)), "--shard-size", "150000",
             self.path("checkpoint")],
            check=True, env=self.environment, timeout=PATIENCE)

    def vectors(self, width=8):
        """A vector for each N-gram of ngrams.jsonl."""
        with open(self.path("ngrams.jsonl"), "rb") as file:
            data = file.read()
        count = data.count(b"\n") - 1
        header = json.dumps({
            "__metadata__": {"ngrams": hashlib.sha256(data).hexdigest(), "layer": "1"},
            "vectors": {"dtype": "F32", "shape": [count, width],
                        "data_offsets": [0, 4 * count * width]}}).encode()
        header += b" " * (-len(header) % 8)
        numbers = [self.random.uniform(-1, 1) for _ in range(count * width)]
        with open(self.path("vectors.safetensors"), "wb") as file:
            file.write(struct.pack("<Q", len(header)) + header)
            file.write(struct.pack(f"<{count * width}f", *numbers))


class Stage:
    """Inputs, pristine stores, writers and what they have to leave.

    - work: a new or empty folder; the stage is made in `work`/stage.
    - durations: seconds of each writer's undisturbed run, by name.
    """

    #: Prompts of the pristine context store, and those that the writers put: blocks.
    KEPT = {"a/1": 4, "a/2": 5, "b/1": 3}
    PUT = {"a/3": 5, "c/1": 4}
    FLOOD = {f"flood{number}/1": 6 for number in range(5)}

    def __init__(self, work, seed, binary):
        self.work = os.path.join(work, "stage")
        self.seed = seed
        self.binary = binary
        self.scratch = os.path.join(self.work, "scratch")
        os.makedirs(self.scratch)
        # Where commands put scratch files of their own: kills must not fill the system's.
        self.environment = {name: value for name, value in os.environ.items()
                            if name not in ("ENGRAM_STORE", "LD_PRELOAD")}
        self.environment["TMPDIR"] = self.scratch
        self.nurseries = {}
        self.inputs = Inputs(os.path.join(self.work, "inputs"), seed, self.environment)
        self.known = {}
        self.known_before = {}
        self.known_again = {}
        self.durations = {}
        self.known_folders = {}
        self.writers = {writer.name: writer for writer in self.make_writers()}
        self.make_stores()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the processes that read. The folder stays."""
        for nursery in self.nurseries.values():
            nursery.close()

    def engram(self, store):
        """The command on a store."""
        return Command(self.binary, store, self.environment)

    # Writers

    def context_argv(self, store, prompts, durable=True, **sizes):
        orders = {"seed": self.seed, "durable": durable, "prompts": prompts, **sizes}
        return [PYTHON, os.path.join(FOLDER, "context_writer.py"), os.path.join(store, "context"),
                json.dumps(orders)]

    def make_writers(self):
        """All of them; what differs from run to run is drawn from `roll`."""
        source = self.inputs.path
        tokenizer = ["--tokenizer", source("tokenizer.json")]

        def engram(store, *arguments):
            return [self.binary, *arguments, "--store", store]

        def threads(roll):
            return ["--threads", str(roll.randrange(1, 5))] if roll else ["--threads", "2"]

        def chunks(roll):
            size = f"{roll.choice([64, 128, 512])}K" if roll else "64K"
            return ["--chunk-size", size, "--block-size",
                    f"{roll.choice([4, 8, 32])}K" if roll else "4K"]

        def ingest(name, file, *options):
            def make(store, roll):
                return engram(store, "ingest", source(file), "--dataset", name, *options,
                              *threads(roll), *chunks(roll))

            def again(store, roll):
                anew = make(store, roll)
                resumed = anew[:1] + ["ingest", "--resume"] + anew[2:]
                return [resumed, anew] if roll and roll.random() < 0.6 else [anew]
            return make, again

        def train(store, roll, *options):
            # One thread: more give other bits.
            return engram(
                store, "memory", "train", "docs@1", *tokenizer, "--as", "t", "--base", "100",
                "--dim", "32", "--width", "16", "--batch", "256", "--stretch", "64", "--negatives",
                "16", "--heads", "4", "--held-out", "0.1", "--evaluation-tokens", "200",
                "--evaluations", "1", "--threads", "1", "--checkpoint-every", "0.02", *options)

        def context_put(durable):
            def make(store, roll):
                sizes = {"segment_bytes": roll.choice([1, 2, 3]) * SEGMENT} if roll else {}
                return self.context_argv(store, self.PUT, durable, **sizes)
            return make

        def flood(store, roll):
            return self.context_argv(store, self.FLOOD, capacity_bytes=CAPACITY,
                                     segment_bytes=SEGMENT)

        def clear(store, roll):
            return engram(store, "context", "clear", "--namespace", self.namespace,
                          "--prefix-tokens", source("clear.json"))

        def simple(*arguments, rolls=()):
            return lambda store, roll: engram(
                store, *arguments, *(part for option in rolls for part in option(roll)))

        def memory_of(least):
            return lambda roll: ["--memory", f"{roll.choice([least, 512, 1024])}M"] if roll else []

        anew, anew_again = ingest("docs", "docs1.jsonl")
        version, version_again = ingest("docs", "docs3.jsonl")
        append, append_again = ingest("docs", "old.jsonl", "--append")
        import_m = simple("memory", "import", "--from", source("checkpoint"), "--name", "m",
                          rolls=[threads])
        return [
            Writer("memory-import-first", "none", import_m),
            Writer("memory-import", "full", import_m),
            Writer("memory-count", "full", simple(
                "memory", "count", "docs@2", *tokenizer, "--orders", "2-3", "--as", "c",
                rolls=[threads, memory_of(320)])),
            Writer("memory-train", "full", train, lambda store, roll: [
                train(store, roll, "--resume"), train(store, roll)], keeps_work=True),
            Writer("memory-graft", "full", simple(
                "memory", "graft", "load", source("vectors.safetensors"), "--ngrams",
                source("ngrams.jsonl"), *tokenizer, "--as", "g", rolls=[threads])),
            Writer("memory-convert", "full", simple(
                "memory", "convert", "m/layer1@1", "--codec", "bf16", "--as", "m/layer1",
                rolls=[threads])),
            Writer("memory-drop", "full", simple("memory", "drop", "m/layer14@1")),
            Writer("memory-export", "full", lambda store, roll: engram(
                store, "memory", "export", "m/layer1", "m/layer14", "--to", store + "-export"),
                exports=["-export"], exports_whole=False),
            Writer("ingest-first", "none", anew, anew_again),
            Writer("ingest", "full", version, version_again),
            Writer("append", "full", append, append_again),
            Writer("tokenize", "full", simple(
                "dataset", "tokenize", "docs@2", *tokenizer, "--as", "ids", "--pack", "64",
                rolls=[chunks])),
            Writer("dataset-drop", "full", simple("dataset", "drop", "docs@1")),
            Writer("dataset-export", "full", lambda store, roll: engram(
                store, "dataset", "export", "docs@2", "--to", store + "-export.jsonl",
                "--overwrite"), exports=["-export.jsonl"]),
            Writer("dataset-export-folder", "exported", lambda store, roll: engram(
                store, "dataset", "export", "docs@2", "--to", store + "-export", "--format", "mds",
                "--overwrite"), exports=["-export"]),
            Writer("gc", "dropped", simple("gc")),
            Writer("index-build", "full", simple(
                "index", "build", "docs@2", rolls=[threads, memory_of(64)])),
            Writer("index-drop", "full", simple("index", "drop", "docs@1")),
            Writer("context-put", "full", context_put(True), kind="put"),
            Writer("context-put-relaxed", "full", context_put(False), kind="put"),
            Writer("context-clear", "full", clear, kind="clear"),
            Writer("context-evict", "full", flood, kind="evict"),
        ]

    # Pristine stores

    def pristine(self, name):
        return os.path.join(self.work, "pristine", name)

    def make_stores(self):
        """The stores that writers begin from."""
        inputs, source = self.inputs, self.inputs.path
        os.makedirs(self.pristine(""))
        inputs.checkpoint()
        full = self.engram(self.pristine("full"))
        tokenizer = ["--tokenizer", source("tokenizer.json")]
        chunks = ["--chunk-size", "64K", "--block-size", "4K"]
        full.must_run("memory", "import", "--from", source("checkpoint"), "--name", "m")
        for version in (1, 2):
            full.must_run("ingest", source(f"docs{version}.jsonl"), "--dataset", "docs", *chunks)
        full.must_run("index", "build", "docs@1")
        full.must_run("dataset", "tokenize", "docs@1", *tokenizer, "--as", "ids", "--pack", "64",
                      *chunks)
        full.must_run("memory", "count", "docs@1", *tokenizer, "--orders", "2-3", "--as", "c")
        full.must_run("memory", "graft", "list", "c", "--top", "300", "--min-count", "2",
                      *tokenizer, "--to", source("ngrams.jsonl"))
        inputs.vectors()
        for name, store in (("memory-train", None), ("memory-graft", None)):
            self.must_run(self.writers[name].command(full.store))
        self.must_run(self.context_argv(full.store, self.KEPT, segment_bytes=SEGMENT, pin=["b/1"],
                                        capacity_bytes=64 << 20))
        (space,) = full.json("context", "list")
        self.namespace = space["id"]
        self.write_clear_tokens()

        shutil.copytree(full.store, self.pristine("dropped"))
        dropped = self.engram(self.pristine("dropped"))
        dropped.must_run("ingest", source("old.jsonl"), "--dataset", "old", *chunks)
        dropped.must_run("dataset", "drop", "old@1")
        dropped.must_run("dataset", "drop", "docs@1")

        shutil.copytree(full.store, self.pristine("exported"))
        self.engram(self.pristine("exported")).must_run(
            "dataset", "export", "docs@1", "--to", self.pristine("exported-export"), "--format",
            "mds")

    def write_clear_tokens(self):
        """The token ids of three blocks of a prompt: the third and all behind are cleared."""
        program = ("import json, sys; from torture.reader import *; "
                   "space = space_of(int(sys.argv[1])); "
                   "print(json.dumps(prompt_tokens(space, 'a/2', 5)[:3 * BLOCK_TOKENS].tolist()))")
        done = subprocess.run(
            [PYTHON, "-c", program, str(self.seed)], capture_output=True, check=True,
            env={**self.environment, "PYTHONPATH": os.path.dirname(FOLDER)}, timeout=PATIENCE)
        with open(self.inputs.path("clear.json"), "wb") as file:
            file.write(done.stdout)

    def run(self, argv, environment=None, patience=PATIENCE):
        """Runs a command to its end; returns exit code, output and errors.

        - environment: more of it, such as a shim's.
        """
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**self.environment, **(environment or {})})
        try:
            output, errors = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            raise Failure("hang", f"{self.shown(argv)} does not end within {patience} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                process.communicate()
        return process.returncode, output, errors

    def must_run(self, argv):
        code, output, errors = self.run(argv)
        if code != 0:
            raise Failure("wrong", f"{self.shown(argv)} exits with {code}: "
                          f"{errors.decode(errors='replace')[:2000]}")
        return output

    def shown(self, argv):
        """A command as a person would type it."""
        return " ".join("engram" if part == self.binary else part for part in argv)

    @staticmethod
    def acknowledged(code, output):
        """What a writer said is there: True for everything, else keys of context prompts."""
        if code == 0:
            return True
        return {json.loads(line)["acknowledged"] for line in output.splitlines()
                if line.startswith(b'{"acknowledged"')}

    def fresh(self, writer, path):
        """A copy of the writer's pristine store at `path`, and of what it has exported."""
        for old in [path] + [path + added for added in ("-export", "-export.jsonl")]:
            remove(old)
        if writer.before == "none":
            return
        shutil.copytree(self.pristine(writer.before), path)
        for added in writer.exports:
            if os.path.exists(self.pristine(writer.before) + added):
                shutil.copytree(self.pristine(writer.before) + added, path + added)

    # What is there

    def nursery(self):
        """This thread's."""
        return self.nurseries.setdefault(threading.get_ident(), Nursery(self.environment))

    def observe(self, store, keys=None, patience=PATIENCE):
        """Reads everything in a store, by new processes: {key: digest, Refusal or Wrong}.

        - keys: only these are read; what of them is not listed is not in the answer. "listed",
          the names of all that is listed, always is.
        - Throws: `Failure` where a reader dies or hangs.
        """
        answer = self.nursery().ask({
            "store": store, "keys": None if keys is None else sorted(keys), "seed": self.seed,
            "patience": patience, "vocabulary": self.inputs.vocabulary, "questions": self.inputs.questions,
            "prompts": {**self.KEPT, **self.PUT, **self.FLOOD}})
        if "died" in answer:
            number = answer["died"]
            raise Failure("hang" if number == 14 else "crash",
                          f"a process that reads {store} "
                          + (f"hangs: not done in {patience} s" if number == 14
                             else f"dies of signal {number}"), store)
        if "error" in answer:
            raise Failure("crash", f"a process that reads {store} ends by {answer['error']}", store)
        kinds = {"digest": str, "refusal": Refusal, "wrong": Wrong}
        found = {key: kinds[kind](text) for key, value in answer["found"].items()
                 for kind, text in value.items()}
        if keys is None or any(key.startswith(("counts:", "explain:")) for key in keys):
            found.update(self.observe_counts(store, keys))
        for added in ("-export", "-export.jsonl"):
            found.update(self.observe_export(store + added, keys))
        return found

    def observe_counts(self, store, keys):
        """Counts of N-grams and explanations, by the command."""
        found = {}
        if not os.path.exists(os.path.join(store, "FORMAT")):
            return found
        engram = self.engram(store)
        listed = self.read(engram, "memory", "counts", "list", "--format", "json")
        if isinstance(listed, Refusal):
            if "there are no counts" not in listed and "no store at" not in listed:
                found["store"] = listed
            return found
        for line in listed.splitlines():
            entry = json.loads(line)
            name = f"{entry['name']}@{entry['version']}"
            if keys is not None and f"counts:{name}" not in keys:
                continue
            digest = hashlib.sha256()
            for order in entry["orders"]:
                top = self.read(engram, "memory", "counts", name, "top", "-n", "1000000", "--order",
                                str(order), "--format", "json")
                if isinstance(top, Refusal):
                    found[f"counts:{name}"] = top
                    break
                digest.update(top + b"\0")
            else:
                found[f"counts:{name}"] = digest.hexdigest()[:32]
        if keys is None or "explain:t@1" in keys:
            # Needs the table, the counts and the index together.
            text = self.read(engram, "explain", " ".join(self.inputs.words[:6]), "--memory", "t@1",
                             "--counts", "c@1", "--dataset", "docs@1", "--tokenizer",
                             self.inputs.path("tokenizer.json"), "--nearest", "0",
                             "--format", "json")
            is_missing = isinstance(text, Refusal) and any(
                word in text for word in ("there are", "there is no", "no table", "no dataset",
                                          "no index", "has no version"))
            if not is_missing:
                found["explain:t@1"] = text if isinstance(text, Refusal) \
                    else hashlib.sha256(text).hexdigest()[:32]
        return found

    def read(self, engram, *arguments):
        """What a command that reads prints, or how it refuses."""
        code, output, errors = self.run(engram.command(*arguments))
        words = errors.decode(errors="replace").strip()
        if code < 0:
            raise Failure("crash", f"engram {' '.join(arguments)} dies of signal {-code}: "
                          f"{words[-500:]}", engram.store)
        if code == 0:
            return output
        if code != 1 or not words or "\n" in words:
            raise Failure("crash", f"engram {' '.join(arguments)} exits with {code} and says "
                          f"{words[:1000]!r}, which is no line", engram.store)
        return Refusal(words)

    @staticmethod
    def observe_export(path, keys):
        """The files of an export under their final names."""
        found = {}
        paths = [path] if os.path.isfile(path) else [
            os.path.join(above, name) for above, _, names in os.walk(path) for name in names
            if ".tmp-" not in os.path.join(above, name)]
        for each in paths:
            name = os.path.basename(path) + each.removeprefix(path)
            # Named by what is added to the store's name.
            key = "export:" + name[name.rindex("-export"):] if "-export" in name else name
            if keys is None or key in keys:
                with open(each, "rb") as file:
                    found[key] = hashlib.sha256(file.read()).hexdigest()[:32]
        return found

    # Nothing is left behind

    def settle(self, store):
        """Collects garbage and verifies; then nothing that nobody names is left.

        - Returns: temporary files that exports have left beside the store.
        - Throws: `Failure` with what is left or damaged.
        """
        engram = self.engram(store)
        self.must_run(engram.command("gc", "--interrupted"))
        if os.path.isdir(os.path.join(store, "context")):
            self.must_run(engram.command("context", "verify"))
        verified = json.loads(self.must_run(engram.command("verify", "--format", "json")))
        if verified["unreferencedChunks"] or verified["unreferencedBytes"]:
            raise Failure("wrong", f"after gc, verify finds {verified['unreferencedBytes']} bytes "
                          "that nothing names", store)
        files = sum(len(names) for _, _, names in os.walk(os.path.join(store, "chunks")))
        if verified["chunks"] != files:
            raise Failure("wrong", f"verify counts {verified['chunks']} chunks, chunks/ has "
                          f"{files} files", store)
        left = os.listdir(os.path.join(store, "tmp"))
        if left:
            raise Failure("wrong", f"debris after gc: tmp/{left[0]}", store)
        training = os.path.join(store, "training")
        if os.path.isdir(training) and os.listdir(training):
            raise Failure("wrong", f"debris after a training that ended: training/"
                          f"{os.listdir(training)[0]}", store)
        return [name for name in os.listdir(os.path.dirname(store)) if ".tmp-" in name]

    @staticmethod
    def capacity(store):
        """The cap that a context store has on the disk."""
        with open(os.path.join(store, "context", "state.json"), encoding="utf-8") as file:
            return json.loads(file.readline())["capacity_bytes"]

    @staticmethod
    def folders(store):
        """How many folders tables/ has: a published version or a segment of an index each."""
        return len(os.listdir(os.path.join(store, "tables")))

    def settle_as_expected(self, writer, store):
        """The same; then there are as many folders as an undisturbed run leaves."""
        self.expected(writer)
        temporary = self.settle(store)
        if self.folders(store) != self.known_folders[writer.name]:
            raise Failure("wrong", f"{writer.name}: tables/ has {self.folders(store)} folders, "
                          f"{self.known_folders[writer.name]} after an undisturbed run", store)
        return temporary

    # The oracle

    def expected(self, writer):
        """(before, after): what is read around an undisturbed run."""
        if writer.name not in self.known:
            path = os.path.join(self.work, f"undisturbed-{threading.get_ident()}", "store")
            os.makedirs(os.path.dirname(path))
            try:
                self.fresh(writer, path)
                if writer.before not in self.known_before:
                    self.known_before[writer.before] = self.observe(path)
                before = self.known_before[writer.before]
                began = time.monotonic()
                self.must_run(writer.command(path))
                self.durations[writer.name] = time.monotonic() - began
                after = self.observe(path)
                self.settle(path)
                self.known_folders[writer.name] = self.folders(path)
            finally:
                remove(os.path.dirname(path))
            self.known[writer.name] = (before, after)
        return self.known[writer.name]

    def expected_again(self, writer):
        """(exit code, observation) of a second undisturbed run after the first."""
        if writer.name not in self.known_again:
            path = os.path.join(self.work, f"undisturbed-{threading.get_ident()}", "store")
            os.makedirs(os.path.dirname(path))
            try:
                self.fresh(writer, path)
                self.must_run(writer.command(path))
                code, _, _ = self.run(writer.command(path))
                self.known_again[writer.name] = code, self.observe(path)
            finally:
                remove(os.path.dirname(path))
        return self.known_again[writer.name]

    def concerned(self, writer, choose=None, others=2):
        """The keys that a writer changes, and some others: what to read where time is short."""
        before, after = self.expected(writer)
        keys = {*before, *after}
        changed = {key for key in keys if before.get(key) != after.get(key)}
        if writer.kind == "evict":
            changed |= {key for key in keys if key.startswith("context:")}
        rest = sorted(keys - changed - {"explain:t@1"})
        return changed | set((choose or random.Random(writer.name)).sample(
            rest, min(others, len(rest))))

    def judge(self, writer, found, acknowledged=False, expected=None, keys=None, store=None,
              case=None):
        """Compares what is there with what may be.

        - found: an observation.
        - keys: those that were observed, None for all.
        - acknowledged: True where the writer exited with 0; or the keys that it acknowledged.
        - expected: (before, after), where these are not the writer's own.
        - Returns: "before", "after", or "between" (of context blocks and files of an export).
        - Throws: `Failure` ("lost" or "wrong").
        """
        before, after = expected or self.expected(writer)

        def fail(kind, what):
            raise Failure(kind, f"{writer.name}: {what}", store, case)

        states = {}
        for key in sorted({*before, *after, *found}):
            if keys is not None and key not in keys and key not in found:
                continue
            there, was, will = found.get(key), before.get(key), after.get(key)
            if isinstance(there, Wrong):
                fail("wrong", there)
            if isinstance(there, Refusal) and there not in (was, will):
                fail("lost", f"{key} cannot be read: {there}")
            if key.startswith("context:") and writer.kind != "commit":
                is_acknowledged = acknowledged is True or (
                    acknowledged is not False and key in acknowledged)
                error = self.judge_blocks(writer.kind, key, there, was, will, is_acknowledged)
                if error:
                    fail("lost" if "lost" in error else "wrong", f"{key} {error}")
                states[key] = "after" if there == will else "before" if there == was else "between"
            elif there not in (was, will):
                if there is None:
                    fail("lost", f"{key} is not there")
                fail("wrong", f"{key} is there, and nobody made it" if was is None and will is None
                     else f"{key} is read as {there}; before it was {was}, after it is {will}")
            elif was != will:
                states[key] = "before" if there == was else "after"
        left = {state: sorted(key for key in states if states[key] == state)
                for state in ("before", "after", "between")}
        commits = {state: [key for key in keys if not key.startswith("context:")
                           and (writer.exports_whole or not key.startswith("export:"))]
                   for state, keys in left.items()}
        if commits["before"] and commits["after"]:
            fail("wrong", f"half of it: {', '.join(commits['before'])} as before, "
                 f"{', '.join(commits['after'])} as after")
        if acknowledged is True and writer.kind == "commit" and left["before"]:
            fail("lost", f"it exited with 0, and {', '.join(left['before'])} "
                 f"{'is' if len(left['before']) == 1 else 'are'} as before")
        if not states:
            return "after" if acknowledged is True else "before"
        return next((state for state in ("before", "after") if len(left[state]) == len(states)),
                    "between")

    @staticmethod
    def judge_blocks(kind, key, there, was, will, is_acknowledged):
        """What is wrong with the blocks of a context prompt, None where nothing is."""
        there, was, will = (blocks_of(value) for value in (there, was, will))
        groups = {*there, *was, *will}

        def flags(blocks, group):
            return blocks.get(group, "").ljust(64, "0")

        for group in groups:
            here, old, new = (flags(blocks, group) for blocks in (there, was, will))
            for block, (now, then, later) in enumerate(zip(here, old, new)):
                place = f"block {block} of {group}"
                if kind == "evict":
                    if now == "1" and then == later == "0" and not key.startswith("context:flood"):
                        return f"{place} is there, and nobody put it"
                    if key == "context:b/1" and then == "1" and now == "0":
                        return f"{place} is lost; it was pinned"
                elif now == "1" and then == later == "0":
                    return f"{place} is there, and nobody put it"
                elif now == "0" and then == later == "1":
                    return f"{place} is lost"
                elif is_acknowledged and now != later:
                    return f"{place} is lost; its put was acknowledged" if later == "1" \
                        else f"{place} is back; it was cleared"
            if kind == "put" and "01" in here:
                return f"has a hole in {group}: {here.rstrip('0')}"
        return None


def blocks_of(value):
    """The flags of an observation of a prompt, by group."""
    return dict(part.split("=") for part in (value or "").split())


def remove(path):
    """Removes a file or a folder, if it is there."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)
