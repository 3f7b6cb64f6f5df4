#!/usr/bin/env python3
"""Measures how fast fastText learns from a token stream: what table training is compared with.
Prints JSON lines {"bench", "what", "value", "unit"}.

The stream is PREFIX.bin and PREFIX.idx (`engram dataset export --format megatron`); every token id
is a word. Skip-gram and CBOW with a window of 5, as fastText has it by default; supervised with
word 3-grams in 2 million buckets, once with a label for each line of 32 tokens (the token that
follows), once as ours predicts, with a label for every token (the token after three). Dimension
64, 5 negatives, one epoch, no character N-grams; one thread, and all. The rate is fastText's own,
words/sec/thread at the end of the epoch times the threads: reading the dictionary is left out.
Skip-gram and CBOW count the tokens that their subsampling passes over.

  train_peers.py PREFIX
  train_peers.py PREFIX --tokens 500000 --only cbow --threads 1,2

Runs in .cache/peers (Tools/setup bench).
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import token_stream

DIMENSION, NEGATIVES, BUCKETS, LINE = 64, 5, 2_000_000, 32

# Each runs in a process of its own: fastText reports its rate on standard error only.
TRAIN = """
import json, sys, fasttext
options = json.loads(sys.argv[1])
getattr(fasttext, options.pop("how"))(**options)
"""


def text(documents, path):
    """Documents in lines of LINE tokens."""
    with open(path, "w") as file:
        for words in documents:
            for start in range(0, len(words), LINE):
                file.write(" ".join(words[start : start + LINE]) + "\n")


def labelled_lines(documents, path):
    with open(path, "w") as file:
        for words in documents:
            for start in range(0, len(words) - LINE, LINE):
                line = words[start : start + LINE + 1]
                file.write(f"__label__{line[-1]} {' '.join(line[:-1])}\n")


def labelled_tokens(documents, path):
    with open(path, "w") as file:
        for words in documents:
            for place in range(3, len(words)):
                file.write(f"__label__{words[place]} {' '.join(words[place - 3 : place])}\n")


# What it is called, how its file is written, the words that fastText counts for one token of ours,
# and its options.
MODELS = {
    "skip-gram": (text, 1, {"how": "train_unsupervised", "model": "skipgram"}),
    "CBOW": (text, 1, {"how": "train_unsupervised", "model": "cbow"}),
    "supervised, 3-grams, a label a line": (
        labelled_lines, 1, {"how": "train_supervised", "wordNgrams": 3}),
    # Its label, three words and the end of its line.
    "supervised, 3-grams, a label a token": (
        labelled_tokens, 5, {"how": "train_supervised", "wordNgrams": 3}),
}


def rate(options):
    """Words a second and thread at the end of the epoch."""
    done = subprocess.run([sys.executable, "-c", TRAIN, json.dumps(options)],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.findall(r"words/sec/thread:\s*(\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"train_peers: fastText failed: {done.stderr.strip().splitlines()[-1:]}")
    return int(found[-1])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefix", help="of FILE.bin and FILE.idx")
    parser.add_argument("--tokens", type=int, default=2_000_000, help="of the stream's beginning")
    parser.add_argument("--only", help="only models with this word in their name")
    parser.add_argument("--threads", default=f"1,{os.cpu_count()}", help="comma-separated")
    options = parser.parse_args()
    try:
        import fasttext  # noqa: F401
    except ImportError as error:
        print(f"train_peers: {error}: skipped", file=sys.stderr)
        return
    documents = [list(map(str, tokens.tolist()))
                 for tokens in token_stream.documents(options.prefix, options.tokens)]
    with tempfile.TemporaryDirectory(prefix="peers.", dir=os.path.dirname(options.prefix) or ".") \
            as folder:
        for name, (write, words, chosen) in MODELS.items():
            if options.only and options.only.lower() not in name.lower():
                continue
            path = os.path.join(folder, "tokens.txt")
            write(documents, path)
            for threads in dict.fromkeys(map(int, options.threads.split(","))):
                found = rate({"input": path, "dim": DIMENSION, "neg": NEGATIVES, "loss": "ns",
                              "minCount": 1, "minn": 0, "maxn": 0, "bucket": BUCKETS, "epoch": 1,
                              "thread": threads, "verbose": 2, **chosen})
                line = {"bench": "train", "what": f"fastText {name}, {threads} "
                        f"{'thread' if threads == 1 else 'threads'}",
                        "value": found * threads / words, "unit": "tokens/s"}
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
