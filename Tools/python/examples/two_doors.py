#!/usr/bin/env python3
"""Opens a store in this process and by a running service, asks both the same, and compares.

  engram serve --store store --listen unix:/tmp/engram.sock &
  python Tools/python/examples/two_doors.py --store store --service unix:/tmp/engram.sock \\
      --table deepseek-v4.1/layer1 --dataset docs --question "who frees memory" --tokens 310,9,2211,18

Prints a line for each thing that was asked, with a digest of the answer; ends with 1 where they differ.
"""
from __future__ import annotations

import argparse
import hashlib
import json
import time
from typing import Any, Callable

import numpy as np

import engramstore as es


def digest(value: Any) -> str:
    """A short name for an answer: equal ones have equal names."""
    data = value.tobytes() if isinstance(value, np.ndarray) else json.dumps(value).encode()
    return hashlib.sha256(data).hexdigest()[:16]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True, help="the store's folder")
    parser.add_argument("--service", required=True, help="unix:PATH or http://HOST:PORT")
    parser.add_argument("--table", required=True)
    parser.add_argument("--tokens", default="310,9,2211,18,5", help="token ids")
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--question", required=True)
    options = parser.parse_args()
    tokens = [int(token) for token in options.tokens.split(",")]

    def rows(store: Any) -> Any:
        table = store.table(options.table)
        return table.rows(tokens)

    def values(store: Any) -> Any:
        table = store.table(options.table)
        return np.asarray(table.gather(table.rows(tokens), dtype="bf16"))

    def sample(store: Any) -> Any:
        dataset = store.dataset(options.dataset)
        return [len(dataset), list(dataset[len(dataset) // 2])]

    def order(store: Any) -> Any:
        dataset = store.dataset(options.dataset)
        return dataset.order("global", seed=7, count=min(1000, len(dataset)))

    def passages(store: Any) -> Any:
        return [[passage.source, passage.start, passage.score]
                for passage in store.query(options.question, datasets=[options.dataset], limit=3)]

    asked: list[tuple[str, Callable[[Any], Any]]] = [
        ("rows of tokens", rows), ("their values", values), ("a sample", sample), ("an epoch's order", order),
        ("passages", passages)]
    differ = False
    with es.open(options.store) as here, es.connect(options.service) as there:
        for what, ask in asked:
            answers, times = [], []
            for store in (here, there):
                start = time.perf_counter()
                answers.append(digest(ask(store)))
                times.append(1e3 * (time.perf_counter() - start))
            same = answers[0] == answers[1]
            differ |= not same
            print(f"{what:<18} in process {answers[0]} {times[0]:7.2f} ms   by the service {answers[1]} "
                  f"{times[1]:7.2f} ms   {'the same' if same else 'DIFFERENT'}")
    raise SystemExit(1 if differ else 0)


if __name__ == "__main__":
    main()
