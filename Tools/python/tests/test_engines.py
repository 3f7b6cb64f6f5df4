"""A step's rows are those of the whole sequences, whatever the scheduler does."""
from __future__ import annotations

import numpy as np
import pytest

import engramstore as es
from engramstore.engines import Context, StepGather

LIMIT = 129280


class Played:
    """Requests as plain lists of tokens, masks and segments; a scheduler that does as it likes."""

    def __init__(self, table, seed, masks, **options):
        self.table, self.masks = table, masks
        self.random = np.random.default_rng(seed)
        self.gather = StepGather(table, 64, like="numpy", **options)
        self.requests: dict[object, list[tuple[int, int, int]]] = {}
        # The first token of each that is still kept.
        self.low: dict[object, int] = {}
        self.kept = options["keep"] + self.gather.context_length
        self.number = 0

    def tokens(self, count, segment=0):
        # Few ids, so that N-grams recur.
        drawn = []
        for token in self.random.integers(0, 50, count):
            masked = bool(self.masks and self.random.random() < 0.1)
            segment += int(self.masks and self.random.random() < 0.1)
            drawn.append((int(token), int(masked), segment))
        return drawn

    def whole(self, tokens):
        ids, masked, segments = (np.array(part, np.int32) for part in zip(*tokens))
        if not self.masks:
            return self.table.rows(ids)
        return self.table.rows(ids, masked.astype(np.uint8), segments)

    def step(self, with_positions):
        random, gather = self.random, self.gather
        for request in list(self.requests):
            draw = random.random()
            if draw < 0.05:
                gather.free(request)
                del self.requests[request]
            elif draw < 0.15 and len(self.requests) < 12:
                self.number += 1
                child = ("child", self.number)
                gather.fork(request, child)
                self.requests[child] = list(self.requests[request])
                self.low[child] = self.low[request]
        chosen = [request for request in self.requests if random.random() < 0.7]
        random.shuffle(chosen)
        new, context, taken = [], {}, []
        for request in chosen:
            tokens = self.requests[request]
            back = int(random.integers(0, min(6, len(tokens)) + 1)) if random.random() < 0.4 else 0
            if max(0, len(tokens) - back - gather.context_length) < self.low[request]:
                with pytest.raises(ValueError, match="keeps the tokens from"):
                    gather.rollback(request, back)
                back = 0
            if back:
                del tokens[len(tokens) - back:]
                if not with_positions:
                    gather.rollback(request, back)
        while len(self.requests) < 10 and random.random() < 0.5:
            self.number += 1
            hit = self.tokens(int(random.integers(0, 12)))
            self.requests[self.number] = hit
            chosen.append(self.number)
            if hit and with_positions:
                # A prefix hit: as much of it as the scheduler likes to give.
                least = min(gather.context_length, len(hit))
                given = hit[len(hit) - int(random.integers(least, len(hit) + 1)):] if least else []
                ids, masked, segments = zip(*given)
                self.low[self.number] = max(len(hit) - min(len(given), self.kept), 0)
                context[self.number] = Context(ids, masked, segments) if self.masks else list(ids)
            else:
                self.requests[self.number], self.low[self.number] = [], 0
        for request in chosen:
            tokens = self.requests[request]
            taken.append(len(tokens))
            count = int(random.choice([0, 1, 1, 1, 2, 5]))
            added = self.tokens(count, tokens[-1][2] if tokens else 0)
            new.append(added)
            tokens.extend(added)
            self.low[request] = max(self.low[request], len(tokens) - self.kept)
        flat = [token for added in new for token in added]
        starts = np.cumsum([0] + [len(added) for added in new])
        ids, masked, segments = (list(part) for part in zip(*flat)) if flat else ([], [], [])
        gather.begin(ids, starts if random.random() < 0.5 else starts[:-1], chosen,
                     taken if with_positions else None, context,
                     **({"masked": np.array(masked, bool), "segments": segments} if self.masks else {}))
        expected = np.concatenate([np.zeros((0, self.table.columns), np.int64)] + [
            self.whole(self.requests[request])[len(self.requests[request]) - len(added):]
            for request, added in zip(chosen, new) if added])
        assert (gather.row_ids == expected).all()
        result = gather.finish()
        wanted = self.table.gather(expected)
        assert result.dtype == wanted.dtype and result.shape == wanted.shape
        assert (result.view(np.uint16) == wanted.view(np.uint16)).all()
        assert len(gather) == len(self.requests)
        assert all(gather.position(request) == len(tokens) for request, tokens in self.requests.items())
        return len(flat)


@pytest.mark.parametrize("masks", [False, True])
@pytest.mark.parametrize("with_positions", [False, True])
def test_any_schedule_gives_the_rows_of_the_whole_sequences(store, masks, with_positions):
    for seed in range(4):
        played = Played(store.table("deepseek/layer1"), seed, masks, keep=6)
        assert sum(played.step(with_positions) for _ in range(60)) > 500
