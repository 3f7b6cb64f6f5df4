"""A process that opens and closes everything there is, again and again, for the suite clean: it says how
many bytes it has from the allocator each time that all is closed, and waits to be told to go on.

  clean_life.py ORDERS    a JSON file: kind, store, context, rounds of a turn
"""
import ctypes
import gc
import json
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from context_blocks import Comparison, Space, package  # noqa: E402

import numpy as np  # noqa: E402


class Allocated(ctypes.Structure):
    """What mallinfo2 tells."""
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks",
        "keepcost")]


class Text(ctypes.Structure):
    """engram_text of the header."""
    _fields_ = [("bytes", ctypes.c_void_p), ("count", ctypes.c_size_t)]


def bytes_in_use():
    """Bytes that were allocated and not freed, whatever the allocator holds beside them."""
    libc = ctypes.CDLL(None)
    libc.mallinfo2.restype = Allocated
    found = libc.mallinfo2()
    return found.uordblks + found.hblkhd


class Life:
    def __init__(self, orders):
        self.es = package()
        self.orders = orders
        self.store, self.context = orders["store"], orders["context"]
        self.space = Space(orders["seed"])
        self.prompts = [self.space.text(f"clean {number}", 3) for number in range(4)]
        self.round = 0

    def table(self):
        """A table and its rows; where the store is closed before the table, too."""
        store = self.es.open(self.store)
        table = store.table("load/layer1")
        ids = np.arange(64, dtype=np.int64)
        first = table.gather(ids, dtype="raw")
        table.prefetch(ids)
        assert table.rows([1, 2, 3]).shape[0] == 3
        with store.table("load/layer1@1") as again:
            assert (again.gather(ids, dtype="raw") == first).all(), "rows differ"
        if self.round % 2:
            store.close()
        table.close()
        store.close()

    def dataset(self):
        """A dataset, its samples and its order."""
        with self.es.open(self.store) as store, store.dataset("docs") as dataset:
            numbers = [0, 5, len(dataset) - 1]
            assert len(dataset.read(numbers)) == 3
            assert sorted(dataset.order(seed=self.round)) == list(range(len(dataset)))
            assert dataset[5].text
            store.listing()

    def index(self):
        """Questions to an index."""
        with self.es.open(self.store) as store:
            answer = store.query("otter number77", "docs", limit=3)
            assert len(list(answer)) == 3, "a question is not answered"

    def contexts(self):
        """A context store: blocks put, found, read, pinned and cleared; a reader beside the writer."""
        with self.es.ContextStore(self.context, capacity_bytes=64 << 20) as store:
            opened = self.space.open(self.es, store)
            comparison = Comparison(self.space)
            for tokens in self.prompts:
                put = opened.put_durable if self.round % 8 == 0 else opened.put_relaxed
                put(tokens, self.space.parts(self.space.keys(tokens)))
                there = comparison.prefix(opened, tokens)
                assert all(all(flags) for flags in there.values()), "what was put is not there"
            opened.pin(self.prompts[0], seconds=0)
            # Left to the collector, on purpose.
            opened.lookup(self.prompts[1])
            opened.clear(self.prompts[self.round % 4])
            store.stats()

    def refusals(self):
        """What cannot be opened, and calls that are refused."""
        errors = 0
        for call in (lambda: self.es.open(self.store + "/nothing"),
                     lambda: self.es.open(self.store).table("nothing"),
                     lambda: self.es.open(self.store).dataset("docs@99"),
                     lambda: self.es.open(self.store).query("x", "nothing"),
                     lambda: self.es.open(self.store).table("load/layer1").gather(
                         np.array([1 << 40], dtype=np.int64)),
                     lambda: self.es.open(self.store).dataset("docs").read([1 << 40])):
            try:
                call()
            except (self.es.EngramError, IndexError, LookupError, OSError):
                errors += 1
        assert errors == 6, f"{errors} of 6 were refused"

    def threads(self):
        """The same by threads that come and go."""
        failures = []

        def work(part):
            try:
                part()
            except BaseException as error:
                failures.append(error)
        workers = [threading.Thread(target=work, args=(part,))
                   for part in (self.table, self.dataset, self.index, self.refusals)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if failures:
            raise failures[0]

    def calls(self):
        """The C library alone, without the package."""
        library = self.library()
        for _ in range(5):
            store, table, dataset, index = (ctypes.c_uint64() for _ in range(4))
            text = Text()
            self.must(library.engram_store_open(self.store.encode(), ctypes.byref(store)))
            self.must(library.engram_store_list(store, ctypes.byref(text)))
            library.engram_text_free(ctypes.byref(text))
            self.must(library.engram_table_open(store, b"load/layer1", ctypes.byref(table)))
            self.must(library.engram_dataset_open(store, b"docs", ctypes.byref(dataset)))
            self.must(library.engram_index_open(store, b"docs", None, ctypes.byref(index)))
            for kind, handle in (("table", table), ("dataset", dataset), ("index", index)):
                self.must(getattr(library, f"engram_{kind}_describe")(handle, ctypes.byref(text)))
                library.engram_text_free(ctypes.byref(text))
            assert library.engram_table_open(store, b"nothing", ctypes.byref(ctypes.c_uint64())) != 0
            self.must(library.engram_store_close(store))
            for kind, handle in (("table", table), ("dataset", dataset), ("index", index)):
                self.must(getattr(library, f"engram_{kind}_close")(handle))
                assert getattr(library, f"engram_{kind}_close")(handle) != 0, "closed twice"

    def library(self):
        library = ctypes.CDLL(os.environ["ENGRAM_LIBRARY"])
        library.engram_text_free.restype = None
        library.engram_last_error.restype = ctypes.c_char_p
        return library

    def must(self, status):
        if status != 0:
            raise AssertionError(self.library().engram_last_error().decode())

    def run(self):
        part = getattr(self, self.orders["kind"])
        while True:
            for _ in range(self.orders["rounds"]):
                part()
                self.round += 1
            gc.collect()
            print(json.dumps({"rounds": self.round, "bytes": bytes_in_use()}), flush=True)
            if not sys.stdin.readline():
                return


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        Life(json.load(file)).run()
