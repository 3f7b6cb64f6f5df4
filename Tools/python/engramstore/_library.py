"""libengram.so, found, checked and declared. Source of every declaration: engram.h."""
from __future__ import annotations

import ctypes
import os
from typing import Any, Callable

from ._errors import BY_STATUS, EngramError

ABI_VERSION = 1

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "native")


class TableInfo(ctypes.Structure):
    _fields_ = [("rows", ctypes.c_int64), ("dimension", ctypes.c_int64),
                ("row_bytes", ctypes.c_int64), ("columns", ctypes.c_int64),
                ("token_limit", ctypes.c_int64), ("longest_ngram", ctypes.c_int64),
                ("version", ctypes.c_int64), ("is_exact", ctypes.c_int32),
                ("takes_segments", ctypes.c_int32), ("identity", ctypes.c_char * 72)]


class DatasetInfo(ctypes.Structure):
    _fields_ = [("samples", ctypes.c_int64), ("bytes", ctypes.c_int64),
                ("version", ctypes.c_int64), ("kind", ctypes.c_int32),
                ("token_width", ctypes.c_int32), ("token_length", ctypes.c_int64),
                ("has_boundaries", ctypes.c_int32), ("reserved", ctypes.c_int32),
                ("identity", ctypes.c_char * 72)]


class FusionInfo(ctypes.Structure):
    _fields_ = [("branches", ctypes.c_int64), ("width", ctypes.c_int64),
                ("inputs", ctypes.c_int64), ("state", ctypes.c_int64)]


class HistoryBytes(ctypes.Structure):
    _fields_ = [("recent", ctypes.c_uint32 * 8), ("segment", ctypes.c_int32),
                ("reserved", ctypes.c_uint32)]


class Tensor(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("values", ctypes.c_void_p),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("rank", ctypes.c_int32)]


class Text(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_void_p), ("count", ctypes.c_size_t)]


class ContextBlocks(ctypes.Structure):
    _fields_ = [("tokens", ctypes.c_void_p), ("token_count", ctypes.c_size_t),
                ("keys", ctypes.c_void_p), ("key_count", ctypes.c_size_t)]


class ContextPart(ctypes.Structure):
    _fields_ = [("group", ctypes.c_char_p), ("bytes", ctypes.c_void_p), ("byte_count", ctypes.c_size_t)]


class ContextPutResult(ctypes.Structure):
    _fields_ = [("stored", ctypes.c_uint64), ("present", ctypes.c_uint64), ("refused", ctypes.c_uint64)]


class ContextPresence(ctypes.Structure):
    _fields_ = [("leading", ctypes.c_uint64), ("trailing", ctypes.c_uint64), ("present", ctypes.c_uint64)]


class ContextRead(ctypes.Structure):
    _fields_ = [("prefix", ctypes.c_uint64), ("group", ctypes.c_char_p),
                ("first_layer", ctypes.c_size_t), ("layer_count", ctypes.c_size_t),
                ("first_block", ctypes.c_size_t), ("block_count", ctypes.c_size_t),
                ("out", ctypes.c_void_p), ("out_bytes", ctypes.c_size_t), ("delivered", ctypes.c_size_t)]


_handle = ctypes.c_uint64
_out = ctypes.POINTER(ctypes.c_uint64)
_text = ctypes.c_char_p
_memory = ctypes.c_void_p
_size = ctypes.c_size_t
_i64 = ctypes.c_int64
_put = [_handle, ContextBlocks, _size, _size, ctypes.POINTER(ContextPart), _size,
        ctypes.POINTER(ContextPutResult)]

# Arguments of each function that answers a status.
_FUNCTIONS: dict[str, list[Any]] = {
    "store_open": [_text, _out],
    "store_close": [_handle],
    "store_list": [_handle, ctypes.POINTER(Text)],
    "table_open": [_handle, _text, _out],
    "table_close": [_handle],
    "table_get_info": [_handle, ctypes.POINTER(TableInfo)],
    "table_describe": [_handle, ctypes.POINTER(Text)],
    "history_start": [_handle, ctypes.POINTER(HistoryBytes)],
    "table_rows": [_handle, _memory, _size, _memory, _memory, ctypes.POINTER(HistoryBytes), _memory],
    "table_prefetch": [_handle, _memory, _size, _out],
    "table_gather": [_handle, _memory, _size, ctypes.c_int32, ctypes.c_uint32, _memory, _size],
    "fusion_open": [_text, ctypes.POINTER(Tensor), _size, _i64, _out],
    "fusion_close": [_handle],
    "fusion_get_info": [_handle, ctypes.POINTER(FusionInfo)],
    "fusion_forward": [_handle, _size] + [_memory] * 7,
    "dataset_open": [_handle, _text, _out],
    "dataset_close": [_handle],
    "dataset_get_info": [_handle, ctypes.POINTER(DatasetInfo)],
    "dataset_describe": [_handle, ctypes.POINTER(Text)],
    "dataset_sizes": [_handle, _memory, _size, _memory],
    "dataset_read": [_handle, _memory, _size, _memory, _size, _memory],
    "dataset_order": [_handle, ctypes.c_int32, _i64, ctypes.c_uint64, _i64, _i64, _i64, _size, _memory],
    "mixture_open": [_memory, _memory, _size, ctypes.c_uint64, _i64, _out],
    "mixture_close": [_handle],
    "mixture_draw": [_handle, _i64, _i64, _size, _memory, _memory, _memory],
    "index_open": [_handle, _text, _text, _out],
    "index_close": [_handle],
    "index_describe": [_handle, ctypes.POINTER(Text)],
    "query": [_memory, _size, _text, ctypes.POINTER(Text)],
    "context_open": [_text, _text, _out],
    "context_close": [_handle],
    "context_stats": [_handle, ctypes.POINTER(Text)],
    "context_refresh": [_handle],
    "context_flush": [_handle],
    "context_space_open": [_handle, _text, _text, _out],
    "context_space_close": [_handle],
    "context_space_describe": [_handle, ctypes.POINTER(Text)],
    "context_put_durable": _put,
    "context_put_relaxed": _put,
    "context_lookup": [_handle, ContextBlocks, _out, ctypes.POINTER(ctypes.c_size_t)],
    "context_prefix_close": [_handle],
    "context_prefix_presence": [_handle, _text, ctypes.POINTER(ContextPresence)],
    "context_get": [ctypes.POINTER(ContextRead), _size],
    "context_gather": [_handle, _text, _size, _memory, _size, _memory, _size],
    "context_prefetch": [_handle, _text, _size, _size, _size, _size, _out],
    "context_prefetch_rows": [_handle, _text, _size, _memory, _size, _out],
    "context_pin": [_handle, ContextBlocks, ctypes.c_double, _out],
    "context_clear": [_handle, ContextBlocks, _out],
}


def _path() -> str:
    named = os.environ.get("ENGRAM_LIBRARY")
    if named:
        if not os.path.isfile(named):
            raise ImportError(f"engramstore: $ENGRAM_LIBRARY is {named}, which is no file")
        return named
    path = os.path.join(_FOLDER, "libengram.so")
    if not os.path.isfile(path):
        raise ImportError(
            f"engramstore: {path} is missing; install the wheel that Tools/build-wheel makes, or set "
            "ENGRAM_LIBRARY to a libengram.so")
    return path


def _missing_libraries(path: str) -> list[str]:
    """The system libraries that cannot be loaded, each with the Debian package that has it."""
    listed = os.path.join(os.path.dirname(path), "system-libraries")
    missing = []
    try:
        with open(listed, encoding="utf-8") as file:
            lines = [line.split() for line in file if line.strip()]
    except OSError:
        return []
    for name, *package in lines:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(f"{name} (Debian package {package[0]})" if package else name)
    return missing


def _load() -> ctypes.CDLL:
    path = _path()
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        missing = _missing_libraries(path)
        if missing:
            packages = sorted({name.split("package ")[1].rstrip(")") for name in missing
                               if "package " in name})
            raise ImportError(
                f"engramstore needs system libraries that are not there: {', '.join(missing)}; run: "
                f"apt-get install {' '.join(packages)}") from error
        raise ImportError(f"engramstore: {path} cannot be loaded: {error}") from error
    library.engram_abi_version.restype = ctypes.c_int32
    found = library.engram_abi_version()
    if found != ABI_VERSION:
        raise ImportError(f"engramstore: {path} has interface version {found}, this package needs "
                          f"{ABI_VERSION}; install a wheel and a library of one release")
    library.engram_version.restype = ctypes.c_char_p
    library.engram_last_error.restype = ctypes.c_char_p
    library.engram_status_name.restype = ctypes.c_char_p
    library.engram_status_name.argtypes = [ctypes.c_int32]
    library.engram_text_free.argtypes = [ctypes.POINTER(Text)]
    library.engram_text_free.restype = None
    for name, arguments in _FUNCTIONS.items():
        function = getattr(library, "engram_" + name)
        function.argtypes = arguments
        function.restype = ctypes.c_int32
    return library


library = _load()
VERSION: str = library.engram_version().decode()
# ctypes releases the interpreter's lock around each call. Looked up once: attributes cost time.
last_error: Callable[[], bytes] = library.engram_last_error


def fail(status: int) -> None:
    """Raises what this thread's last call said."""
    message = last_error().decode("utf-8", "replace")
    raise BY_STATUS.get(status, EngramError)(message, status)


def check(status: int) -> None:
    """Raises unless a call did what it says."""
    if status:
        fail(status)


def take(text: Text) -> bytes:
    """The bytes of a text that the library made, which it gets back."""
    try:
        return ctypes.string_at(text.bytes, text.count) if text.bytes else b""
    finally:
        library.engram_text_free(ctypes.byref(text))
