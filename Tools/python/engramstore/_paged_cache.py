"""Blocks of an engine's paged cache, whatever the order of its axes, as rows of bytes: one token after another."""
from __future__ import annotations

import sys
from typing import Any, Sequence

import numpy as np

from . import _arrays

Array = np.ndarray[Any, Any]


class PagedLayer:
    """One layer's cache: an array or tensor with an axis of blocks and one of a block's tokens.

    cache: e.g. [2, blocks, tokens, heads, dimension], [blocks, 2, tokens, heads, dimension] or
    [blocks, tokens, dimension]; its last axis is dense. Nothing is copied.
    """

    def __init__(self, name: str, cache: Any, block_tokens: int, block_count: int | None) -> None:
        self._is_tensor = _arrays.is_tensor(cache)
        torch = sys.modules.get("torch")
        width = cache.element_size() if self._is_tensor else cache.dtype.itemsize
        try:
            raw = cache.view(torch.uint8 if self._is_tensor and torch is not None else np.uint8)
        except (RuntimeError, ValueError) as error:
            raise ValueError(f"the cache of {name} has a last axis that is not dense: {error}") from None
        shape = tuple(cache.shape)
        block_axis = self._block_axis(name, shape, block_tokens, block_count)
        token_axis = next((axis for axis in range(block_axis + 1, len(shape) - 1)
                           if shape[axis] == block_tokens), None)
        if token_axis is None:
            raise ValueError(f"the cache of {name} has shape {shape}; no axis behind that of the blocks has "
                             f"{block_tokens} tokens")
        axes = (block_axis, token_axis)
        # [blocks, tokens, ...]: whatever else a token has, in its own order.
        self._view = raw.movedim(axes, (0, 1)) if self._is_tensor else np.moveaxis(raw, axes, (0, 1))
        self._block_shape = tuple(self._view.shape[1:])
        #: Bytes of a token in this layer.
        self.row_bytes = int(np.prod(shape, dtype=np.int64)) // (shape[block_axis] * block_tokens) * width
        #: The type of its numbers.
        self.dtype = str(cache.dtype).rpartition(".")[2]
        #: Blocks of the cache.
        self.blocks = int(shape[block_axis])

    @staticmethod
    def _block_axis(name: str, shape: tuple[int, ...], block_tokens: int, block_count: int | None) -> int:
        if len(shape) < 3:
            raise ValueError(f"the cache of {name} has shape {shape}; give [blocks, tokens, ...] at least")
        if block_count is not None:
            found = [axis for axis in (0, 1) if shape[axis] == block_count]
            if not found:
                raise ValueError(f"the cache of {name} has shape {shape}; none of the first axes has "
                                 f"{block_count} blocks")
            return found[-1] if len(found) == 2 and shape[2] == block_tokens and len(shape) == 5 else found[0]
        # Keys and values first.
        return 1 if len(shape) == 5 and shape[0] == 2 and shape[2] == block_tokens else 0

    def _numbers(self, blocks: Sequence[int]) -> Any:
        if any(not 0 <= block < self.blocks for block in blocks):
            raise ValueError(f"blocks {list(blocks)} are outside the cache, which has {self.blocks}")
        if self._is_tensor:
            torch = sys.modules["torch"]
            return torch.as_tensor(list(blocks), dtype=torch.long, device=self._view.device)
        return np.asarray(blocks, np.int64)

    def read(self, blocks: Sequence[int]) -> Array:
        """The bytes of these blocks, [blocks * tokens, row_bytes]."""
        rows = self._view[self._numbers(blocks)]
        array: Array = rows.cpu().contiguous().numpy() if self._is_tensor else rows
        return np.ascontiguousarray(array).reshape(-1, self.row_bytes)

    def write(self, blocks: Sequence[int], rows: Array) -> None:
        """Puts rows [blocks * tokens, row_bytes] into these blocks."""
        shaped: Any = rows.reshape((len(blocks),) + self._block_shape)
        if self._is_tensor:
            shaped = sys.modules["torch"].from_numpy(shaped).to(self._view.device)
        self._view[self._numbers(blocks)] = shaped
