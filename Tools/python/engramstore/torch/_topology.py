"""Which rank this process is, and of how many."""
from __future__ import annotations

import os

import torch


def topology(rank: int | None, ranks: int | None) -> tuple[int, int]:
    """Rank and number of ranks: the arguments, else of torch.distributed where it runs, else of the
    environment (RANK, WORLD_SIZE), else the only one.

    Raises `ValueError` where only one of the two is given, or the rank is none of them.
    """
    if (rank is None) != (ranks is None):
        raise ValueError("give rank and ranks, or neither")
    if rank is None or ranks is None:
        distributed = torch.distributed
        if distributed.is_available() and distributed.is_initialized():
            rank, ranks = distributed.get_rank(), distributed.get_world_size()
        else:
            named = [os.environ.get(name, "") for name in ("RANK", "WORLD_SIZE")]
            if not any(named):
                return 0, 1
            try:
                rank, ranks = map(int, named)
            except ValueError:
                raise ValueError(f"RANK is {named[0]!r} and WORLD_SIZE {named[1]!r}; set both to whole "
                                 "numbers, or neither") from None
    if not 0 <= rank < ranks:
        raise ValueError(f"rank is {rank} of {ranks} ranks; ranks count from 0")
    return rank, ranks
