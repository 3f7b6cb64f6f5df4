"""Memory of any number type as bytes, tokens and keys as the library takes them, ranges of layers and blocks."""
from __future__ import annotations

import operator
import sys
from typing import Any, Sequence

import numpy as np

from . import _arrays
from ._library import ContextBlocks
from ._table import BFLOAT16

Array = np.ndarray[Any, Any]

_KEY_BYTES = 32
_NAMES = {"bf16": BFLOAT16, "bfloat16": BFLOAT16, "f32": np.dtype(np.float32), "f16": np.dtype(np.float16),
          "raw": np.dtype(np.uint8)}


def bytes_of(value: Any, what: str) -> Array:
    """What an array or CPU tensor holds, as bytes; copied only where it is not contiguous.

    Raises `TypeError` for what holds no numbers, or is not in this machine's memory.
    """
    if _arrays.is_tensor(value):
        if value.device.type != "cpu":
            raise TypeError(f"{what} is on {value.device}; give a CPU tensor (pinned, to copy it from there)")
        torch = sys.modules["torch"]
        if value.layout != torch.strided:
            raise TypeError(f"{what} has layout {value.layout}; give a dense tensor")
        array: Array = value.detach().contiguous().reshape(-1).view(torch.uint8).numpy()
        return array
    try:
        given = value if isinstance(value, np.ndarray) else np.asarray(memoryview(value))
    except TypeError:
        raise TypeError(f"{what} is a {type(value).__name__}; give a NumPy array, a torch CPU tensor or "
                        "bytes") from None
    if given.dtype.hasobject:
        raise TypeError(f"{what} has type {given.dtype}; give numbers")
    return np.ascontiguousarray(given).reshape(-1).view(np.uint8)


def writable_bytes_of(out: Any, wanted: int, what: str = "out") -> Array:
    """The memory of `out` itself as bytes, exactly `wanted` of them.

    Raises `TypeError` or `ValueError` that says what was given and what is wanted.
    """
    if _arrays.is_tensor(out):
        if out.requires_grad:
            raise TypeError(f"{what} requires a gradient; give out.detach()")
        if out.device.type == "cpu" and not out.is_contiguous():
            raise ValueError(f"{what} is not contiguous; give out.contiguous()")
        memory = bytes_of(out, what)
    else:
        try:
            array = out if isinstance(out, np.ndarray) else np.asarray(memoryview(out))
        except TypeError:
            raise TypeError(f"{what} is a {type(out).__name__}; give a NumPy array, a torch CPU tensor or a "
                            "writable buffer") from None
        if not array.flags.c_contiguous:
            raise ValueError(f"{what} is not C-contiguous; give np.ascontiguousarray(...)")
        if not array.flags.writeable:
            raise ValueError(f"{what} is read-only; give one that can be written to")
        memory = bytes_of(array, what)
    if memory.size != wanted:
        raise ValueError(f"{what} has {memory.size} bytes; give {wanted}")
    return memory


def new_rows(shape: tuple[int, ...], dtype: Any) -> tuple[Any, Array]:
    """A new array of rows, or a tensor where `dtype` is torch's, and its bytes.

    shape: the last number is a row's bytes; the result's last axis has as many numbers as fit these.
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(dtype, torch.dtype):
        width = torch.empty(0, dtype=dtype).element_size()
        _check_width(shape[-1], width, dtype)
        tensor = torch.empty(shape[:-1] + (shape[-1] // width,), dtype=dtype)
        return tensor, bytes_of(tensor, "out")
    try:
        kind = np.dtype(np.uint8 if dtype is None else _NAMES.get(dtype, dtype))
    except TypeError:
        raise TypeError(f"dtype is {dtype!r}; give a NumPy or torch type, \"bf16\", \"f16\" or \"f32\"") from None
    if kind.hasobject or not kind.itemsize:
        raise TypeError(f"dtype is {kind}; give a type of numbers")
    _check_width(shape[-1], kind.itemsize, kind)
    array = _arrays.aligned(shape[:-1] + (shape[-1] // kind.itemsize,), kind)
    return array, array.reshape(-1).view(np.uint8)


def _check_width(row_bytes: int, width: int, dtype: Any) -> None:
    if row_bytes % width:
        raise ValueError(f"a row has {row_bytes} bytes, which are no whole number of {dtype}")


class Blocks:
    """The blocks that a call means: tokens from the first on, or keys that the caller made."""

    __slots__ = ("_array", "count", "struct")

    def __init__(self, tokens: Any, keys: Any, block_tokens: int) -> None:
        if (tokens is None) == (keys is None):
            raise TypeError("give tokens, or keys=[...], one of the two")
        self._array: Array
        if keys is None:
            self._array = _arrays.read(tokens, "int32", "tokens")
            if self._array.ndim != 1:
                raise ValueError(f"tokens has shape {self._array.shape}; give one prompt, [tokens]")
            #: Whole blocks.
            self.count = self._array.size // block_tokens
            self.struct = ContextBlocks(_arrays.address(self._array), self._array.size, None, 0)
        else:
            self._array = _keys(keys)
            self.count = len(self._array)
            self.struct = ContextBlocks(None, 0, _arrays.address(self._array), self.count)

    @property
    def is_empty(self) -> bool:
        """Whether there are neither tokens nor keys, which the library takes for all there is."""
        return self._array.size == 0


def _keys(keys: Any) -> Array:
    if isinstance(keys, (bytes, bytearray, memoryview)):
        joined = bytes(keys)
    elif isinstance(keys, np.ndarray):
        if keys.dtype != np.uint8 or keys.ndim != 2 or keys.shape[1] != _KEY_BYTES:
            raise ValueError(f"keys has type {keys.dtype} and shape {keys.shape}; give uint8 [blocks, 32]")
        return np.ascontiguousarray(keys)
    else:
        for key in keys:
            if not isinstance(key, (bytes, bytearray)) or len(key) != _KEY_BYTES:
                raise ValueError(f"a key is {key!r}; give 32 bytes a block")
        joined = b"".join(keys)
    if len(joined) % _KEY_BYTES:
        raise ValueError(f"keys has {len(joined)} bytes; give 32 a block")
    return np.frombuffer(joined, np.uint8).reshape(-1, _KEY_BYTES)


def span(value: Any, count: int, what: str) -> tuple[int, int]:
    """(first, number) of layers or blocks: `None` is all of them, a number that one, a range those.

    Raises `ValueError` for what is outside 0..<count.
    """
    if value is None:
        return 0, count
    if isinstance(value, slice):
        value = range(*value.indices(count))
    if isinstance(value, range):
        if len(value) == 0:
            return 0, 0
        if value.step != 1:
            raise ValueError(f"{what} is {value}; give a range without gaps")
        first, number = value.start, len(value)
    else:
        try:
            first, number = operator.index(value), 1
        except TypeError:
            raise TypeError(f"{what} is {value!r}; give a number, a range or nothing for all") from None
    if first < 0 or first + number > count:
        raise ValueError(f"{what} is {value}; there are {count}, numbered from 0")
    return first, number


def row_numbers(rows: Any) -> Array:
    """Row numbers, int64."""
    if not _arrays.is_tensor(rows) and isinstance(rows, Sequence) and len(rows) == 0:
        return np.zeros(0, np.int64)
    return _arrays.read(rows, "int64", "rows")
