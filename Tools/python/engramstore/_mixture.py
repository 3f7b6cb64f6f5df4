"""Several datasets by weight, in one endless order."""
from __future__ import annotations

from typing import Any, NamedTuple, Sequence

import numpy as np

from . import _arrays
from ._handles import Handle
from ._library import check, library

Array = np.ndarray[Any, Any]


class Draws(NamedTuple):
    """What stands at positions of a mixture: int64 each."""

    datasets: Array
    epochs: Array
    positions: Array


class Mixture:
    """The endless mixture of datasets by weight (Schemas/sample-order.md).

        mixture = es.Mixture([len(a), len(b)], [0.9, 0.1], seed=7)
        draws = mixture.draw(first=0, step=1, count=1000)
    """

    def __init__(self, counts: Sequence[int], weights: Sequence[float], seed: int = 0,
                 block: int = 0) -> None:
        if len(counts) != len(weights):
            raise ValueError(f"there are {len(counts)} counts and {len(weights)} weights")
        self.counts = [int(count) for count in counts]
        self.weights = [float(weight) for weight in weights]
        self.seed = seed
        self.block = block
        self._handle = Handle("mixture", self._open, library.engram_mixture_close)

    def _open(self, out: Any) -> int:
        counts = np.array(self.counts, np.int64)
        weights = np.array(self.weights, np.float64)
        status: int = library.engram_mixture_open(
            _arrays.address(counts), _arrays.address(weights), len(counts), self.seed, self.block, out)
        return status

    def __reduce__(self) -> tuple[Any, ...]:
        return Mixture, (self.counts, self.weights, self.seed, self.block)

    def close(self) -> None:
        """Lets go of it; calls then raise `Closed`."""
        self._handle.close()

    def draw(self, first: int, step: int = 1, count: int = 1) -> Draws:
        """What stands at the positions first, first + step, ...: which dataset, which of its epochs, which
        position of that epoch's order."""
        if count < 0:
            raise ValueError(f"count is {count}; give 0 or more")
        draws = Draws(*(np.empty(count, np.int64) for _ in range(3)))
        check(library.engram_mixture_draw(
            self._handle.value, first, step, count, *(_arrays.address(part) for part in draws)))
        return draws
