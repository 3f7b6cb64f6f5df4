"""The context store: attention state of prompts on disk, found by prefix."""
from __future__ import annotations

import ctypes
import json
import os
from typing import Any, Mapping, Sequence

from . import _arrays
from ._context_layout import ContextGroup, ContextLayout
from ._context_prefix import ContextPrefix, PutResult, block_argument, bytes_of
from ._errors import Closed
from ._handles import Handle
from ._library import ContextPart, ContextPutResult, Text, check, library, take


class ContextStore:
    """An open context store. Any number of threads may use it at once.

        with es.ContextStore("context", capacity_bytes=64 << 30) as context:
            space = context.space(model="m", layout=es.ContextLayout.latent(61, "fp8"))
            space.put_durable(tokens, {"latent": rows})         # [layers, tokens, row_bytes]
            with space.lookup(tokens) as prefix:
                rows = prefix.get("latent")

    mode: "writing" (one process at a time; makes the folder) or "reading" (beside it; `refresh()` looks
    again). capacity_bytes: the cap of the folder, kept with it; segment_bytes: what is evicted at once.
    """

    def __init__(self, path: str | os.PathLike[str], capacity_bytes: int | None = None,
                 segment_bytes: int | None = None, mode: str = "writing") -> None:
        #: The folder.
        self.path = os.path.abspath(os.fspath(path))
        #: "writing" or "reading".
        self.mode = mode
        options = {"mode": mode, "capacity_bytes": capacity_bytes, "segment_bytes": segment_bytes}
        text = json.dumps(options).encode()
        owner = os.getpid()

        def open_(out: Any) -> int:
            if mode == "writing" and os.getpid() != owner:
                raise Closed("this context store was opened for writing before the process forked; open it "
                             "in the child, for reading while the parent writes", 10)
            status: int = library.engram_context_open(os.fsencode(self.path), text, out)
            return status

        self._handle = Handle("context store", open_, library.engram_context_close)

    def __repr__(self) -> str:
        return f"<engramstore.ContextStore {self.path}, {self.mode}>"

    def __reduce__(self) -> tuple[Any, ...]:
        if self.mode == "writing":
            raise TypeError("a context store that is open for writing cannot be pickled: one process "
                            "writes; open it with mode=\"reading\"")
        return ContextStore, (self.path, None, None, self.mode)

    def space(self, model: str, layout: ContextLayout, revision: str = "", tokenizer: str = "",
              salt: str = "", lifetimes: Mapping[str, float] | None = None) -> ContextSpace:
        """A namespace: state of another model, revision, tokenizer, salt or layout is never found from it.

        lifetimes: seconds by group that its state may be served after it was put; "*" is for all others.
        """
        return ContextSpace(self, model, layout, revision, tokenizer, salt, lifetimes)

    def stats(self) -> dict[str, Any]:
        """What is stored, and what was asked and found since it was opened."""
        text = Text()
        check(library.engram_context_stats(self._handle.value, ctypes.byref(text)))
        stats: dict[str, Any] = json.loads(take(text))
        return stats

    def flush(self) -> None:
        """Returns when everything put so far is on the disk."""
        check(library.engram_context_flush(self._handle.value))

    def refresh(self) -> None:
        """Reading: sees what was put and evicted since. Writing: does nothing."""
        check(library.engram_context_refresh(self._handle.value))

    def close(self) -> None:
        """Closes it; again is fine. Prefixes that were found stay readable."""
        self._handle.close()

    def __enter__(self) -> ContextStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ContextSpace:
    """A namespace of a context store, as `ContextStore.space` opens it.

    Wherever tokens are given, `keys` may stand instead: 32 bytes a block that each name its whole prefix, an
    engine's block hashes.
    """

    def __init__(self, context: ContextStore, model: str, layout: ContextLayout, revision: str = "",
                 tokenizer: str = "", salt: str = "",
                 lifetimes: Mapping[str, float] | None = None) -> None:
        #: The store.
        self.context = context
        #: Blocks and groups.
        self.layout = layout
        self._arguments = (model, layout, revision, tokenizer, salt, dict(lifetimes or {}))
        description = json.dumps({"model": model, "revision": revision, "tokenizer": tokenizer,
                                  "salt": salt, **layout.description()}).encode()
        lasting = json.dumps(dict(lifetimes)).encode() if lifetimes else None

        def open_(out: Any) -> int:
            status: int = library.engram_context_space_open(
                context._handle.value, description, lasting, out)
            return status

        self._handle = Handle("namespace", open_, library.engram_context_space_close)
        text = Text()
        check(library.engram_context_space_describe(self._handle.value, ctypes.byref(text)))
        described = json.loads(take(text))
        #: SHA-256 of the description, 64 hexadecimal digits.
        self.id = str(described["id"])

    def __repr__(self) -> str:
        return f"<engramstore.ContextSpace {self.id[:12]} of {self.context.path}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return ContextSpace, (self.context,) + self._arguments

    def put_durable(self, tokens: Any = None, parts: Mapping[str, Any] | None = None, *,
                    first_block: int = 0, blocks: int | None = None,
                    keys: Sequence[bytes] | bytes | None = None) -> PutResult:
        """Stores blocks and returns when they are on the disk.

        parts: memory by group name, [layers, rows, row_bytes] in all, of any type and shape that has those
        bytes: NumPy arrays, torch CPU tensors. blocks: how many, from `first_block` on; all that the
        prompt has where it is left out.
        """
        return self._put(library.engram_context_put_durable, tokens, parts, first_block, blocks, keys)

    def put_relaxed(self, tokens: Any = None, parts: Mapping[str, Any] | None = None, *,
                    first_block: int = 0, blocks: int | None = None,
                    keys: Sequence[bytes] | bytes | None = None) -> PutResult:
        """Stores blocks and returns when they are written: a crash of the machine may take the last of them,
        never one before one that is kept."""
        return self._put(library.engram_context_put_relaxed, tokens, parts, first_block, blocks, keys)

    def _put(self, call: Any, tokens: Any, parts: Mapping[str, Any] | None, first_block: int,
             blocks: int | None, keys: Sequence[bytes] | bytes | None) -> PutResult:
        meant, count, kept = block_argument(self.layout, tokens, keys)
        if blocks is None:
            blocks = max(0, count - first_block)
        if first_block < 0 or blocks < 0:
            raise ValueError(f"first_block is {first_block} and blocks {blocks}; give 0 or more")
        given = [(name, bytes_of(value, f"parts[{name!r}]")) for name, value in (parts or {}).items()]
        array = (ContextPart * max(1, len(given)))()
        for place, (name, memory) in zip(array, given):
            place.group = name.encode()
            place.bytes = _arrays.address(memory)
            place.byte_count = memory.nbytes
        result = ContextPutResult()
        check(call(self._handle.value, meant, first_block, blocks, ctypes.addressof(array), len(given),
                   ctypes.byref(result)))
        del kept
        return PutResult(int(result.stored), int(result.present), int(result.refused))

    def lookup(self, tokens: Any = None, *,
               keys: Sequence[bytes] | bytes | None = None) -> ContextPrefix:
        """The longest prefix of which every block is there, in some group at least.

        What was found can be read until it is closed, whatever is evicted meanwhile; it holds disk space.
        """
        return ContextPrefix(self, tokens, keys)

    def pin(self, tokens: Any = None, seconds: float = 0, *,
            keys: Sequence[bytes] | bytes | None = None) -> int:
        """Keeps what is there of these blocks from eviction for `seconds` from now on; 0 ends it. Returns how
        many blocks."""
        meant, _, kept = block_argument(self.layout, tokens, keys)
        pinned = ctypes.c_uint64()
        check(library.engram_context_pin(self._handle.value, meant, float(seconds), ctypes.byref(pinned)))
        del kept
        return pinned.value

    def clear(self, tokens: Any = None, *, keys: Sequence[bytes] | bytes | None = None) -> int:
        """Forgets the last of these blocks and every block whose prefix it is; of nothing given, the whole
        namespace. Returns how many."""
        if tokens is not None or keys is not None:
            meant, count, kept = block_argument(self.layout, tokens, keys)
            if count == 0:
                return 0
        else:
            meant, _, kept = block_argument(self.layout, [], None)
            meant.token_count = 0
        cleared = ctypes.c_uint64()
        check(library.engram_context_clear(self._handle.value, meant, ctypes.byref(cleared)))
        del kept
        return cleared.value

    def close(self) -> None:
        """Closes it; again is fine."""
        self._handle.close()

    def __enter__(self) -> ContextSpace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


__all__ = ["ContextGroup", "ContextLayout", "ContextPrefix", "ContextSpace", "ContextStore", "PutResult"]
