"""Datasets for training: one order of samples, whatever the number of ranks and workers.

The state of a run is four numbers: version, seed, epoch, position. The position is the first of the epoch
that no rank has received; rank r of R takes the positions p + r, p + r + R, ... from there.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Sequence, Union

import numpy as np
import torch

from .._client import RemoteDataset
from .._dataset import ORDERS, Dataset
from .._mixture import Mixture
from . import _collate
from ._topology import topology

if TYPE_CHECKING:
    from ._loader import ShardedLoader

Array = np.ndarray[Any, Any]
AnyDataset = Union[Dataset, RemoteDataset]
LAST = ("short", "drop", "pad")


def samples_of(dataset: AnyDataset, numbers: Sequence[int] | Array) -> list[Any]:
    """Samples by number: `Tokens`, `Document` or bytes; tokens are arrays over one memory."""
    return dataset.read_tokens(numbers) if dataset.kind == "tokens" else dataset.read(numbers)


class _Sharded(torch.utils.data.Dataset):  # type: ignore[type-arg, misc, unused-ignore]
    """What both have in common; `_read` and `_version` are theirs."""

    def __init__(self, samples: int, seed: int, batch_size: int, order: str, window: int, last: str | None,
                 rank: int | None, ranks: int | None, collate: Callable[[list[Any]], Any] | None,
                 segments: bool, pad: int, length: int | None) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; give 1 or more")
        if order not in ORDERS:
            raise ValueError(f"order is {order!r}; give {', '.join(ORDERS)}")
        if last not in (None, *LAST):
            raise ValueError(f"last is {last!r}; give {', '.join(LAST)}")
        if segments and collate is not None:
            raise ValueError("give segments or collate, not both")
        #: Positions of an epoch.
        self.samples = samples
        self.seed = seed
        self.batch_size = batch_size
        self.order = order
        self.window = window
        self.rank, self.ranks = topology(rank, ranks)
        self.last = last or ("short" if self.ranks == 1 else "drop")
        self._plain = (_collate.WithSegments if segments else _collate.Plain)(length, pad)
        self.collate = collate or self._plain
        #: Which epoch is read.
        self.epoch = 0
        #: The first position of it that no rank has received.
        self.position = 0

    def _read(self, first: int, step: int, count: int) -> list[Any]:
        raise NotImplementedError

    def _version(self) -> Any:
        raise NotImplementedError

    # MARK: places

    def __len__(self) -> int:
        """Samples that this rank gets from the position to the epoch's end."""
        left = max(0, self.samples - self.position)
        step = self.batch_size * self.ranks
        if self.last == "drop":
            return left // step * self.batch_size
        if self.last == "pad":
            return -(-left // step) * self.batch_size
        return max(0, -(-(left - self.rank) // self.ranks))

    @property
    def batches(self) -> int:
        """Batches that this rank gets from the position to the epoch's end."""
        return -(-len(self) // self.batch_size)

    def read(self, first: int, count: int) -> list[Any]:
        """This rank's samples `first`, `first + 1`, ... from the position on."""
        at = self.position + self.rank + first * self.ranks
        inside = max(0, min(count, -(-(self.samples - at) // self.ranks)))
        samples = self._read(at, self.ranks, inside) if inside else []
        for place in range(inside, count):
            # The last batch is filled up from the epoch's beginning.
            samples += self._read((at + place * self.ranks) % self.samples, 1, 1)
        return samples

    def batch(self, number: int) -> Any:
        """This rank's batch `number` from the position on, collated."""
        first = number * self.batch_size
        return self.collate(self.read(first, min(self.batch_size, len(self) - first)))

    def __getitem__(self, place: int) -> Any:
        """This rank's sample `place` from the position on; for a `DataLoader` of your own, not shuffled.
        Tokens are an int64 tensor."""
        if not -len(self) <= place < len(self):
            raise IndexError(f"sample {place} of {len(self)}")
        return self._plain.one(self.read(place % len(self), 1)[0])

    def loader(self, num_workers: int = 0, **options: Any) -> ShardedLoader:
        """A loader of this rank's batches; see `ShardedLoader`."""
        from ._loader import ShardedLoader
        return ShardedLoader(self, num_workers=num_workers, **options)

    # MARK: state

    def set_epoch(self, epoch: int) -> None:
        """Goes to the beginning of an epoch."""
        self.epoch, self.position = int(epoch), 0

    def state_dict(self) -> dict[str, Any]:
        """The state of the run, the same on every rank: version, seed, epoch, position; and what they are
        of, so that another run's is refused."""
        epoch, position = self.epoch, self.position
        # What is left of the epoch for all ranks together: a rank that gets none of it says the same.
        left = self.samples - position
        if left <= 0 or self.last == "drop" and left < self.batch_size * self.ranks:
            epoch, position = epoch + 1, 0
        return {"version": self._version(), "samples": self.samples, "order": self.order,
                "window": self.window, "seed": self.seed, "epoch": epoch, "position": position}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes where a run stood, on any number of ranks and workers and with any batch size.

        Raises `ValueError` for a state of another version, order or seed, and leaves all as it is.
        """
        own = self.state_dict()
        for name in ("version", "samples", "order", "window", "seed"):
            if name not in state or state[name] != own[name]:
                raise ValueError(f"the state has {name} {state.get(name)!r}, this dataset {own[name]!r}; "
                                 "open what the run was started with")
        epoch, position = state.get("epoch"), state.get("position")
        for name, value in (("epoch", epoch), ("position", position)):
            if not isinstance(value, int) or value < 0:
                raise ValueError(f"the state has {name} {value!r}; expected a whole number from 0 on")
        assert isinstance(epoch, int) and isinstance(position, int)
        if position > self.samples:
            raise ValueError(f"the state has position {position}; an epoch has {self.samples}")
        self.epoch, self.position = epoch, position


class ShardedDataset(_Sharded):
    """A dataset's samples in the order of an epoch, for this rank.

        data = ShardedDataset(store.dataset("corpus-ids"), seed=7, batch_size=32)
        loader = data.loader(num_workers=4)
        for epoch in range(3):
            for batch in loader:                   # int64 [32, length]
                step(batch)
        checkpoint["data"] = loader.state_dict()   # and loader.load_state_dict(checkpoint["data"])

    batch_size: of one rank. last: of what is no whole batch on every rank: "short" batches (the default of
    one rank), "drop" (the default of several, which then all take equally many steps), or "pad", filled up
    from the epoch's beginning. segments: batches are `TokenBatch(ids, segments)`. pad: fills up the last
    sample of a packed dataset, which is shorter. collate: makes a batch of a list of samples (`Tokens`,
    `Document` or bytes). rank, ranks: default of torch.distributed, else of RANK and WORLD_SIZE.
    """

    def __init__(self, dataset: AnyDataset, *, seed: int = 0, batch_size: int = 1, order: str = "global",
                 window: int = 64, last: str | None = None, rank: int | None = None,
                 ranks: int | None = None, segments: bool = False, pad: int = 0,
                 collate: Callable[[list[Any]], Any] | None = None) -> None:
        super().__init__(len(dataset), seed, batch_size, order, window, last, rank, ranks, collate, segments,
                         pad, dataset.token_length)
        self.dataset = dataset

    def _version(self) -> Any:
        return [self.dataset.reference, self.dataset.identity]

    def _read(self, first: int, step: int, count: int) -> list[Any]:
        return samples_of(self.dataset, self.dataset.order(
            self.order, self.seed, self.epoch, first, step, count, self.window))


class MixtureDataset(_Sharded):
    """Samples of several datasets by weight, in one order, for this rank.

        data = MixtureDataset([(store.dataset("web"), 0.9), (store.dataset("code"), 0.1)], seed=7,
                              batch_size=32)

    Proportions are exact in every `block` positions, which are shuffled together: a dataset with fewer
    samples than its share of a block comes several times in it, epochs of it mixed. Over many blocks each
    dataset is read in epochs of its own, one after another. samples: positions that are called an epoch
    here (default: as many as all have together).
    """

    def __init__(self, parts: Sequence[tuple[AnyDataset, float]], *, seed: int = 0, batch_size: int = 1,
                 samples: int | None = None, block: int = 65_536, order: str = "global", window: int = 64,
                 last: str | None = None, rank: int | None = None, ranks: int | None = None,
                 segments: bool = False, pad: int = 0,
                 collate: Callable[[list[Any]], Any] | None = None) -> None:
        self.parts = [(dataset, float(weight)) for dataset, weight in parts]
        counts = [len(dataset) for dataset, _ in self.parts]
        lengths = {dataset.token_length for dataset, _ in self.parts}
        super().__init__(sum(counts) if samples is None else samples, seed, batch_size, order, window, last,
                         rank, ranks, collate, segments, pad,
                         lengths.pop() if len(lengths) == 1 else None)
        self._mixture = Mixture(counts, [weight for _, weight in self.parts], seed, block)

    def _version(self) -> Any:
        return [self._mixture.block,
                *([dataset.reference, dataset.identity, weight] for dataset, weight in self.parts)]

    def _read(self, first: int, step: int, count: int) -> list[Any]:
        draws = self._mixture.draw(self.epoch * self.samples + first, step, count)
        samples: list[Any] = [None] * count
        for number, (dataset, _) in enumerate(self.parts):
            places = np.flatnonzero(draws.datasets == number)
            if len(places):
                numbers = np.concatenate([
                    dataset.order(self.order, self.seed, int(draws.epochs[place]),
                                  int(draws.positions[place]), 1, 1, self.window) for place in places])
                for place, sample in zip(places, samples_of(dataset, numbers)):
                    samples[place] = sample
        return samples
