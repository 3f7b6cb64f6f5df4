#!/usr/bin/env python3
"""Measures Hugging Face `tokenizers` on one thread, as JSON lines like `engram bench`'s.

    tokenize_peers.py --tokenizer tokenizer.json --input english.txt [--seconds 2]
"""

import argparse
import json
import os
import pathlib
import statistics
import time

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tokenizers  # noqa: E402


def documents(text: bytes) -> list[str]:
    """Text in documents of about 16 KB, cut at line ends: as `engram bench tokenize` cuts it."""
    result, start = [], 0
    while start < len(text):
        end = min(start + (16 << 10), len(text))
        if end < len(text):
            newline = text.find(b"\n", end - 1)
            end = len(text) if newline < 0 else newline + 1
        result.append(text[start:end].decode("utf-8", "replace"))
        start = end
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--input", action="append", required=True)
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    tokenizer = tokenizers.Tokenizer.from_file(arguments.tokenizer)
    for path in map(pathlib.Path, arguments.input):
        text = path.read_bytes()
        rates, began = [], time.perf_counter()
        texts = documents(text)
        size = sum(len(item.encode()) for item in texts)
        for item in texts:  # warm its cache
            tokenizer.encode(item, add_special_tokens=False)
        while time.perf_counter() - began < arguments.seconds or len(rates) < 2:
            start = time.perf_counter()
            for item in texts:
                tokenizer.encode(item, add_special_tokens=False)
            rates.append(size / 1e6 / (time.perf_counter() - start))
        line = {
            "bench": "tokenize",
            "what": f"{path.stem}, Hugging Face tokenizers {tokenizers.__version__}, 1 thread",
            "value": statistics.median(rates),
            "unit": "MB/s",
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
