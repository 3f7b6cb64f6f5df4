"""How a prompt's attention state is cut: blocks of tokens, and groups of rows."""
from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

_NUMBER_BYTES = {"bf16": 2, "f16": 2, "f32": 4, "fp8": 1}


@dataclass(frozen=True)
class ContextGroup:
    """One part of the state: in each of `layers`, a row of `row_bytes` for each `tokens_per_row` tokens.

    dtype: what the bytes are, for you; not looked into.
    """

    name: str
    layers: int
    row_bytes: int
    dtype: str = ""
    tokens_per_row: int = 1


@dataclass(frozen=True)
class ContextLayout:
    """The groups of a block of `block_tokens` tokens, which `tokens_per_row` of each divides."""

    groups: tuple[ContextGroup, ...] = field(default_factory=tuple)
    block_tokens: int = 64

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", tuple(self.groups))

    def group(self, name: str) -> ContextGroup:
        """The group of this name; `KeyError` where there is none."""
        for group in self.groups:
            if group.name == name:
                return group
        raise KeyError(f"the layout has no group {name}; it has "
                       f"{', '.join(group.name for group in self.groups)}")

    def rows_per_block(self, name: str) -> int:
        """Rows of a group in one layer of one block."""
        return self.block_tokens // self.group(name).tokens_per_row

    def block_bytes(self, name: str) -> int:
        """Bytes of a group in one block, as you give and get them."""
        group = self.group(name)
        return group.layers * self.rows_per_block(name) * group.row_bytes

    def description(self) -> dict[str, Any]:
        """As the store writes it down."""
        return {"block_tokens": self.block_tokens, "groups": [asdict(group) for group in self.groups]}

    @classmethod
    def attention(cls, layers: int, kv_heads: int, head_dim: int, dtype: str = "bf16",
                  block_tokens: int = 64) -> ContextLayout:
        """Multi-head and grouped-query attention: one group `kv`, a row the keys of all heads, then their
        values."""
        if dtype not in _NUMBER_BYTES:
            raise ValueError(f"dtype is {dtype!r}; give one of {', '.join(sorted(_NUMBER_BYTES))}")
        row = 2 * kv_heads * head_dim * _NUMBER_BYTES[dtype]
        return cls((ContextGroup("kv", layers, row, dtype),), block_tokens)

    @classmethod
    def latent(cls, layers: int, codec: str = "bf16", indexer: bool = False,
               block_tokens: int = 64) -> ContextLayout:
        """Multi-head latent attention: one group `latent`, 576 numbers in bf16 (1,152 bytes) or DeepSeek-
        V3.2's 656 bytes of "fp8"; with `indexer` a second one, the 132 bytes by which sparse attention
        chooses tokens."""
        rows = {"bf16": (1152, "bf16"), "fp8": (656, "fp8_ds_mla")}
        if codec not in rows:
            raise ValueError(f"codec is {codec!r}; give \"bf16\" or \"fp8\"")
        groups = [ContextGroup("latent", layers, *rows[codec])]
        if indexer:
            groups.append(ContextGroup("indexer", layers, 132, "fp8"))
        return cls(tuple(groups), block_tokens)

    @classmethod
    def deepseek_v4(cls, sparse_layers: int, heavy_layers: int, row_bytes: int = 584,
                    block_tokens: int = 256) -> ContextLayout:
        """DeepSeek-V4's parts: `latent` and `indexer`, a row for 4 tokens, `heavy`, one for 128, and
        `window`, the last tokens as they are, which is worth a lifetime of its own."""
        return cls((
            ContextGroup("latent", sparse_layers, row_bytes, "fp8_ds_mla", 4),
            ContextGroup("indexer", sparse_layers, 132, "fp8", 4),
            ContextGroup("heavy", heavy_layers, row_bytes, "fp8_ds_mla", 128),
            ContextGroup("window", sparse_layers + heavy_layers, row_bytes, "fp8_ds_mla"),
        ), block_tokens)
