"""Writes numpy-random.json: what NumPy's default_rng(seed).integers(0, limit) draws.

    python3 numpy_random.py > numpy-random.json
"""

import json

import numpy

SEEDS = [0, 1, 42, 10007, 140098, 150105, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 10**15, 2**63,
         2**64 - 1]
LIMITS = [1, 2, 3, 10, 1000, 2**31 + 1, 3 * 2**30, 2**32 - 1, 2**32, 2**32 + 1, 10**12,
          46540064854925, 2**62 + 1, 2**63 - 1]

cases = []
for seed in SEEDS:
    # One generator a case, drawing from several ranges in turn: halves of draws are kept.
    generator = numpy.random.default_rng(seed)
    draws = [[limit, [str(v) for v in generator.integers(0, limit, size=5, dtype=numpy.int64)]]
             for limit in LIMITS + LIMITS[::-1]]
    cases.append({"seed": str(seed), "draws": [{"limit": str(a), "values": b} for a, b in draws]})
print(json.dumps({"numpy": numpy.__version__, "cases": cases}))
