"""Blocks of a context store whose bytes anybody can work out again, for the tools that mistreat one.

A block's content follows from its namespace and its key, so a process that never saw the put can tell
whether what it reads is right. The keys here are made in this file, not asked of the library.
"""
import hashlib
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PYTHON = os.path.join(ROOT, ".cache/python/bin/python")


def use_numpy():
    """Goes on with the interpreter that Tools/setup made where this one has no NumPy."""
    try:
        import numpy  # noqa: F401
    except ImportError:
        if os.access(PYTHON, os.X_OK) and not sys.flags.isolated and "CONTEXT_TOOL" not in os.environ:
            os.environ["CONTEXT_TOOL"] = "started again"
            os.execv(PYTHON, [PYTHON, *sys.argv])
        sys.exit(f"{os.path.basename(sys.argv[0])}: NumPy is missing; run: Tools/setup")


use_numpy()
import numpy as np  # noqa: E402


def package():
    """engramstore of this checkout, with the library that Tools/build-library made."""
    sys.path.insert(0, os.path.join(ROOT, "Tools/python"))
    os.environ.setdefault("ENGRAM_LIBRARY", os.path.join(ROOT, ".build/library/libengram.so"))
    try:
        import engramstore
    except ImportError as error:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {error}; run: Tools/build-library")
    return engramstore


class Violation(Exception):
    """Something that must hold does not."""


class Group:
    """A group of a layout, and how its rows lie."""

    def __init__(self, name, layers, row_bytes, tokens_per_row=1):
        self.name = name
        self.layers = layers
        self.row_bytes = row_bytes
        self.tokens_per_row = tokens_per_row


#: Small, and with what makes layouts differ: widths that fill no page, rows of several tokens.
GROUPS = (Group("latent", 3, 656), Group("indexer", 3, 132), Group("window", 2, 96, 4))
BLOCK_TOKENS = 64


class Space:
    """A namespace: prompts, keys and contents, and the same of an open store."""

    def __init__(self, seed, salt="", groups=GROUPS, block_tokens=BLOCK_TOKENS):
        self.seed = seed
        self.salt = salt
        self.groups = {group.name: group for group in groups}
        self.block_tokens = block_tokens
        self.root = hashlib.sha256(repr((
            seed, salt, block_tokens,
            [(group.name, group.layers, group.row_bytes, group.tokens_per_row) for group in groups],
        )).encode()).digest()

    @property
    def block_bytes(self):
        return sum(self.part_bytes(name) for name in self.groups)

    def rows(self, name):
        """Rows of a block."""
        return self.block_tokens // self.groups[name].tokens_per_row

    def part_bytes(self, name):
        group = self.groups[name]
        return group.layers * self.rows(name) * group.row_bytes

    def open(self, es, store, lifetimes=None):
        """The namespace in a store."""
        layout = es.ContextLayout(
            groups=[es.ContextGroup(group.name, layers=group.layers, row_bytes=group.row_bytes,
                                    dtype="bytes", tokens_per_row=group.tokens_per_row)
                    for group in self.groups.values()],
            block_tokens=self.block_tokens)
        return store.space(model="torture", revision=str(self.seed), tokenizer="none", salt=self.salt,
                           layout=layout, **({"lifetimes": lifetimes} if lifetimes else {}))

    def text(self, name, blocks):
        """The token ids of a text of whole blocks, by its name."""
        count = blocks * self.block_tokens
        digest = hashlib.shake_128(f"{self.seed}:{name}".encode()).digest(4 * count)
        return (np.frombuffer(digest, "<u4") % 129_280).astype(np.int32)

    def keys(self, tokens):
        """A key for each whole block, which stands for the whole prefix."""
        tokens = np.ascontiguousarray(tokens, dtype="<i4")
        keys, key = [], self.root
        for block in range(len(tokens) // self.block_tokens):
            part = tokens[block * self.block_tokens:(block + 1) * self.block_tokens]
            key = hashlib.sha256(key + part.tobytes()).digest()
            keys.append(key)
        return keys

    def content(self, name, key):
        """The state of a block's group: [layers, rows, row bytes]."""
        group = self.groups[name]
        seed = hashlib.sha256(name.encode() + key).digest()
        generator = np.random.PCG64(int.from_bytes(seed[:16], "little"))
        size = self.rows(name) * group.row_bytes
        # One layer at random, the others that one and a number of their own: fast, and no row twice.
        layer = generator.random_raw((size + 7) // 8)
        own = (np.arange(group.layers, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))[:, None]
        return np.ascontiguousarray((layer ^ own).view(np.uint8)[:, :size]).reshape(
            group.layers, self.rows(name), group.row_bytes)

    def contents(self, name, keys):
        """The same of blocks one after another: [layers, blocks * rows, row bytes]."""
        return np.concatenate([self.content(name, key) for key in keys], axis=1)

    def parts(self, keys, names=None):
        return {name: self.contents(name, keys) for name in names or self.groups}


class Comparison:
    """What was read of a store and compared, byte by byte."""

    def __init__(self, space):
        self.space = space
        self.blocks = 0
        self.rows = 0
        self.bytes = 0

    def require_same(self, found, expected, what):
        found = np.ascontiguousarray(found).view(np.uint8).reshape(-1)
        expected = np.ascontiguousarray(expected).reshape(-1)
        if len(found) != len(expected):
            raise Violation(f"{what}: {len(found)} bytes, {len(expected)} expected")
        if not np.array_equal(found, expected):
            at = int(np.nonzero(found != expected)[0][0])
            count = int((found != expected).sum())
            raise Violation(f"WRONG BYTES in {what}: {count} of {len(found)}, the first is {at}")
        self.bytes += len(found)

    def prefix(self, opened, tokens, choose=None, what="a prompt"):
        """Looks a prompt up and compares all that is there; returns the blocks delivered by group.

        - opened: the namespace in an open store.
        - choose: where given, a random part of it is read too, and random rows.
        """
        keys = self.space.keys(tokens)
        there = {name: [False] * len(keys) for name in self.space.groups}
        with opened.lookup(tokens) as prefix:
            count = prefix.blocks
            if count > len(keys):
                raise Violation(f"{what}: {count} blocks found of {len(keys)}")
            for name in self.space.groups:
                self.group(prefix, name, keys[:count], there[name], f"{what}, {name}")
                if choose and count:
                    self.some(prefix, name, keys[:count], choose, f"{what}, {name}")
        return there

    def group(self, prefix, name, keys, there, what):
        """Reads a group block run by block run: behind a block that is missing there may be others."""
        rows, first = self.space.rows(name), 0
        is_whole = prefix.presence(name).present == len(keys)
        while first < len(keys):
            until = len(keys) if is_whole or first == 0 else first + 1
            found = prefix.get(name, blocks=range(first, until))
            count = found.shape[1] // rows
            if count:
                self.require_same(found, self.space.contents(name, keys[first:first + count]),
                                  f"{what}, blocks {first} to {first + count - 1}")
                there[first:first + count] = [True] * count
                self.blocks += count
            first += count + (count < until - first)

    def some(self, prefix, name, keys, choose, what):
        """Some layers of some blocks, and rows by number."""
        group, rows = self.space.groups[name], self.space.rows(name)
        layer = choose.randrange(group.layers)
        first = choose.randrange(len(keys))
        found = prefix.get(name, layers=range(layer, layer + 1), blocks=range(first, len(keys)))
        count = found.shape[1] // rows
        if count:
            expected = self.space.contents(name, keys[first:first + count])[layer]
            self.require_same(found, expected, f"{what}, layer {layer}, blocks from {first} on")
        leading = prefix.presence(name).leading
        if leading:
            numbers = [choose.randrange(leading * rows) for _ in range(17)]
            try:
                found = prefix.gather(name, layer, np.array(numbers, dtype=np.int64))
            except LookupError as error:
                if isinstance(error, IndexError):
                    raise Violation(f"{what}: {error}") from None
                return
            expected = np.stack([self.space.content(name, keys[number // rows])[layer, number % rows]
                                 for number in numbers])
            self.require_same(found, expected, f"{what}, layer {layer}, rows {numbers}")
            self.rows += len(numbers)


def folder_bytes(path):
    """What a folder takes on the disk, as `du` counts it; None where a file went while it looked."""
    total = os.lstat(path).st_blocks * 512
    for above, folders, names in os.walk(path):
        for name in folders + names:
            try:
                total += os.lstat(os.path.join(above, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total
