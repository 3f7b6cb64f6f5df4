#!/usr/bin/env python3
"""Writes small Unigram and WordPiece tokenizers, with what Hugging Face `tokenizers` makes of some
texts, as golden data for the tests:

    subword_variants.py > Tests/TokenizationTests/Golden/subword.json
    subword_variants.py --texts 2000 > many.json    the same with more texts, for a longer look
"""

import argparse
import json
import math
import random
import struct
import sys

import tokenizers
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from tokenize_variants import PIECES, TRAINING

MORE = [
    "\u0300", "e\u0301\u0300", "か\u3099", "\u0301", "\u0600a", "\u0e33", "\ufe0f", "ᄀ\u1161", "\u200b", "▁", "▁▁", "��",
    "...", ".", "a.b..c", "½¾", "ﬀi", "Å", "\u212b", "㎡", "👍🏽", "🇩🇪", "\u0001", "\u007f", "\ue000", "\u0378", "$", "€", "¿que?",
]  # fmt: skip

# What the character map replaces; the shortest entry that a cluster begins with decides.
CHARACTERS = {
    "\n": " ", "\r": " ", "\t": " ", "\u0001": "", "\u00a0": " ", "\u3000": " ", "\u200b": "", "ﬁ": "fi", "Ａ": "A", "①": "1",
    "½": "1\u20442", "e\u0301": "é", "K": "K", "…": "...", "，": ",", "カ\u3099": "ガ", "a\u0300\u0301": "à", "X": "x",
    "\u0301": "", "㎡": "m2", "İ": "i", "ß": "ss",
}  # fmt: skip


def character_map(entries: dict[str, str]) -> bytes:
    """SentencePiece's precompiled form: size, double-array trie (darts-clone), replacements."""
    texts = b""
    trie: dict = {}
    for key, value in entries.items():
        node = trie
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[None] = len(texts)
        texts += value.encode() + b"\0"
    units = {0: 0}

    def place(node: dict, index: int) -> None:
        labels = [0 if byte is None else byte for byte in node]
        base = 1
        while any((base ^ label) in units for label in labels) or (base ^ index) >= 1 << 21:
            base += 1
        for label in labels:
            units[base ^ label] = label
        units[index] |= (index ^ base) << 10 | (1 << 8 if None in node else 0)
        for byte, child in node.items():
            if byte is None:
                units[base] = 1 << 31 | child
            else:
                place(child, base ^ byte)

    place(trie, 0)
    size = max(units) // 256 * 256 + 256
    array = b"".join(struct.pack("<I", units.get(index, 0)) for index in range(size))
    return struct.pack("<I", len(array)) + array + texts


def texts(count: int) -> list[str]:
    """The same texts on every run."""
    generator = random.Random(22)
    result = ["", " ", "<mask>", "  <mask>  ", "a<mask> b", "▁", " ▁a", "....", "word", "…", "\n", "中文的文本 123"]
    while len(result) < count:
        pieces = PIECES + MORE + [" "] * 24
        result.append("".join(generator.choices(pieces, k=generator.randint(1, 14))))
    return result


def substrings(words: list[str], least: int) -> dict[str, int]:
    """How often each text of up to 6 characters stands in the words; all single characters."""
    counts: dict[str, int] = {}
    for word in words:
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + 6) + 1):
                counts[word[start:end]] = counts.get(word[start:end], 0) + 1
    return {text: count for text, count in counts.items() if count >= least or len(text) == 1}


def unigram(pre_tokenizer, normalizer=None, unk=0, byte_fallback=False) -> Tokenizer:
    words = ["▁" + word for line in TRAINING for word in line.split()]
    counts = sorted(substrings(words, 8).items())
    total = sum(count for _, count in counts)
    vocab = [("<unk>", 0.0), ("<mask>", 0.0)]
    # Longer texts are likelier than their counts say, or nothing but characters would be used.
    vocab += [(text, round(math.log(count / total) * 2 + len(text), 4)) for text, count in counts]
    if byte_fallback:
        vocab += [(f"<0x{byte:02X}>", -9.0) for byte in range(256)]
    tokenizer = Tokenizer(models.Unigram(vocab, unk, byte_fallback))
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    return tokenizer


def word_piece(normalizer, pre_tokenizer, longest: int = 100) -> Tokenizer:
    texts = sorted(substrings([word for line in TRAINING for word in line.split()], 12))
    continuing = ["##" + text for text in texts if len(text) <= 2]
    vocab = {text: id for id, text in enumerate(["[PAD]", "[UNK]"] + texts + continuing)}
    tokenizer = Tokenizer(
        models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=longest)
    )
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    return tokenizer


def variants():
    metaspace = pre_tokenizers.Metaspace
    sequence = pre_tokenizers.Sequence
    spaced = sequence([pre_tokenizers.WhitespaceSplit(), metaspace()])
    characters = normalizers.Precompiled(character_map(CHARACTERS))
    yield "always", unigram(metaspace())
    yield "whitespace-metaspace", unigram(spaced)
    yield "never", unigram(metaspace(prepend_scheme="never"))
    yield "first", unigram(metaspace(prepend_scheme="first"))
    yield "whole", unigram(metaspace(split=False))
    yield "unk-is-a-token", unigram(spaced, unk=3)
    yield "byte-fallback", unigram(metaspace(), byte_fallback=True)
    yield "map", unigram(spaced, characters)
    yield "map-replace", unigram(
        metaspace(), normalizers.Sequence([characters, normalizers.Replace(Regex(" {2,}"), " ")])
    )
    yield "strip-replace", unigram(
        metaspace(),
        normalizers.Sequence(
            [normalizers.Strip(), normalizers.Replace("''", '"'), normalizers.Replace("e", "ee")]
        ),
    )
    yield "strip-left", unigram(spaced, normalizers.Strip(left=True, right=False))
    yield "nfkd-accents-lower", unigram(
        spaced,
        normalizers.Sequence(
            [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
        ),
    )
    yield "prepend", unigram(metaspace(prepend_scheme="never"), normalizers.Prepend("▁"))
    yield "digits", unigram(
        sequence([pre_tokenizers.Digits(True), pre_tokenizers.Punctuation(), metaspace()])
    )
    added = unigram(spaced, characters)
    added.add_special_tokens(["<mask>"])
    added.add_tokens([tokenizers.AddedToken("word", normalized=True, single_word=True)])
    added.add_tokens([tokenizers.AddedToken("Xy", normalized=True, lstrip=True, rstrip=True)])
    yield "added", added
    bert = pre_tokenizers.BertPreTokenizer()
    yield "bert", word_piece(normalizers.BertNormalizer(), bert)
    yield "bert-cased", word_piece(normalizers.BertNormalizer(lowercase=False), bert)
    yield "bert-plain", word_piece(
        normalizers.BertNormalizer(
            clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False
        ),
        bert,
    )
    yield "bert-short", word_piece(normalizers.BertNormalizer(), bert, longest=4)
    yield "word-piece-whitespace", word_piece(None, pre_tokenizers.Whitespace())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=80)
    count = parser.parse_args().texts
    result = []
    for name, tokenizer in variants():
        cases = [
            {"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids}
            for text in texts(count)
        ]
        result.append({"name": name, "tokenizer": tokenizer.to_str(), "cases": cases})
    json.dump(
        {"source": f"Hugging Face tokenizers {tokenizers.__version__}", "variants": result},
        sys.stdout,
        separators=(",", ":"),
    )
    print()


if __name__ == "__main__":
    main()
