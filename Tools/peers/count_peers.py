#!/usr/bin/env python3
"""Counts N-grams of a token stream in memory, as anybody would: what `engram memory count` is
compared with, for speed and for equal results. Prints JSON lines {"bench", "what", "value", "unit"}.

The stream is PREFIX.bin and PREFIX.idx (`engram dataset export --format megatron`). The entrants
are Python's Counter over tuples, and `sort | uniq -c` over lines of N tokens in one locale-free
sort of a gigabyte of memory. Each counts every order; the rate is tokens of the stream a second,
all orders, and the distinct, total and single N-grams of each order are lines of their own.

  count_peers.py PREFIX --orders 2-4
"""
import argparse
import collections
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import token_stream


def report(what, value, unit):
    print(json.dumps({"bench": "count", "what": what, "value": value, "unit": unit}), flush=True)


def counter(documents, orders):
    for order in orders:
        counts = collections.Counter()
        for tokens in documents:
            counts.update(zip(*(tokens[start:] for start in range(order))))
        yield order, len(counts), sum(counts.values()), sum(n == 1 for n in counts.values())


def sort_and_uniq(documents, orders, folder):
    for order in orders:
        sort = subprocess.Popen(
            ["bash", "-c", "set -o pipefail; LC_ALL=C sort -S 1G -T \"$0\" | uniq -c | awk '"
             "{ distinct++; total += $1; if ($1 == 1) single++ } "
             "END { print distinct + 0, total + 0, single + 0 }'", folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for tokens in documents:
            words = list(map(str, tokens))
            ngrams = zip(*(words[start:] for start in range(order)))
            sort.stdin.writelines(" ".join(ngram) + "\n" for ngram in ngrams)
        sort.stdin.close()
        found = sort.stdout.read().split()
        if sort.wait() != 0:
            sys.exit("count_peers: sort failed")
        yield order, *map(int, found)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefix", help="of FILE.bin and FILE.idx")
    parser.add_argument("--orders", default="2-4", help="FIRST-LAST (default 2-4)")
    parser.add_argument("--tokens", type=int, help="of the stream's beginning only")
    options = parser.parse_args()
    first, _, last = options.orders.partition("-")
    orders = range(int(first), int(last or first) + 1)
    documents = [tokens.tolist()
                 for tokens in token_stream.documents(options.prefix, options.tokens)]
    size = sum(map(len, documents))
    folder = tempfile.mkdtemp(prefix="peers.", dir=os.path.dirname(options.prefix) or ".")
    entrants = {"Python's Counter": lambda: counter(documents, orders),
                "sort | uniq -c": lambda: sort_and_uniq(documents, orders, folder)}
    results = []
    try:
        for name, count in entrants.items():
            start = time.perf_counter()
            found = list(count())
            report(f"{name}, orders {options.orders}", size / (time.perf_counter() - start),
                   "tokens/s")
            if name.startswith("Python"):
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
                report(f"{name}: most memory", peak / 1e6, "MB")
            results.append(found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if results[0] != results[1]:
        sys.exit("count_peers: the two counted differently")
    for order, distinct, total, single in results[0]:
        for what, value in (("distinct", distinct), ("total", total), ("single", single)):
            report(f"naive count, order {order}, {what}", value, "N-grams")


if __name__ == "__main__":
    main()
