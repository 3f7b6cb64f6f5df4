#!/usr/bin/env python3
"""Writes small tokenizers of every supported kind, with what Hugging Face `tokenizers` makes of
some texts, as golden data for the tests:

    tokenize_variants.py > Tests/TokenizationTests/Golden/variants.json
"""

import json
import random

import tokenizers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

TRAINING = [
    "the quick brown fox jumps over the lazy dog and the other dogs there",
    "token tokens tokenizer tokenization naïve café résumé fiancé",
    "    if value == 100:\n        return values[0]\n\n\t\treturn None\r\n",
    "中文分词 中文的文本 日本語のテキスト 한국어 텍스트 русский текст ελληνικά",
    "1234567890 3.14159 2024-01-31 don't we'll they're I'm",
] * 4

PIECES = [
    "the", " dog", "dogs", " ", "  ", "   ", "\n", "\r\n", "\t", "café", "cafe\u0301", "naïve",
    "ﬁ", "Ａ", "①", "½", "é", "e\u0301", "中文", "的", "日本語", "テ", "한국", "русский", "текст",
    "1", "12", "123", "1234567", "٣", "don't", "I'M", "WE'LL", "'s", "'S", "'ſ", "=", "==", "-", "--",
    "_", "!?", "…", "，", "。", "<s>", "<s><s>", "</s>", "<mask>", "<mask>", "mask", "[X]", "[X]Y",
    "Zürich", "ZÜRICH", "word", "wordy", "a", "b", "\u00a0", "\u3000", "\u200d", "👩‍👩‍👧", "😀", "\u180e",
    "x\u0000y", "\u0085", "\u2028", "K", "İ", "ǅ", "\U0001d400", "ß", "क्षि", "ো", "0x1F", "foo_bar", "^",
]  # fmt: skip


def texts() -> list[str]:
    """The same texts on every run."""
    generator = random.Random(20)
    result = ["", " ", "<mask>", "  <mask>  ", "a<mask> b", "word", "words word", "--", "a--b-", "-a"]
    for _ in range(36):
        result.append("".join(generator.choices(PIECES, k=generator.randint(1, 12))))
    return result


def trained(normalizer=None) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        special_tokens=[],
    )
    tokenizer.train_from_iterator(TRAINING, trainer)
    return tokenizer


BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def split(pattern, behavior: str, invert: bool = False):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(pattern, behavior, invert), BYTES])


QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CL100K = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+"
    r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def pre_tokenizer_variants():
    for behavior in ["isolated", "removed", "merged_with_previous", "merged_with_next", "contiguous"]:
        yield f"split-{behavior}", split("-", behavior)
        yield f"split-{behavior}-inverted", split(Regex(r"\p{L}+|\d"), behavior, True)
        yield f"split-{behavior}-empty-matches", split(Regex(r"\s*"), behavior)
        yield f"split-{behavior}-lazy", split(Regex(r"\w+?(?=o|e)|\W{2,3}?|a*?b"), behavior)
    yield "byte-level", pre_tokenizers.ByteLevel(add_prefix_space=False)
    yield "byte-level-prefix", pre_tokenizers.ByteLevel(add_prefix_space=True)
    yield "byte-level-prefix-no-regex", pre_tokenizers.ByteLevel(
        add_prefix_space=True, use_regex=False
    )
    yield "digits", pre_tokenizers.Sequence([pre_tokenizers.Digits(True), BYTES])
    yield "digits-together", pre_tokenizers.Sequence([pre_tokenizers.Digits(False), BYTES])
    yield "qwen", split(Regex(QWEN), "isolated")
    yield "cl100k-possessive", split(Regex(CL100K.replace(r"|\s++$", "").replace("{1,3}+", "{1,3}")), "isolated")
    yield "o200k", split(Regex(O200K), "isolated")
    yield "look-behind", split(Regex(r"(?<=\p{L})\p{P}+|(?<!\d)\d|^\s+"), "isolated")
    yield "prefix-after-split", pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"[\u4e00-\u9fa5\x{3040}-\x{30ff}]+"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=True),
        ]
    )


def variants():
    for name, pre_tokenizer in pre_tokenizer_variants():
        tokenizer = trained()
        tokenizer.pre_tokenizer = pre_tokenizer
        yield name, tokenizer
    for form in ["NFC", "NFD", "NFKC", "NFKD"]:
        tokenizer = trained()
        tokenizer.normalizer = getattr(normalizers, form)()
        tokenizer.add_tokens([tokenizers.AddedToken("①é", normalized=True)])
        tokenizer.add_tokens([tokenizers.AddedToken("ﬁ", normalized=False)])
        yield form, tokenizer
    tokenizer = trained()
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.NFD()])
    yield "NFKC-NFD", tokenizer
    for flags in range(16):
        options = {
            "lstrip": bool(flags & 1),
            "rstrip": bool(flags & 2),
            "single_word": bool(flags & 4),
            "normalized": bool(flags & 8),
        }
        tokenizer = trained()
        tokenizer.add_special_tokens(["<s>", "</s>"])
        tokenizer.add_tokens(
            [
                tokenizers.AddedToken("<mask>", **options),
                tokenizers.AddedToken("word", **options),
                tokenizers.AddedToken("wordy", **options),
                tokenizers.AddedToken("[X]", special=True, **options),
                tokenizers.AddedToken("  ", **options),
            ]
        )
        yield "added-" + ("-".join(key for key in options if options[key]) or "plain"), tokenizer


def main() -> None:
    model = None
    result = []
    for name, tokenizer in variants():
        tokenizer.decoder = decoders.ByteLevel()
        parts = json.loads(tokenizer.to_str())
        own = parts.pop("model")
        assert model is None or model == own, "training is not the same every time"
        model = own
        cases = []
        for text in texts():
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            cases.append(
                {
                    "text": text,
                    "ids": ids,
                    "decoded": tokenizer.decode(ids, skip_special_tokens=False),
                    "skipping": tokenizer.decode(ids, skip_special_tokens=True),
                }
            )
        # The test puts the shared model back in.
        result.append({"name": name, "parts": json.dumps(parts)[1:-1], "cases": cases})
    ids = list(range(256))
    random.Random(21).shuffle(ids)
    decoding = [ids[start : start + 7] for start in range(0, 252, 7)]
    print(
        json.dumps(
            {
                "source": f"Hugging Face tokenizers {tokenizers.__version__}",
                "model": json.dumps(model),
                "variants": result,
                "brokenText": [
                    {"ids": some, "decoded": tokenizer.decode(some)} for some in decoding
                ],
            },
            indent=None,
            separators=(",", ":"),
        )
    )


if __name__ == "__main__":
    main()
