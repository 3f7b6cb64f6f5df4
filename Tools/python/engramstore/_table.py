"""Memory tables: rows by number, row ids of tokens."""
from __future__ import annotations

import ctypes
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _arrays
from ._errors import Closed
from ._handles import Handle
from ._library import HistoryBytes, TableInfo, Text, check, fail, library, take

if TYPE_CHECKING:
    from ._store import Store

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


def bfloat16_type() -> Any:
    """ml_dtypes.bfloat16 where that package is there; else uint16, its bits."""
    try:
        import ml_dtypes
    except ImportError:
        return np.dtype(np.uint16)
    return np.dtype(ml_dtypes.bfloat16)


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


def prepared_out(out: Any, like: str | None, name: str, shape: tuple[int, ...]) -> tuple[Any, Array]:
    """What a gather gives, and the memory that it fills."""
    dtypes = FORMATS[name][1]
    if out is not None:
        return out, _arrays.write(out, dtypes, shape)
    if like not in (None, "numpy", "torch"):
        raise ValueError(f"like is {like!r}; give \"numpy\" or \"torch\"")
    if like == "torch":
        import torch
        kinds = {"raw": torch.uint8, "bf16": torch.bfloat16, "f32": torch.float32}
        tensor = torch.empty(shape, dtype=kinds[name])
        return tensor, _arrays.write(tensor, dtypes, shape)
    if name == "bf16":
        result = np.empty(shape, bfloat16_type())
        return result, result.view(np.uint16)
    result = np.empty(shape, np.float32 if name == "f32" else np.uint8)
    return result, result


class Table:
    """An open version of a memory table. Any number of threads may use it at once.

        table = store.table("deepseek-v4.1/layer1")
        rows = table.rows(token_ids)               # int64 [tokens, columns]
        x = table.gather(rows, dtype="bf16")       # [tokens, columns, dimension]
    """

    def __init__(self, store: Store, reference: str) -> None:
        self._store = store
        self._reference = reference
        self._identity: str | None = None
        self._handle = Handle("table", self._open, library.engram_table_close)
        info = TableInfo()
        check(library.engram_table_get_info(self._handle.value, ctypes.byref(info)))
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
        #: The version.
        self.version = int(info.version)
        #: Whether N-grams are looked up themselves: a row id of -1 is one that is not there.
        self.is_exact = bool(info.is_exact)
        #: Whether tokens may be masked and have segments.
        self.takes_segments = bool(info.takes_segments)
        #: SHA-256 of the version.
        self.identity = info.identity.decode()
        #: The name, without the version.
        self.name = reference.rpartition("@")[0] if "@" in reference else reference
        # From now on, exactly this version.
        self._reference = f"{self.name}@{self.version}"
        self._identity = self.identity

    def _open(self, out: Any) -> int:
        status: int = library.engram_table_open(
            self._store._handle_value, self._reference.encode(), out)
        if status == 0 and self._identity is not None:
            info = TableInfo()
            handle = out._obj.value
            check(library.engram_table_get_info(handle, ctypes.byref(info)))
            if info.identity.decode() != self._identity:
                library.engram_table_close(handle)
                raise Closed(f"table {self._reference} is another one now", 9)
        return status

    def __repr__(self) -> str:
        return f"<engramstore.Table {self._reference}: {self.row_count} rows of {self.dimension}>"

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self._store, self._reference, self.identity)

    def close(self) -> None:
        """Lets go of the version; calls then raise `Closed`."""
        self._handle.close()

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

        token_ids: whole numbers, as one sequence in memory order. masked: True for tokens that take no
        part in an N-gram. segments: a change is a boundary. history: moves on, or stays where an error is
        raised. out: memory for the result.
        """
        ids, masks, parts = prepared_tokens(token_ids, masked, segments)
        shape = ids.shape + (self.columns,)
        if out is None:
            result = _arrays.aligned(shape, np.int64)
            memory = result
        else:
            result = out
            memory = _arrays.write(out, ("int64",), shape)
        status = _table_rows(
            self._handle.value, _arrays.address(ids), ids.size,
            None if masks is None else _arrays.address(masks),
            None if parts is None else _arrays.address(parts),
            None if history is None else ctypes.byref(history._bytes), _arrays.address(memory))
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
        missing: "zero" makes rows of zeros of ids of -1. out: a NumPy array or a torch CPU tensor that is
        filled and given back. like="torch": a new tensor.

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


def _reopened(store: Store, reference: str, identity: str) -> Table:
    table = Table(store, reference)
    if table.identity != identity:
        raise Closed(f"table {reference} is another one here: {table.identity}, not {identity}", 9)
    return table
