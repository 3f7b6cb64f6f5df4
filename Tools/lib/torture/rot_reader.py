"""What suite rot reads of a store, in processes that may die of it: as reader.py, and besides

- every prompt of two namespaces of the context store, opened for reading or for writing;
- where an address is given, tables, datasets and answers as a service gives them;
- what was said on standard error meanwhile, under the key "said".

  rot_reader.py                the process that forks readers
  rot_reader.py make FOLDER SEED   fills a context store and dies without closing it
"""
import json
import os
import signal
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from context_blocks import Comparison, Space, Violation, package  # noqa: E402
from torture import reader  # noqa: E402

#: Namespaces by salt, and their prompts with how many blocks each has.
PROMPTS = {"": {"a/1": 4, "a/2": 5, "b/1": 3, "long/1": 9}, "other": {"a/1": 4, "c/1": 6, "d/1": 2}}
SEGMENT = 1 << 16


def space_of(seed, salt):
    """A namespace; that without salt is the writers' of the stage."""
    return Space(seed, salt, groups=reader.GROUPS, block_tokens=reader.BLOCK_TOKENS)


class RotReader(reader.Reader):
    """One look at a store that may be damaged."""

    def all(self):
        with tempfile.TemporaryFile() as said:
            os.dup2(said.fileno(), 2)
            self.stored()
            self.contexts()
            said.seek(0)
            self.found["said"] = {"digest": said.read(4000).decode(errors="replace")}
        if self.order.get("address"):
            # After it, for a service opens the context store for writing.
            own, self.found = self.found, {}
            self.served()
            own.update({f"served {key}": value for key, value in self.found.items()})
            self.found = own
        return self.found

    def stored(self):
        """As every reader; where the list of all is refused, each thing is asked for by its name."""
        super().stored()
        if self.found and "store" not in self.found:
            return
        try:
            store = self.es.open(self.path)
        except self.es.EngramError as error:
            self.found["store"] = {"refusal": f"{type(error).__name__}: {error}"}
            return
        if "store" in self.found:
            self.found["listed"] = self.found.pop("store")
        with store:
            self.by_name(store, {"table": self.table, "dataset": self.dataset, "index": self.index})

    def by_name(self, store, reads):
        for kind, names in self.order["names"].items():
            for name in names:
                self.keep(f"{kind}:{name}", lambda: reads[kind](store, name))

    def served(self):
        """The same of a service, as far as it gives it."""
        store = self.es.connect(self.order["address"], timeout=30)
        self.keep("listed", lambda: " ".join(
            f"{kind}:{entry.get('name', entry.get('dataset'))}@{entry['version']}"
            for kind, entries in store.listing().items() for entry in entries))
        self.by_name(store, {"table": self.served_table, "dataset": self.served_dataset,
                             "index": self.index})

    def served_table(self, store, name):
        digest = reader.Digest()
        table = store.table(name)
        for first in range(0, table.row_count, 1000):
            digest.add(table.gather(
                reader.np.arange(first, min(first + 1000, table.row_count)), "raw"))
        return digest.text()

    def served_dataset(self, store, name):
        digest = reader.Digest()
        dataset = store.dataset(name)
        for number in range(0, len(dataset), 1 + len(dataset) // 150):
            digest.add(dataset.read_bytes(number))
        digest.add(reader.np.asarray(dataset.order("global", seed=3, epoch=1)))
        return digest.text()

    def contexts(self):
        folder = os.path.join(self.path, "context")
        try:
            store = self.es.ContextStore(folder, mode=self.order["mode"])
        except self.es.EngramError as error:
            self.found["context"] = {"refusal": f"{type(error).__name__}: {error}"}
            return
        with store:
            for salt, prompts in PROMPTS.items():
                space = space_of(self.order["seed"], salt)
                comparison = Comparison(space)
                try:
                    opened = space.open(self.es, store)
                except self.es.EngramError as error:
                    self.found[f"context:{salt}:"] = {
                        "refusal": f"{type(error).__name__}: {error}"}
                    continue
                for name, blocks in prompts.items():
                    self.prompt(opened, comparison, salt, name, blocks)

    def prompt(self, opened, comparison, salt, name, blocks):
        key = f"context:{salt}:{name}"

        def read():
            there = comparison.prefix(
                opened, reader.prompt_tokens(comparison.space, name, blocks), what=key)
            return " ".join(f"{group}={''.join('01'[flag] for flag in flags)}"
                            for group, flags in sorted(there.items()))
        try:
            self.keep(key, read)
        except Violation as violation:
            self.found[key] = {"wrong": str(violation)}


def make(folder, seed):
    """Fills a context store. The last segment stays as a process that was killed leaves it."""
    es = package()
    store = es.ContextStore(folder, capacity_bytes=64 << 20, segment_bytes=SEGMENT)
    for salt, prompts in PROMPTS.items():
        space = space_of(seed, salt)
        opened = space.open(es, store)
        for name, blocks in prompts.items():
            tokens = reader.prompt_tokens(space, name, blocks)
            if opened.put_durable(tokens, space.parts(space.keys(tokens))).refused:
                sys.exit("an empty context store refuses blocks")
        gone = space.text("cleared", 2)
        opened.put_durable(gone, space.parts(space.keys(gone)))
        opened.clear(gone[:reader.BLOCK_TOKENS])
        opened.pin(reader.prompt_tokens(space, "a/1", 4), 30 * 86_400)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(sys.argv[2], int(sys.argv[3]))
    # The process that forks makes these readers.
    reader.Reader = RotReader
    reader.nursery()
