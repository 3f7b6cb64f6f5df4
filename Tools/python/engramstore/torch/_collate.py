"""Batches of samples."""
from __future__ import annotations

from typing import Any, NamedTuple, Sequence

import numpy as np
import torch

from .._dataset import Tokens


class TokenBatch(NamedTuple):
    """Token ids [batch, length] and the number of each token's document within its sample, alike; -1
    where the only sample that is shorter was filled up."""

    ids: torch.Tensor
    segments: torch.Tensor


def document_numbers(tokens: Tokens) -> np.ndarray[Any, Any]:
    """The number of each token's document, int32: what is there of the first is document 0."""
    starts = tokens.starts[tokens.starts > 0]
    numbers: np.ndarray[Any, Any] = np.searchsorted(starts, np.arange(len(tokens.ids)), side="right")
    return numbers.astype(np.int32)


class Plain:
    """Batches as they are: tokens as one tensor [batch, length], int64, or a list of tensors where lengths
    differ; documents and bytes as a list.

    length: of packed samples, `None` where lengths differ; the last sample of a packed dataset is shorter
    and filled up with `pad`.
    """

    def __init__(self, length: int | None, pad: int) -> None:
        self.length = length
        self.pad = pad

    def filled(self, values: np.ndarray[Any, Any], dtype: Any, pad: int) -> np.ndarray[Any, Any]:
        """An array of the whole length."""
        count = len(values)
        result = np.empty(max(count, self.length or 0), dtype)
        result[:count] = values
        result[count:] = pad
        return result

    def one(self, sample: Any) -> Any:
        """A sample by itself."""
        if not isinstance(sample, Tokens):
            return sample
        return torch.from_numpy(self.filled(sample.ids, np.int64, self.pad))

    def __call__(self, samples: Sequence[Any]) -> Any:
        values = [self.one(sample) for sample in samples]
        if values and isinstance(values[0], torch.Tensor) and len({len(one) for one in values}) == 1:
            return torch.stack(values)
        return values


class WithSegments(Plain):
    """Makes a `TokenBatch` of samples of tokens."""

    def __call__(self, samples: Sequence[Tokens]) -> TokenBatch:
        ids = super().__call__(samples)
        if isinstance(ids, list):
            raise ValueError(f"samples have lengths {sorted({len(one) for one in ids})}; pack them: "
                             "engram dataset tokenize --pack, or collate=Packing(length)")
        numbers = [self.filled(document_numbers(one), np.int32, -1) for one in samples]
        return TokenBatch(ids, torch.from_numpy(np.stack(numbers)))
