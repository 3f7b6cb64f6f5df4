"""A small decoder-only model with a memory of N-grams: what the other examples work with."""
from __future__ import annotations

import torch
import torch.nn.functional as F

from engramstore.torch import EngramFusion


class Attention(torch.nn.Module):
    """Causal self-attention."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = torch.nn.Linear(width, 3 * width)
        self.out = torch.nn.Linear(width, width)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        batch, tokens, width = hidden.shape
        queries, keys, values = (
            part.view(batch, tokens, self.heads, -1).transpose(1, 2)
            for part in self.qkv(hidden).split(width, dim=-1))
        scores = queries @ keys.transpose(-1, -2) * (width // self.heads) ** -0.5
        later = torch.ones(tokens, tokens, dtype=torch.bool, device=hidden.device).triu(1)
        mixed = scores.masked_fill(later, float("-inf")).softmax(-1) @ values
        return self.out(mixed.transpose(1, 2).reshape(batch, tokens, width))


class Block(torch.nn.Module):
    """Attention and a feed-forward layer, each behind a norm."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norms = torch.nn.ModuleList([torch.nn.LayerNorm(width) for _ in range(2)])
        self.attention = Attention(width, heads)
        self.feed = torch.nn.Sequential(
            torch.nn.Linear(width, 4 * width), torch.nn.GELU(), torch.nn.Linear(4 * width, width))

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        hidden = hidden + self.attention(self.norms[0](hidden))
        return hidden + self.feed(self.norms[1](hidden))


class NgramModel(torch.nn.Module):
    """Tokens in, logits out. Before its second block it looks up the hashed 2- and 3-grams that end at each
    token in `memory`, an Embedding of `rows` rows, and adds them through a gate."""

    def __init__(self, vocabulary: int, rows: int, dimension: int = 32, width: int = 64, heads: int = 4,
                 blocks: int = 3) -> None:
        super().__init__()
        self.tokens = torch.nn.Embedding(vocabulary, width)
        self.memory: torch.nn.Module = torch.nn.Embedding(rows, dimension)
        self.rows = rows
        self.fusion = EngramFusion("engram-paper", branches=1, width=width, inputs=2 * dimension)
        self.blocks = torch.nn.ModuleList([Block(width, heads) for _ in range(blocks)])
        self.head = torch.nn.Linear(width, vocabulary, bias=False)

    def ngrams(self, token_ids: torch.Tensor) -> torch.Tensor:
        """Rows of the 2- and 3-gram that end at each token, [batch, tokens, 2]."""
        one = F.pad(token_ids, (1, 0))[:, :-1]
        two = F.pad(token_ids, (2, 0))[:, :-2]
        pairs = (token_ids * 1_000_003) ^ (one * 998_244_353)
        triples = pairs ^ (two * 754_974_721)
        return torch.stack([pairs % self.rows, triples % self.rows], -1)

    def forward(self, token_ids: torch.Tensor) -> torch.Tensor:
        hidden = self.tokens(token_ids)
        for number, block in enumerate(self.blocks):
            if number == 1:
                found = self.memory(self.ngrams(token_ids))
                hidden = self.fusion(hidden.unsqueeze(-2), found).squeeze(-2)
            hidden = block(hidden)
        return self.head(hidden)
