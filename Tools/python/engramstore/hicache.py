"""SGLang's third cache level in a context store: pages of the host pool that outlive the process.

    class EngramHiCache(HiCacheBackend, HiCacheStorage):       # in a module of yours, my_engine.py
        def __init__(self, storage_config, factory_options=None):
            HiCacheBackend.__init__(self, storage_config)

    sglang serve ... --enable-hierarchical-cache --hicache-storage-backend dynamic
      --hicache-storage-backend-extra-config '{"backend_name": "engram", "module_path": "my_engine",
        "class_name": "EngramHiCache", "interface_v1": 1, "path": "/data/context", "capacity_bytes": 68719476736,
        "revision": "1a2b", "tokenizer": "c60a86"}'

Shaped after `HiCacheStorage` of `python/sglang/srt/mem_cache/hicache_storage.py`, as it was in late 2026
(commit 001067f); SGLang itself is not needed. `interface_v1` makes its controller call `batch_get_v1` and
`batch_set_v1`, which move many pages at once; the older `get`, `set` and their batches are here as well.

It calls of the host pool: `get_data_page(index, flat=True)`, `get_dummy_flat_data_page()`,
`set_from_flat_data_page(index, page)`, `page_size`, and reads `layout` and `dtype` where they are there:
pages of another layout, size or type are never found. Page keys are hashes of whole prefixes, as SGLang
makes them. Each tensor-parallel rank has a folder under `path`, "rank-0" on; of a model with latent attention
rank 0 writes the one folder, and the others read it.

Nothing raises once the pool is registered: its threads would end. What cannot be read is a miss, what cannot
be stored is not stored, and a line in the log of `engramstore.hicache` says so.
"""
from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass, field
from typing import Any, Sequence

import numpy as np

from ._context import ContextSpace, ContextStore
from ._context_layout import ContextGroup, ContextLayout
from ._context_memory import bytes_of
from ._context_prefix import get_many
from ._errors import EngramError
from ._hicache_keys import page_keys, rank_folder, settings_of

__all__ = ["HiCacheBackend", "HiCacheStatistics"]

_log = logging.getLogger(__name__)
_GROUP = "page"
#: Bytes of pages that are put at once.
_BATCH_BYTES = 64 << 20


@dataclass
class HiCacheStatistics:
    """Since the last call: pages of each transfer, and its GB/s; `store` is what `ContextStore.stats` gives."""

    prefetch_pgs: list[int] = field(default_factory=list)
    backup_pgs: list[int] = field(default_factory=list)
    prefetch_bandwidth: list[float] = field(default_factory=list)
    backup_bandwidth: list[float] = field(default_factory=list)
    store: dict[str, Any] = field(default_factory=dict)


class HiCacheBackend:
    """A HiCache storage over a context store; the module's text says how to plug it in.

    storage_config: the engine's, or `None` with the settings by name: path, capacity_bytes, segment_bytes,
    model, revision, tokenizer, salt, durable (True: a page is on the disk before it counts as set; False, the
    default, leaves that to the system: a crash of the machine may lose the last ones).
    """

    def __init__(self, storage_config: Any = None, **settings: Any) -> None:
        self._settings = settings_of(storage_config, settings)
        folder, self._writes = rank_folder(storage_config)
        #: This rank's folder.
        self.path = os.path.join(os.fspath(self._settings["path"]), folder)
        self._store: ContextStore | None = None
        self._space: ContextSpace | None = None
        self._pool: Any = None
        self._statistics = HiCacheStatistics()
        if self._writes:
            # A wrong folder is told of now, not page by page.
            self._open_store()

    def __enter__(self) -> HiCacheBackend:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the store; another process may write then."""
        for opened in (self._space, self._store):
            if opened is not None:
                opened.close()
        self._space = self._store = None

    def register_mem_pool_host(self, mem_pool_host: Any) -> None:
        """Takes the host pool; its pages say how large a block is.

        Raises `TypeError`, `ValueError` for pages that cannot be stored.
        """
        page = bytes_of(mem_pool_host.get_dummy_flat_data_page(), "the pool's page")
        tokens = int(mem_pool_host.page_size)
        rows = tokens if tokens > 0 and page.size % tokens == 0 else 1
        if page.size == 0:
            raise ValueError("the pool's pages have no bytes")
        kind = f"{getattr(mem_pool_host, 'layout', '')}/{getattr(mem_pool_host, 'dtype', '')}"
        # A row is a cut of the page, whatever lies in it; each has its checksum.
        self._layout = ContextLayout(
            [ContextGroup(_GROUP, 1, page.size // rows, kind, max(1, tokens) // rows)], max(1, tokens))
        self.mem_pool_host = self._pool = mem_pool_host
        self._page_bytes = page.size
        if self._space is not None:
            self._space.close()
            self._space = None
        if self._writes:
            self._opened()

    # Where SGLang's own code asks.

    def exists(self, key: str) -> bool:
        """Whether a page is there."""
        return self.batch_exists([key]) == 1

    def batch_exists(self, keys: Sequence[str], extra_info: Any = None) -> int:
        """How many pages are there, from the first key on without a gap."""
        def count(space: ContextSpace) -> int:
            with space.lookup(keys=page_keys(keys)) as prefix:
                return prefix.blocks

        return int(self._missing_is(0, "look up", count)) if keys else 0

    def batch_get_v1(self, keys: Sequence[str], host_indices: Any, extra_info: Any = None) -> list[bool]:
        """Reads pages into the host pool, page i at host_indices[i * page_size]; which ones are there."""
        pages = [self._pool.get_dummy_flat_data_page() for _ in keys]
        found = self._read(keys, pages)
        for index, (page, is_there) in enumerate(zip(pages, found)):
            if is_there:
                self._pool.set_from_flat_data_page(self._place(host_indices, index), page)
        return found

    def batch_set_v1(self, keys: Sequence[str], host_indices: Any, extra_info: Any = None) -> list[bool]:
        """Stores pages of the host pool; which ones are there now."""
        pages = [self._pool.get_data_page(self._place(host_indices, index), flat=True)
                 for index in range(len(keys))]
        return self._write(keys, pages, getattr(extra_info, "prefix_keys", None))

    def get(self, key: str, target_location: Any = None, target_sizes: Any = None) -> Any:
        """One page, in `target_location` or in new memory; `None` where it is not there."""
        return self.batch_get([key], [target_location])[0]

    def batch_get(self, keys: Sequence[str], target_locations: Sequence[Any] | None = None,
                  target_sizes: Any = None) -> list[Any]:
        """Pages, each `None` where it is not there."""
        places = list(target_locations) if target_locations is not None else [None] * len(keys)
        if len(places) != len(keys):
            raise ValueError(f"{len(places)} places for {len(keys)} pages")
        pages = [self._pool.get_dummy_flat_data_page() if place is None else place for place in places]
        return [page if is_there else None for page, is_there in zip(pages, self._read(keys, pages))]

    def set(self, key: str, value: Any = None, target_location: Any = None, target_sizes: Any = None) -> bool:
        """Stores one page; whether it is there now."""
        return self.batch_set([key], [target_location if value is None else value])

    def batch_set(self, keys: Sequence[str], values: Sequence[Any] | None = None,
                  target_locations: Sequence[Any] | None = None, target_sizes: Any = None) -> bool:
        """Stores pages; whether all are there now."""
        given = target_locations if values is None else values
        if given is None or len(given) != len(keys):
            raise ValueError(f"{0 if given is None else len(given)} values for {len(keys)} pages")
        return all(self._write(keys, list(given), None))

    def clear(self) -> bool:
        """Forgets the pages of this model and layout; whether that could be done here."""
        if not self._writes:
            return False
        return bool(self._missing_is(False, "clear", lambda space: space.clear() >= 0))

    def get_stats(self) -> HiCacheStatistics:
        """What was moved since the last call, and what the store holds."""
        taken, self._statistics = self._statistics, HiCacheStatistics()
        if self._store is not None:
            taken.store = self._store.stats()
        return taken

    # Between them and the store.

    def _open_store(self) -> ContextStore:
        if self._store is None:
            sizes = {name: self._settings.get(name) for name in ("capacity_bytes", "segment_bytes")}
            if self._writes:
                os.makedirs(os.path.dirname(self.path), exist_ok=True)
                self._store = ContextStore(self.path, sizes["capacity_bytes"], sizes["segment_bytes"])
            else:
                self._store = ContextStore(self.path, mode="reading")
        return self._store

    def _opened(self) -> ContextSpace:
        if self._pool is None:
            raise RuntimeError("no host pool yet; call register_mem_pool_host first")
        if self._space is None:
            revision, tokenizer, salt = (str(self._settings.get(name) or "")
                                         for name in ("revision", "tokenizer", "salt"))
            self._space = self._open_store().space(
                str(self._settings["model"]), self._layout, revision, tokenizer, salt)
        elif not self._writes:
            self._open_store().refresh()
        return self._space

    def _missing_is(self, missing: Any, what: str, work: Any) -> Any:
        if self._pool is None:
            raise RuntimeError("no host pool yet; call register_mem_pool_host first")
        try:
            return work(self._opened())
        except EngramError as error:
            _log.warning("cannot %s pages in %s: %s", what, self.path, error)
            return missing

    def _place(self, host_indices: Any, page: int) -> int:
        return int(host_indices[page * int(self._pool.page_size)])

    def _read(self, keys: Sequence[str], pages: Sequence[Any]) -> list[bool]:
        if not keys:
            return []
        found = [False] * len(keys)

        def work(space: ContextSpace) -> None:
            started = time.perf_counter()
            # A gap ends a lookup: what is behind it is looked up on its own.
            first = 0
            names = page_keys(keys)
            while first < len(names):
                with space.lookup(keys=names[first:]) as prefix:
                    reads = [(prefix, _GROUP, None, index, pages[first + index])
                             for index in range(prefix.blocks)]
                    for index, delivered in enumerate(get_many(reads)):
                        found[first + index] = delivered == 1
                    first += prefix.blocks + 1
            self._note(self._statistics.prefetch_pgs, self._statistics.prefetch_bandwidth, sum(found), started)

        self._missing_is(None, "read", work)
        return found

    def _write(self, keys: Sequence[str], pages: Sequence[Any], before: Any) -> list[bool]:
        if not keys:
            return []
        if not self._writes:
            # Rank 0 stores the same bytes.
            return [True] * len(keys)
        memories = [bytes_of(page, "a page") for page in pages]
        for memory in memories:
            if memory.size != self._page_bytes:
                raise ValueError(f"a page has {memory.size} bytes; the pool's have {self._page_bytes}")
        prefix = page_keys(before or ())
        names = prefix + page_keys(keys)

        def work(space: ContextSpace) -> list[bool]:
            started = time.perf_counter()
            put = space.put_durable if self._settings.get("durable") else space.put_relaxed
            step = max(1, _BATCH_BYTES // self._page_bytes)
            refused = 0
            for first in range(0, len(keys), step):
                batch = memories[first:first + step]
                joined = batch[0] if len(batch) == 1 else np.concatenate(batch)
                refused += put(keys=names, parts={_GROUP: joined}, first_block=len(prefix) + first,
                               blocks=len(batch)).refused
            self._note(self._statistics.backup_pgs, self._statistics.backup_bandwidth, len(keys) - refused,
                       started)
            if not refused:
                return [True] * len(keys)
            return [self.exists(key) for key in keys]

        stored: list[bool] = self._missing_is([False] * len(keys), "store", work)
        return stored

    def _note(self, pages: list[int], speeds: list[float], count: int, started: float) -> None:
        # A few thousand transfers at most: nobody may ever ask.
        if count and len(pages) < 4096:
            pages.append(count)
            speeds.append(count * self._page_bytes / 1e9 / max(1e-9, time.perf_counter() - started))
