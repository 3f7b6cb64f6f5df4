"""A step's rows are those of the whole sequences, whatever the scheduler does."""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

import engramstore as es
from engramstore.engines import Context, StepGather

from made_store import ROOT, Made
from served import Served


@pytest.fixture(scope="module")
def tables(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A store with a table that takes segments, one that takes none, and an exact one."""
    folder = tmp_path_factory.mktemp("engines")
    other = Made(folder)
    model = folder / "qwen"
    subprocess.run([sys.executable, str(ROOT / "Tools/make-checkpoint"), "--family", "qwen-ple", "--base",
                    "500", "--dim", "64", "--layers", "1", "--quiet", str(model)], check=True)
    other.run("memory", "import", "--from", str(made.folder / "model"), "--name", "deepseek")
    shutil.copy(made.tokenizer, model)
    other.run("memory", "import", "--from", str(model), "--name", "qwen")
    # Every pair and some triples of few tokens, so that most are found.
    listed = [[one, two] for one in range(20) for two in range(20)]
    listed += [[one, two, 3] for one in range(20) for two in range(10)]
    head = {"format": "engram-ngrams", "version": 1, "tokens": "raw", "vocabulary": 50, "ngrams": len(listed)}
    (folder / "ngrams.jsonl").write_text("".join(json.dumps(line) + "\n" for line in [
        head, *({"tokens": ngram, "text": "", "count": 1} for ngram in listed)]))
    values = np.arange(len(listed) * 8, dtype=np.float32)
    header = json.dumps({"vectors": {"dtype": "F32", "shape": [len(listed), 8],
                                     "data_offsets": [0, values.nbytes]}}).encode()
    (folder / "vectors.safetensors").write_bytes(
        len(header).to_bytes(8, "little") + header + values.tobytes())
    other.run("memory", "graft", "load", str(folder / "vectors.safetensors"), "--ngrams",
              str(folder / "ngrams.jsonl"), "--as", "exact")
    return other


@pytest.fixture
def opened(tables):
    with es.open(tables.path) as store:
        yield store


NAMES = ["deepseek/layer1", "qwen/layer1", "exact"]


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
        wanted = self.table.gather(expected, missing="zero" if self.table.is_exact else None)
        assert result.dtype == wanted.dtype and result.shape == wanted.shape
        assert (result.view(np.uint16) == wanted.view(np.uint16)).all()
        assert len(gather) == len(self.requests)
        assert all(gather.position(request) == len(tokens) for request, tokens in self.requests.items())
        return len(flat)


@pytest.mark.parametrize("with_positions", [False, True])
@pytest.mark.parametrize("name, masks", [(NAMES[0], False), (NAMES[0], True), (NAMES[1], False),
                                         (NAMES[2], False)])
def test_any_schedule_gives_the_rows_of_the_whole_sequences(opened, name, masks, with_positions):
    for seed in range(3):
        played = Played(opened.table(name), seed, masks, keep=6)
        assert sum(played.step(with_positions) for _ in range(50)) > 400


@pytest.mark.parametrize("name", NAMES)
def test_a_service_gives_the_same(tables, tmp_path, name):
    service = Served(tables, tmp_path)
    try:
        with es.connect(service.address) as store:
            played = Played(store.table(name), 9, False, keep=8)
            assert sum(played.step(True) for _ in range(20)) > 40
    finally:
        service.kill(signal.SIGTERM)


def test_a_long_prefill_in_chunks_and_what_a_ring_keeps(opened):
    table = opened.table(NAMES[0])
    tokens = np.random.default_rng(2).integers(0, table.token_limit, 1000)
    whole = table.rows(tokens)
    gather = StepGather(table, 300, like="numpy", keep=10)
    for first in range(0, 1000, 300):
        part = tokens[first:first + 300]
        gather.begin(part, [0, len(part)], ["one"], [first])
        assert (gather.row_ids == whole[first:first + 300]).all()
        gather.finish()
    gather.rollback("one", 10)
    with pytest.raises(ValueError, match="keeps the tokens from 987 on: too few to go back to 989"):
        gather.rollback("one", 1)
    gather.begin(tokens[990:], [0], ["one"])
    assert (gather.row_ids == whole[990:]).all()
    gather.finish()
    # A preempted request comes again from an earlier place, with its tokens before.
    gather.begin(tokens[500:700], [0], ["one"], [500], context={"one": tokens[:500]})
    assert (gather.row_ids == whole[500:700]).all() and gather.position("one") == 700


def test_what_does_not_fit_leaves_the_requests_where_they_are(opened):
    table = opened.table(NAMES[0])
    gather = StepGather(table, 8, like="numpy")
    gather.begin([1, 2, 3, 4, 5], [0, 3], ["a", "b"], [0, 0])
    gather.finish()
    cases = [
        (([1], [0, 2], ["a", "b"]), {}, "starts is"),
        (([1, 2], [0, 1], ["a"]), {}, "starts is"),
        (([1, 2], [1, 1], ["a", "b"]), {}, "starts is"),
        (([1, 2], [0, 3, 2], ["a", "b"]), {}, "starts is"),
        (([1], [], []), {}, "starts is"),
        (([1, 2], [0, 1], ["a", "a"]), {}, "a request twice"),
        (([0] * 9, [0], ["a"]), {}, "a step of 9 tokens; max_tokens is 8"),
        (([1, 2], [0, 1], ["a", "c"], [4, 0]), {}, "request 'a' stands at 3, not at 4"),
        (([1, 2], [0, 1], ["a", "c"], [-1, 0]), {}, "stands at 3, not at -1"),
        (([1, 2], [0, 1], ["a", "c"], [3, 5]), {}, "starts at 5 and has a context of 0 tokens; give 3 to 5"),
        (([1, 2], [0, 1], ["a", "c"], [3]), {}, "positions has 1 elements; give 2"),
        (([1, 2], [0, 1], ["a", "c"], [3, 2]), {"context": {"c": [1, 2, 3]}}, "give 2 to 2"),
        (([1], [0], ["c"], [-1]), {}, "starts at -1"),
        (([1], [0], ["a"]), {"context": {"z": [1]}}, "'z', which is not in the step"),
        (([1], [0], ["c"]), {"context": {"c": Context([1, 2], masked=[1])}}, "context has 1 elements"),
        (([1], [0], ["a"]), {"masked": [1, 0]}, "masked has 2 elements"),
    ]
    for arguments, options, message in cases:
        with pytest.raises(ValueError, match=message):
            gather.begin(*arguments, **options)
        assert len(gather) == 2 and "c" not in gather and gather.position("a") == 3
    for wrong in ([-1], [table.token_limit]):
        with pytest.raises(es.OutOfRange):
            gather.begin([7] + wrong, [0, 1], ["a", "c"], context={"c": [1, 2]})
        assert len(gather) == 2 and gather.position("a") == 3
    # No place of a request is lost in these.
    for number in range(200):
        gather.begin([1], [0], [number])
        gather.finish()
        gather.free(number)
        with pytest.raises(es.OutOfRange):
            gather.begin([-1], [0], ["c"])
        with pytest.raises(ValueError, match="stands at 3"):
            gather.begin([1, 1], [0, 1], ["c", "a"], [0, 9])
    assert gather._sequences.places == 64
    with pytest.raises(ValueError, match="known already"):
        gather.fork("a", "b")
    for call in (lambda: gather.fork("z", "y"), lambda: gather.rollback("z", 1), lambda: gather.position("z")):
        with pytest.raises(KeyError, match="'z' is not known"):
            call()
    for count in (-1, 4):
        with pytest.raises(ValueError, match="stands at 3, not at"):
            gather.rollback("a", count)
    gather.free("z")
    gather.begin([4], [0], ["a"], [3])
    assert (gather.row_ids == table.rows([1, 2, 3, 4])[3:]).all()
    with pytest.raises(RuntimeError, match="finish"):
        gather.begin([4], [0], ["a"])
    gather.finish()
    for call in (gather.finish, lambda: gather.row_ids):
        with pytest.raises(RuntimeError, match="no step has begun"):
            call()
    gather.begin([], [], [])
    assert gather.finish().shape == (0, 24, table.dimension)


def test_without_segments_a_step_goes_on_in_the_last_one(opened):
    table = opened.table(NAMES[0])
    gather = StepGather(table, 8, like="numpy")
    tokens = [1001, 1002, 1003, 1004, 1005, 1006]
    whole = table.rows(tokens, None, [0, 0, 4, 4, 4, 4])
    assert (whole[4:] != table.rows(tokens)[4:]).any()
    gather.begin(tokens[:4], [0], ["a"], segments=[0, 0, 4, 4])
    gather.finish()
    gather.fork("a", "b")
    gather.begin([1005, 1006, 1005], [0, 2], ["b", "a"])
    assert (gather.row_ids == whole[[4, 5, 4]]).all()


def test_tables_without_masks_say_so(opened):
    for name in NAMES[1:]:
        gather = StepGather(opened.table(name), 8, like="numpy")
        with pytest.raises(ValueError, match="takes no masks"):
            gather.begin([1, 2], [0], ["a"], masked=[0, 1])
        with pytest.raises(ValueError, match="takes no segments"):
            gather.begin([1, 2], [0], ["a"], segments=[0, 1])
        assert "a" not in gather


def test_buffers_take_turns_and_are_padded(opened):
    table = opened.table(NAMES[0])
    gather = StepGather(table, 6, "f32", like="numpy", buffers=2)
    given = []
    for tokens in ([1, 2], [3, 4, 5], [6]):
        gather.begin(tokens, [0], ["a"])
        rows = gather.row_ids
        x = gather.finish(padded=4)
        assert x.shape == (4, 24, table.dimension) and x.dtype == np.float32
        wanted = table.gather(rows, dtype="f32")
        assert (x[:len(rows)].view(np.uint32) == wanted.view(np.uint32)).all() and not x[len(rows):].any()
        given.append((x, x.copy()))
    assert np.shares_memory(given[0][0], given[2][0]) and not np.shares_memory(given[0][0], given[1][0])
    assert (given[1][0].view(np.uint32) == given[1][1].view(np.uint32)).all()
    gather.begin([1, 2], [0], ["a"])
    for padded in (1, 7):
        with pytest.raises(ValueError, match="padded is"):
            gather.finish(padded=padded)
    raw = StepGather(table, 6, "raw", like="numpy")
    raw.begin([1, 2], [0], ["a"])
    wanted = table.gather(raw.row_ids, dtype="raw")
    assert (raw.finish() == wanted).all()


def test_fills_tensors(opened):
    torch = pytest.importorskip("torch")
    table = opened.table(NAMES[0])
    for dtype, kind in (("bf16", torch.bfloat16), (torch.float32, torch.float32), ("raw", torch.uint8)):
        gather = StepGather(table, 8, dtype)
        gather.begin(torch.tensor([5, 6, 7]), torch.tensor([0, 1, 3], dtype=torch.int32), [1, 2],
                     torch.tensor([0, 0]))
        x = gather.finish(padded=5)
        assert x.dtype == kind and x.shape[:2] == (5, 24) and x.is_pinned() == torch.cuda.is_available()
        wanted = table.gather(np.concatenate([table.rows([5]), table.rows([6, 7])]), dtype=dtype, like="torch")
        assert torch.equal(x[:3].view(torch.uint8), wanted.view(torch.uint8)) and not x[3:].any()
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeError):
            StepGather(table, 8, pin=True)


def test_refuses_what_has_no_tokens(store, opened):
    with pytest.raises(ValueError, match="does not say which rows tokens lead to"):
        StepGather(store.table("plain"), 8)
    table = opened.table(NAMES[0])
    for options in ({"like": "numpy", "pin": True}, {"like": "jax"}, {"dtype": "int4"}, {"buffers": 0}):
        with pytest.raises(ValueError):
            StepGather(table, 8, **options)
    with pytest.raises(ValueError, match="max_tokens is 0"):
        StepGather(table, 0)


def test_the_example_runs(tables):
    package = os.path.dirname(os.path.dirname(es.__file__))
    done = subprocess.run(
        [sys.executable, str(ROOT / "Tools/python/examples/engine_step.py"), tables.path, NAMES[0], "--steps",
         "60"], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": package})
    assert done.returncode == 0, done.stderr
    assert "all rows as those of the whole sequences" in done.stdout
