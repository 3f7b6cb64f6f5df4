"""The values that every store is given: 2 MiB each, the state of 64 tokens in 32 layers of 1,024
bytes a token; and what the stores share to put files aside."""
import mmap
import os
import time

import numpy as np

LAYERS, BLOCK_TOKENS, ROW_BYTES = 32, 64, 1024
VALUE_BYTES = LAYERS * BLOCK_TOKENS * ROW_BYTES


def make(count, seed=7):
    """A file in memory with `count` random values; its descriptor, for `shared`."""
    descriptor = os.memfd_create("values")
    os.ftruncate(descriptor, count * VALUE_BYTES)
    random = np.random.Generator(np.random.SFC64(seed))
    words = shared(descriptor, count).view(np.uint64)
    for row in words:
        row[:] = random.integers(0, 1 << 64, len(row), np.uint64)
    return descriptor


def shared(descriptor, count):
    """The values, [count, VALUE_BYTES], of another process's `make`."""
    memory = mmap.mmap(descriptor, count * VALUE_BYTES)
    return np.frombuffer(memory, np.uint8).reshape(count, VALUE_BYTES)


def empty(count):
    """Room for values, every page of it touched."""
    return np.full((count, VALUE_BYTES), 255, np.uint8)


def wrong(out, values):
    """How many values are not what was put; leaves `out` as `empty` does."""
    count = sum(not np.array_equal(a, b) for a, b in zip(out, values))
    out.fill(255)
    return count


def files(folder):
    """Every file under a folder."""
    return [os.path.join(path, name) for path, _, names in os.walk(folder) for name in names]


def sync(folder):
    """Waits until a folder's files are on the disk."""
    for path in files(folder):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def drop(folder):
    """Puts a folder's files on the disk and out of memory: the next read is cold."""
    sync(folder)
    for path in files(folder):
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def seconds(work, *arguments):
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def flip(path, offset):
    """Turns one bit of a file around."""
    with open(path, "r+b", buffering=0) as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ (1 << (offset % 8))]))
