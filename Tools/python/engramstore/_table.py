"""Memory tables: rows by number, row ids of tokens."""
from __future__ import annotations

import ctypes
import json
from typing import Any

import numpy as np

from . import _arrays
from ._library import HistoryBytes, TableInfo, Text, check, fail, library, take
from ._versions import Version

Array = np.ndarray[Any, Any]

_table_rows = library.engram_table_rows
_table_gather = library.engram_table_gather
_table_prefetch = library.engram_table_prefetch

#: A number that stands for a row that is not there, of an exact table.
MISSING = -1
_MISSING_AS_ZERO = 1
# Codes of the formats, and the types that memory for them may have.
FORMATS: dict[str, tuple[int, tuple[str, ...]]] = {
    "raw": (0, ("uint8", "int8")),
    "bf16": (1, ("bfloat16", "uint16", "int16")),
    "f32": (2, ("float32",)),
}
_NAMES = {"raw": "raw", "uint8": "raw", "bytes": "raw", "bf16": "bf16", "bfloat16": "bf16", "f32": "f32",
          "float32": "f32", "torch.bfloat16": "bf16", "torch.float32": "f32", "torch.uint8": "raw"}


def format_name(dtype: Any) -> str:
    """"raw", "bf16" or "f32" for what people write."""
    name = dtype if isinstance(dtype, str) else str(dtype)
    try:
        return _NAMES[name]
    except KeyError:
        try:
            return _NAMES[np.dtype(dtype).name]
        except (TypeError, KeyError):
            raise ValueError(f"dtype is {dtype!r}; give \"bf16\", \"f32\" or \"raw\"") from None


def _bfloat16_type() -> Any:
    try:
        import ml_dtypes
    except ImportError:
        return np.dtype(np.uint16)
    return np.dtype(ml_dtypes.bfloat16)


#: ml_dtypes.bfloat16 where that package is there; else uint16, its bits. Looked for once: an import takes
#: a lock, which a child that was forked in the middle of one would find taken.
BFLOAT16 = _bfloat16_type()


class History:
    """Where a sequence stands: what the N-grams of its next tokens reach back to. 40 bytes: `copy` it to
    fork a sequence, keep an old one to roll back."""

    __slots__ = ("_bytes",)

    def __init__(self, content: bytes) -> None:
        if len(content) != ctypes.sizeof(HistoryBytes):
            raise ValueError(f"a history has {ctypes.sizeof(HistoryBytes)} bytes, not {len(content)}")
        self._bytes = HistoryBytes.from_buffer_copy(content)

    def copy(self) -> History:
        """One that goes its own way."""
        return History(bytes(self._bytes))

    def __bytes__(self) -> bytes:
        return bytes(self._bytes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and bytes(self) == bytes(other)

    def __hash__(self) -> int:
        return hash(bytes(self))

    def __reduce__(self) -> tuple[type[History], tuple[bytes]]:
        return History, (bytes(self),)


def prepared_tokens(tokens: Any, masked: Any, segments: Any) -> tuple[Array, Array | None, Array | None]:
    """Tokens and what goes with them, one-dimensional."""
    ids = _arrays.read(tokens, "int32", "token_ids")
    flat = ids.reshape(-1)
    parts: list[Array | None] = []
    for name, value, dtype in (("masked", masked, "uint8"), ("segments", segments, "int32")):
        if value is None:
            parts.append(None)
            continue
        array = _arrays.read(value, dtype, name)
        if array.size != flat.size:
            raise ValueError(f"{name} has {array.size} elements, token_ids {flat.size}")
        parts.append(array.reshape(-1))
    return ids, parts[0], parts[1]


def new_tensor(shape: tuple[int, ...], name: str, pinned: bool = False) -> Any:
    """A torch tensor for rows of a format, not initialised."""
    import torch
    kinds = {"raw": torch.uint8, "bf16": torch.bfloat16, "f32": torch.float32}
    return torch.empty(shape, dtype=kinds[name], pin_memory=pinned)


def prepared_out(out: Any, like: str | None, name: str, shape: tuple[int, ...]) -> tuple[Any, Array]:
    """What a gather gives, and the memory that it fills."""
    dtypes = FORMATS[name][1]
    if out is not None:
        return out, _arrays.write(out, dtypes, shape)
    if like not in (None, "numpy", "torch"):
        raise ValueError(f"like is {like!r}; give \"numpy\" or \"torch\"")
    if like == "torch":
        tensor = new_tensor(shape, name)
        return tensor, _arrays.write(tensor, dtypes, shape)
    if name == "bf16":
        result = np.empty(shape, BFLOAT16)
        return result, result.view(np.uint16)
    result = np.empty(shape, np.float32 if name == "f32" else np.uint8)
    return result, result


class Table(Version):
    """An open version of a memory table. Any number of threads may use it at once.

        table = store.table("deepseek-v4.1/layer1")
        rows = table.rows(token_ids)               # int64 [tokens, columns]
        x = table.gather(rows, dtype="bf16")       # [tokens, columns, dimension]
    """

    _kind = "table"
    _opener = library.engram_table_open
    _closer = library.engram_table_close
    _describer = library.engram_table_get_info
    _info_type = TableInfo

    def _take(self, info: Any) -> None:
        #: Rows; ids are 0..<row_count.
        self.row_count = int(info.rows)
        #: Numbers in a row.
        self.dimension = int(info.dimension)
        #: Bytes of a raw row.
        self.row_bytes = int(info.row_bytes)
        #: Row ids of a token; 0 where tokens lead to no row.
        self.columns = int(info.columns)
        #: Token ids are below this; 0 where tokens lead to no row.
        self.token_limit = int(info.token_limit)
        #: The longest N-gram, in tokens.
        self.longest_ngram = int(info.longest_ngram)
        #: Whether N-grams are looked up themselves: a row id of -1 is one that is not there.
        self.is_exact = bool(info.is_exact)
        #: Whether tokens may be masked and have segments.
        self.takes_segments = bool(info.takes_segments)

    def __repr__(self) -> str:
        return f"<engramstore.Table {self.reference}: {self.row_count} rows of {self.dimension}>"

    @property
    def manifest(self) -> dict[str, Any]:
        """What the version is, as `engram memory inspect --format json` prints it."""
        text = Text()
        check(library.engram_table_describe(self._handle.value, ctypes.byref(text)))
        described: dict[str, Any] = json.loads(take(text))
        return described

    @property
    def codec(self) -> str:
        """How numbers are stored."""
        return str(self.manifest["codec"])

    def history(self) -> History:
        """The history before the first token of a sequence."""
        start = HistoryBytes()
        check(library.engram_history_start(self._handle.value, ctypes.byref(start)))
        return History(bytes(start))

    def rows(self, token_ids: Any, masked: Any = None, segments: Any = None,
             history: History | None = None, out: Any = None) -> Array:
        """Row ids of tokens, int64, shape token_ids.shape + [columns].

        token_ids: whole numbers; the last axis runs along a sequence, so that [batch, tokens] are `batch`
        sequences of their own. masked: True for tokens that take no part in an N-gram. segments: a change
        is a boundary; both have as many elements. history: of one sequence; moves on, or stays where an
        error is raised. out: memory for the result.
        """
        ids, masks, parts = prepared_tokens(token_ids, masked, segments)
        shape = ids.shape + (self.columns,)
        if history is not None and ids.ndim > 1:
            raise ValueError(f"token_ids has shape {ids.shape}; a history is of one sequence, give [tokens]")
        if out is None:
            result = _arrays.aligned(shape, np.int64)
            memory = result
        else:
            result = out
            memory = _arrays.write(out, ("int64",), shape)
        length = ids.shape[-1] if ids.ndim else 1
        state = None if history is None else ctypes.byref(history._bytes)
        handle = self._handle.value
        places = [(_arrays.address(ids), 4), (_arrays.address(memory), 8 * self.columns)]
        masks_at = None if masks is None else _arrays.address(masks)
        parts_at = None if parts is None else _arrays.address(parts)
        for first in range(0, ids.size, length) if ids.size else (0,):
            ids_at, rows_at = (start + first * size for start, size in places)
            status = _table_rows(
                handle, ids_at, length if ids.size else 0,
                None if masks_at is None else masks_at + first,
                None if parts_at is None else parts_at + 4 * first, state, rows_at)
            if status:
                fail(status)
        return result

    def prefetch(self, rows: Any) -> int:
        """Starts reading the rows' pages from the disk and returns without waiting: how many."""
        ids = _arrays.read(rows, "int64", "rows")
        pages = ctypes.c_uint64()
        check(_table_prefetch(
            self._handle.value, _arrays.address(ids), ids.size, ctypes.byref(pages)))
        return pages.value

    def gather(self, rows: Any, dtype: Any = "bf16", missing: str | None = None, out: Any = None,
               like: str | None = None) -> Any:
        """Rows by id, each checked: shape rows.shape + [dimension], or [row_bytes] of "raw".

        dtype: "bf16" (ml_dtypes.bfloat16 where that is installed, else its bits as uint16), "f32", "raw".
        missing: "zero" makes rows of zeros of ids of -1. out: a NumPy array, a torch CPU tensor or a
        writable buffer, of that shape or of as many numbers in one dimension; it is filled and given back.
        like="torch": a new tensor.

        A row id outside the table raises `OutOfRange` before anything is written, a damaged row `Corrupt`.
        """
        name = format_name(dtype)
        ids = _arrays.read(rows, "int64", "rows")
        if missing not in (None, "zero"):
            raise ValueError(f"missing is {missing!r}; give \"zero\" or nothing")
        shape = ids.shape + ((self.row_bytes if name == "raw" else self.dimension),)
        result, memory = prepared_out(out, like, name, shape)
        if out is not None and np.may_share_memory(ids, memory):
            raise ValueError("out and rows share memory")
        status = _table_gather(
            self._handle.value, _arrays.address(ids), ids.size, FORMATS[name][0],
            _MISSING_AS_ZERO if missing else 0, _arrays.address(memory), memory.nbytes)
        if status:
            fail(status)
        return result

