"""Writes minhash.json: signatures computed from Schemas/deduplication.md alone.

    python3 minhash.py > minhash.json
"""

import json
import unicodedata

MASK = 2**64 - 1
STEP = 0x9E3779B97F4A7C15
# Unspaced scripts among the texts below.
UNSPACED = [(0x0E00, 0x109F), (0x2E80, 0x31BF), (0x4E00, 0x9FFF)]


def mix(x):
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    return x ^ x >> 31


def split_mix(count):
    state, out = 0, []
    for _ in range(count):
        state = state + STEP & MASK
        out.append(mix(state))
    return out


def words(text):
    found, word = [], ""
    for c in text + " ":
        if not (c.isalnum() or unicodedata.category(c)[0] == "M"):
            found, word = found + [word], ""
        elif any(low <= ord(c) <= high for low, high in UNSPACED):
            found, word = found + [word, c], ""
        else:
            word += c.lower()
    return [w for w in found if w]


def word_hash(word):
    h = 0xCBF29CE484222325
    units = word.encode("utf-16-le")
    for i in range(0, len(units), 2):
        h = (h ^ units[i] + 256 * units[i + 1]) * 0x100000001B3 & MASK
    return h


def signature(text):
    hashes = [word_hash(w) for w in words(text)]
    if not hashes:
        return []
    hashes = [0] * max(0, 5 - len(hashes)) + hashes
    shingles = []
    for i in range(len(hashes) - 4):
        total = 0
        for h in hashes[i:i + 5]:
            total = total * STEP + h & MASK
        shingles.append(mix(total))
    draws = split_mix(256)
    return [mix(min((f | 1) * s + t & MASK for s in shingles)) & 0xFFFF
            for f, t in zip(draws[:128], draws[128:])]


TEXTS = ["", "...", "word", "Two Words", "one two three four five",
         "The quick brown fox jumps over the lazy dog, and the dog does not mind at all.",
         "x1 = y_2 + f(z3); // snake_case and camelCase 42",
         "Ärger über Öl: ÉTÉ, Ñandú, ΑΒΓ δεζ, Съешь ещё этих мягких булок",
         "机器学习模型需要大量的训练数据 and English 混合 text です。カタカナ",
         "ภาษาไทยไม่มีช่องว่าง", "emoji 😀 and 𝒜 plane one 𐐀𐐨 letters",
         " ".join(str(i * i) for i in range(700))]
print(json.dumps([{"text": t, "values": signature(t)} for t in TEXTS]))
