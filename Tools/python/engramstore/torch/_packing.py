"""Token samples of different lengths packed into rows of one length, batch by batch."""
from __future__ import annotations

from typing import NamedTuple, Sequence

import numpy as np
import torch

from .._dataset import Tokens


class Packed(NamedTuple):
    """Rows of packed documents: [rows, length] each."""

    #: Token ids, int64; `pad` where nothing is.
    ids: torch.Tensor
    #: Which document of its row a token is of, from 1; 0 where nothing is. For attention masks.
    segments: torch.Tensor
    #: Place of a token within its document (or piece of one), from 0.
    positions: torch.Tensor


class Packing:
    """Packs the documents of a batch into rows: for `collate=`.

        ShardedDataset(ds, batch_size=64, collate=Packing(4096, pad=0))

    A document longer than a row is cut into pieces; each goes to the first row with room for it, longest
    first. Only the documents of one batch are packed together, so that a position in the epoch stays the
    whole state of a run; the number of rows of a batch varies. For a fixed shape, pack when tokenizing:
    `engram dataset tokenize --pack`.
    """

    def __init__(self, length: int, pad: int = 0) -> None:
        if length < 1:
            raise ValueError(f"length is {length}; give 1 or more")
        self.length = length
        self.pad = pad

    def __call__(self, samples: Sequence[Tokens]) -> Packed:
        """O(pieces x rows)."""
        pieces = []
        for sample in samples:
            starts = [0, *sample.starts[sample.starts > 0].tolist()]
            for start, end in zip(starts, [*starts[1:], len(sample.ids)]):
                pieces += [sample.ids[at:min(at + self.length, end)]
                           for at in range(start, end, self.length)]
        rooms: list[int] = []
        rows: list[list[int]] = []
        for number in sorted(range(len(pieces)), key=lambda number: (-len(pieces[number]), number)):
            size = len(pieces[number])
            place = next((place for place, room in enumerate(rooms) if room >= size), None)
            if place is None:
                place = len(rooms)
                rooms.append(self.length)
                rows.append([])
            rooms[place] -= size
            rows[place].append(number)
        ids = np.full((len(rows), self.length), self.pad, np.int64)
        segments = np.zeros((len(rows), self.length), np.int32)
        positions = np.zeros((len(rows), self.length), np.int64)
        for place, row in enumerate(rows):
            at = 0
            for segment, number in enumerate(row, 1):
                end = at + len(pieces[number])
                ids[place, at:end] = pieces[number]
                segments[place, at:end] = segment
                positions[place, at:end] = np.arange(end - at)
                at = end
        return Packed(*map(torch.from_numpy, (ids, segments, positions)))
