#!/usr/bin/env python3
"""Compares `engram tokenize` with Hugging Face `tokenizers` over random Unicode and real text.

    tokenize_check.py --engram .build/release/engram --tokenizer tokenizer.json \\
        [--input FILE]... [--texts 20000] [--seed 1]

Prints how many texts agree, and the first that do not; exit status 1 where there are any.
Characters that this Python's Unicode does not know are left out of random text: the libraries
on the two sides know different versions of Unicode.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import unicodedata

import tokenizers

COMMON = list(" \n\t\r.,;:!?'\"()[]{}<>|_-=+*/0123456789abcdefghijklmnopqrstuvwxyzABCXYZ") + [
    "  ", "    ", "\r\n", "\n\n", " the", "don't", "I'LL", "中", "的", "の", "ン", "한", "д", "é",
    "e\u0301", "\u00a0", "\u3000", "\u200d", "😀", "<｜User｜>", "<think>", "</think>",
]  # fmt: skip


def random_text(generator: random.Random, scalars: list[int]) -> str:
    spread = generator.random()
    return "".join(
        chr(generator.choice(scalars)) if generator.random() < spread else generator.choice(COMMON)
        for _ in range(generator.randint(0, 80))
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engram", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--input", action="append", default=[])
    parser.add_argument("--texts", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    generator = random.Random(arguments.seed)
    scalars = [
        scalar
        for scalar in range(0x110000)
        if unicodedata.category(chr(scalar)) not in ("Cs", "Cn")
    ]
    texts = [random_text(generator, scalars) for _ in range(arguments.texts)]
    for path in arguments.input:
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines(keepends=True)
        while lines:
            count = generator.randint(1, 60)
            texts.append("".join(lines[:count]))
            lines = lines[count:]

    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    command = [arguments.engram, "tokenize", "--tokenizer", arguments.tokenizer]
    ours = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True)
    ids = [json.loads(line)["ids"] for line in ours.stdout.splitlines()]
    lines = "".join(json.dumps({"ids": some}) + "\n" for some in ids)
    command.append("--decode")
    decoded = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True)
    back = [json.loads(line)["text"] for line in decoded.stdout.splitlines()]

    theirs = tokenizers.Tokenizer.from_file(arguments.tokenizer)
    different = 0
    for text, ours_ids, ours_text in zip(texts, ids, back, strict=True):
        expected = theirs.encode(text, add_special_tokens=False).ids
        if ours_ids != expected or ours_text != theirs.decode(expected, skip_special_tokens=False):
            different += 1
            if different <= 5:
                print(f"different: {text!r}\n  ours   {ours_ids}\n  theirs {expected}")
    print(f"{len(texts) - different} of {len(texts)} texts agree")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
