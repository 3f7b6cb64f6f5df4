"""A DataLoader whose state is what the training loop has received."""
from __future__ import annotations

import copy
from typing import Any, Iterator

import torch

from ._sharding import _Sharded


class _Batches(torch.utils.data.IterableDataset):  # type: ignore[type-arg, misc, unused-ignore]
    """The batches of one rank, shared by the workers: worker w of n makes w, w + n, ..., which is the order
    that a DataLoader asks them in."""

    def __init__(self, data: _Sharded) -> None:
        self.data = data

    def __iter__(self) -> Iterator[Any]:
        worker = torch.utils.data.get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        for number in range(first, self.data.batches, step):
            yield self.data.batch(number)


class ShardedLoader:
    """Batches of a `ShardedDataset` or `MixtureDataset`, in its order.

    Each iteration goes on where the last one stopped, to the end of the epoch; the next one then begins
    the next epoch. The state counts the batches that were received: what workers have read ahead is read
    again after a resume.

    options: of torch's DataLoader (pin_memory, prefetch_factor, multiprocessing_context, timeout, ...).
    """

    def __init__(self, data: _Sharded, num_workers: int = 0, **options: Any) -> None:
        for name in ("batch_size", "shuffle", "sampler", "batch_sampler", "collate_fn", "drop_last"):
            if name in options:
                raise TypeError(f"{name} is the dataset's: give batch_size, order, collate or last to it")
        if options.get("persistent_workers"):
            raise TypeError("persistent_workers would keep the last epoch's state; leave it out")
        self.data = data
        self.num_workers = num_workers
        self.options = options

    def __len__(self) -> int:
        """Batches from here to the epoch's end."""
        return self.data.batches

    def __iter__(self) -> Iterator[Any]:
        data = self.data
        epoch, start = data.epoch, data.position
        position = start
        # Workers, and this process where there are none, read from what the data was when the iteration
        # began.
        loader = torch.utils.data.DataLoader(
            _Batches(copy.copy(data)), batch_size=None, num_workers=self.num_workers, **self.options)
        for number, batch in enumerate(loader, 1):
            if (data.epoch, data.position) != (epoch, position):
                raise RuntimeError("the dataset went to another place while its loader was at work; begin a "
                                   "new iteration after load_state_dict or set_epoch")
            position = min(data.samples, start + number * data.batch_size * data.ranks)
            data.position = position
            yield batch
        if (data.epoch, data.position) == (epoch, position):
            data.epoch, data.position = epoch + 1, 0

    def state_dict(self) -> dict[str, Any]:
        """See `ShardedDataset.state_dict`."""
        return self.data.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """See `ShardedDataset.load_state_dict`."""
        self.data.load_state_dict(state)
