"""A whole layer of memory: hash, gather, gate, convolution."""
from __future__ import annotations

from typing import Any, Mapping

import torch

from .._client import RemoteTable
from .._table import History, Table
from ._embedding import EngramEmbedding
from ._fusion import EngramFusion


class LayerState:
    """Where sequences stand in a layer: `copy` it to fork them, keep an old one to roll back."""

    def __init__(self, histories: list[History], convolution: torch.Tensor) -> None:
        #: One of each sequence of the batch.
        self.histories = histories
        #: [batch, reach, M x D].
        self.convolution = convolution

    def copy(self) -> LayerState:
        """One that goes its own way."""
        return LayerState([history.copy() for history in self.histories], self.convolution.clone())


class EngramLayer(torch.nn.Module):
    """Looks up the rows of tokens and adds them to hidden states.

        layer = EngramLayer("deepseek-v4.1", store.table("deepseek-v4.1/layer1"), branches=4, width=4096)
        layer.fusion.load_state_dict(tensors)      # or EngramLayer.of("deepseek-v4.1", table, tensors)
        layer.prefetch(token_ids)
        hidden = layer(hidden, token_ids)          # [batch, tokens, M, D]

    The rows are frozen and stay in the store; gate, projections, norms and taps train.
    """

    def __init__(self, form: str, table: Table | RemoteTable, branches: int, width: int, kernel: int = 4,
                 dilation: int = 3, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.embedding = EngramEmbedding(table, dtype)
        self.fusion = EngramFusion(
            form, branches, width, table.columns * table.dimension, kernel, dilation)

    @classmethod
    def of(cls, form: str, table: Table | RemoteTable, tensors: Mapping[str, Any], dilation: int = 3,
           dtype: torch.dtype = torch.float32) -> EngramLayer:
        """A layer with these weights, which say its shape."""
        fusion = EngramFusion.of(form, tensors, dilation)
        if fusion.inputs != table.columns * table.dimension:
            raise ValueError(f"the weights take {fusion.inputs} numbers a token; {table.reference} gives "
                             f"{table.columns} x {table.dimension}")
        layer = cls(form, table, fusion.branches, fusion.width, fusion.kernel, dilation, dtype)
        layer.fusion = fusion
        return layer

    def state(self, batch: int = 1) -> LayerState:
        """Before the first token of `batch` sequences; only for a table in this process."""
        table = self.embedding.table
        if not isinstance(table, Table):
            raise TypeError("a service keeps no histories; use a table of es.open for decoding")
        return LayerState([table.history() for _ in range(batch)], self.fusion.state(batch))

    def prefetch(self, token_ids: torch.Tensor, masked: torch.Tensor | None = None,
                 segments: torch.Tensor | None = None) -> int:
        """Starts reading what `forward` of these tokens will need, and returns without waiting."""
        return self.embedding.prefetch(token_ids, masked, segments)

    def forward(self, hidden: torch.Tensor, token_ids: torch.Tensor, masked: torch.Tensor | None = None,
                segments: torch.Tensor | None = None, state: LayerState | None = None) -> torch.Tensor:
        """hidden [..., T, M, D] and the memory of token_ids [..., T], added.

        masked: True for tokens that have no memory and are in no N-gram. segments: a change is where a
        document starts, for N-grams (the convolution runs through, as in the models). state: of
        `state(batch)` with hidden [batch, T, M, D]; moves on.
        """
        if state is None:
            rows = self.embedding(token_ids, masked, segments)
            return self.fusion(hidden, rows, None if masked is None else ~masked.bool())
        if len(state.histories) != (token_ids.shape[0] if token_ids.dim() > 1 else 1):
            raise ValueError(f"the state is of {len(state.histories)} sequences, token_ids has shape "
                             f"{tuple(token_ids.shape)}")
        # All move on, or none where a token is refused.
        moved = [history.copy() for history in state.histories]
        parts = [value if value is None else value.reshape(len(moved), -1)
                 for value in (token_ids, masked, segments)]
        rows = torch.stack([
            self.embedding(*(None if part is None else part[number] for part in parts), history=history)
            for number, history in enumerate(moved)])
        fused = self.fusion(hidden, rows.reshape(*hidden.shape[:-2], -1),
                            None if masked is None else ~masked.bool(), state.convolution)
        state.histories = moved
        return fused
