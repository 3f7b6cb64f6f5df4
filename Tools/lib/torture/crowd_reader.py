"""A process of suite crowd: reads until the file STOP is there, and checks every read.

  crowd_reader.py ROLE JSON

What a dataset or a table holds follows from its name, its version and the seed; so a reader knows what
it has to see of the version that it opened. ROLE:

  threads   threads that open a version, read some of it, ask questions, and close it
  fork      opens, forks, and reads in the parent and in the child
  hold      opens versions and reads them over and over, while they are dropped and collected; of
            one it reads nothing before that
  http      threads that ask a service
  contexts  reads a context store beside its writer
  write     the writer of the context store: puts, pins, clears, evicts

A line of JSON is printed a second, with what was read and refused; and one for what must not be:
{"failure": kind, "what": ...}, after which the process ends with 1.
"""
import hashlib
import json
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

DOCUMENTS = 60
#: A dataset whose versions have no document in common: when one is collected, its chunks go. Of
#: others they go on being used for some versions.
FRESH = "d2"
ROWS, DIMENSION = 2000, 16
WORDS = [first + second for first in ("ba", "ke", "lo", "mu", "ni", "po", "ra", "se")
         for second in ("dun", "fal", "gim", "hob", "jet", "kiv")]
#: Seconds after which a service must know of what was published and dropped: it looks every second.
DELAY = 10


def edition(name, number, version):
    """The newest version up to this one in which a document was written anew."""
    if name == FRESH:
        return version
    return next((each for each in range(version, 0, -1) if (number + each) % 7 == 0), 0)


def document(seed, name, version, number):
    """The text of a document."""
    written = edition(name, number, version)
    choose = random.Random(f"{seed} {name} {number} {written}")
    return f"n{number}e{written} " + " ".join(choose.choices(WORDS, k=60))


def row_bytes(seed, name, version):
    """All rows of a table, bytes."""
    return hashlib.shake_128(f"{seed} {name} {version}".encode()).digest(2 * ROWS * DIMENSION)


class Wrong(Exception):
    """What must not be: its kind, and what."""


class Journal:
    """What the writer said: of each version when it was published, when dropping it began and
    ended, and when garbage had been collected after that."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.offset = 0
        self.versions = {}  # (kind, name, version): {"published":, "dropping":, ...}

    def look(self):
        with self.lock:
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                text = file.read()
            end = text.rfind(b"\n") + 1
            self.offset += end
            for line in text[:end].splitlines():
                kind, name, version, event, when = json.loads(line)
                self.versions.setdefault((kind, name, version), {})[event] = when
            return dict(self.versions)

    def state(self, key):
        return self.look().get(key, {})

    def choose(self, choose, kind):
        """A version, most often one that is there; now and then one that was dropped."""
        versions = [key for key in self.look() if key[0] == kind and "published" in
                    self.versions[key]]
        there = [key for key in versions if "dropping" not in self.versions[key]]
        if not versions:
            return None
        return choose.choice(there if there and choose.random() < 0.9 else versions)


    def oldest(self, kind, name):
        """The version of it that will be dropped next, None where there is none."""
        there = [key for key, state in self.look().items() if key[:2] == (kind, name)
                 and "published" in state and "dropping" not in state]
        return min(there, default=None)


class Crowd:
    def __init__(self, orders):
        from context_blocks import package
        self.es = package()
        self.orders = orders
        self.seed = orders["seed"]
        self.journal = Journal(orders["journal"])
        self.lock = threading.Lock()
        self.reads = self.refused = 0
        self.failure = None
        self.delay = 0.0  # seconds that a reader may be late to see what is published or dropped

    @property
    def is_over(self):
        return self.failure is not None or os.path.exists(self.orders["stop"])

    def say(self):
        os.write(1, json.dumps({"reads": self.reads, "refused": self.refused}).encode() + b"\n")

    def count(self, reads=1, refused=0):
        with self.lock:
            self.reads += reads
            self.refused += refused

    # One version

    def opened(self, key, open_):
        """The open version, or None where it was rightly refused."""
        began = time.monotonic()
        try:
            found = open_(f"{key[1]}@{key[2]}")
        except self.es.NotFound as error:
            self.may_be_missing(key, error, began)
            return None
        dropped = self.journal.state(key).get("dropped")
        if dropped is not None and dropped + self.delay < began:
            raise Wrong("wrong", f"{key} opens {began - dropped:.1f} s after it was dropped")
        return found

    def may_be_missing(self, key, error, began):
        """A version may be refused once dropping it has begun, and never before that."""
        state = self.journal.state(key)
        if "dropping" not in state and began > state["published"] + self.delay:
            # The writer notes it before it begins.
            raise Wrong("lost", f"{key} is published and not dropped, and refused: {error}")
        self.count(0, 1)

    def check_dataset(self, dataset, key, choose, count=8):
        if len(dataset) != DOCUMENTS:
            raise Wrong("wrong", f"{key} has {len(dataset)} samples of {DOCUMENTS}")
        numbers = [choose.randrange(DOCUMENTS) for _ in range(count)]
        for number, found in zip(numbers, dataset.read(numbers)):
            if found.text != document(self.seed, key[1], key[2], number):
                raise Wrong("wrong", f"sample {number} of {key} is {found.text[:80]!r}")
        order = dataset.order("global", seed=key[2], epoch=1)
        if sorted(map(int, order)) != list(range(DOCUMENTS)):
            raise Wrong("wrong", f"an order of {key} is no permutation")
        self.count(count + 1)

    def check_table(self, table, key, choose, count=50):
        expected = row_bytes(self.seed, key[1], key[2])
        numbers = [choose.randrange(ROWS) for _ in range(count)]
        import numpy as np
        found = np.ascontiguousarray(
            table.gather(np.array(numbers, np.int64), dtype="raw")).view(np.uint8).reshape(-1)
        size = 2 * DIMENSION
        if found.tobytes() != b"".join(expected[size * number:size * (number + 1)]
                                       for number in numbers):
            raise Wrong("wrong", f"rows of {key} are not its own")
        self.count(1)

    def check_question(self, store, key, choose):
        """Passages of an index, each held against the document that it is of."""
        began = time.monotonic()
        try:
            answer = store.query(" ".join(choose.sample(WORDS, 2)), f"{key[1]}@{key[2]}", limit=5)
        except self.es.NotFound as error:
            return self.may_be_missing(key, error, began)
        for passage in answer:
            text = document(self.seed, key[1], key[2], passage.sample)
            if passage.version != key[2] or passage.text not in text:
                raise Wrong("wrong", f"{key}: a passage of sample {passage.sample} that is not of it")
        self.count(1)

    # Roles

    def guarded(self, work, *arguments):
        """Runs it until the end; what must not be ends the process."""
        try:
            while not self.is_over:
                work(*arguments)
        except Wrong as wrong:
            self.failure = {"failure": wrong.args[0], "what": wrong.args[1]}
        except BaseException as error:
            import traceback
            kind = "wrong" if isinstance(error, self.es.EngramError) else "crash"
            self.failure = {"failure": kind, "what": "".join(traceback.format_exception(error))[-1500:]}

    def in_threads(self, work, count):
        threads = [threading.Thread(
            target=self.guarded, args=(work, random.Random(f"{self.seed} {self.orders['number']} {each}")),
            daemon=True) for each in range(count)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self.say()
            if self.failure:
                break
            time.sleep(1)

    def some(self, store, choose):
        """One look at something."""
        kind = choose.choice(["dataset", "dataset", "table", "index"])
        key = self.journal.choose(choose, kind)
        if key is None:
            return time.sleep(0.1)
        if kind == "index":
            self.check_question(store, key, choose)
        else:
            opened = self.opened(key, getattr(store, kind))
            if opened is not None:
                with opened:
                    for _ in range(3):
                        getattr(self, f"check_{kind}")(opened, key, choose)
        time.sleep(0.05)

    def threads(self):
        store = self.es.open(self.orders["store"])
        self.in_threads(lambda choose: self.some(store, choose), self.orders["threads"])

    def http(self):
        store = self.es.connect(self.orders["address"], timeout=60)
        self.delay = DELAY

        def look(choose):
            try:
                self.some(store, choose)
            except (self.es.NotFound, self.es.Conflict) as error:
                # A request is served from one version; between two the version may be dropped.
                if not any("dropping" in state for state in self.journal.look().values()):
                    raise Wrong("lost", f"nothing was dropped, and it is refused: {error}") from None
                self.count(0, 1)
        self.in_threads(look, self.orders["threads"])

    def fork(self):
        choose = random.Random(f"{self.seed} fork {self.orders['number']}")
        store = self.es.open(self.orders["store"])

        def look():
            pairs = []
            for kind in ("dataset", "table"):
                key = self.journal.choose(choose, kind)
                opened = key and self.opened(key, getattr(store, kind))
                if opened:
                    pairs.append((getattr(self, f"check_{kind}"), opened, key))
            child = os.fork()
            if child == 0:
                code = 0
                try:
                    for check, opened, key in pairs:
                        try:
                            check(opened, key, choose)
                        except self.es.NotFound as error:
                            # It opens what it has anew.
                            self.may_be_missing(key, error, 0)
                except BaseException as error:
                    os.write(1, json.dumps({"failure": "wrong", "what": f"in a forked child: "
                                            f"{type(error).__name__}: {error}"}).encode() + b"\n")
                    code = 1
                os._exit(code)
            for check, opened, key in pairs:
                check(opened, key, choose)
            _, status = os.waitpid(child, 0)
            if status:
                raise Wrong("crash", f"a forked child ends with status {status}")
            for _, opened, _ in pairs:
                opened.close()
            self.say()
            time.sleep(0.1)
        self.guarded(look)

    def hold(self):
        choose = random.Random(f"{self.seed} hold {self.orders['number']}")
        store = self.es.open(self.orders["store"])

        def look():
            held = []
            for kind in ("dataset", "dataset", "table"):
                key = self.journal.choose(choose, kind)
                opened = key and self.opened(key, getattr(store, kind))
                if opened:
                    held.append((getattr(self, f"check_{kind}"), opened, key))
            # What was read once stays mapped, whatever becomes of the file: this is read later.
            unread = self.journal.oldest("dataset", FRESH)
            late = unread and self.opened(unread, store.dataset)
            until = time.monotonic() + self.orders["hold"]
            while not self.is_over and (time.monotonic() < until or (
                    late and "collected" not in self.journal.state(unread)
                    and time.monotonic() < until + 4 * self.orders["hold"])):
                for check, opened, key in held:
                    check(opened, key, choose)
                self.say()
                time.sleep(0.3)
            if late:
                try:
                    self.check_dataset(late, unread, choose, DOCUMENTS)
                except self.es.EngramError as error:
                    raise Wrong("lost", f"{unread} is open, and cannot be read once it was "
                                f"{', '.join(self.journal.state(unread))}: {error}") from None
                late.close()
            for _, opened, _ in held:
                opened.close()
        self.guarded(look)

    # Contexts

    def space(self):
        from torture import reader
        return reader, reader.space_of(self.seed)

    def contexts(self):
        from context_blocks import Comparison, Violation
        reader, space = self.space()
        choose = random.Random(f"{self.seed} contexts {self.orders['number']}")
        comparison = Comparison(space)
        store = self.es.ContextStore(self.orders["context"], mode="reading")
        opened = space.open(self.es, store)

        def look():
            store.refresh()
            name = f"{choose.choice('abcdef')}/{choose.randrange(40)}"
            try:
                comparison.prefix(opened, reader.prompt_tokens(space, name, 6), choose, name)
            except Violation as violation:
                raise Wrong("wrong", str(violation)) from None
            self.count(1)
            if self.reads % 20 == 0:
                self.say()
            time.sleep(0.05)
        self.guarded(look)

    def write(self):
        reader, space = self.space()
        choose = random.Random(f"{self.seed} write")
        # So small that what is put has to be evicted.
        store = self.es.ContextStore(self.orders["context"], capacity_bytes=3 << 20,
                                     segment_bytes=1 << 17)
        opened = space.open(self.es, store)
        self.say()

        def change():
            name = f"{choose.choice('abcdef')}/{choose.randrange(40)}"
            tokens = reader.prompt_tokens(space, name, 6)
            action = choose.random()
            if action < 0.8:
                put = choose.choice([opened.put_durable, opened.put_relaxed])
                put(tokens, space.parts(space.keys(tokens)))
            elif action < 0.9:
                opened.pin(tokens, 1)
            else:
                opened.clear(tokens[:choose.randrange(1, 6) * reader.BLOCK_TOKENS])
            self.count(1)
            if self.reads % 20 == 0:
                self.say()
            time.sleep(0.05)
        self.guarded(change)
        store.close()


def main():
    crowd = Crowd(json.loads(sys.argv[2]))
    getattr(crowd, sys.argv[1])()
    crowd.say()
    if crowd.failure:
        os.write(1, json.dumps(crowd.failure).encode() + b"\n")
        os._exit(1)


if __name__ == "__main__":
    main()
