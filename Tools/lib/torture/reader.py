"""Reads everything in a store, in processes that may die of it.

Run as a program it is a nursery: it loads the Python package once, and forks for every order that
it is given on standard input, a line of JSON; the child reads and answers with a line. A crash is
therefore an answer like any other: {"died": signal}.

What is read: every row of every table, and rows of a text by tokens; every sample of every dataset,
in two orders; the answers of an index to questions; every block of the context store's
prompts, each compared with what it has to be. What a reader refuses is kept word for word.
"""
import dataclasses
import hashlib
import json
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from context_blocks import Comparison, Group, Space, Violation, package  # noqa: E402

import numpy as np  # noqa: E402

#: Small, and with a group whose rows are of several tokens.
GROUPS = (Group("latent", 2, 656), Group("window", 1, 96, 4))
BLOCK_TOKENS = 16
# Members of manifests that differ between two runs of the same command.
FLEETING = {"identity", "salt", "published", "version", "name"}


def space_of(seed):
    """The namespace whose prompts the context writers put."""
    return Space(seed, groups=GROUPS, block_tokens=BLOCK_TOKENS)


def prompt_tokens(space, name, blocks):
    """Token ids of a prompt; `trunk/own` begins with two blocks that all of the trunk have."""
    own = space.text(name, blocks)
    if "/" not in name:
        return own
    trunk = space.text(name.split("/")[0], 2)
    return np.concatenate([trunk, own[len(trunk):]])


class Digest:
    """SHA-256 of parts that cannot run into one another."""

    def __init__(self):
        self.state = hashlib.sha256()

    def add(self, part):
        if isinstance(part, np.ndarray):
            part = np.ascontiguousarray(part).tobytes()
        elif not isinstance(part, bytes):
            part = json.dumps(part, sort_keys=True, ensure_ascii=False).encode()
        self.state.update(len(part).to_bytes(8, "little") + part)

    def text(self):
        return self.state.hexdigest()[:32]


class Reader:
    """One look at a store."""

    def __init__(self, es, order):
        self.es = es
        self.order = order
        self.path = order["store"]
        self.keys = None if order.get("keys") is None else set(order["keys"])
        self.found = {}

    def wants(self, key):
        return self.keys is None or key in self.keys

    def keep(self, key, read):
        """What `read` gives for a key, or how it was refused."""
        if not self.wants(key):
            return
        try:
            self.found[key] = {"digest": read()}
        except self.es.EngramError as error:
            self.found[key] = {"refusal": f"{type(error).__name__}: {error}"}

    def all(self):
        self.stored()
        self.contexts()
        return self.found

    # Tables, datasets and indexes

    def stored(self):
        if not os.path.exists(self.path):
            return
        try:
            store = self.es.open(self.path)
            listing = store.listing()
        except self.es.NotFound as error:
            # A store that was killed before it was one. What must be there is missed.
            if os.path.exists(os.path.join(self.path, "FORMAT")):
                self.found["store"] = {"refusal": f"{type(error).__name__}: {error}"}
            return
        except self.es.EngramError as error:
            self.found["store"] = {"refusal": f"{type(error).__name__}: {error}"}
            return
        names = [f"{kind}:{entry.get('name', entry.get('dataset'))}@{entry['version']}"
                 for kind in ("table", "dataset", "index")
                 for entry in listing["indexes" if kind == "index" else f"{kind}s"]]
        if names:
            self.found["listed"] = {"digest": " ".join(names)}
        with store:
            for entry in listing["tables"]:
                name = f"{entry['name']}@{entry['version']}"
                self.keep(f"table:{name}", lambda: self.table(store, name))
            for entry in listing["datasets"]:
                name = f"{entry['name']}@{entry['version']}"
                self.keep(f"dataset:{name}", lambda: self.dataset(store, name))
            for entry in listing["indexes"]:
                name = f"{entry['dataset']}@{entry['version']}"
                self.keep(f"index:{name}", lambda: self.index(store, name))

    def table(self, store, name):
        digest = Digest()
        table = store.table(name)
        manifest = table.manifest
        digest.add({key: value for key, value in manifest.items() if key not in FLEETING})
        # Several calls: a reader has pages and stretches.
        for first in range(0, table.row_count, 1000):
            digest.add(table.gather(np.arange(first, min(first + 1000, table.row_count)), "raw"))
        digest.add(table.gather(np.arange(min(64, table.row_count)), "f32"))
        if table.token_limit:
            limit = min(table.token_limit, self.order["vocabulary"])
            tokens = np.random.default_rng(7).integers(0, limit, 200).astype(np.int32)
            try:
                rows = table.rows(tokens)
            except self.es.Unsupported as error:
                digest.add(f"no rows of tokens: {error}")
            else:
                digest.add(rows)
                digest.add(table.gather(rows, "raw", missing="zero" if table.is_exact else None))
        table.close()
        return digest.text()

    def dataset(self, store, name):
        digest = Digest()
        dataset = store.dataset(name)
        count = len(dataset)
        digest.add([dataset.kind, count, dataset.byte_count, dataset.token_width,
                    dataset.token_length, dataset.has_boundaries])
        for number in range(count):
            digest.add(dataset.read_bytes(number))
        # The same once more with one call, and in the order of an epoch.
        order = dataset.order("global", seed=3, epoch=1)
        digest.add(order)
        memory = np.empty(int(dataset.sizes(order).sum()), np.uint8)
        offsets = dataset.read_into(order, memory)
        digest.add(memory)
        digest.add(offsets)
        dataset.close()
        return digest.text()

    def index(self, store, name):
        digest = Digest()
        for question in self.order["questions"]:
            answer = store.query(question["text"], name, limit=50, where=question.get("where", ()))
            digest.add([dataclasses.asdict(passage) for passage in answer])
        return digest.text()

    # Context blocks

    def contexts(self):
        folder = os.path.join(self.path, "context")
        prompts = {name: blocks for name, blocks in self.order["prompts"].items()
                   if self.wants(f"context:{name}")}
        if not prompts or not os.path.isdir(folder):
            return
        try:
            store = self.es.ContextStore(folder, mode="reading")
        except self.es.NotFound:
            return
        except self.es.EngramError as error:
            self.found["context"] = {"refusal": f"{type(error).__name__}: {error}"}
            return
        space = space_of(self.order["seed"])
        comparison = Comparison(space)
        with store:
            opened = space.open(self.es, store)
            for name, blocks in prompts.items():
                def read():
                    there = comparison.prefix(opened, prompt_tokens(space, name, blocks),
                                              what=f"context prompt {name}")
                    return " ".join(f"{group}={''.join('01'[flag] for flag in flags)}"
                                    for group, flags in sorted(there.items()))
                try:
                    self.keep(f"context:{name}", read)
                except Violation as violation:
                    self.found[f"context:{name}"] = {"wrong": str(violation)}
                if "1" not in self.found[f"context:{name}"].get("digest", "1"):
                    del self.found[f"context:{name}"]  # nothing of it is there


def child(es, order, pipe):
    """Reads, writes the answer, and ends without what the parent has at its exit."""
    try:
        answer = {"found": Reader(es, order).all()}
    except BaseException as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    with os.fdopen(pipe, "w") as file:
        json.dump(answer, file)
    os._exit(0)


def nursery():
    es = package()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print(json.dumps({"ready": os.getpid()}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(reading)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(order.get("patience", 60))
            child(es, order, writing)
        os.close(writing)
        with os.fdopen(reading) as file:
            text = file.read()
        _, status = os.waitpid(process, 0)
        if os.WIFSIGNALED(status):
            text = json.dumps({"died": os.WTERMSIG(status)})
        print(text, flush=True)


if __name__ == "__main__":
    nursery()
