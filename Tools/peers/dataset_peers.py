#!/usr/bin/env python3
"""Measures how other projects write and read token samples: what `engram bench dataset` is
compared with. Prints JSON lines {"bench", "what", "value", "unit"}.

The samples are the rows of a NumPy file of uint16, [samples, tokens]. One process, the page cache
warm. MosaicML streaming (MDS) and ArrayRecord write them into files of their own without
compression, and read single samples by random number; MDS also reads the beginning of a shuffled
epoch; a NumPy memmap of the file reads by number and a whole shuffled epoch. What was read is
compared with what went in.

  dataset_peers.py FILE.npy
  dataset_peers.py FILE.npy --make 200000      makes the file first, where it is missing
  dataset_peers.py FILE.npy --only memmap,arrayrecord

Runs in .cache/peers (Tools/setup bench).
"""
import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "shim"))

TOKENS = 2048
ROUNDS = 3


def make(path, samples):
    """Token ids spread as ranks of words are: log-uniform in 1...65,000, always the same."""
    random = np.random.default_rng(7)
    file = np.lib.format.open_memmap(path + ".part", "w+", np.uint16, (samples, TOKENS))
    for start in range(0, samples, 5000):
        part = file[start : start + 5000]
        part[:] = 65000 ** random.random(part.shape)
    file.flush()
    os.rename(path + ".part", path)


def report(what, samples, seconds, note=""):
    line = {"bench": "dataset", "what": what + note, "value": samples / seconds,
            "unit": "samples/s"}
    print(json.dumps(line), flush=True)


def flush(folder):
    """Until what was written is on the disk, as ours is when it says so."""
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            os.fsync(file.fileno())


def measured(what, samples, read, rounds=ROUNDS):
    """Reports the median time of `read`."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        read()
        times.append(time.perf_counter() - start)
    report(what, samples, statistics.median(times))


def numbers(count, samples):
    return [int(number) for number in np.random.default_rng(3).integers(0, samples, count)]


def memmap(rows, folder):
    int(rows.sum(dtype=np.int64))  # every page is in memory
    chosen = numbers(40_000, len(rows))

    def by_number():
        for number in chosen:
            rows[number].copy()

    order = np.random.default_rng(1).permutation(len(rows))

    def epoch():
        for number in order:
            rows[number].copy()

    measured("NumPy memmap, random, by number", len(chosen), by_number)
    measured("NumPy memmap, shuffled epoch", len(rows), epoch, rounds=2)


def mds(rows, folder):
    import foreign

    streaming = foreign.streaming()
    start = time.perf_counter()
    with streaming.MDSWriter(out=folder, columns={"tokens": f"ndarray:uint16:{rows.shape[1]}"},
                             size_limit=1 << 26) as writer:
        for row in rows:
            writer.write({"tokens": row})
    flush(folder)
    report("MosaicML MDS, write, flushed", len(rows), time.perf_counter() - start)
    streaming.base.util.clean_stale_shared_memory()
    dataset = streaming.StreamingDataset(
        local=folder, batch_size=512, predownload=8192, shuffle=True, shuffle_algo="py1e",
        shuffle_seed=1)
    chosen = numbers(20_000, len(rows))
    for number in chosen[:64]:
        assert (dataset[number]["tokens"] == rows[number]).all(), "MDS gave other tokens"

    def by_number():
        for number in chosen:
            dataset[number]["tokens"]

    measured("MosaicML MDS, random, by number", len(chosen), by_number)
    wanted = min(20_000, len(rows))
    start = time.perf_counter()
    for count, _ in enumerate(dataset, 1):
        if count == wanted:
            break
    report("MosaicML MDS, shuffled epoch", wanted, time.perf_counter() - start,
           f", its first {wanted:,}")


def arrayrecord(rows, folder):
    from array_record.python.array_record_module import ArrayRecordReader, ArrayRecordWriter

    path = os.path.join(folder, "samples.array_record")
    start = time.perf_counter()
    writer = ArrayRecordWriter(path, "group_size:1,uncompressed")
    for row in rows:
        writer.write(row.tobytes())
    writer.close()
    flush(folder)
    report("ArrayRecord, write, flushed", len(rows), time.perf_counter() - start)
    reader = ArrayRecordReader(path)
    chosen = numbers(20_000, len(rows))
    for number in chosen[:64]:
        assert reader.read([number])[0] == rows[number].tobytes(), "ArrayRecord gave other tokens"

    def by_number():
        for number in chosen:
            reader.read([number])

    def by_256():
        for first in range(0, len(chosen), 256):
            reader.read(chosen[first : first + 256])

    measured("ArrayRecord, random, by number", len(chosen), by_number)
    measured("ArrayRecord, random, 256 at once", len(chosen), by_256)
    reader.close()


PEERS = {"memmap": memmap, "mds": mds, "arrayrecord": arrayrecord}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="of uint16, [samples, tokens]")
    parser.add_argument("--make", type=int, metavar="SAMPLES", help="make the file where missing")
    parser.add_argument("--only", default=",".join(PEERS), help=f"some of {','.join(PEERS)}")
    options = parser.parse_args()
    if options.make and not os.path.exists(options.file):
        make(options.file, options.make)
    rows = np.load(options.file, mmap_mode="r")
    if rows.dtype != np.uint16 or rows.ndim != 2:
        sys.exit(f"dataset_peers: {options.file} is not uint16 of two dimensions")
    for name in options.only.split(","):
        if name not in PEERS:
            parser.error(f"no peer {name}")
        folder = tempfile.mkdtemp(prefix="peers.", dir=os.path.dirname(options.file) or ".")
        try:
            PEERS[name](rows, folder)
        except ImportError as error:
            print(f"dataset_peers: {name}: {error}: skipped", file=sys.stderr)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
