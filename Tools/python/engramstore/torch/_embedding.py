"""Rows of a table as modules. They are frozen: no gradient goes to them, and none is in a state_dict."""
from __future__ import annotations

from typing import Any

import torch

from .._client import RemoteTable
from .._table import History, Table

# What the library decodes to; other types are made of float32.
_FORMATS = {torch.bfloat16: "bf16", torch.float32: "f32"}


class EngramRows(torch.nn.Module):
    """In the place of a `torch.nn.Embedding` whose weights are the table's rows.

        model.memory = EngramRows(store.table("memory"))

    table: of es.open or es.connect. dtype: of what comes out. The rows go to the device of the ids; on
    their way to a GPU they are in pinned memory, and the copy does not wait.
    """

    def __init__(self, table: Table | RemoteTable, dtype: torch.dtype = torch.float32,
                 missing: str | None = None) -> None:
        super().__init__()
        if not dtype.is_floating_point:
            raise TypeError(f"dtype is {dtype}; give a floating-point one")
        self.table = table
        self.dtype = dtype
        self.missing = missing

    @property
    def num_embeddings(self) -> int:
        """Rows of the table."""
        return self.table.row_count

    @property
    def embedding_dim(self) -> int:
        """Numbers of a row."""
        return self.table.dimension

    def extra_repr(self) -> str:
        return f"{self.table.reference}, {self.num_embeddings}, {self.embedding_dim}, dtype={self.dtype}"

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows by id, [..., dimension], of the type and on the device of `rows`, which are int64 [...].

        Ids on a GPU are waited for. Raises as `Table.gather` does.
        """
        device = rows.device
        ids = rows.detach().to("cpu")
        kind = self.dtype if self.dtype in _FORMATS else torch.float32
        out = torch.empty((*ids.shape, self.table.dimension), dtype=kind, pin_memory=device.type == "cuda")
        self.table.gather(ids, dtype=_FORMATS[kind], missing=self.missing, out=out)
        if device.type != "cpu":
            out = out.to(device, non_blocking=True)
        return out if kind == self.dtype else out.to(self.dtype)

    def prefetch(self, rows: torch.Tensor) -> int:
        """Starts reading the rows' pages from the disk and returns without waiting: how many."""
        return self.table.prefetch(rows.detach().to("cpu"))


class EngramEmbedding(EngramRows):
    """The rows that tokens lead to: hashes them and looks up.

        memory = EngramEmbedding(store.table("deepseek-v4.1/layer1"), dtype=torch.bfloat16)
        memory.prefetch(token_ids)                 # as early as the ids are known
        x = memory(token_ids)                      # [batch, tokens, columns, dimension]
    """

    def __init__(self, table: Table | RemoteTable, dtype: torch.dtype = torch.float32) -> None:
        if not table.columns:
            raise ValueError(f"{table.reference} does not say which rows tokens lead to; use EngramRows, or "
                             "import the table with its model")
        super().__init__(table, dtype, missing="zero" if table.is_exact else None)
        self._ready: list[tuple[Any, torch.Tensor]] = []

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, columns={self.table.columns}"

    def row_ids(self, token_ids: torch.Tensor, masked: torch.Tensor | None = None,
                segments: torch.Tensor | None = None, history: History | None = None) -> torch.Tensor:
        """Row ids, int64 [..., columns] on the CPU, of token ids [...]; the last axis is a sequence.

        masked, segments: as `Table.rows`, of the same shape. history: of one sequence; moves on.
        """
        given = [None if value is None else value.detach().to("cpu")
                 for value in (token_ids, masked, segments)]
        assert given[0] is not None
        ids = torch.empty((*given[0].shape, self.table.columns), dtype=torch.int64)
        if history is None:
            self.table.rows(given[0], given[1], given[2], out=ids)
        else:
            # Of a batch of one, too.
            whole = [None if value is None else value.reshape(-1) for value in given]
            if whole[0] is not None and whole[0].numel() != given[0].shape[-1]:
                raise ValueError(f"token_ids has shape {tuple(given[0].shape)}; a history is of one sequence")
            self.table.rows(whole[0], whole[1], whole[2], history=history,
                            out=ids.view(-1, self.table.columns))
        return ids

    def prefetch(self, token_ids: torch.Tensor, masked: torch.Tensor | None = None,
                 segments: torch.Tensor | None = None) -> int:
        """Hashes tokens and starts reading the pages of their rows: how many. The next `forward` of the
        same tokens does not hash them again."""
        ids = self.row_ids(token_ids, masked, segments)
        key = tuple(None if value is None else value.detach().to("cpu", copy=True)
                    for value in (token_ids, masked, segments))
        # A forward that does not come must not keep memory.
        self._ready = [*self._ready[-1:], (key, ids)]
        return self.table.prefetch(ids)

    def _prepared(self, *key: torch.Tensor | None) -> torch.Tensor | None:
        for place, (known, ids) in enumerate(self._ready):
            if all((one is None) == (other is None) and (
                    one is None or other is None or torch.equal(one, other.detach().to(one.device)))
                   for one, other in zip(known, key)):
                del self._ready[place]
                return ids
        return None

    def forward(self, token_ids: torch.Tensor, masked: torch.Tensor | None = None,
                segments: torch.Tensor | None = None, history: History | None = None) -> torch.Tensor:
        """Rows [..., columns, dimension] of token ids [...], on their device."""
        ids = None if history is not None else self._prepared(token_ids, masked, segments)
        if ids is None:
            ids = self.row_ids(token_ids, masked, segments, history)
        rows = super().forward(ids)
        device = token_ids.device
        return rows if device.type == "cpu" else rows.to(device, non_blocking=True)
