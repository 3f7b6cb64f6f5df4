"""Batches of samples."""
from __future__ import annotations

from typing import Any, NamedTuple, Sequence

import numpy as np
import torch

from .._dataset import Tokens


class TokenBatch(NamedTuple):
    """Token ids [batch, length] and the number of each token's document within its sample, alike."""

    ids: torch.Tensor
    segments: torch.Tensor


def document_numbers(tokens: Tokens) -> np.ndarray[Any, Any]:
    """The number of each token's document: 0 before the first start that is not the sample's own."""
    starts = tokens.starts[tokens.starts > 0]
    numbers: np.ndarray[Any, Any] = np.searchsorted(starts, np.arange(len(tokens.ids)), side="right")
    return numbers.astype(np.int32)


def ids_of(samples: Sequence[Tokens]) -> torch.Tensor | list[torch.Tensor]:
    """Samples of tokens as one tensor [batch, length], int64; a list of tensors where lengths differ."""
    lengths = {len(sample.ids) for sample in samples}
    if len(lengths) == 1:
        return torch.from_numpy(np.stack([sample.ids for sample in samples]).astype(np.int64))
    return [torch.from_numpy(sample.ids.astype(np.int64)) for sample in samples]


class WithSegments:
    """Makes a `TokenBatch` of samples of tokens of one length."""

    def __call__(self, samples: Sequence[Tokens]) -> TokenBatch:
        ids = ids_of(samples)
        if isinstance(ids, list):
            raise ValueError(f"samples have lengths {sorted({len(one) for one in ids})}; pack them: "
                             "engram dataset tokenize --pack, or collate=Packing(length)")
        return TokenBatch(ids, torch.from_numpy(np.stack([document_numbers(one) for one in samples])))


def plain(samples: Sequence[Any]) -> Any:
    """Tokens as tensors; documents and bytes as a list of them."""
    if samples and isinstance(samples[0], Tokens):
        return ids_of(samples)
    return list(samples)
