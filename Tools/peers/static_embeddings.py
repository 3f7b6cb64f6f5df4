#!/usr/bin/env python3
"""Writes what the package tokenlearn-static-model makes of some texts, with its own model and with
a small one that is written too, as golden data for the tests:

    static_embeddings.py Tests/StaticEmbeddingsTests/Golden
    static_embeddings.py --check    whether that is what the package installed here says today
"""

import json
import math
import pathlib
import random
import sys
import tempfile

import numpy
import static_model
from safetensors.numpy import save_file
from static_model._static_model import encode_batch

from subword_variants import CHARACTERS, character_map, texts, unigram
from tokenizers import normalizers, pre_tokenizers

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GOLDEN = ROOT / "Tests/StaticEmbeddingsTests/Golden"
# What the package itself passes.
TOKEN_LIMIT = 512

SENTENCES = [
    "External memory for language models: rows of a table, found by the last tokens.",
    "How do I rebase onto another branch without losing my changes?",
    "La mémoire externe des modèles de langue, à l'École normale supérieure",
    "外部存储器让语言模型记住更多的事实。它们在哪里？",
    "日本語のテキストとカタカナ、ひらがな。",
    "Русский текст и ελληνικά, 한국어 텍스트",
    "for (int i = 0; i < n; i++) { sum += a[i] * b[i]; } // 𝛼 ≈ ½",
    "👩‍👩‍👧 emoji 👍🏽 and flags 🇩🇪🇫🇷",
    "...", ". . . . ,,, ?!", "\u200b", " \n\t ", "", "a", "ﬁ Ａ① K\u030a e\u0301",
    "\u0000control\u0001s\u007f", "https://example.org/a/b?c=d&e=f#g", "x" * 300,
    "word " * 600, "各" * 700,
]  # fmt: skip


def embeddings(folder: pathlib.Path, some: list[str]) -> list[dict]:
    vectors = encode_batch(str(folder), some, TOKEN_LIMIT)
    return [
        {"text": text, "vector": [float(numpy.float32(x)) for x in vector]}
        for text, vector in zip(some, vectors)
    ]


def write_small_model(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = unigram(
        pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]),
        normalizers.Precompiled(character_map(CHARACTERS)),
    )
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    count = tokenizer.get_vocab_size()
    generator = random.Random(23)
    rows, width = 40, 12
    numbers = [generator.randint(-127, 127) for _ in range(rows * width)]
    save_file(
        {
            "embeddings": numpy.array(numbers, numpy.int8).reshape(rows, width),
            "mapping": numpy.array([generator.randrange(rows) for _ in range(count)], numpy.int64),
            "weights": numpy.array([generator.uniform(0.2, 1) for _ in range(count)], numpy.float32),
        },
        folder / "model.safetensors",
    )
    (folder / "config.json").write_text('{"normalize": true}\n')


def write(folder: pathlib.Path) -> None:
    write_small_model(folder / "small")
    real = pathlib.Path(static_model.__file__).parent / "model"
    for name, model, some in [
        ("small", folder / "small", texts(60) + SENTENCES),
        ("package", real, SENTENCES),
    ]:
        cases = embeddings(model, some)
        (folder / f"{name}.json").write_text(
            json.dumps({"cases": cases}, separators=(",", ":")) + "\n"
        )


def check() -> int:
    with tempfile.TemporaryDirectory() as folder:
        write(pathlib.Path(folder))
        for name in ["small/tokenizer.json", "small/model.safetensors", "small/config.json"]:
            if (pathlib.Path(folder) / name).read_bytes() != (GOLDEN / name).read_bytes():
                print(f"static_embeddings: {name} is not what this script writes", file=sys.stderr)
                return 1
        for name in ["small.json", "package.json"]:
            fresh = json.loads((pathlib.Path(folder) / name).read_text())["cases"]
            golden = json.loads((GOLDEN / name).read_text())["cases"]
            worst = 0.0
            for ours, theirs in zip(golden, fresh, strict=True):
                if ours["text"] != theirs["text"]:
                    print(f"static_embeddings: {name} has other texts", file=sys.stderr)
                    return 1
                worst = max([worst] + [abs(a - b) for a, b in zip(ours["vector"], theirs["vector"], strict=True)])
            print(f"static_embeddings: {name}: {len(fresh)} texts, off by at most {worst:.1e}")
            if not worst < 1e-6 or math.isnan(worst):
                return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(check())
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(pathlib.Path(sys.argv[1]))
