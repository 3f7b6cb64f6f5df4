"""The tokens of a dataset, as `engram dataset export --format megatron` writes them."""
import os
import struct

import numpy as np

TYPES = {3: np.int16, 4: np.int32, 8: np.uint16}


def documents(prefix, limit=None):
    """Yields an array of token ids a sequence of PREFIX.bin, as PREFIX.idx cuts it.

    limit: stops behind so many tokens, in the middle of a document if need be.
    """
    with open(prefix + ".idx", "rb") as index:
        magic, version, kind, count, _ = struct.unpack("<9sQBQQ", index.read(34))
        if magic != b"MMIDIDX\0\0" or version != 1 or kind not in TYPES:
            raise SystemExit(f"{prefix}.idx is not an index of tokens")
        lengths = np.frombuffer(index.read(4 * count), np.int32)
    if os.path.getsize(prefix + ".bin") == 0:
        return
    tokens = np.memmap(prefix + ".bin", TYPES[kind], "r")
    start, left = 0, len(tokens) if limit is None else limit
    for length in lengths:
        length = min(int(length), left)
        if length == 0 and left == 0:
            return
        yield tokens[start : start + length]
        start += length
        left -= length
