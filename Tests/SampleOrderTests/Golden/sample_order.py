"""Writes sample-order.json: orders computed from Schemas/sample-order.md alone.

    python3 sample_order.py > sample-order.json
"""

import hashlib
import json
import math
import struct

MASK = 2**64 - 1
STEP = 0x9E3779B97F4A7C15
SAMPLES, CHUNKS, WINDOW, MIXTURE = 1, 2, 3, 4


def mix(x):
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    return x ^ x >> 31


def key(purpose, seed, epoch):
    k = mix(purpose + STEP & MASK)
    k = mix((k ^ seed) + STEP & MASK)
    return mix((k ^ epoch & MASK) + STEP & MASK)


def part(k, number):
    return mix((k ^ number) + STEP & MASK)


def permute(position, count, k):
    height = max(1, math.isqrt(count - 1) + 1)
    width = -(-count // height)
    number = position
    while True:
        left, right = divmod(number, width)
        for i in range(8):
            round_key = mix(k + (i + 1) * STEP & MASK)
            if i % 2 == 0:
                left = (left + (mix(right ^ round_key) * height >> 64)) % height
            else:
                right = (right + (mix(left ^ round_key) * width >> 64)) % width
        number = left * width + right
        if number < count:
            return number


def global_order(count, seed, epoch):
    k = key(SAMPLES, seed, epoch)
    return [permute(p, count, k) for p in range(count)]


def chunked_order(sizes, window, seed, epoch):
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    k = key(CHUNKS, seed, epoch)
    chunks = [permute(p, len(sizes), k) for p in range(len(sizes))]
    order = []
    for number, first in enumerate(range(0, len(chunks), window)):
        samples = [starts[c] + i for c in chunks[first:first + window] for i in range(sizes[c])]
        window_key = part(key(WINDOW, seed, epoch), number)
        order += [samples[permute(p, len(samples), window_key)] for p in range(len(samples))]
    return order


def mixture(counts, weights, seed, block, positions):
    weights = [w / max(weights) for w in weights]
    total = 0.0
    for w in weights:
        total += w
    shares = [w / total * float(block) for w in weights]
    slots = [math.floor(s) for s in shares]
    by_remainder = sorted(range(len(shares)), key=lambda d: (-(shares[d] - slots[d]), d))
    for d in by_remainder[:block - sum(slots)]:
        slots[d] += 1
    owners = [d for d, n in enumerate(slots) for _ in range(n)]
    draws = []
    for position in positions:
        number, place = divmod(position, block)
        slot = permute(place, block, key(MIXTURE, seed, number))
        dataset = owners[slot]
        index = number * slots[dataset] + slot - owners.index(dataset)
        draws.append([dataset, *divmod(index, counts[dataset])])
    return slots, draws


def digest(order):
    return hashlib.sha256(b"".join(struct.pack("<Q", s) for s in order)).hexdigest()


permutations = []
for count in [1, 2, 3, 4, 5, 7, 16, 17, 31, 100, 1000]:
    for seed, epoch in [(0, 0), (7, 3), (2**64 - 1, 2**40)]:
        order = global_order(count, seed, epoch)
        permutations.append({"count": count, "seed": str(seed), "epoch": epoch,
                             "first": order[:20], "digest": digest(order)})

large = []
for count in [10**6, 2**32 + 1, 10**12, 2**62, 2**63 - 1]:
    positions = [0, 1, 2, count // 3, count // 2, count - 2, count - 1]
    k = key(SAMPLES, 12345, 6)
    large.append({"count": count, "seed": "12345", "epoch": 6, "positions": positions,
                  "samples": [permute(p, count, k) for p in positions]})

chunked = []
for sizes, window in [([5], 1), ([3, 0, 4, 2], 2), ([10, 20, 30, 40, 50, 1, 2], 3),
                      ([7] * 40, 6), ([0, 0, 3], 9), (list(range(50)), 7)]:
    for seed, epoch in [(1, 0), (99, 5)]:
        order = chunked_order(sizes, window, seed, epoch)
        chunked.append({"sizes": sizes, "window": window, "seed": str(seed), "epoch": epoch,
                        "first": order[:20], "digest": digest(order)})

mixtures = []
for counts, weights, block in [([10], [2.5], 4), ([100, 3], [0.9, 0.1], 10),
                               ([5, 6, 7], [1.0, 1.0, 1.0], 100),
                               ([1000, 1, 50, 0], [0.7, 0.2, 0.1, 0.0], 64)]:
    positions = list(range(30)) + [997, 123456]
    slots, draws = mixture(counts, weights, 17, block, positions)
    mixtures.append({"counts": counts, "weights": weights, "block": block, "seed": "17",
                     "positions": positions, "slots": slots, "draws": draws})

print(json.dumps({"permutations": permutations, "large": large, "chunked": chunked,
                  "mixtures": mixtures}))
