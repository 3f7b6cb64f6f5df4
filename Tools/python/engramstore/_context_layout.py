"""What a prompt's attention state looks like: blocks of tokens, and groups of rows in each."""
from __future__ import annotations

import json
import operator
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

#: Bytes of a number, of the types that the presets know.
_WIDTHS = {"bf16": 2, "bfloat16": 2, "f16": 2, "float16": 2, "f32": 4, "float32": 4, "fp8": 1, "int8": 1}


@dataclass(frozen=True)
class ContextGroup:
    """One part of the state: what `tokens_per_row` tokens leave in each of `layers` layers.

    dtype: what the bytes are, for the engine; not looked into, but another dtype is another namespace.
    """

    name: str
    layers: int
    row_bytes: int
    dtype: str = ""
    tokens_per_row: int = 1

    def __post_init__(self) -> None:
        for name in ("layers", "row_bytes", "tokens_per_row"):
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, operator.index(value))
            except TypeError:
                raise TypeError(f"{name} of group {self.name} is {value!r}; give a whole number") from None
            if getattr(self, name) < 1:
                raise ValueError(f"{name} of group {self.name} is {value}; give 1 or more")


@dataclass(frozen=True)
class ContextLayout:
    """Blocks of `block_tokens` tokens, and the groups of each. The presets are layouts of known models."""

    groups: Sequence[ContextGroup]
    block_tokens: int = 64

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", tuple(self.groups))
        try:
            object.__setattr__(self, "block_tokens", operator.index(self.block_tokens))
        except TypeError:
            raise TypeError(f"block_tokens is {self.block_tokens!r}; give a whole number") from None
        for group in self.groups:
            if not isinstance(group, ContextGroup):
                raise TypeError(f"groups has a {type(group).__name__}; give ContextGroup objects")
            if self.block_tokens < 1 or self.block_tokens % group.tokens_per_row:
                raise ValueError(f"block_tokens is {self.block_tokens}; group {group.name} has a row for each "
                                 f"{group.tokens_per_row} tokens, which must divide it")

    def group(self, name: str) -> ContextGroup:
        """The group of that name; raises `ValueError` where there is none."""
        for group in self.groups:
            if group.name == name:
                return group
        raise ValueError(f"the layout has no group {name!r}; it has "
                         f"{', '.join(group.name for group in self.groups)}")

    def rows(self, name: str) -> int:
        """Rows of a group in one layer of one block."""
        return self.block_tokens // self.group(name).tokens_per_row

    def block_bytes(self, name: str) -> int:
        """Bytes of a group in one block: layers * rows * row_bytes."""
        group = self.group(name)
        return group.layers * self.rows(name) * group.row_bytes

    @classmethod
    def attention(cls, layers: int, kv_heads: int, head_dim: int, dtype: str = "bf16",
                  block_tokens: int = 64) -> ContextLayout:
        """Multi-head or grouped-query attention: group "kv", a row the keys of all heads, then their values.

        Raises `ValueError` for a dtype whose width is not known.
        """
        if dtype not in _WIDTHS:
            raise ValueError(f"dtype is {dtype!r}; give one of {', '.join(sorted(_WIDTHS))}, or a ContextGroup")
        row_bytes = 2 * kv_heads * head_dim * _WIDTHS[dtype]
        return cls([ContextGroup("kv", layers, row_bytes, dtype)], block_tokens)

    @classmethod
    def latent(cls, layers: int, codec: str = "bf16", indexer: bool = False,
               block_tokens: int = 64) -> ContextLayout:
        """Multi-head latent attention: group "latent".

        codec: "bf16", 576 numbers in 1,152 bytes a token (DeepSeek-V3); "fp8", 656 bytes: 512 codes, four
        float32 scales, 64 rotary numbers in bf16, as DeepSeek-V3.2's FlashMLA kernels read them. indexer:
        also a group "indexer" of 132 bytes, 128 FP8 codes and a scale, by which sparse attention chooses.
        """
        codecs = {"bf16": (1152, "bf16"), "fp8": (656, "fp8_ds_mla")}
        if codec not in codecs:
            raise ValueError(f"codec is {codec!r}; give \"bf16\" or \"fp8\"")
        groups = [ContextGroup("latent", layers, *codecs[codec])]
        if indexer:
            groups.append(ContextGroup("indexer", layers, 132, "fp8"))
        return cls(groups, block_tokens)

    @classmethod
    def deepseek_v4(cls, sparse_layers: int, heavy_layers: int, row_bytes: int = 584,
                    block_tokens: int = 256) -> ContextLayout:
        """DeepSeek-V4's parts: "latent" and "indexer", a row for 4 tokens, in the layers of compressed
        sparse attention; "heavy", a row for 128 tokens, in the heavily compressed ones; "window", the
        uncompressed last tokens of every layer.

        row_bytes: 584 (448 FP8 codes, 64 rotary numbers in bf16, 8 scales), or 1,024 in bf16.
        """
        return cls([
            ContextGroup("latent", sparse_layers, row_bytes, "fp8_ds_mla", 4),
            ContextGroup("indexer", sparse_layers, 132, "fp8", 4),
            ContextGroup("heavy", heavy_layers, row_bytes, "fp8_ds_mla", 128),
            ContextGroup("window", sparse_layers + heavy_layers, row_bytes, "fp8_ds_mla"),
        ], block_tokens)


def description_of(model: str, revision: str, tokenizer: str, salt: str, layout: ContextLayout) -> bytes:
    """A namespace as the library reads it."""
    if not isinstance(layout, ContextLayout):
        raise TypeError(f"layout is a {type(layout).__name__}; give a ContextLayout")
    names = {"model": model, "revision": revision, "tokenizer": tokenizer, "salt": salt}
    for name, value in names.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} is a {type(value).__name__}; give a string")
    return json.dumps({**names, "block_tokens": layout.block_tokens, "groups": [
        {"name": group.name, "layers": group.layers, "row_bytes": group.row_bytes, "dtype": group.dtype,
         "tokens_per_row": group.tokens_per_row} for group in layout.groups]}).encode()


def lifetimes_of(lifetimes: Mapping[str, float] | None) -> bytes | None:
    """Seconds by group name, as the library reads them."""
    if not lifetimes:
        return None
    seconds: dict[str, Any] = {}
    for name, value in lifetimes.items():
        try:
            seconds[str(name)] = float(value)
        except (TypeError, ValueError):
            raise TypeError(f"the lifetime of group {name} is {value!r}; give seconds") from None
        if not 0 < seconds[str(name)] < float("inf"):
            raise ValueError(f"the lifetime of group {name} is {value!r}; give more than 0 seconds")
    return json.dumps(seconds).encode()
