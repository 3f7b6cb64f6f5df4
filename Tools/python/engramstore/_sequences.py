"""The last tokens of many sequences, of which each step's N-grams are made."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Hashable, Mapping, NamedTuple, Sequence

import numpy as np

from . import _arrays

Array = np.ndarray[Any, Any]


class Context(NamedTuple):
    """Tokens before the first one of a step, with masks and segments where the table has any."""

    tokens: Any
    masked: Any = None
    segments: Any = None


@dataclass
class Plan:
    """A step that is not taken yet: what to hash, and how the sequences stand afterwards."""

    # All sequences one after another, each with what its N-grams reach back to.
    tokens: Array
    masked: Array | None
    segments: Array
    # Where each sequence begins in these, and the end.
    bounds: Array
    # Where the step's tokens are in these.
    places: Array
    # The step's tokens, [tokens].
    new: tuple[Array, Array, Array]
    # Of each sequence, after the step: how many tokens it has in it, and where it stands.
    counts: Array
    slots: Array
    positions: Array
    floors: Array
    # Rings that are not in use yet, of sequences that start in this step.
    fresh: dict[Hashable, int]


def _integers(value: Any, dtype: str, name: str, count: int) -> Array:
    array = _arrays.read(value, dtype, name).reshape(-1)
    if array.size != count:
        raise ValueError(f"{name} has {array.size} elements; give {count}")
    return array


def _runs(counts: Array) -> Array:
    """0, 1, ..., counts[0] - 1, 0, 1, ..., counts[1] - 1, ..."""
    ends = np.cumsum(counts)
    result: Array = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
    return result


class Sequences:
    """Rings of the last tokens, one a sequence: the token at position p is at p modulo the width. Taking
    tokens back moves the position; what is known reaches from the floor to the position."""

    def __init__(self, context: int, keep: int) -> None:
        self._context = context
        self._width = max(context + keep, 1)
        self._slots: dict[Hashable, int] = {}
        self._free: list[int] = []
        self._positions = np.zeros(0, np.int64)
        self._floors = np.zeros(0, np.int64)
        # Token ids, masks, segments.
        self._rings = [np.zeros((0, self._width), kind) for kind in (np.int32, np.uint8, np.int32)]

    def __contains__(self, key: Hashable) -> bool:
        return key in self._slots

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def places(self) -> int:
        """Rings that there are, in use or not."""
        return len(self._positions)

    def _slot(self, key: Hashable) -> int:
        try:
            return self._slots[key]
        except KeyError:
            raise KeyError(f"request {key!r} is not known") from None

    def position(self, key: Hashable) -> int:
        """Tokens of a sequence so far."""
        return int(self._positions[self._slot(key)])

    def _take_slot(self) -> int:
        if not self._free:
            old = len(self._positions)
            grown = max(64, old)
            self._positions, self._floors = (np.concatenate([part, np.zeros(grown, np.int64)])
                                             for part in (self._positions, self._floors))
            self._rings = [np.concatenate([ring, np.zeros((grown, self._width), ring.dtype)])
                           for ring in self._rings]
            self._free = list(range(old + grown - 1, old - 1, -1))
        slot = self._free.pop()
        self._positions[slot] = self._floors[slot] = 0
        return slot

    def free(self, key: Hashable) -> None:
        """Forgets a sequence, if it is known."""
        slot = self._slots.pop(key, None)
        if slot is not None:
            self._free.append(slot)

    def fork(self, parent: Hashable, child: Hashable) -> None:
        """A copy under another name."""
        source = self._slot(parent)
        if child in self._slots:
            raise ValueError(f"request {child!r} is known already; free it first")
        slot = self._slots[child] = self._take_slot()
        for part in (self._positions, self._floors, *self._rings):
            part[slot] = part[source]

    def _check(self, key: Hashable, slot: int, position: int) -> None:
        known, floor = int(self._positions[slot]), int(self._floors[slot])
        if not 0 <= position <= known:
            raise ValueError(f"request {key!r} stands at {known}, not at {position}; give the tokens before "
                             "as context")
        if max(position - self._context, 0) < floor:
            raise ValueError(f"request {key!r} stands at {known} and keeps the tokens from {floor} on: too "
                             f"few to go back to {position}; give the tokens before as context")

    def rollback(self, key: Hashable, position: int) -> None:
        """Goes back to a position."""
        slot = self._slot(key)
        self._check(key, slot, position)
        self._positions[slot] = position

    def _set(self, slot: int, key: Hashable, given: Any, position: int | None) -> None:
        """Puts a sequence where its context ends."""
        context = given if isinstance(given, Context) else Context(given)
        ids = _arrays.read(context.tokens, "int32", "context").reshape(-1)
        position = ids.size if position is None else position
        if not min(self._context, position) <= ids.size <= position:
            raise ValueError(f"request {key!r} starts at {position} and has a context of {ids.size} tokens; "
                             f"give {min(self._context, position)} to {position}")
        kept = min(ids.size, self._width)
        places = np.arange(position - kept, position) % self._width
        for ring, value, name in zip(self._rings, (ids, context.masked, context.segments),
                                     ("int32", "uint8", "int32")):
            part = np.zeros(ids.size, name) if value is None else _integers(value, name, "context", ids.size)
            ring[slot, places] = part[ids.size - kept:]
        self._positions[slot], self._floors[slot] = position, position - kept

    def plan(self, ids: Array, starts: Any, keys: Sequence[Hashable], positions: Any,
             context: Mapping[Hashable, Any], masked: Any, segments: Any) -> Plan:
        """What a step hashes. On an error no sequence has moved."""
        keys = keys.tolist() if hasattr(keys, "tolist") else list(keys)
        bounds = _arrays.read(starts, "int64", "starts").reshape(-1)
        if bounds.size == len(keys):
            bounds = np.append(bounds, ids.size)
        if bounds.size != len(keys) + 1 or (len(keys) or ids.size) and (
                bounds[0] != 0 or bounds[-1] != ids.size or (np.diff(bounds) < 0).any()):
            raise ValueError(f"starts is {bounds.tolist()[:8]}...; give ascending places from 0, one a "
                             f"request ({len(keys)}), that end at the {ids.size} tokens")
        if len(set(keys)) != len(keys):
            raise ValueError("request_ids has a request twice")
        strange = set(context) - set(keys)
        if strange:
            raise ValueError(f"context is given of {sorted(map(repr, strange))[0]}, which is not in the step")
        given = None if positions is None else _integers(positions, "int64", "positions", len(keys))
        masks = None if masked is None else _integers(masked, "uint8", "masked", ids.size)
        parts = None if segments is None else _integers(segments, "int32", "segments", ids.size)
        fresh: dict[Hashable, int] = {}
        try:
            for number, key in enumerate(keys):
                if key in context or key not in self._slots:
                    position = None if given is None else int(given[number])
                    fresh[key] = self._take_slot()
                    self._set(fresh[key], key, context.get(key, ()), position)
            slots = np.array([fresh[key] if key in fresh else self._slots[key] for key in keys], np.int64)
            at = self._positions[slots]
            if given is not None and (given != at).any():
                for key, slot, position in zip(keys, slots.tolist(), given.tolist()):
                    self._check(key, slot, position)
                at = given
            return self._laid_out(ids, masks, parts, np.diff(bounds), slots, at, fresh)
        except BaseException:
            self._free.extend(fresh.values())
            raise

    def _laid_out(self, ids: Array, masks: Array | None, parts: Array | None, counts: Array, slots: Array,
                  at: Array, fresh: dict[Hashable, int]) -> Plan:
        before = np.minimum(at, self._context)
        lengths = before + counts
        bounds = np.concatenate([[0], np.cumsum(lengths)])
        places = np.repeat(bounds[:-1] + before, counts) + _runs(counts)
        # What the sequences know already comes from their rings.
        known = np.repeat(bounds[:-1], before) + _runs(before)
        owners = np.repeat(slots, before)
        spots = (np.repeat(at - before, before) + _runs(before)) % self._width
        if parts is None:
            # On in the segment where each sequence stands.
            last = np.where(at > 0, self._rings[2][slots, (at - 1) % self._width], 0)
            parts = np.repeat(last, counts)
        if masks is None:
            masks = np.zeros(ids.size, np.uint8)
        new = (ids, masks, parts)
        laid = []
        for ring, value in zip(self._rings, new):
            whole = np.empty(int(bounds[-1]), ring.dtype)
            whole[known] = ring[owners, spots]
            whole[places] = value
            laid.append(whole)
        # Each sequence is a segment of its own, and a change within it starts another one.
        segments = laid[2]
        starts = np.ones(segments.size, bool)
        starts[1:] = segments[1:] != segments[:-1]
        starts[bounds[:-1][lengths > 0]] = True
        numbered = np.cumsum(starts, dtype=np.int32)
        floors = np.maximum(self._floors[slots], at + counts - self._width)
        return Plan(laid[0], laid[1] if laid[1].any() else None, numbered, bounds, places, new, counts,
                    slots, at + counts, floors, fresh)

    def commit(self, plan: Plan) -> None:
        """The step is taken."""
        for key, slot in plan.fresh.items():
            self.free(key)
            self._slots[key] = slot
        # Of more tokens than a ring has places, the last.
        runs = _runs(plan.counts)
        kept = runs >= np.repeat(plan.counts - self._width, plan.counts)
        owners = np.repeat(plan.slots, plan.counts)[kept]
        spots = ((np.repeat(plan.positions - plan.counts, plan.counts) + runs) % self._width)[kept]
        for ring, value in zip(self._rings, plan.new):
            ring[owners, spots] = value[kept]
        self._positions[plan.slots], self._floors[plan.slots] = plan.positions, plan.floors

    def abandon(self, plan: Plan) -> None:
        """The step is not taken."""
        self._free.extend(plan.fresh.values())
