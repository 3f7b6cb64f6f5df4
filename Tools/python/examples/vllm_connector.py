#!/usr/bin/env python3
"""vLLM's KV connector over a context store, without vLLM.

  vllm_connector.py

A toy model fills a paged cache, which a scheduler's and a worker's connector serve as vLLM's engine calls them.
The second prompt begins as the first did: its common blocks are loaded instead of computed, and its cache
is bit for bit that of a run without a store.
"""
from __future__ import annotations

import argparse
import tempfile
from types import SimpleNamespace
from typing import Any

import numpy as np

from engramstore.kv_connectors import KVConnector

LAYERS, BLOCKS, TOKENS, HEADS, DIMENSION = 3, 32, 16, 2, 8


def compute(layer: int, tokens: np.ndarray, first: int) -> np.ndarray:
    """Keys and values of tokens from `first` on, which depend on all tokens before: [2, tokens, heads, dim]."""
    sums = np.cumsum(tokens.astype(np.float64) * np.sin(np.arange(len(tokens)) + layer + 1))[first:]
    angles = sums[:, None, None] + np.arange(HEADS * DIMENSION).reshape(HEADS, DIMENSION)
    return np.stack([np.sin(angles), np.cos(angles)]).astype(np.float32)


class Engine:
    """A paged cache [2, blocks, tokens, heads, dimension] a layer, and one request at a time."""

    def __init__(self, path: str) -> None:
        config = SimpleNamespace(
            cache_config=SimpleNamespace(block_size=TOKENS),
            model_config=SimpleNamespace(model="toy", revision="1"),
            parallel_config=SimpleNamespace(rank=0, world_size=1),
            kv_transfer_config=SimpleNamespace(kv_connector_extra_config={
                "path": path, "capacity_bytes": 1 << 28, "refresh_seconds": 0}))
        caches = SimpleNamespace(num_blocks=BLOCKS)
        self.cache = {f"layer.{number}": np.zeros((2, BLOCKS, TOKENS, HEADS, DIMENSION), np.float32)
                      for number in range(LAYERS)}
        self.scheduler = KVConnector(config, "scheduler", caches)
        self.worker = KVConnector(config, "worker", caches)
        self.worker.register_kv_caches(self.cache)
        self.next_block = 0

    def prefill(self, name: str, tokens: np.ndarray) -> tuple[int, list[np.ndarray]]:
        """Runs a prompt; gives how many tokens were loaded, and its cache by layer."""
        request = SimpleNamespace(request_id=name, prompt_token_ids=tokens.tolist(), all_token_ids=tokens.tolist())
        loaded, _ = self.scheduler.get_num_new_matched_tokens(request, 0)
        count = -(-len(tokens) // TOKENS)
        places = [(self.next_block + number) * 7 % BLOCKS for number in range(count)]
        self.next_block += count
        self.scheduler.update_state_after_alloc(request, None, loaded)
        output: Any = SimpleNamespace(
            scheduled_new_reqs=[SimpleNamespace(req_id=name, block_ids=(places,), num_computed_tokens=loaded)],
            scheduled_cached_reqs=SimpleNamespace(req_ids=[], new_block_ids=[], num_computed_tokens=[]),
            num_scheduled_tokens={name: len(tokens) - loaded})
        self.worker.bind_connector_metadata(self.scheduler.build_connector_meta(output))
        self.worker.start_load_kv(None)
        slots = np.arange(loaded, len(tokens))
        for number, (layer, cache) in enumerate(self.cache.items()):
            self.worker.wait_for_layer_load(layer)
            cache[:, np.array(places)[slots // TOKENS], slots % TOKENS] = compute(number, tokens, loaded)
            self.worker.save_kv_layer(layer, cache, None)
        self.worker.wait_for_save()
        assert not self.worker.get_block_ids_with_load_errors()
        self.worker.clear_connector_metadata()
        self.scheduler.request_finished(request, places)
        return loaded, [cache[:, places].reshape(2, -1, HEADS, DIMENSION)[:, :len(tokens)].copy()
                        for cache in self.cache.values()]

    def shutdown(self) -> None:
        self.scheduler.shutdown()
        self.worker.shutdown()


def main() -> None:
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    random = np.random.default_rng(1)
    first = random.integers(0, 32_000, 100, dtype=np.int32)
    second = np.concatenate([first[:70], random.integers(0, 32_000, 50, dtype=np.int32)])
    with tempfile.TemporaryDirectory() as folder:
        for name, tokens in (("first", first), ("second", second)):
            engine = Engine(folder)             # an engine of its own each: only the folder is shared
            loaded, states = engine.prefill(name, tokens)
            engine.shutdown()
            wanted = [compute(number, tokens, 0) for number in range(LAYERS)]
            assert all((state.view(np.uint32) == want.view(np.uint32)).all()
                       for state, want in zip(states, wanted))
            print(f"{name} prompt: {loaded} of {len(tokens)} tokens loaded, {len(tokens) - loaded} computed; "
                  "the cache is bit for bit that of a run without a store")


if __name__ == "__main__":
    main()
