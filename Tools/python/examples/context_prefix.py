#!/usr/bin/env python3
"""A prompt's attention state, put once and found by prefix.

  context_prefix.py [FOLDER]

Puts the state of a prompt, looks up another that begins as it does, reads its layers as they arrive, and
gathers the rows that sparse attention would choose. Without a folder, in one that is removed afterwards.
"""
from __future__ import annotations

import argparse
import tempfile

import numpy as np

import engramstore as es


def show(folder: str) -> None:
    random = np.random.default_rng(1)
    layout = es.ContextLayout.latent(layers=4, codec="fp8", indexer=True)
    prompt = random.integers(0, 128_000, 1000, dtype=np.int32)
    whole = len(prompt) // layout.block_tokens * layout.block_tokens
    # What a model would have computed: [layers, tokens, bytes a token].
    state = {group.name: random.integers(0, 256, (group.layers, whole, group.row_bytes), dtype=np.uint8)
             for group in layout.groups}
    with es.ContextStore(folder, capacity_bytes=1 << 28) as context, \
            context.space(model="deepseek-v3.2", revision="r1", tokenizer="t1", layout=layout) as space:
        print(f"put {whole} tokens: {space.put_durable(prompt, state)}")
        other = np.concatenate([prompt[:700], random.integers(0, 128_000, 300, dtype=np.int32)])
        with space.lookup(other) as prefix:
            print(f"another prompt shares 700 tokens: {prefix.tokens} are there in {prefix.blocks} blocks, "
                  f"{prefix.presence('latent')}")
            for layer, rows in prefix.layers("latent"):
                assert (rows == state["latent"][layer, :prefix.tokens]).all()
                print(f"layer {layer}: {rows.shape[0]} rows of {rows.shape[1]} bytes, as they were put")
            chosen = random.integers(0, prefix.tokens, 64)
            assert (prefix.gather("latent", 2, chosen) == state["latent"][2, chosen]).all()
            print(f"gathered {len(chosen)} rows of layer 2, as they were put")
        statistics = context.stats()
        print(f"{statistics['blocks']} blocks, {statistics['used_bytes']} of {statistics['capacity_bytes']} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", help="the context store's folder")
    folder = parser.parse_args().folder
    if folder:
        show(folder)
    else:
        with tempfile.TemporaryDirectory() as made:
            show(made + "/context")


if __name__ == "__main__":
    main()
