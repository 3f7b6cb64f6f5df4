#!/usr/bin/env python3
"""Measures row gathers of Python's means on a flat file of rows, warm: nanoseconds a row.

usage: gather_peers.py FILE ROW_BYTES [BATCH]

Prints one JSON line a peer: {"bench", "what", "value", "unit"}. Every peer reads random rows of
its own, batch after batch; the median batch counts.
"""
import json
import os
import statistics
import sys
import time

import numpy as np

path, row_bytes = sys.argv[1], int(sys.argv[2])
batch = int(sys.argv[3]) if len(sys.argv) > 3 else 16_384
rows = os.path.getsize(path) // row_bytes
table = np.memmap(path, np.uint8, "r", shape=(rows, row_bytes))
random = np.random.default_rng(7)
table[:: max(1, 4096 // row_bytes)].sum()  # every page is in memory and mapped


def measure(what, gather, batches=24):
    times = []
    for _ in range(batches):
        ids = random.integers(0, rows, batch)
        start = time.perf_counter()
        gather(ids)
        times.append(time.perf_counter() - start)
    value = statistics.median(times) / batch * 1e9
    print(
        json.dumps({"bench": "memory", "what": what, "value": value, "unit": "ns/row"}),
        flush=True,
    )


out = np.empty((batch, row_bytes), np.uint8)
measure("numpy.take on a memmap", lambda ids: np.take(table, ids, axis=0))
measure("numpy.take on a memmap, into out=", lambda ids: np.take(table, ids, axis=0, out=out))
try:
    import engramdb
except ImportError:
    print("gather_peers: engramdb-python is not installed: skipped", file=sys.stderr)
else:
    folder = path + ".shards"
    os.makedirs(folder, exist_ok=True)
    link = os.path.join(folder, "shard_000.bin")
    if not os.path.exists(link):
        os.link(path, link)
    store = engramdb.Store(folder, shards=1, rows_per_shard=rows, width=row_bytes)
    # Its ids are a list: made before the clock starts.
    measure_ids = random.integers(0, rows, batch).tolist()
    times = []
    for _ in range(12):
        start = time.perf_counter()
        store.fetch(measure_ids)
        times.append(time.perf_counter() - start)
    value = statistics.median(times) / batch * 1e9
    print(
        json.dumps(
            {
                "bench": "memory",
                "what": "engramdb-python Store.fetch",
                "value": value,
                "unit": "ns/row",
            }
        )
    )
