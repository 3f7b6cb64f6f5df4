#!/usr/bin/env python3
"""Cuts the files of folders into passages of so many words each, whatever they say, and writes them
as documents, a line {"id", "text"} each: what search engines are compared on.

  Tools/lib/word_passages.py passages.jsonl 264000 60 .cache/corpora/linux-doc ...

Files come folder by folder in the order of their names; what is not UTF-8 is left out, as is HTML,
which is made of the same sources. Ends with an error where there are not enough words.
"""
import gzip
import json
import os
import re
import sys

WORD = re.compile(r"[A-Za-z0-9]+")


def texts(folder):
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "html")
        for name in sorted(names):
            path = os.path.join(above, name)
            if os.path.islink(path):
                continue
            with (gzip.open if name.endswith(".gz") else open)(path, "rb") as file:
                data = file.read()
            try:
                yield data.decode()
            except UnicodeDecodeError:
                continue


def passages(folders, words):
    for folder in folders:
        for text in texts(folder):
            starts = [match.start() for match in WORD.finditer(text)][::words]
            for start, end in zip(starts, starts[1:] + [len(text)]):
                yield text[start:end]


def write(target, count, words, folders):
    with open(target, "w", encoding="utf-8") as file:
        for number, text in enumerate(passages(folders, words)):
            if number == count:
                return
            file.write(json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n")
    if number + 1 < count:
        sys.exit(f"word_passages: the folders hold {number + 1} passages, not {count}")


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
