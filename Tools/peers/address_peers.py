#!/usr/bin/env python3
"""Addressing in NumPy: DeepSeek-V4.1's rule, 48 columns, as one would write it with arrays.

    Tools/peers/address_peers.py [--engram .build/release/engram] [--batch 4096] [--rounds 9]

Prints JSON lines {"bench","what","value","unit"}: tokens a second on one core, the median of
the rounds, for two ways to write it: column by column and stacked, as the published model code
does, and eight columns at a time into a given array, the fastest found. With --engram, `engram
bench address` runs before and after, and the last lines are how many times faster it was.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np  # noqa: E402

ORDERS, HEADS, BASE, PAD = (2, 3, 4), 8, 16_000_000, 2
VOCABULARY, COMPRESSED, LAYERS = 129_280, 99_092, (1, 14)


def is_prime(number):
    return number > 1 and all(number % d for d in range(2, int(number**0.5) + 1))


def bucket_sizes():
    """[layers][orders][heads]: ascending primes from BASE, none twice."""
    candidate, sizes = BASE, []
    for _ in range(len(LAYERS) * len(ORDERS) * HEADS):
        while not is_prime(candidate):
            candidate += 1
        sizes.append(candidate)
        candidate += 1
    return np.array(sizes, np.int64).reshape(len(LAYERS), len(ORDERS), HEADS)


def multipliers(layer):
    limit = max(1, (2**63 - 1) // COMPRESSED // 2)
    random = np.random.default_rng(10007 * layer)
    return random.integers(0, limit, size=ORDERS[-1], dtype=np.int64) * 2 + 1


def windows(tokens, token_map):
    """[positions back][tokens] compressed ids."""
    padded = np.concatenate([np.full(ORDERS[-1] - 1, PAD, np.int64), token_map[tokens]])
    return [padded[ORDERS[-1] - 1 - k:len(padded) - k] for k in range(ORDERS[-1])]


def stacked(tokens, token_map, sizes, factors, offsets):
    """[layers][tokens, columns] row ids, column by column."""
    layers = []
    for layer in range(len(LAYERS)):
        back = windows(tokens, token_map)
        columns = []
        for index, order in enumerate(ORDERS):
            mixed = back[0] * factors[layer][0]
            for k in range(1, order):
                mixed = np.bitwise_xor(mixed, back[k] * factors[layer][k])
            for head in range(HEADS):
                columns.append(mixed % sizes[layer][index][head])
        layers.append(np.stack(columns, axis=1) + offsets[layer])
    return layers


def broadcast(tokens, token_map, sizes, factors, offsets):
    """[layers][tokens, columns] row ids, the heads of an order at once."""
    back = windows(tokens, token_map)
    out = np.empty((len(LAYERS), len(tokens), len(ORDERS) * HEADS), np.int64)
    for layer in range(len(LAYERS)):
        mixed = back[0] * factors[layer][0]
        for index, order in enumerate(ORDERS):
            mixed = mixed ^ (back[order - 1] * factors[layer][order - 1])
            columns = slice(index * HEADS, (index + 1) * HEADS)
            np.remainder(mixed[:, None], sizes[layer][index], out=out[layer][:, columns])
        out[layer] += offsets[layer]
    return out


def engram_rate(path, batch):
    command = [path, "bench", "address", "--format", "json", "--rounds", "3",
               "--batch", str(batch)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for line in map(json.loads, lines.splitlines()):
        if line["what"] == "deepseek-v4.1, 48 columns":
            return line["value"]
    sys.exit(f"{path} printed no figure for 48 columns")


def report(what, value, unit):
    line = {"bench": "address", "what": what, "value": value, "unit": unit}
    print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--engram", help="the engram binary to compare with")
    parser.add_argument("--batch", type=int, default=4096, help="tokens a call")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()

    sizes = bucket_sizes()
    if [int(s.sum()) for s in sizes] != [384_006_168, 384_016_682]:
        sys.exit("the bucket sizes are not the published ones")
    factors = [multipliers(layer) for layer in LAYERS]
    flat = sizes.reshape(len(LAYERS), -1)
    offsets = np.cumsum(flat, axis=1) - flat
    random = np.random.default_rng(0)
    tail = random.integers(0, COMPRESSED, VOCABULARY - COMPRESSED)
    token_map = np.concatenate([np.arange(COMPRESSED), tail])
    tokens = random.integers(0, VOCABULARY, options.batch)

    before = engram_rate(options.engram, options.batch) if options.engram else None
    inputs = (tokens, token_map, sizes, factors, offsets)
    if not np.array_equal(np.stack(stacked(*inputs)), broadcast(*inputs)):
        sys.exit("the two ways differ")
    entrants = {"column by column": stacked, "heads at once": broadcast}
    rates = {name: [] for name in entrants}
    for _ in range(options.rounds):
        for name, entrant in entrants.items():
            calls, start = 0, time.perf_counter()
            while (elapsed := time.perf_counter() - start) < 0.2:
                entrant(*inputs)
                calls += 1
            rates[name].append(calls * options.batch / elapsed)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    for name, rate in medians.items():
        report(f"deepseek-v4.1, 48 columns, NumPy {np.__version__}, {name}", rate, "tokens/s")
    if before is not None:
        ours = (before + engram_rate(options.engram, options.batch)) / 2
        report("deepseek-v4.1, 48 columns, engram", ours, "tokens/s")
        for name, rate in medians.items():
            report(f"engram against NumPy, {name}", ours / rate, "times")


if __name__ == "__main__":
    main()
