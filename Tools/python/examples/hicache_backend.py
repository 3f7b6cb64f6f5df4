#!/usr/bin/env python3
"""SGLang's hierarchical cache over a context store, without SGLang.

  hicache_backend.py

A tiny pool of pages on the host has the calls of SGLang's. Its pages are written through, evicted, and loaded
back by another process's backend; they are the same bytes.
"""
from __future__ import annotations

import argparse
import hashlib
import tempfile

import numpy as np

from engramstore.hicache import HiCacheBackend


class HostPool:
    """[2, layers, tokens, heads, dimension], float16: keys and values of pages of 16 tokens."""

    layout, page_size, dtype = "layer_first", 16, np.dtype(np.float16)

    def __init__(self, pages: int, layers: int = 4, heads: int = 2, dimension: int = 32) -> None:
        self.buffer = np.zeros((2, layers, pages * self.page_size, heads, dimension), self.dtype)

    def _page(self, index: int) -> np.ndarray:
        return self.buffer[:, :, index:index + self.page_size]

    def get_data_page(self, index: int, flat: bool = True) -> np.ndarray:
        page = self._page(index)
        return page.reshape(-1) if flat else page

    def get_dummy_flat_data_page(self) -> np.ndarray:
        return np.zeros(self._page(0).size, self.dtype)

    def set_from_flat_data_page(self, index: int, data_page: np.ndarray) -> None:
        self._page(index)[...] = data_page.reshape(self._page(index).shape)


def hashes(tokens: np.ndarray, page_size: int) -> list[str]:
    """A page's key names all tokens before its end, as SGLang's do."""
    last, keys = b"", []
    for first in range(0, len(tokens) - page_size + 1, page_size):
        last = hashlib.sha256(last + tokens[first:first + page_size].tobytes()).digest()
        keys.append(last.hex())
    return keys


def main() -> None:
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        settings = {"path": folder, "capacity_bytes": 1 << 28, "model": "tiny", "durable": True}
        pool = HostPool(pages=12)
        pool.buffer[...] = random.normal(size=pool.buffer.shape)
        tokens = random.integers(0, 32_000, 8 * pool.page_size, dtype=np.int32)
        keys = hashes(tokens, pool.page_size)
        places = np.arange(len(tokens))
        with HiCacheBackend(**settings) as backend:
            backend.register_mem_pool_host(pool)
            assert backend.batch_exists(keys) == 0
            assert all(backend.batch_set_v1(keys, places))
            print(f"wrote {len(keys)} pages through to {backend.path}")
        kept = pool.buffer[:, :, :len(tokens)].copy()
        pool.buffer[...] = 0
        print("evicted them from the host, and closed the store")
        with HiCacheBackend(**settings) as backend:
            backend.register_mem_pool_host(pool)
            longer = hashes(np.concatenate([tokens, tokens[:32]]), pool.page_size)
            there = backend.batch_exists(longer)
            assert there == len(keys)
            # To other places of the pool than they came from.
            places = np.arange(len(tokens)) + 4 * pool.page_size
            assert all(backend.batch_get_v1(longer[:there], places))
            assert (pool.buffer[:, :, places].view(np.uint16) == kept.view(np.uint16)).all()
            print(f"a longer prompt: {there} of {len(longer)} pages are there and loaded, the same bytes")
            moved = backend.get_stats()
            print(f"{moved.prefetch_pgs} pages read, {moved.store['blocks']} blocks in the store")


if __name__ == "__main__":
    main()
