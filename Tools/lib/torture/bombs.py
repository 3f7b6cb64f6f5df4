"""Small inputs that ask for much: a header that claims 2^60 bytes, JSON a million deep, a gigabyte in a
few kilobytes, a pattern that backtracks.

Each bomb is a function that lays its files into a folder and returns what is to be run there: argument
lists of the command, one after another. All but the last have to succeed, the last has to end in order:
with exit code 0 or 1 (64 where the command line itself is the bomb), with one line on standard error
where it is 1, within the time and the memory that `hostile.py` states. Nothing is committed: big inputs
are made when they are tried. The names are what `--only` takes.
"""
import base64
import bz2
import gzip
import json
import os
import random
import struct

TABLE = {}
MANY = 1_000_000
DEEP = b"[" * MANY


class Bomb:
    """What a bomb is, and what may come of it.

    - codes: the exit codes that are right; 0 alone where the input is legal and small.
    """

    def __init__(self, name, make, about, codes):
        self.name, self.make, self.about, self.codes = name, make, about, codes


def bomb(name, codes=(1,)):
    """Puts a function into the table; its docstring says what it claims."""
    def put(make):
        if name in TABLE:
            raise ValueError(f"two bombs are named {name}")
        TABLE[name] = Bomb(name, make, (make.__doc__ or "").strip(), codes)
        return make
    return put


def each(names, codes=(1,)):
    """A bomb for each entry of a dict; the function gets what the entry makes, too."""
    def put(make):
        for name, value in names.items():
            def one(place, value=value):
                return make(place, value())
            one.__doc__ = make.__doc__
            bomb(name, codes)(one)
        return make
    return put


class Place:
    """The folder of a bomb, what lies in it, and what its last command reads."""

    def __init__(self, folder):
        self.folder = folder
        self.input = b""
        self.bytes = 0

    def path(self, name):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, name, *parts):
        """A file of these parts; returns its path."""
        path = self.path(name)
        with open(path, "wb") as file:
            for part in parts:
                file.write(part.encode() if isinstance(part, str) else part)
        self.bytes += os.path.getsize(path)
        return path

    def ingest(self, path, *options):
        return ["ingest", path, "--dataset", "bomb", *options]

    def use(self, content):
        """What the last command reads from standard input."""
        self.input = content.encode() if isinstance(content, str) else content
        self.bytes += len(self.input)


# Safetensors

def tensors(header, data=b"", size=None):
    """A safetensors file with a header, given as JSON or as its bytes."""
    if not isinstance(header, bytes):
        header = json.dumps(header).encode()
    return struct.pack("<Q", len(header) if size is None else size) + header + data


def tensor(shape, start=0, end=8, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def load_rows(place, content, name="rows"):
    place.write("model/rows.safetensors", content)
    return [["memory", "import", "--from", place.path("model"), "--name", "bomb", "--tensor", name]]


@each({
    "safetensors-header-2^60": lambda: tensors(b"{}", size=1 << 60),
    "safetensors-header-2^63": lambda: tensors(b"{}", size=(1 << 63) - 1),
    "safetensors-header-2^64": lambda: tensors(b"{}", size=(1 << 64) - 1),
    "safetensors-header-99M": lambda: tensors(b"{}", size=99_000_000),
    "safetensors-elements-2^60": lambda: tensors({"rows": tensor([1 << 60, 64])}, bytes(8)),
    "safetensors-product-overflows":
        lambda: tensors({"rows": tensor([1 << 32, 1 << 32, 2])}, bytes(8)),
    "safetensors-product-of-zero": lambda: tensors({"rows": tensor([1 << 60, 1 << 60, 0], 0, 0)}),
    "safetensors-rows-of-nothing": lambda: tensors({"rows": tensor([1 << 60, 0], 0, 0)}),
    "safetensors-shape-2^64": lambda: tensors({"rows": tensor([1 << 64, 1])}, bytes(8)),
    "safetensors-negative-shape": lambda: tensors({"rows": tensor([-2, -1])}, bytes(8)),
    "safetensors-end-2^63": lambda: tensors({"rows": tensor([2], 0, (1 << 63) - 1)}, bytes(8)),
    "safetensors-negative-offsets": lambda: tensors({"rows": tensor([2], -8, 0)}, bytes(8)),
    "safetensors-begin-behind-end": lambda: tensors({"rows": tensor([2], 8, 0)}, bytes(8)),
    "safetensors-overlap":
        lambda: tensors({"rows": tensor([2, 1]), "b": tensor([2, 1], 4, 12)}, bytes(12)),
    "safetensors-hole":
        lambda: tensors({"rows": tensor([2, 1]), "b": tensor([2, 1], 16, 24)}, bytes(24)),
    "safetensors-1e400":
        lambda: tensors(b'{"rows":{"dtype":"F32","shape":[1e400],"data_offsets":[0,8]}}',
                                 bytes(8)),
    "safetensors-100000-dimensions":
        lambda: tensors({"rows": tensor([1] * 100_000, 0, 4)}, bytes(4)),
    "safetensors-deep": lambda: tensors(DEEP),
    "safetensors-deep-objects": lambda: tensors(b'{"a":' * MANY),
    "safetensors-one-long-name": lambda: tensors({"n" * 20_000_000: tensor([2])}, bytes(8)),
    "safetensors-rows-twice": lambda: tensors(
        b'{"rows":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},'
        b'"rows":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', bytes(8)),
})
def safetensors(place, content):
    """A safetensors header that claims what is not there."""
    return load_rows(place, content)


@bomb("safetensors-300000-tensors")
def many_tensors(place):
    """Tensors without end, none of them the one that is asked for."""
    return load_rows(place, tensors(
        {f"t{number}": tensor([0], 0, 0) for number in range(300_000)}))


@bomb("safetensors-wide-row", codes=(0, 1))
def wide_row(place):
    """Two rows of a gigabyte each, in a file with a hole."""
    size = 1 << 31
    place.write("model/rows.safetensors", tensors({"rows": tensor([2, size // 2], 0, size, "F8_E4M3")}))
    os.truncate(place.path("model/rows.safetensors"),
                os.path.getsize(place.path("model/rows.safetensors")) + size)
    return [["memory", "import", "--from", place.path("model"), "--name", "bomb", "--tensor", "rows"]]


@each({
    "index-json-deep": lambda: DEEP,
    "index-json-outside":
        lambda: json.dumps({"weight_map": {"rows": "../../../../etc/passwd"}}).encode(),
    "index-json-absolute": lambda: json.dumps({"weight_map": {"rows": "/etc/passwd"}}).encode(),
    "index-json-path-of-1M": lambda: json.dumps({"weight_map": {"rows": "a" * MANY}}).encode(),
    "index-json-200000-files": lambda: json.dumps(
        {"weight_map": {f"t{n}": f"f{n}.safetensors" for n in range(200_000)}}).encode(),
    "index-json-device": lambda: json.dumps({"weight_map": {"rows": "/dev/zero"}}).encode(),
})
def safetensors_index(place, content):
    """A model.safetensors.index.json that leads out of its folder, or nowhere."""
    place.write("model/model.safetensors.index.json", content)
    return [["memory", "import", "--from", place.path("model"), "--name", "bomb", "--tensor", "rows"]]


@each({
    "vectors-2^60": lambda: tensors({"vectors": tensor([1 << 60, 4])}, bytes(8)),
    "vectors-rows-of-nothing": lambda: tensors({"vectors": tensor([3, 0], 0, 0)}),
    "vectors-none": lambda: tensors({"vectors": tensor([0, 1 << 40], 0, 0)}),
})
def vectors(place, content):
    """Vectors of N-grams that are not there."""
    place.write("ngrams.jsonl", "".join('{"ids":[%d]}\n' % n for n in range(3)))
    return [["memory", "graft", "load", place.write("vectors.safetensors", content), "--ngrams",
             place.path("ngrams.jsonl"), "--as", "bomb"]]


@each({
    "ngrams-deep": lambda: DEEP,
    "ngrams-of-2^31": lambda: b'{"ids":[2147483648]}\n{"ids":[1]}\n',
    "ngrams-negative": lambda: b'{"ids":[-1]}\n',
    "ngrams-long": lambda: b'{"ids":[' + b"1," * MANY + b"1]}\n",
    "ngrams-count-2^64": lambda: b'{"ids":[1],"count":18446744073709551616}\n',
    "ngrams-one-line-300M": lambda: b" " * 300_000_000,
})
def ngrams(place, content):
    """A list of N-grams that nobody counted."""
    place.write("vectors.safetensors", tensors({"vectors": tensor([1, 2])}, bytes(8)))
    return [["memory", "graft", "load", place.path("vectors.safetensors"), "--ngrams",
             place.write("ngrams.jsonl", content), "--as", "bomb"]]


@each({
    "fuse-2^60": lambda: {"hidden": tensor([1 << 60, 1, 1], 0, 8)},
    "fuse-nothing": lambda: {"hidden": tensor([0, 0, 0], 0, 0), "rows": tensor([0, 0, 0], 0, 0)},
    "fuse-tokens-of-nothing": lambda: {"hidden": tensor([1 << 40, 4, 0], 0, 0),
                               "rows": tensor([1 << 40, 0, 0], 0, 0)},
})
def fuse(place, header):
    """Hidden states of absurd shapes."""
    end = max(entry["data_offsets"][1] for entry in header.values())
    place.write("in.safetensors", tensors(header, bytes(end)))
    return [["fuse", "--preset", "qwen-ple", "--in", place.path("in.safetensors"), "--out",
             place.path("out.safetensors")]]


# config.json

CONFIG = dict(engram_layer_ids=[1], engram_vocab_size=1000, engram_max_ngram_size=3, engram_n_heads=8,
              engram_pad_token_id=2, engram_compressed_vocab_size=1000)
PLE = dict(ple_layer_ids=[1], ngram_vocab_size_base=1000, ngram_size=3)


@each({
    "config-deep": lambda: DEEP,
    "config-deep-objects": lambda: b'{"text_config":' * MANY,
    "config-sizes-2^62": lambda: dict(CONFIG, engram_vocab_size=1 << 62),
    "config-sizes-2^63": lambda: dict(CONFIG, engram_vocab_size=(1 << 63) - 1),
    "config-sizes-2^40": lambda: dict(CONFIG, engram_vocab_size=1 << 40),
    "config-a-million-sizes": lambda: dict(CONFIG, engram_vocab_size=[1000] * MANY),
    "config-heads-2^31": lambda: dict(CONFIG, engram_n_heads=1 << 31),
    "config-heads-2^63": lambda: dict(CONFIG, engram_n_heads=(1 << 63) - 1),
    "config-heads-negative": lambda: dict(CONFIG, engram_n_heads=-1),
    "config-orders-2^31": lambda: dict(CONFIG, engram_max_ngram_size=1 << 31),
    "config-vocabulary-2^62": lambda: dict(CONFIG, engram_compressed_vocab_size=1 << 62),
    "config-pad-2^40": lambda: dict(CONFIG, engram_pad_token_id=1 << 40),
    "config-a-million-layers": lambda: dict(CONFIG, engram_layer_ids=list(range(MANY))),
    "config-layer-2^63": lambda: dict(CONFIG, engram_layer_ids=[(1 << 63) - 1]),
    "config-one-layer-a-million-times": lambda: dict(CONFIG, engram_layer_ids=[1] * MANY),
    "config-rows-2^60": lambda: dict(CONFIG, engram_num_embeddings=[1 << 60]),
    "config-1e300": lambda: dict(CONFIG, engram_vocab_size=1e300),
    "config-ple-2^62": lambda: dict(PLE, ngram_vocab_size_base=1 << 62),
    "config-ple-orders-2^62": lambda: dict(PLE, ngram_size=1 << 62),
    "config-ple-a-million-layers": lambda: dict(PLE, ple_layer_ids=list(range(1, MANY))),
    "config-ple-layer-2^63": lambda: dict(PLE, ple_layer_ids=[-(1 << 63)]),
}, codes=(0, 1))
def config(place, content):
    """A model's config.json whose tables nobody could hold, as `engram address` reads it."""
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    place.write("config.json", content)
    place.use('{"tokens":[1,2,3]}\n')
    return [["address", "--config", place.path("config.json"), "--vocabulary", "1000"]]


@each({
    "import-config-deep": lambda: DEEP,
    "import-config-sizes-2^62":
        lambda: json.dumps(dict(CONFIG, engram_vocab_size=1 << 62)).encode(),
    "import-config-heads-2^31": lambda: json.dumps(dict(CONFIG, engram_n_heads=1 << 31)).encode(),
    "import-config-a-million-layers": lambda: json.dumps(
        dict(CONFIG, engram_layer_ids=list(range(MANY)))).encode(),
    "import-config-ple-2^62": lambda: json.dumps(dict(PLE, ngram_vocab_size_base=1 << 62)).encode(),
    "import-config-100M": lambda: b" " * 100_000_000,
})
def import_config(place, content):
    """The same of a model folder that is imported."""
    place.write("model/config.json", content)
    place.write("model/rows.safetensors", tensors({"rows": tensor([2])}, bytes(8)))
    return [["memory", "import", "--from", place.path("model"), "--name", "bomb"]]


# tokenizer.json

LETTERS = [chr(code) for code in range(33, 127)]
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}


def byte_pairs(pattern=None, vocabulary=None, merges=(), **more):
    """A byte-level BPE tokenizer."""
    steps = [{"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
             ] if pattern is not None else []
    vocabulary = {letter: number for number, letter in enumerate(LETTERS)} if vocabulary is None \
        else vocabulary
    return {"version": "1.0", "added_tokens": [], "normalizer": None,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [*steps, BYTE_LEVEL]},
            "decoder": {"type": "ByteLevel"},
            "model": {"type": "BPE", "vocab": vocabulary, "merges": list(merges)}, **more}


def growing(count):
    """Merges that double: "aa", "aaaa" and so on."""
    merges, vocabulary = [], {letter: number for number, letter in enumerate(LETTERS)}
    for step in range(count):
        merges.append(["a" * (1 << step)] * 2)
        vocabulary["a" * (2 << step)] = len(vocabulary)
    return byte_pairs(vocabulary=vocabulary, merges=merges)


def text_line(text):
    return json.dumps({"text": text}) + "\n"


AS = "a" * 100_000


@each({
    "tokenizer-backtracks": lambda: (byte_pairs("(a+)+$"), AS + "!"),
    "tokenizer-backtracks-alternatives": lambda: (byte_pairs("(a|aa)+$"), AS + "!"),
    "tokenizer-backtracks-twice": lambda: (byte_pairs("(.*)(.*)(.*)(.*)[^a]$"), AS),
    "tokenizer-backtracks-behind": lambda: (byte_pairs("(?=(a+)+b)a|."), AS),
    "tokenizer-backtracks-ahead": lambda: (byte_pairs("(a+)+(?=b)"), AS),
    "tokenizer-quadratic": lambda: (byte_pairs("a*[bc]"), "a" * MANY),
    "tokenizer-quadratic-ahead": lambda: (byte_pairs("a(?=a*b)|a"), "a" * MANY),
    "tokenizer-quadratic-spaces": lambda: (byte_pairs("\\s+$|\\s"), "\u3000" * 300_000 + "x"),
    "tokenizer-repeats-of-repeats":
        lambda: (byte_pairs("(((a{1,1000}){1,1000}){1,1000}){1,1000}"), AS),
    "tokenizer-a-pattern-of-1M": lambda: (byte_pairs("(" * MANY), "a"),
    "tokenizer-an-alternation-of-1M": lambda: (byte_pairs("|".join(["ab"] * 300_000)), AS),
    "tokenizer-a-class-of-1M": lambda: (byte_pairs("[" + "a-z" * 300_000 + "]"), AS),
    "tokenizer-recursion": lambda: (byte_pairs("(?R)*"), AS),
    "tokenizer-empty-matches": lambda: (byte_pairs("a*?"), "a" * MANY),
    "tokenizer-id-2^31": lambda: (byte_pairs(vocabulary={"a": (1 << 31) - 1, "b": 1}), "ab"),
    "tokenizer-id-2^24": lambda: (byte_pairs(vocabulary={"a": (1 << 24) - 1, "b": 1}), "ab"),
    "tokenizer-id-2^63": lambda: (byte_pairs(vocabulary={"a": 1 << 63}), "a"),
    "tokenizer-id-negative": lambda: (byte_pairs(vocabulary={"a": -1}), "a"),
    "tokenizer-added-2^31":
        lambda: (byte_pairs(added_tokens=[{"id": (1 << 31) - 1, "content": "<s>"}]), "a"),
    "tokenizer-added-empty": lambda: (byte_pairs(added_tokens=[{"id": 500, "content": ""}]), AS),
    "tokenizer-added-alike": lambda: (byte_pairs(added_tokens=[
        {"id": 500 + n, "content": "a" * n} for n in range(1, 3000)]), "a" * MANY),
    "tokenizer-added-strips": lambda: (byte_pairs(added_tokens=[
        {"id": 500, "content": "<s>", "lstrip": True, "rstrip": True}]), (" " * 1000 + "<") * 1000),
    "tokenizer-one-word-of-1M": lambda: (growing(16), "a" * MANY),
    "tokenizer-doubling-merges": lambda: (growing(22), "a" * MANY),
    "tokenizer-merges-of-nothing": lambda: (byte_pairs(merges=["q w", "zz yy"]), "qw"),
    "tokenizer-300000-merges-alike": lambda: (byte_pairs(merges=["a a"] * 300_000), AS),
    "tokenizer-normalizers-of-normalizers": lambda: (byte_pairs(normalizer={
        "type": "Sequence", "normalizers": [{"type": "NFKD"}] * 10_000}), "\ufdfa" * 1000),
    "tokenizer-normalizer-grows": lambda: (byte_pairs(normalizer={
        "type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "NFKC"}]}), "\ufdfa" * 300_000),
    "tokenizer-combining":
        lambda: (byte_pairs(normalizer={"type": "NFD"}), "a" + "\u0301\u0316" * 300_000),
}, codes=(0, 1))
def tokenizer(place, value):
    """A tokenizer.json, and a text that it takes long for."""
    content, text = value
    place.write("tokenizer.json", json.dumps(content))
    place.use(text_line(text))
    return [["tokenize", "--tokenizer", place.path("tokenizer.json")]]


@each({
    "tokenizer-deep": lambda: DEEP,
    "tokenizer-deep-objects": lambda: b'{"normalizer":' * MANY,
    "tokenizer-300M": lambda: b" " * 300_000_000,
    "tokenizer-empty": lambda: b"",
    "tokenizer-2000000-tokens-alike":
        lambda: b'{"model":{"type":"BPE","vocab":{' + b'"a":1,' * 2 * MANY
    + b'"b":2}}}',
})
def tokenizer_file(place, content):
    """A tokenizer.json that is none."""
    place.use(text_line("a"))
    return [["tokenize", "--tokenizer", place.write("tokenizer.json", content)]]


@each({
    "ids-2^31": lambda: [2147483647, -1],
    "ids-2^63": lambda: [1 << 63],
    "ids-a-million": lambda: [94] * MANY,
    "ids-deep": lambda: None,
}, codes=(0, 1))
def decoded(place, ids):
    """Token ids that are turned into text."""
    place.write("tokenizer.json", json.dumps(byte_pairs()))
    place.use(json.dumps({"ids": ids}) + "\n" if ids else DEEP)
    return [["tokenize", "--tokenizer", place.path("tokenizer.json"), "--decode"]]


def pieces(normalizer=None, steps=None, vocabulary=None):
    """A Unigram tokenizer, as embedding models have it."""
    vocabulary = [["<unk>", 0.0]] + [[letter, -1.0] for letter in LETTERS] if vocabulary is None \
        else vocabulary
    return {"version": "1.0", "added_tokens": [], "normalizer": normalizer,
            "pre_tokenizer": steps, "model": {"type": "Unigram", "unk_id": 0, "vocab": vocabulary}}


def words(limit, normalizer=None):
    """A WordPiece tokenizer."""
    vocabulary = {"[UNK]": 0, **{"a" * n: n for n in range(1, 300)}}
    vocabulary.update({"##" + "a" * n: 299 + n for n in range(1, 300)})
    return {"version": "1.0", "added_tokens": [], "normalizer": normalizer, "pre_tokenizer": None,
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": limit, "vocab": vocabulary}}


def doubling(content, pattern="a", count=1):
    return {"type": "Sequence", "normalizers": [
        {"type": "Replace", "pattern": {"String": pattern}, "content": content}] * count}


def embed(place, tokenizer, text, rows=1000, table=None, config=b"{}"):
    """Documents whose passages a static embedding model makes vectors of."""
    place.write("model/tokenizer.json", tokenizer if isinstance(tokenizer, bytes)
                else json.dumps(tokenizer))
    place.write("model/config.json", config)
    place.write("model/model.safetensors", table if table is not None else tensors(
        {"embeddings": tensor([rows, 4], 0, 16 * rows)}, bytes(range(16)) * rows))
    place.write("docs/one.txt", text)
    return [place.ingest(place.path("docs")),
            ["index", "build", "bomb", "--embed", place.path("model")]]


@each({
    "subword-replace-1M": lambda: pieces(doubling("a" * MANY)),
    "subword-replace-doubles": lambda: pieces(doubling("aa", count=30)),
    "subword-replace-backtracks": lambda: pieces({"type": "Replace", "pattern": {"Regex": "(a+)+$"},
                                          "content": ""}),
    "subword-prepend-1M": lambda: pieces({"type": "Prepend", "prepend": "a" * MANY}),
    "subword-prepend-many": lambda: pieces({"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "a" * 1000}] * 10_000}),
    "subword-split-quadratic": lambda: pieces(steps={
        "type": "Split", "pattern": {"Regex": "a*[bc]"}, "behavior": "Isolated", "invert": False}),
    "subword-pieces-alike": lambda: pieces(vocabulary=[["<unk>", 0.0]] + [
        ["a" * n, -1.0 / n] for n in range(1, 200)]),
    "subword-score-1e308": lambda: pieces(vocabulary=[["<unk>", -1.7e308], ["a", -1.7e308]]),
    "subword-word-2^62": lambda: words(1 << 62),
    "subword-word-negative": lambda: words(-1),
    "subword-charsmap-2^32":
        lambda: pieces({"type": "Precompiled", "precompiled_charsmap": base64.b64encode(
        struct.pack("<I", (1 << 32) - 4) + bytes(64)).decode()}),
    "subword-charsmap-random":
        lambda: pieces({"type": "Precompiled", "precompiled_charsmap": base64.b64encode(
        struct.pack("<I", 4096) + random.Random(1).randbytes(4096) + b"a" * 64).decode()}),
    "subword-deep": lambda: DEEP,
    "subword-id-2^31":
        lambda: {"model": {"type": "WordPiece", "unk_token": "a", "vocab": {"a": 1 << 31},
                                  "continuing_subword_prefix": "", "max_input_chars_per_word": 9}},
    "subword-metaspace-1M": lambda: pieces(steps={"type": "Metaspace", "replacement": "a" * MANY}),
}, codes=(0, 1))
def subword(place, content):
    """A tokenizer of an embedding model, and passages that it takes long for."""
    return embed(place, content, " ".join(["a" * 20_000] * 40))


@each({
    "embed-2^60": lambda: tensors({"embeddings": tensor([1 << 60, 4])}, bytes(8)),
    "embed-no-numbers": lambda: tensors({"embeddings": tensor([1 << 40, 0], 0, 0)}),
    "embed-deep": lambda: tensors(DEEP),
    "embed-nan": lambda: tensors({"embeddings": tensor([1000, 4], 0, 16_000)}, b"\xff" * 16_000),
})
def embedding(place, table):
    """An embedding model whose table is not there."""
    return embed(place, pieces(), "a b c", table=table)


# What ingest reads

PART = 16 << 20


def gzipped(size, byte=b"\0", before=b"", behind=b""):
    """So many bytes as gzip: members of 16 MB, one behind the other."""
    return gzip.compress(before) + gzip.compress(byte * PART) * (size // PART) + gzip.compress(behind)


def bzipped(size):
    """So many zero bytes as bzip2: streams of 16 MB, one behind the other."""
    return bz2.compress(bytes(PART)) * (size // PART)


def zstandard(size, byte=b"\0", window=0x38):
    """A Zstandard frame of one byte repeated: blocks of the form that says so, 4 bytes for 128 KB."""
    count = size // (1 << 17)
    blocks = b"".join(((1 << 17) << 3 | 2 | (number == count - 1)).to_bytes(3, "little") + byte
                      for number in range(count))
    return bytes.fromhex("28b52ffd") + bytes([0, window]) + blocks


def xxh32(data):
    """XXH32 of less than 16 bytes, seed 0: the check of an LZ4 frame's head."""
    mask = (1 << 32) - 1
    state = (374761393 + len(data)) & mask
    for byte in data:
        state = (state + byte * 374761393) & mask
        state = (((state << 11 | state >> 21) & mask) * 2654435761) & mask
    state = ((state ^ state >> 15) * 2246822519) & mask
    state = ((state ^ state >> 13) * 3266489917) & mask
    return state ^ state >> 16


def lz4_frame(size, claimed=None):
    """An LZ4 frame whose blocks are 4 MB of zeros each, in 16 KB."""
    length = (4 << 20) - 1 - 5
    block = b"\x1f\0\x01\0" + b"\xff" * ((length - 19) // 255) + bytes([(length - 19) % 255]) \
        + b"\x50" + bytes(5)
    head = bytes([0x60 | (8 if claimed else 0), 0x70])
    if claimed:
        head += struct.pack("<Q", claimed)
    return struct.pack("<I", 0x184D2204) + head + bytes([xxh32(head) >> 8 & 0xFF]) \
        + (struct.pack("<I", len(block)) + block) * (size >> 22) + bytes(4)


BIG = 1 << 30
UNPACKED = {
    "gz": lambda: gzipped(BIG),
    "bz2": lambda: bzipped(BIG),
    "zst": lambda: zstandard(BIG),
    "lz4": lambda: lz4_frame(BIG),
}
for ending, pack in UNPACKED.items():
    for name in ("jsonl", "txt", "csv", "tar", "npy", "html"):
        def unpack(place, ending=ending, pack=pack, name=name):
            """A gigabyte of zeros in few bytes."""
            return [place.ingest(place.write(f"zeros.{name}.{ending}", pack()))]
        bomb(f"unpack-{name}-{ending}", codes=(0, 1))(unpack)


@each({
    "zst-window-2^41": lambda: ("zst", bytes.fromhex("28b52ffd") + bytes([0, 0xFF]) + bytes(8)),
    "zst-claims-2^63": lambda: ("zst", bytes.fromhex("28b52ffde0") + struct.pack("<Q", 1 << 63)
                        + bytes([1, 0, 0])),
    "zst-skips-4G": lambda: ("zst", bytes.fromhex("502a4d18ffffffff") + bytes(64)),
    "zst-a-million-empty-frames": lambda: ("zst", (bytes.fromhex("28b52ffd2000") + bytes([1, 0, 0]))
                                   * 300_000),
    "lz4-claims-2^63": lambda: ("lz4", lz4_frame(1 << 22, claimed=1 << 63)),
    "lz4-block-2^31": lambda: ("lz4", struct.pack("<I", 0x184D2204) + bytes([0x60, 0x70, 0x73])
                       + struct.pack("<I", 0x7FFFFFFF) + bytes(64)),
    "gz-300000-empty-members": lambda: ("gz", gzip.compress(b"") * 300_000),
    "gz-name-without-end": lambda: ("gz", b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * 3 * MANY),
    "gz-in-gz": lambda: ("gz", gzip.compress(gzip.compress(b"\0" * MANY))),
}, codes=(0, 1))
def packed(place, value):
    """A compressed file whose head claims what is not there."""
    ending, content = value
    return [place.ingest(place.write(f"a.txt.{ending}", content))]


@each({
    "jsonl-deep": lambda: b'{"text":"a","more":' + DEEP,
    "jsonl-deep-and-closed": lambda: b'{"text":"a","more":' + DEEP + b"]" * MANY + b"}\n",
    "jsonl-a-line-of-300M": lambda: b'{"text":"' + b"a" * 300_000_000 + b'"}\n',
    "jsonl-300000-members":
        lambda: b'{"text":"a",' + b",".join(b'"%d":%d' % (n, n) for n in range(300_000))
    + b"}\n",
    "jsonl-one-member-300000-times":
        lambda: b'{"text":"a",' + b",".join([b'"a":1'] * 300_000) + b"}\n",
    "jsonl-a-number-of-1M": lambda: b'{"text":"a","n":' + b"9" * MANY + b"}\n",
    "jsonl-1e999999999": lambda: b'{"text":"a","n":1e999999999}\n',
    "jsonl-escapes-1M": lambda: b'{"text":"' + b"\\u0000" * MANY + b'"}\n',
    "jsonl-half-surrogates": lambda: b'{"text":"' + b"\\ud800" * 300_000 + b'"}\n',
    "jsonl-3000000-empty-lines": lambda: b"\n" * 3 * MANY,
    "jsonl-an-id-of-1M": lambda: b'{"text":"a","id":"' + b"i" * MANY + b'"}\n',
}, codes=(0, 1))
def json_lines(place, content):
    """Records of JSON lines."""
    return [place.ingest(place.write("a.jsonl", content))]


@each({
    "csv-a-field-of-1G": lambda: ("a.csv.gz", lambda: gzipped(
        BIG, b"a", b'id,text\n1,"', b'"\n')),
    "csv-a-quote-without-end": lambda: ("a.csv", lambda: b'id,text\n1,"' + b"a\n" * 10 * MANY),
    "csv-a-million-columns":
        lambda: ("a.csv", lambda: b"text" + b",c" * MANY + b"\n" + b"," * MANY + b"\n"),
    "csv-a-million-columns-alike": lambda: ("a.csv", lambda: b",".join([b"text"] * MANY) + b"\n"),
    "csv-quotes": lambda: ("a.csv", lambda: b"text\n" + b'"' * 10 * MANY),
    "csv-a-row-longer-than-its-head":
        lambda: ("a.csv", lambda: b"text\n" + b"a," * 3 * MANY + b"\n"),
    "tsv-a-million-columns":
        lambda: ("a.tsv", lambda: b"text" + b"\tc" * MANY + b"\n" + b"\t" * MANY),
}, codes=(0, 1))
def tables(place, value):
    """Tables with fields and columns without end."""
    name, make = value
    return [place.ingest(place.write(name, make()), "--include", "*")]


ENTITIES = "<!DOCTYPE lolz [<!ENTITY a0 'lol'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)) + "]>"


@each({
    "html-entities": lambda: f"{ENTITIES}<html><body>&a11;</body></html>",
    "html-entity-of-a-file":
        lambda: '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>&x;</p>',
    "html-deep": lambda: "<div>" * MANY,
    "html-deep-and-closed": lambda: "<div>a" * 300_000 + "</div>" * 300_000,
    "html-deep-lists": lambda: "<ul><li>" * 300_000,
    "html-deep-tables": lambda: "<table><tr><td>" * 200_000,
    "html-deep-inline": lambda: "<b><i>" * 300_000 + "x",
    "html-closing-tags": lambda: "</p>" * MANY,
    "html-300000-attributes":
        lambda: "<p " + " ".join(f"a{n}=1" for n in range(300_000)) + ">x</p>",
    "html-an-attribute-of-100M": lambda: '<p a="' + "x" * 100_000_000 + '">x</p>',
    "html-a-comment-without-end": lambda: "<!--" + "-" * 10 * MANY,
    "html-a-tag-without-end": lambda: "<" * 3 * MANY,
    "html-a-script-without-end": lambda: "<script>" + "</scrip" * MANY,
    "html-numbers": lambda: "&#99999999999;" * 300_000 + "&#x0;" * 300_000,
    "html-a-name-of-10M": lambda: "<" + "a" * 10 * MANY + ">x",
    "html-processing": lambda: "<?xml " * MANY,
    "html-paragraphs": lambda: "<p>" * 3 * MANY,
}, codes=(0, 1))
def html(place, content):
    """Pages that no browser would be sent."""
    return [place.ingest(place.write("a.html", content))]


def tar_entry(name, size=0, kind=b"0", content=b"", link=b"", field=None):
    """A tar header, and its content filled up."""
    head = bytearray(512)
    head[0:100] = name[:100].ljust(100, b"\0")
    head[100:108] = head[108:116] = head[116:124] = b"0000644\0"
    head[124:136] = field if field is not None else b"%011o\0" % size
    head[136:148] = b"00000000000\0"
    head[148:156] = b" " * 8
    head[156:157] = kind
    head[157:257] = link.ljust(100, b"\0")
    head[257:265] = b"ustar\x0000"
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + content + bytes(-len(content) % 512)


def pax(key, value):
    """A pax header with one record."""
    rest = b" " + key + b"=" + value + b"\n"
    size = len(rest) + 1
    while len(str(size)) + len(rest) != size:
        size = len(str(size)) + len(rest)
    record = b"%d" % size + rest
    return tar_entry(b"pax", len(record), b"x", record)


END = bytes(1024)
GOOD = tar_entry(b"a.txt", 5, b"0", b"hello")
SPARSE = bytearray(tar_entry(b"a.txt", 512, b"S", bytes(512)))
SPARSE[386:410] = b"00000000000\x0000000001000\0"
SPARSE[483:495] = b"77777777777\0"
SPARSE[148:156] = b" " * 8
SPARSE[148:156] = b"%06o\0 " % sum(SPARSE[:512])


@each({
    "tar-size-2^63":
        lambda: tar_entry(b"a.txt", field=b"\x80" + bytes(3) + b"\x7f" + b"\xff" * 7) + END,
    "tar-size-negative": lambda: tar_entry(b"a.txt", field=b"\xff" * 12) + END,
    "tar-size-8G": lambda: tar_entry(b"a.txt", field=b"77777777777\0") + END,
    "tar-size-not-a-number": lambda: tar_entry(b"a.txt", field=b"9z9z9z9z9z9\0") + END,
    "tar-path-outside": lambda: tar_entry(b"../../../../tmp/a.txt", 5, b"0", b"hello") + END,
    "tar-path-absolute": lambda: tar_entry(b"/etc/a.txt", 5, b"0", b"hello") + END,
    "tar-link": lambda: tar_entry(b"a.txt", 0, b"2", link=b"/etc/passwd") + END,
    "tar-hard-link": lambda: tar_entry(b"a.txt", 0, b"1", link=b"/etc/passwd") + GOOD + END,
    "tar-device": lambda: tar_entry(b"a.txt", 0, b"3") + GOOD + END,
    "tar-pax-path-of-1M": lambda: pax(b"path", b"p" * MANY + b".txt") + GOOD + END,
    "tar-pax-path-of-100M": lambda: pax(b"path", b"p" * 100_000_000 + b".txt") + GOOD + END,
    "tar-pax-size-2^63": lambda: pax(b"size", b"9223372036854775807") + GOOD + END,
    "tar-pax-size-negative": lambda: pax(b"size", b"-5") + GOOD + END,
    "tar-pax-sparse-2^60": lambda: pax(b"GNU.sparse.realsize", b"1152921504606846976")
    + pax(b"GNU.sparse.map", b"0,5") + GOOD + END,
    "tar-sparse-8G": lambda: bytes(SPARSE) + END,
    "tar-long-name-8G":
        lambda: tar_entry(b"././@LongLink", kind=b"L", field=b"77777777777\0") + END,
    "tar-long-name-1M": lambda: tar_entry(b"././@LongLink", MANY, b"L", b"n" * MANY) + GOOD + END,
    "tar-one-key-100000-times": lambda: GOOD * 100_000 + END,
    "tar-100000-keys": lambda: b"".join(tar_entry(b"%d.txt" % n) for n in range(100_000)) + END,
    "tar-100000-fields":
        lambda: b"".join(tar_entry(b"a.f%d" % n, 1, b"0", b"x") for n in range(100_000)) + END,
    "tar-json-deep": lambda: tar_entry(b"a.json", MANY, b"0", DEEP) + GOOD + END,
    "tar-a-million-headers": lambda: pax(b"comment", b"x") * 100_000 + GOOD + END,
    "tar-not-a-tar": lambda: b"\xff" * 10 * MANY,
    "tar-as-zip": lambda: b"PK\3\4" + b"\xff" * MANY,
    "tar-as-7z": lambda: b"7z\xbc\xaf\x27\x1c" + b"\xff" * MANY,
}, codes=(0, 1))
def tar(place, content):
    """A WebDataset tar whose entries are not what they say."""
    return [place.ingest(place.write("a.tar", content), "--input-format", "webdataset")]


def npy(header, data=b"", size=None, version=1):
    """A .npy file with a header."""
    if not isinstance(header, bytes):
        header = ("{'descr': %r, 'fortran_order': False, 'shape': %s, }" % header).encode()
    size = len(header) if size is None else size
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", size) \
        + header + data


@each({
    "npy-shape-2^62": lambda: npy(("<i4", f"({1 << 62}, {1 << 62})"), bytes(64)),
    "npy-shape-2^64": lambda: npy(("<i4", f"({1 << 64},)"), bytes(64)),
    "npy-shape-negative": lambda: npy(("<i4", "(-1, 4)"), bytes(64)),
    "npy-no-rows": lambda: npy(("<i4", f"(0, {1 << 60})")),
    "npy-rows-of-nothing": lambda: npy(("<i4", f"({1 << 40}, 0)")),
    "npy-one-long-row": lambda: npy(("<i4", f"(1, {1 << 40})"), bytes(64)),
    "npy-header-4G": lambda: npy(b"{", bytes(64), size=(1 << 32) - 1, version=2),
    "npy-header-deep": lambda: npy(b"(" * MANY, size=MANY, version=2),
    "npy-header-of-digits": lambda: npy(b"{'shape': (" + b"9" * MANY + b",)}", version=2),
    "npy-objects": lambda: npy(("|O", "(4,)"), bytes(64)),
    "npy-a-type-of-2^31": lambda: npy(("|V2147483647", "(4,)"), bytes(64)),
    "npy-a-million-dimensions": lambda: npy(("<i4", "(" + "1," * MANY + ")"), bytes(4), version=2),
}, codes=(0, 1))
def arrays(place, content):
    """A .npy array that claims what is not there."""
    return [place.ingest(place.write("a.npy", content), "--kind", "tokens")]


@each({
    "vector-npy-2^62": lambda: npy(("<f4", f"({1 << 62}, {1 << 62})"), bytes(64)),
    "vector-npy-rows-of-nothing": lambda: npy(("<f4", f"({1 << 40}, 0)")),
    "vector-npy-no-rows": lambda: npy(("<f4", f"(0, {1 << 40})")),
    "vector-npy-deep": lambda: npy(b"(" * 60_000),
})
def vector_file(place, content):
    """Vectors of passages that are not there."""
    place.write("docs/one.txt", "a b c")
    return [place.ingest(place.path("docs")),
            ["index", "build", "bomb", "--vectors", place.write("v.npy", content)]]


def shard(**changed):
    """An entry of an MDS index."""
    return dict({"version": 2, "format": "mds", "column_names": ["text"], "column_encodings": ["str"],
                 "column_sizes": [None], "compression": None, "hashes": [], "samples": 1,
                 "raw_data": {"basename": "s.mds", "bytes": 17, "hashes": {}}, "size_limit": 1 << 26,
                 "zip_data": None}, **changed)


def raw(name="s.mds", size=17):
    return {"basename": name, "bytes": size, "hashes": {}}


@each({
    "mds-samples-2^60": lambda: [shard(samples=1 << 60)],
    "mds-samples-2^32": lambda: [shard(samples=(1 << 32) - 1)],
    "mds-samples-negative": lambda: [shard(samples=-1)],
    "mds-bytes-2^62": lambda: [shard(raw_data=raw(size=1 << 62))],
    "mds-column-2^62": lambda: [shard(column_encodings=["bytes"], column_sizes=[1 << 62])],
    "mds-column-negative": lambda: [shard(column_encodings=["int"], column_sizes=[-8])],
    "mds-300000-columns": lambda: [shard(column_names=[f"c{n}" for n in range(300_000)],
                                 column_encodings=["int"] * 300_000, column_sizes=[8] * 300_000)],
    "mds-an-array-of-2^62": lambda: [shard(column_encodings=[f"ndarray:int32:{1 << 31},{1 << 31}"],
                                   column_sizes=[1 << 62])],
    "mds-outside": lambda: [shard(raw_data=raw("../../../../etc/passwd"))],
    "mds-absolute": lambda: [shard(raw_data=raw("/etc/passwd"))],
    "mds-a-name-of-1M": lambda: [shard(raw_data=raw("a" * MANY))],
    "mds-100000-shards": lambda: [shard(raw_data=raw(f"s{n}.mds")) for n in range(100_000)],
    "mds-one-shard-100000-times": lambda: [shard()] * 100_000,
    "mds-deep": lambda: DEEP,
    "mds-version-2^63": lambda: [shard(version=(1 << 63) - 1)],
}, codes=(0, 1))
def mosaic(place, shards):
    """A folder of MDS shards whose index says what they are not."""
    place.write("mds/index.json", shards if isinstance(shards, bytes)
                else json.dumps({"version": 2, "shards": shards}))
    place.write("mds/s.mds", struct.pack("<III", 1, 12, 17) + struct.pack("<I", 1) + b"a")
    return [place.ingest(place.path("mds"))]


@bomb("mds-offsets-2^32")
def mosaic_offsets(place):
    """A shard with offsets behind one another and behind its end."""
    place.write("mds/index.json", json.dumps({"version": 2, "shards": [
        shard(samples=3, raw_data=raw(size=32))]}))
    place.write("mds/s.mds", struct.pack("<5I", 3, (1 << 32) - 1, 12, 1 << 31, 16), bytes(12))
    return [place.ingest(place.path("mds"))]


@each({
    "megatron-2^62": lambda: struct.pack("<9sQBQQ", b"MMIDIDX\0\0", 1, 4, 1 << 62, 1 << 62),
    "megatron-sizes-2^31":
        lambda: struct.pack("<9sQBQQiqqq", b"MMIDIDX\0\0", 1, 4, 1, 2, 0x7FFFFFFF, 0, 0, 1),
    "megatron-negative":
        lambda: struct.pack("<9sQBQQiqqq", b"MMIDIDX\0\0", 1, 4, 1, 2, -5, -8, 0, 1),
    "megatron-documents-2^63":
        lambda: struct.pack("<9sQBQQiq", b"MMIDIDX\0\0", 1, 4, 1, (1 << 64) - 1, 1, 0),
    "megatron-type-255": lambda: struct.pack("<9sQBQQ", b"MMIDIDX\0\0", 1, 255, 1, 2),
    "megatron-empty": lambda: b"",
}, codes=(1,))
def megatron(place, content):
    """A Megatron index that claims what is not there."""
    place.write("m/a.idx", content)
    return [place.ingest(place.write("m/a.bin", bytes(64)))]


@each({
    "ffrecord-2^62": lambda: struct.pack("<IQ", 0, 1 << 62),
    "ffrecord-2^32": lambda: struct.pack("<IQ", 0, (1 << 32) - 1) + bytes(64),
    "ffrecord-offsets": lambda: struct.pack("<IQIQ", 0, 1, 0, (1 << 64) - 1) + bytes(64),
    "ffrecord-nothing": lambda: bytes(64),
}, codes=(0, 1))
def ffrecord(place, content):
    """An FFRecord file that claims what is not there."""
    return [place.ingest(place.write("a.ffr", content), "--input-format", "ffrecord", "--kind",
                         "bytes")]


@bomb("text-of-300M", codes=(1,))
def long_text(place):
    """One document of more than a record may have."""
    return [place.ingest(place.write("a.txt", b"a" * 300_000_000))]


@bomb("text-of-nuls", codes=(0, 1))
def nul_text(place):
    """A document of zeros, indexed."""
    return [place.ingest(place.write("a.txt", b"\0" * 10 * MANY)), ["index", "build", "bomb"]]


@bomb("text-of-one-word", codes=(0, 1))
def one_word(place):
    """A word of 10 MB, indexed."""
    return [place.ingest(place.write("a.txt", b"a" * 10 * MANY)), ["index", "build", "bomb"]]


@bomb("text-of-marks", codes=(0, 1))
def marks(place):
    """A letter with a million marks, normalised and indexed."""
    return [place.ingest(place.write("a.txt", "a" + "\u0301\u0316" * MANY)), ["index", "build", "bomb"]]


@bomb("text-of-chinese", codes=(0, 1))
def chinese(place):
    """Three million Chinese characters without a break, indexed."""
    return [place.ingest(place.write("a.txt", "记忆" * 1_500_000)), ["index", "build", "bomb"]]


@bomb("text-alike", codes=(0, 1))
def alike(place):
    """A hundred thousand documents alike, looked through for near duplicates."""
    return [place.ingest(place.write("a.jsonl", b'{"text":"a b c d e f g h i"}\n' * 100_000),
                         "--near-dedup", "0.5")]


@bomb("paths-300-deep", codes=(0, 1))
def deep_path(place):
    """Folders in folders, deeper than a path can name."""
    here = os.open(place.folder, os.O_RDONLY)
    try:
        for _ in range(300):
            os.mkdir("d" * 20, dir_fd=here)
            below = os.open("d" * 20, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        with open(os.open("a.txt", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=here), "w") as file:
            file.write("deep")
    finally:
        os.close(here)
    return [place.ingest(os.path.join(place.folder, "d" * 20))]


@bomb("paths-in-a-circle", codes=(0, 1))
def circle(place):
    """Links that lead back to where they begin."""
    place.write("c/a.txt", "a")
    for number in range(20):
        os.symlink(".", place.path(f"c/l{number}"))
    return [place.ingest(place.path("c"))]


@bomb("paths-not-utf8", codes=(0, 1))
def odd_names(place):
    """Names of bytes that are no text, a newline and a bell."""
    folder = os.path.join(place.folder, "odd").encode()
    os.makedirs(folder)
    for name in (b"\xff\xfe.txt", b"a\nb.txt", b"\x07.txt", b"-x.txt", b"%s%n.txt", b"\xe2\x80\xae.txt"):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(b"a")
    return [place.ingest(os.path.join(place.folder, "odd"))]


# Traces

@each({
    "trace-deep": lambda: DEEP,
    "trace-time-1e308": lambda: b'{"time":1e308,"tokens":[1]}\n',
    "trace-time-nan": lambda: b'{"time":NaN,"tokens":[1]}\n',
    "trace-time-back": lambda: b'{"time":1e12,"tokens":[1]}\n{"time":0,"tokens":[1]}\n',
    "trace-id-2^31": lambda: b'{"tokens":[2147483648]}\n',
    "trace-id-negative": lambda: b'{"tokens":[-1]}\n',
    "trace-shared-2^63":
        lambda: b'{"session":"a","tokens":[1]}\n{"session":"a","shared":9223372036854775807,'
                         b'"tokens":[1]}\n',
    "trace-shared-negative": lambda: b'{"session":"a","shared":-1,"tokens":[1]}\n',
    "trace-a-line-of-40M": lambda: b'{"tokens":[' + b"1," * 20 * MANY + b"1]}\n",
    "trace-a-prompt-of-4M": lambda: b'{"tokens":[' + b"1," * ((1 << 22) - 1) + b"1]}\n",
    "trace-300000-sessions":
        lambda: b"".join(b'{"session":"%d","tokens":[1,2]}\n' % n for n in range(300_000)),
    "trace-sessions-of-1M-tokens": lambda: b"".join(
        b'{"session":"%d","tokens":[' % n + b"7," * 500_000 + b"1]}\n" for n in range(60)),
    "trace-a-prompt-again-and-again": lambda: b'{"session":"a","tokens":[' + b"7," * MANY + b"1]}\n"
    + b'{"session":"a","shared":1000000,"tokens":[1]}\n' * 300,
    "trace-nothing": lambda: b"\n" * MANY,
    "trace-no-end": lambda: b" " * 100_000_000,
}, codes=(0, 1))
def trace(place, content):
    """A trace of prompts that nobody asked."""
    return [["context", "replay", place.write("trace.jsonl", content), "--bytes-per-token", "1",
             "--capacity", "64M", "--simulate", "--folder", place.folder]]


# Rankings

@each({
    "queries-deep": lambda: DEEP,
    "queries-300M": lambda: b" " * 300_000_000,
    "queries-a-text-of-10M": lambda: json.dumps({"id": 1, "text": "a " * 5 * MANY}).encode(),
    "queries-a-phrase-of-1M":
        lambda: json.dumps({"id": 1, "text": '"' + "a " * 500_000 + '"'}).encode(),
    "queries-300000-words":
        lambda: json.dumps({"id": 1, "text": " ".join(map(str, range(300_000)))}).encode(),
}, codes=(0, 1))
def queries(place, content):
    """Files of questions."""
    place.write("docs/one.txt", "a b c " * 1000)
    return [place.ingest(place.path("docs")), ["index", "build", "bomb"],
            ["query", "--dataset", "bomb", "--queries", place.write("q.jsonl", content), "--out",
             place.path("run")]]


@each({
    "qrels-2^63":
        lambda: (b"1 0 d 9223372036854775807\n1 0 e 9223372036854775807\n", b"1 Q0 d 1 1e308 t\n"),
    "qrels-negative": lambda: (b"1 0 d -9223372036854775808\n", b"1 Q0 d 1 1 t\n"),
    "run-nan": lambda: (b"1 0 d 1\n", b"1 Q0 d 1 nan t\n1 Q0 e 1 inf t\n"),
    "run-300000-alike": lambda: (b"1 0 d 1\n", b"1 Q0 d 1 1 t\n" * 300_000),
    "run-a-line-of-100M": lambda: (b"1 0 d 1\n", b"a" * 100_000_000),
    "run-300000-questions":
        lambda: (b"1 0 d 1\n", b"".join(b"%d Q0 d 1 1 t\n" % n for n in range(300_000))),
}, codes=(0, 1))
def runs(place, value):
    """Runs and judgements."""
    judged, ranked = value
    return [["index", "evaluate", "--qrels", place.write("qrels", judged), "--run",
             place.write("run", ranked), "--measure", "ndcg@1000000", "--measure", "map"]]


@each({
    "token-map-empty": lambda: b"",
    "token-map-odd": lambda: bytes(7),
    "token-map-negative": lambda: b"\xff" * 4000,
    "token-map-2^31": lambda: struct.pack("<1000i", *[0x7FFFFFFF] * 1000),
    "token-map-100M": lambda: bytes(100_000_000),
}, codes=(0, 1))
def token_map(place, content):
    """The map of a tokenizer's ids."""
    place.use('{"tokens":[1,2,3]}\n')
    return [["address", "--preset", "deepseek-v4.1", "--layers", "1", "--base", "1000", "--token-map",
             place.write("map", content)]]


@each({
    "run-file-empty": lambda: b"",
    "run-file-zeros": lambda: bytes(4096),
    "run-file-deep": lambda: DEEP,
    "run-file-random": lambda: random.Random(2).randbytes(100_000),
})
def run_file(place, content):
    """A run of counts that is none."""
    return [["memory", "count-merge", place.write("run", content), "--as", "bomb"]]
