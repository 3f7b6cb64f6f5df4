"""The context store: attention state of prompts on disk, found by prefix."""
from __future__ import annotations

import ctypes
import json
import os
from typing import Any, Mapping, NamedTuple

from . import _arrays
from ._context_layout import ContextLayout, description_of, lifetimes_of
from ._context_memory import Blocks, bytes_of, span
from ._context_prefix import ContextPrefix
from ._errors import Closed
from ._handles import Handle, OwnHandle
from ._library import ContextBlocks, ContextPart, ContextPutResult, Text, check, library, take


class PutResult(NamedTuple):
    """Blocks that a put stored, found there already, and could not store: a miss later, no error."""

    stored: int
    present: int
    refused: int


class ContextStore:
    """A context store: a folder of its own, with its own writer and a cap that is kept.

        context = es.ContextStore("context", capacity_bytes=64 << 30)
        space = context.space(model="m", revision="r", tokenizer="t", layout=es.ContextLayout.latent(61, "fp8"))
        space.put_durable(tokens, {"latent": state})         # [61, tokens, 656] bytes
        with space.lookup(other_tokens) as prefix:
            state = prefix.get("latent")

    mode: "writing" makes the folder where there is none, one process at a time; "reading" reads beside it
    what was there when it was opened or last refreshed. capacity_bytes is kept with the store: give it at
    the first opening, and later to change it. One opened for reading can be pickled and goes on in a forked
    child; one opened for writing cannot, for the folder has one writer, this process.
    """

    def __init__(self, path: str | os.PathLike[str], capacity_bytes: int | None = None,
                 segment_bytes: int | None = None, mode: str = "writing") -> None:
        if mode not in ("writing", "reading"):
            raise ValueError(f"mode is {mode!r}; give \"writing\" or \"reading\"")
        #: The store's folder.
        self.path = os.path.abspath(os.fspath(path))
        #: What it was opened for.
        self.mode = mode
        options: dict[str, Any] = {"mode": mode}
        for name, value in (("capacity_bytes", capacity_bytes), ("segment_bytes", segment_bytes)):
            if value is not None:
                if isinstance(value, bool) or not isinstance(value, int):
                    raise TypeError(f"{name} is {value!r}; give a whole number of bytes")
                options[name] = value
        self._options = json.dumps(options).encode()
        kind = Handle if mode == "reading" else OwnHandle
        self._handle = kind("context store", self._open, library.engram_context_close)

    def _open(self, out: Any) -> int:
        status: int = library.engram_context_open(os.fsencode(self.path), self._options, out)
        return status

    def __repr__(self) -> str:
        return f"<engramstore.ContextStore {self.path}, {self.mode}>"

    def __enter__(self) -> ContextStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        if self._handle.is_closed:
            raise Closed("this context store is closed", 9)
        if self.mode != "reading":
            raise TypeError(f"{self.path} is open for writing, which one process at a time can do; open it with "
                            "mode=\"reading\" to hand it to another")
        return ContextStore, (self.path, None, None, self.mode)

    def space(self, model: str, layout: ContextLayout, revision: str = "", tokenizer: str = "",
              salt: str = "", lifetimes: Mapping[str, float] | None = None) -> ContextSpace:
        """Opens a namespace: all that makes two states comparable; nothing is ever found from another.

        tokenizer: its identity, e.g. its file's SHA-256. salt: keeps tenants apart. lifetimes: seconds a
        group's state may be served after it was put, {"window": 600}; "*" is all others.
        """
        return ContextSpace(self, description_of(model, revision, tokenizer, salt, layout), layout,
                            lifetimes_of(lifetimes))

    def stats(self) -> dict[str, Any]:
        """What is stored, what was asked and found since opening, and the budget."""
        text = Text()
        check(library.engram_context_stats(self._handle.value, ctypes.byref(text)))
        statistics: dict[str, Any] = json.loads(take(text))
        return statistics

    def refresh(self) -> None:
        """Reading: sees what was put and evicted since. Writing: does nothing."""
        check(library.engram_context_refresh(self._handle.value))

    def flush(self) -> None:
        """Returns when everything put so far is on the disk."""
        check(library.engram_context_flush(self._handle.value))

    def close(self) -> None:
        """Lets go of the store, and of its writer's lock; again is fine."""
        self._handle.close()


class ContextSpace:
    """A namespace of a context store. Calls take a prompt's tokens from the first on, of which whole blocks
    count, or `keys=`: 32 bytes a block that the caller made, each naming its whole prefix."""

    def __init__(self, store: ContextStore, description: bytes, layout: ContextLayout,
                 lifetimes: bytes | None) -> None:
        #: The store.
        self.store = store
        #: How the state is cut.
        self.layout = layout
        self._description = description
        self._lifetimes = lifetimes
        kind = Handle if store.mode == "reading" else OwnHandle
        self._handle = kind("namespace", self._open, library.engram_context_space_close)
        #: The namespace's SHA-256, 64 hexadecimal digits.
        self.id = str(self.describe()["id"])

    def _open(self, out: Any) -> int:
        status: int = library.engram_context_space_open(
            self.store._handle.value, self._description, self._lifetimes, out)
        return status

    def __repr__(self) -> str:
        return f"<engramstore.ContextSpace {self.id[:12]} of {self.store.path}>"

    def __enter__(self) -> ContextSpace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return ContextSpace, (self.store, self._description, self.layout, self._lifetimes)

    def close(self) -> None:
        """Lets go of the namespace; what it holds stays."""
        self._handle.close()

    def describe(self) -> dict[str, Any]:
        """The description with all members, and "id"."""
        text = Text()
        check(library.engram_context_space_describe(self._handle.value, ctypes.byref(text)))
        described: dict[str, Any] = json.loads(take(text))
        return described

    def put_durable(self, tokens: Any = None, parts: Mapping[str, Any] | None = None, *, keys: Any = None,
                    first_block: int = 0, blocks: int | None = None) -> PutResult:
        """Stores blocks and returns when they are on the disk: no crash takes them away.

        parts: by group name, some or all: [layers, rows of the blocks, row_bytes] in bytes, of any type;
        contiguous ones are not copied. blocks: how many from `first_block` on; `None` for all whole ones.
        What is there already is not stored again.
        """
        return self._put(library.engram_context_put_durable, tokens, keys, parts, first_block, blocks)

    def put_relaxed(self, tokens: Any = None, parts: Mapping[str, Any] | None = None, *, keys: Any = None,
                    first_block: int = 0, blocks: int | None = None) -> PutResult:
        """Stores blocks and returns when they are written: a crash of the machine may lose the last of them,
        never one before one that is kept. Otherwise as `put_durable`."""
        return self._put(library.engram_context_put_relaxed, tokens, keys, parts, first_block, blocks)

    def _put(self, function: Any, tokens: Any, keys: Any, parts: Mapping[str, Any] | None, first_block: int,
             blocks: int | None) -> PutResult:
        named = Blocks(tokens, keys, self.layout.block_tokens)
        first, count = span(range(first_block, named.count if blocks is None else first_block + blocks),
                            named.count, "blocks")
        if not isinstance(parts, Mapping) or not parts:
            raise TypeError("parts names no group; give {\"group\": array}")
        given = (ContextPart * len(parts))()
        memories = []
        for index, (name, value) in enumerate(parts.items()):
            wanted = count * self.layout.block_bytes(name)
            memory = bytes_of(value, f"group {name}")
            if memory.size != wanted:
                group = self.layout.group(name)
                raise ValueError(f"group {name} has {memory.size} bytes; give [{group.layers}, "
                                 f"{count * self.layout.rows(name)}, {group.row_bytes}], {wanted} bytes")
            memories.append(memory)
            given[index] = ContextPart(name.encode(), _arrays.address(memory), memory.size)
        result = ContextPutResult()
        check(function(self._handle.value, named.struct, first, count, given, len(given),
                       ctypes.byref(result)))
        return PutResult(result.stored, result.present, result.refused)

    def lookup(self, tokens: Any = None, *, keys: Any = None) -> ContextPrefix:
        """Looks for the longest prefix of which every block is there, in some group at least; with none
        there its `blocks` is 0. Close it soon (`with`): it holds disk space."""
        named = Blocks(tokens, keys, self.layout.block_tokens)
        opened, count = ctypes.c_uint64(), ctypes.c_size_t()
        check(library.engram_context_lookup(
            self._handle.value, named.struct, ctypes.byref(opened), ctypes.byref(count)))
        return ContextPrefix(opened.value, count.value, self.layout)

    def pin(self, tokens: Any = None, seconds: float = 0, *, keys: Any = None) -> int:
        """Keeps what is there of these blocks from being evicted for some seconds, 0 ends that: how many
        blocks."""
        named = Blocks(tokens, keys, self.layout.block_tokens)
        pinned = ctypes.c_uint64()
        check(library.engram_context_pin(
            self._handle.value, named.struct, float(seconds), ctypes.byref(pinned)))
        return pinned.value

    def clear(self, tokens: Any = None, *, keys: Any = None) -> int:
        """Forgets the last of these blocks and every block whose prefix it is: how many. With neither
        tokens nor keys, the whole namespace; a prompt shorter than a block forgets nothing."""
        cleared = ctypes.c_uint64()
        if tokens is None and keys is None:
            struct = ContextBlocks()
        else:
            named = Blocks(tokens, keys, self.layout.block_tokens)
            if named.is_empty:
                return 0
            struct = named.struct
        check(library.engram_context_clear(self._handle.value, struct, ctypes.byref(cleared)))
        return cleared.value
