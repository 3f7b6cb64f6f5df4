"""Datasets: samples by number, in the order of an epoch."""
from __future__ import annotations

import ctypes
import json
import threading
from typing import Any, Iterator, NamedTuple, Sequence

import numpy as np

from . import _arrays
from ._library import DatasetInfo, Text, check, fail, library, take
from ._versions import Version

Array = np.ndarray[Any, Any]

_read = library.engram_dataset_read

KINDS = ("document", "tokens", "bytes")
ORDERS = {"sequential": 0, "global": 1, "chunked": 2}
_TOO_SMALL = 4


class Document(NamedTuple):
    """A document: its text, and the JSON object that came with it."""

    text: str
    metadata: dict[str, Any]


class Tokens(NamedTuple):
    """A sample of tokens: ids, and the places where documents start (empty where they were not kept)."""

    ids: Array
    starts: Array


class _Scratch(threading.local):
    """A thread's own memory for one sample."""

    def __init__(self) -> None:
        self.resize(1 << 16)
        self.number = np.zeros(1, np.int64)
        self.offsets = np.zeros(2, np.uint64)
        self.number_at = _arrays.address(self.number)
        self.offsets_at = _arrays.address(self.offsets)

    def resize(self, size: int) -> None:
        self.memory = ctypes.create_string_buffer(size)
        self.size = size
        self.at = ctypes.addressof(self.memory)


_scratch = _Scratch()


def sample_of(data: bytes | memoryview, kind: str, width: int, has_boundaries: bool) -> Any:
    """What a sample's bytes are: a `Document`, an array of ids over them, or bytes."""
    if kind == "tokens":
        return tokens_of(data, width, has_boundaries).ids
    if kind == "document":
        size = int.from_bytes(data[:4], "little")
        return Document(str(data[4 + size:], "utf-8"), json.loads(bytes(data[4:4 + size])))
    return bytes(data)


def tokens_of(data: bytes | memoryview, width: int, has_boundaries: bool) -> Tokens:
    """The parts of a sample of tokens; arrays over `data`."""
    end = len(data)
    starts = np.zeros(0, np.uint32)
    if has_boundaries:
        count = int.from_bytes(data[end - 4:], "little")
        starts = np.frombuffer(data, "<u4", count, end - 4 - 4 * count)
        end -= 4 + 4 * count
    return Tokens(np.frombuffer(data, f"<u{width}", end // width), starts)


class Dataset(Version, Sequence[Any]):
    """An open version of a dataset. Any number of threads may use it at once.

        ds = store.dataset("corpus@3")
        ds[17]            # a Document, an array of token ids, or bytes
        len(ds)
    """

    _kind = "dataset"
    _opener = library.engram_dataset_open
    _closer = library.engram_dataset_close
    _describer = library.engram_dataset_get_info
    _info_type = DatasetInfo

    def _take(self, info: Any) -> None:
        self._count = int(info.samples)
        #: "document", "tokens" or "bytes".
        self.kind = KINDS[info.kind]
        #: Bytes of all samples.
        self.byte_count = int(info.bytes)
        #: Bytes of a token id; 0 where samples are no tokens.
        self.token_width = int(info.token_width)
        #: Tokens of every sample but the last; `None` where they differ.
        self.token_length = int(info.token_length) or None
        #: Whether samples of tokens say where documents start.
        self.has_boundaries = bool(info.has_boundaries)

    def __repr__(self) -> str:
        return f"<engramstore.Dataset {self.reference}: {self._count} samples, {self.kind}>"

    @property
    def manifest(self) -> dict[str, Any]:
        """What the version is."""
        text = Text()
        check(library.engram_dataset_describe(self._handle.value, ctypes.byref(text)))
        described: dict[str, Any] = json.loads(take(text))
        return described

    def __len__(self) -> int:
        return self._count

    def read_bytes(self, number: int) -> bytes:
        """The bytes of a sample, checked. Negative numbers count from the end."""
        scratch = _scratch
        if number < 0:
            number += self._count
        scratch.number[0] = number
        handle = self._handle.value
        status = _read(handle, scratch.number_at, 1, scratch.at, scratch.size, scratch.offsets_at)
        if status == 0:
            return ctypes.string_at(scratch.at, int(scratch.offsets[1]))
        if status != _TOO_SMALL:
            fail(status)
        needed = int(scratch.offsets[1])
        memory = ctypes.create_string_buffer(needed)
        check(_read(handle, scratch.number_at, 1, ctypes.addressof(memory), needed, scratch.offsets_at))
        return memory.raw

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return self.read(np.arange(*number.indices(self._count)))
        if not 0 <= number < self._count and not -self._count <= number < 0:
            raise IndexError(f"sample {number} of {self.reference}, which has {self._count}")
        return sample_of(self.read_bytes(number), self.kind, self.token_width, self.has_boundaries)

    def __iter__(self) -> Iterator[Any]:
        for first in range(0, self._count, 256):
            yield from self.read(np.arange(first, min(first + 256, self._count)))

    def tokens(self, number: int) -> Tokens:
        """A sample of tokens: its ids, and where documents start."""
        if self.kind != "tokens":
            raise TypeError(f"{self.reference} holds samples of kind {self.kind}, not tokens")
        return tokens_of(self.read_bytes(number), self.token_width, self.has_boundaries)

    def sizes(self, numbers: Any) -> Array:
        """The sizes of samples in bytes, uint64; no sample is read."""
        ids = _arrays.read(numbers, "int64", "numbers").reshape(-1)
        sizes = np.empty(ids.size, np.uint64)
        check(library.engram_dataset_sizes(
            self._handle.value, _arrays.address(ids), ids.size, _arrays.address(sizes)))
        return sizes

    def read_into(self, numbers: Any, out: Any) -> Array:
        """Reads samples, one after another, into memory: sample i is out[offsets[i]:offsets[i + 1]] of the
        offsets that are given back (uint64, one more than samples)."""
        ids = _arrays.read(numbers, "int64", "numbers").reshape(-1)
        memory = _arrays.write(out, ("uint8", "int8"), None)
        offsets = np.zeros(ids.size + 1, np.uint64)
        status = _read(self._handle.value, _arrays.address(ids), ids.size, _arrays.address(memory),
                       memory.nbytes, _arrays.address(offsets))
        if status:
            fail(status)
        return offsets

    def _read_all(self, numbers: Any) -> tuple[Array, list[int]]:
        ids = _arrays.read(numbers, "int64", "numbers").reshape(-1)
        memory = np.empty(int(self.sizes(ids).sum()), np.uint8)
        return memory, self.read_into(ids, memory).tolist()

    def read(self, numbers: Any) -> list[Any]:
        """Samples by number, as `ds[i]` gives them, with one call for all of them."""
        memory, offsets = self._read_all(numbers)
        return [sample_of(memory.data[start:end], self.kind, self.token_width, self.has_boundaries)
                for start, end in zip(offsets, offsets[1:])]

    def read_tokens(self, numbers: Any) -> list[Tokens]:
        """Samples of tokens by number, as `tokens` gives them, over one memory."""
        if self.kind != "tokens":
            raise TypeError(f"{self.reference} holds samples of kind {self.kind}, not tokens")
        memory, offsets = self._read_all(numbers)
        return [tokens_of(memory.data[start:end], self.token_width, self.has_boundaries)
                for start, end in zip(offsets, offsets[1:])]

    def order(self, order: str = "global", seed: int = 0, epoch: int = 0, first: int = 0, step: int = 1,
              count: int | None = None, window: int = 64, out: Any = None) -> Array:
        """The samples at the positions first, first + step, ... of an epoch, int64.

        order: "global" (a permutation of all), "chunked" (chunks, then samples within `window` chunks) or
        "sequential". count: all that are left where `None`.
        """
        code, amount = order_arguments(order, self._count, first, step, count)
        if out is None:
            result = np.empty(amount, np.int64)
            memory = result
        else:
            result = out
            memory = _arrays.write(out, ("int64",), (amount,))
        check(library.engram_dataset_order(
            self._handle.value, code, window, seed, epoch, first, step, amount,
            _arrays.address(memory)))
        return result


def order_arguments(order: str, samples: int, first: int, step: int,
                    count: int | None) -> tuple[int, int]:
    """The code of an order, and how many positions are asked for."""
    if order not in ORDERS:
        raise ValueError(f"order is {order!r}; give \"global\", \"chunked\" or \"sequential\"")
    if step < 1:
        raise ValueError(f"step is {step}; give 1 or more")
    if count is None:
        count = max(0, -(-(samples - first) // step))
    if count < 0:
        raise ValueError(f"count is {count}; give 0 or more")
    return ORDERS[order], count

