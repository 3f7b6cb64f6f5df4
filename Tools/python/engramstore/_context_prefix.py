"""A prefix of a prompt that is stored: read whole, layer by layer, or row by row."""
from __future__ import annotations

import ctypes
from typing import Any, Iterable, Iterator, NamedTuple

from . import _arrays
from ._context_layout import ContextLayout
from ._context_memory import new_rows, row_numbers, span, writable_bytes_of
from ._handles import OwnHandle
from ._library import ContextPresence, ContextRead, check, library


class Presence(NamedTuple):
    """How a group of a prefix is there, in blocks: from the first on, up to the end, in all."""

    leading: int
    trailing: int
    present: int


class ContextPrefix:
    """What a lookup found, as it was then: it can be read until it is closed, whatever is evicted.

        with space.lookup(tokens) as prefix:
            for layer, rows in prefix.layers("latent"):      # [rows, row_bytes], the next ones on their way
                ...

    It holds disk space: close it soon. Any number of threads may read at once. In a forked child it is
    refused: look up again there.
    """

    def __init__(self, opened: int, blocks: int, layout: ContextLayout) -> None:
        #: Blocks of the prefix; each has one group at least.
        self.blocks = blocks
        #: Tokens of the prefix.
        self.tokens = blocks * layout.block_tokens
        #: How the state is cut.
        self.layout = layout

        def take(out: Any) -> int:
            out._obj.value = opened
            return 0

        self._handle = OwnHandle("prefix", take, library.engram_context_prefix_close)

    def __repr__(self) -> str:
        return f"<engramstore.ContextPrefix: {self.blocks} blocks, {self.tokens} tokens>"

    def __len__(self) -> int:
        return self.blocks

    def __bool__(self) -> bool:
        return self.blocks > 0

    def __enter__(self) -> ContextPrefix:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a prefix is this process's view of the store; look it up again where it is needed")

    def close(self) -> None:
        """Lets go of the prefix and of the disk space that it holds."""
        self._handle.close()

    def presence(self, group: str) -> Presence:
        """How a group is there: `leading` blocks from the first on, `trailing` up to the end of the prefix
        (what a sliding window needs), `present` in all."""
        found = ContextPresence()
        self.layout.group(group)
        check(library.engram_context_prefix_presence(
            self._handle.value, group.encode(), ctypes.byref(found)))
        return Presence(found.leading, found.trailing, found.present)

    def get(self, group: str, layers: Any = None, blocks: Any = None, out: Any = None,
            dtype: Any = None) -> Any:
        """Layers of blocks, every row checked: [layers, rows, row_bytes], or [layers, rows, numbers].

        layers, blocks: a number, a range, or `None` for all. Cut to the blocks that are there: fewer rows
        where one is missing or was found damaged. dtype: bytes where it is `None`; a NumPy type, "bf16",
        "f16", "f32", or a type of torch, which makes a tensor. out: is filled; it has `layers` and rows as
        its first axes, and what is given back is cut from it.
        """
        part = self.layout.group(group)
        layer_count = span(layers, part.layers, "layers")[1]
        block_count = span(blocks, self.blocks, "blocks")[1]
        rows = self.layout.rows(group)
        if out is None:
            result, _ = new_rows((layer_count, block_count * rows, part.row_bytes), dtype)
        else:
            if dtype is not None:
                raise TypeError("out has a type of its own; leave dtype out")
            shape = tuple(getattr(out, "shape", ()))
            if shape[:2] != (layer_count, block_count * rows):
                raise ValueError(f"out has shape {shape}; give [{layer_count}, {block_count * rows}, ...]")
            result = out
        delivered = self.get_into(group, result, layers, blocks)
        return result[:, :delivered * rows]

    def get_into(self, group: str, out: Any, layers: Any = None, blocks: Any = None) -> int:
        """Fills `out`, any contiguous memory of layers * rows * row_bytes bytes; gives how many blocks, from
        the first that was asked for on, are there whole. What is behind them must not be used."""
        return get_many([(self, group, layers, blocks, out)])[0]

    def layers(self, group: str, blocks: Any = None, ahead: int = 2,
               dtype: Any = None) -> Iterator[tuple[int, Any]]:
        """(layer, [rows, row_bytes]) by layer, the next `ahead` layers being read meanwhile. Each is cut to
        what is there, as by `get`: stop where one has fewer rows than the layer before it."""
        part = self.layout.group(group)
        first, count = span(blocks, self.blocks, "blocks")
        wanted = range(first, first + count)
        if ahead < 0:
            raise ValueError(f"ahead is {ahead}; give 0 or more layers")
        self.prefetch(group, range(0, min(1 + ahead, part.layers)), wanted)
        for layer in range(part.layers):
            if layer and ahead and layer + ahead < part.layers:
                self.prefetch(group, layer + ahead, wanted)
            yield layer, self.get(group, layer, wanted, dtype=dtype)[0]

    def gather(self, group: str, layer: int, rows: Any, out: Any = None, dtype: Any = None) -> Any:
        """Rows of one layer by number, each checked: rows.shape + [row_bytes], or [numbers] of `dtype`.

        rows: whole numbers, the first row of the prompt is 0, in any order; they may repeat. Raises
        `OutOfRange` for a row outside the prefix, `NotFound` for one that is not there (any more). out: is
        filled and given back.
        """
        part = self.layout.group(group)
        first, _ = span(layer, part.layers, "layer")
        numbers = row_numbers(rows)
        if out is None:
            result, memory = new_rows(numbers.shape + (part.row_bytes,), dtype)
        else:
            if dtype is not None:
                raise TypeError("out has a type of its own; leave dtype out")
            result, memory = out, writable_bytes_of(out, numbers.size * part.row_bytes)
        check(library.engram_context_gather(
            self._handle.value, group.encode(), first, _arrays.address(numbers), numbers.size,
            _arrays.address(memory), memory.size))
        return result

    def prefetch(self, group: str, layers: Any = None, blocks: Any = None) -> int:
        """Asks for layers of blocks and returns without waiting: how many pages of 4 KiB."""
        part = self.layout.group(group)
        pages = ctypes.c_uint64()
        check(library.engram_context_prefetch(
            self._handle.value, group.encode(), *span(layers, part.layers, "layers"),
            *span(blocks, self.blocks, "blocks"), ctypes.byref(pages)))
        return pages.value

    def prefetch_rows(self, group: str, layer: int, rows: Any) -> int:
        """The same for rows of one layer."""
        part = self.layout.group(group)
        numbers = row_numbers(rows)
        pages = ctypes.c_uint64()
        check(library.engram_context_prefetch_rows(
            self._handle.value, group.encode(), span(layer, part.layers, "layer")[0],
            _arrays.address(numbers), numbers.size, ctypes.byref(pages)))
        return pages.value


def get_many(reads: Iterable[tuple[ContextPrefix, str, Any, Any, Any]]) -> list[int]:
    """Several reads at once, of one prefix or of many: all that is not in memory is asked for first.

    reads: (prefix, group, layers, blocks, out), as `ContextPrefix.get_into` takes them. Gives how many
    blocks of each are there whole.
    """
    given = list(reads)
    batch = (ContextRead * len(given))()
    memories = []
    for index, (prefix, group, layers, blocks, out) in enumerate(given):
        part = prefix.layout.group(group)
        first_layer, layer_count = span(layers, part.layers, "layers")
        first_block, block_count = span(blocks, prefix.blocks, "blocks")
        wanted = layer_count * block_count * prefix.layout.rows(group) * part.row_bytes
        memory = writable_bytes_of(out, wanted)
        memories.append(memory)
        batch[index] = ContextRead(
            prefix._handle.value, group.encode(), first_layer, layer_count, first_block, block_count,
            _arrays.address(memory), memory.size, 0)
    check(library.engram_context_get(batch, len(given)))
    return [int(read.delivered) for read in batch]
