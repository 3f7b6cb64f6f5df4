"""What a lookup found: reads by layer, by block and by row."""
from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterator, NamedTuple, Sequence

import numpy as np

from . import _arrays
from ._context_layout import ContextLayout
from ._errors import Closed
from ._handles import Handle
from ._library import ContextBlocks, ContextPresence, ContextRead, check, library

if TYPE_CHECKING:
    from ._context import ContextSpace

Array = np.ndarray[Any, Any]


class PutResult(NamedTuple):
    """What became of the blocks of a put: `refused` ones are not stored (a full disk, everything pinned)."""

    stored: int
    present: int
    refused: int


@dataclass(frozen=True)
class Presence:
    """How a group of a prefix is there: blocks from the first on, up to the last, and in all."""

    leading: int
    trailing: int
    present: int


def block_argument(layout: ContextLayout, tokens: Any,
                   keys: Sequence[bytes] | bytes | None) -> tuple[ContextBlocks, int, Any]:
    """The blocks of a call, how many there are, and what keeps their memory."""
    meant = ContextBlocks()
    if (tokens is None) == (keys is None):
        raise TypeError("give tokens or keys, one of the two")
    if keys is not None:
        joined = keys if isinstance(keys, bytes) else b"".join(keys)
        if len(joined) % 32 or (not isinstance(keys, bytes) and any(len(key) != 32 for key in keys)):
            raise ValueError("keys are 32 bytes each")
        memory = np.frombuffer(joined, np.uint8)
        meant.keys = _arrays.address(memory) if memory.size else None
        meant.key_count = memory.size // 32
        return meant, memory.size // 32, memory
    ids = _arrays.read(tokens, "int32", "tokens").reshape(-1)
    meant.tokens = _arrays.address(ids) if ids.size else None
    meant.token_count = ids.size
    return meant, ids.size // layout.block_tokens, ids


def bytes_of(value: Any, what: str) -> Array:
    """An array's or CPU tensor's memory as bytes, copied only where it is not contiguous."""
    if _arrays.is_tensor(value):
        array = _arrays._of_tensor(value, what)
    elif isinstance(value, np.ndarray):
        array = value
    else:
        try:
            array = np.frombuffer(value, np.uint8)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{what} is a {type(value).__name__}; give a NumPy array, a torch CPU tensor or "
                            "a buffer") from error
    if array.dtype.hasobject:
        raise TypeError(f"{what} holds Python objects; give numbers")
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _span(value: Any, count: int, what: str) -> tuple[int, int]:
    """The first and the number of a range: None is all, a number that one, a range or slice itself."""
    if value is None:
        return 0, count
    if isinstance(value, slice):
        first, end, step = value.indices(count)
    elif isinstance(value, range):
        first, end, step = value.start, value.stop, value.step
    else:
        first, end, step = int(value), int(value) + 1, 1
    if step != 1 or first < 0 or end < first or end > count:
        raise ValueError(f"{what} is {value!r}; give a number, range or slice in steps of 1 within 0 to "
                         f"{count}")
    return first, end - first


def _writable(out: Any, what: str = "out") -> Array:
    """The bytes of memory that is filled."""
    if _arrays.is_tensor(out):
        if not out.is_contiguous():
            raise ValueError(f"{what} is not contiguous; give out.contiguous()")
        array = _arrays._of_tensor(out, what)
    elif isinstance(out, np.ndarray):
        array = out
    else:
        array = np.frombuffer(out, np.uint8)
    if not array.flags.c_contiguous or not array.flags.writeable:
        raise ValueError(f"{what} is not C-contiguous or not writable")
    return array.reshape(-1).view(np.uint8)


class ContextPrefix:
    """A prefix that is there, as it was when it was looked up. Any number of threads may read from it.

    Close it, or use it in a `with` statement: it holds the disk space of what it found.
    """

    def __init__(self, space: ContextSpace, tokens: Any, keys: Sequence[bytes] | bytes | None) -> None:
        #: The namespace.
        self.space = space
        meant, _, kept = block_argument(space.layout, tokens, keys)
        count = ctypes.c_size_t()
        owner = os.getpid()

        def open_(out: Any) -> int:
            if os.getpid() != owner:
                raise Closed("this prefix was found before the process forked; look it up again", 10)
            status: int = library.engram_context_lookup(
                space._handle.value, meant, out, ctypes.byref(count))
            return status

        self._handle = Handle("prefix", open_, library.engram_context_prefix_close)
        del kept
        #: Blocks; each has one group at least.
        self.blocks = count.value
        #: Tokens of those blocks.
        self.tokens = count.value * space.layout.block_tokens

    def __repr__(self) -> str:
        return f"<engramstore.ContextPrefix: {self.tokens} tokens in {self.blocks} blocks>"

    def presence(self, group: str) -> Presence:
        """How a group is there."""
        found = ContextPresence()
        check(library.engram_context_prefix_presence(
            self._handle.value, group.encode(), ctypes.byref(found)))
        return Presence(int(found.leading), int(found.trailing), int(found.present))

    def _read(self, group: str, layers: Any, blocks: Any, memory: Array | None) -> ContextRead:
        described = self.space.layout.group(group)
        read = ContextRead()
        read.prefix = self._handle.value
        read.group = group.encode()
        read.first_layer, read.layer_count = _span(layers, described.layers, "layers")
        read.first_block, read.block_count = _span(blocks, self.blocks, "blocks")
        if memory is not None:
            read.out = _arrays.address(memory) if memory.size else None
            read.out_bytes = memory.nbytes
        return read

    def get(self, group: str, layers: Any = None, blocks: Any = None, dtype: Any = None) -> Array:
        """Rows of layers and blocks of a group, checked: bytes [layers, rows, row_bytes], or with `dtype`
        numbers of that type along the last axis.

        layers, blocks: a number, range or slice; all where it is left out. Fewer rows than asked for, where
        a block is not there (any more): those from the first on that are.
        """
        described = self.space.layout.group(group)
        each = self.space.layout.rows_per_block(group)
        read = self._read(group, layers, blocks, None)
        memory = _arrays.aligned(
            (read.layer_count, read.block_count * each, described.row_bytes), np.uint8)
        read.out, read.out_bytes = (_arrays.address(memory) if memory.size else None), memory.nbytes
        check(library.engram_context_get(ctypes.addressof(read), 1))
        found = memory[:, :read.delivered * each]
        if dtype is not None:
            found = np.ascontiguousarray(found).view(dtype)
        return found

    def get_into(self, group: str, out: Any, layers: Any = None, blocks: Any = None) -> int:
        """The same into memory of yours: a NumPy array or torch CPU tensor of at least as many bytes.

        Returns how many blocks, from the first that was asked for on, are there; a block's place does not
        depend on it.
        """
        read = self._read(group, layers, blocks, _writable(out))
        check(library.engram_context_get(ctypes.addressof(read), 1))
        return int(read.delivered)

    def layers(self, group: str, blocks: Any = None, ahead: int = 2,
               dtype: Any = None) -> Iterator[tuple[int, Array]]:
        """One layer after another as it arrives, (layer, [rows, row_bytes]), the next `ahead` asked for."""
        described = self.space.layout.group(group)
        for layer in range(min(ahead, described.layers)):
            self.prefetch(group, layer, blocks)
        for layer in range(described.layers):
            if layer + ahead < described.layers:
                self.prefetch(group, layer + ahead, blocks)
            yield layer, self.get(group, layer, blocks, dtype)[0]

    def gather(self, group: str, layer: int, rows: Any, out: Any = None) -> Any:
        """Rows of one layer by number, checked: bytes rows.shape + [row_bytes].

        rows: whole numbers in any order; row r stands for tokens r * tokens_per_row on. A row that is not
        there (any more) raises `NotFound`.
        """
        described = self.space.layout.group(group)
        numbers = _arrays.read(rows, "int64", "rows")
        if out is None:
            result: Any = np.empty(numbers.shape + (described.row_bytes,), np.uint8)
            memory = result.reshape(-1)
        else:
            result, memory = out, _writable(out)
        if layer < 0:
            raise ValueError(f"layer is {layer}; give 0 or more")
        check(library.engram_context_gather(
            self._handle.value, group.encode(), layer, _arrays.address(numbers), numbers.size,
            _arrays.address(memory), memory.nbytes))
        return result

    def prefetch(self, group: str, layers: Any = None, blocks: Any = None) -> int:
        """Asks for layers and blocks and does not wait. Returns the number of 4 KiB pages."""
        read = self._read(group, layers, blocks, None)
        pages = ctypes.c_uint64()
        check(library.engram_context_prefetch(
            self._handle.value, read.group, read.first_layer, read.layer_count, read.first_block,
            read.block_count, ctypes.byref(pages)))
        return pages.value

    def prefetch_rows(self, group: str, layer: int, rows: Any) -> int:
        """The same for rows of one layer."""
        numbers = _arrays.read(rows, "int64", "rows")
        pages = ctypes.c_uint64()
        if layer < 0:
            raise ValueError(f"layer is {layer}; give 0 or more")
        check(library.engram_context_prefetch_rows(
            self._handle.value, group.encode(), layer, _arrays.address(numbers), numbers.size,
            ctypes.byref(pages)))
        return pages.value

    def close(self) -> None:
        """Lets go of what it holds; again is fine."""
        self._handle.close()

    def __enter__(self) -> ContextPrefix:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def get_many(reads: Sequence[tuple[ContextPrefix, str, Any, Any, Any]]) -> list[int]:
    """Several reads at once, (prefix, group, layers, blocks, out) each: all that is not in memory is asked for
    before any is copied. Returns how many blocks of each are there."""
    batch = (ContextRead * max(1, len(reads)))()
    kept = []
    for place, (prefix, group, layers, blocks, out) in enumerate(reads):
        memory = _writable(out)
        kept.append(memory)
        batch[place] = prefix._read(group, layers, blocks, memory)
    check(library.engram_context_get(ctypes.addressof(batch), len(reads)))
    del kept
    return [int(batch[place].delivered) for place in range(len(reads))]
