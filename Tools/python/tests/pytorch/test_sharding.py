"""The order of an epoch under DataLoader: any ranks, any workers, any place to go on from."""
from __future__ import annotations

import itertools
import json
import pickle

import numpy as np
import pytest
import torch

import engramstore as es
from engramstore.torch import MixtureDataset, Packing, ShardedDataset

WORKERS = (0, 1, 4)
RANKS = (1, 3, 8)


def of(samples) -> list[int]:
    """The number that a document of the made store has in its text."""
    return [int(sample.text.split()[1]) for sample in samples]


def lockstep(batches: list[list[list[int]]]) -> list[int]:
    """Samples of all ranks by position: rank after rank within each place of a batch."""
    found = []
    for step in itertools.zip_longest(*batches, fillvalue=[]):
        for row in itertools.zip_longest(*step):
            found += [number for number in row if number is not None]
    return found


def consume(dataset, ranks: int, workers: int, batch_size: int, count: int | None, state, **options):
    """What all ranks receive in `count` steps, or to the epoch's end, and the state after it."""
    received, states = [], []
    for rank in range(ranks):
        data = ShardedDataset(dataset, seed=7, batch_size=batch_size, rank=rank, ranks=ranks, **options)
        loader = data.loader(num_workers=workers)
        if state is not None:
            loader.load_state_dict(state)
        iterator = iter(loader)
        received.append([of(batch) for batch in (
            iterator if count is None else itertools.islice(iterator, count))])
        states.append(json.loads(json.dumps(loader.state_dict())))
        del iterator
    assert all(one == states[0] for one in states) or options.get("last") == "short"
    return received, states[0]


@pytest.mark.parametrize("ranks", RANKS)
@pytest.mark.parametrize("workers", WORKERS)
def test_an_epoch_comes_in_its_order(made, store, ranks, workers):
    dataset = store.dataset("documents")
    received, state = consume(dataset, ranks, workers, 7, None, None, last="short")
    assert lockstep(received) == dataset.order("global", seed=7).tolist()
    assert (state["epoch"], state["position"]) == (1, 0)
    # Parts that are dropped or doubled are the end's.
    received, _ = consume(dataset, ranks, workers, 7, None, None, last="drop")
    whole = len(dataset) // (7 * ranks) * 7 * ranks
    assert lockstep(received) == dataset.order("global", seed=7)[:whole].tolist()
    received, _ = consume(dataset, ranks, workers, 7, None, None, last="pad")
    order = dataset.order("global", seed=7).tolist()
    assert lockstep(received) == order + order[:-len(order) % (7 * ranks)]


@pytest.mark.parametrize("before", [(1, 0), (3, 4), (8, 1)])
@pytest.mark.parametrize("after", itertools.product(RANKS, (0, 4)))
def test_a_run_goes_on_anywhere(made, store, before, after):
    dataset = store.dataset("documents")
    first, state = consume(dataset, *before, 3, 9, None, order="chunked", last="drop")
    assert state["position"] == 9 * 3 * before[0]
    rest, state = consume(dataset, *after, 5, None, state, order="chunked", last="short")
    assert lockstep(first) + lockstep(rest) == dataset.order("chunked", seed=7).tolist()
    assert (state["epoch"], state["position"]) == (1, 0)


def test_the_state_is_what_was_received(made, store):
    dataset = store.dataset("documents")
    data = ShardedDataset(dataset, seed=7, batch_size=4, rank=0, ranks=1)
    loader = data.loader(num_workers=2, prefetch_factor=8)
    iterator = iter(loader)
    for step in range(1, 6):
        next(iterator)
        assert loader.state_dict()["position"] == 4 * step
    del iterator
    # The next iteration goes on; the one after it is the next epoch.
    rest = [number for batch in loader for number in of(batch)]
    assert rest == dataset.order("global", seed=7)[20:].tolist()
    again = [number for batch in loader for number in of(batch)]
    assert again == dataset.order("global", seed=7, epoch=1).tolist()
    assert loader.state_dict()["epoch"] == 2


def test_moving_under_a_loader_is_refused(store):
    loader = ShardedDataset(store.dataset("documents"), batch_size=4, rank=0, ranks=1).loader()
    iterator = iter(loader)
    next(iterator)
    loader.data.set_epoch(3)
    with pytest.raises(RuntimeError, match="begin a new iteration"):
        next(iterator)


def test_another_runs_state_is_refused(store):
    data = ShardedDataset(store.dataset("documents"), seed=7, batch_size=4, rank=0, ranks=1)
    good = data.state_dict()
    for change in ({"seed": 8}, {"version": ["documents@1", "0" * 64]}, {"order": "chunked"}, {"epoch": -1},
                   {"position": 10**9}, {"position": "7"}, {"position": None}):
        with pytest.raises(ValueError, match="the state has"):
            data.load_state_dict({**good, "epoch": 1, **change})
    with pytest.raises(ValueError, match="the state has"):
        data.load_state_dict({})
    assert data.state_dict() == good


def test_a_dataloader_of_ones_own(made, store):
    dataset = store.dataset("packed")
    data = ShardedDataset(dataset, seed=3, batch_size=5, rank=1, ranks=2, last="short")
    order = dataset.order("global", seed=3, first=1, step=2)
    loader = torch.utils.data.DataLoader(data, batch_size=5, num_workers=2)
    mine = torch.cat(list(loader))
    assert len(mine) == len(order) == len(data)
    for found, number in zip(mine, order):
        ids = dataset[int(number)]
        assert found[:len(ids)].tolist() == ids.tolist() and not found[len(ids):].any()
    assert torch.equal(mine, torch.cat(list(data.loader())))
    data.set_epoch(0)
    with pytest.raises(IndexError):
        data[len(data)]
    assert torch.equal(data[-1], mine[-1])
    assert torch.equal(pickle.loads(pickle.dumps(data))[3], mine[3])


def test_batches_of_packed_tokens_with_their_documents(made, store):
    dataset = store.dataset("packed")
    assert dataset.token_length == 16 and dataset.has_boundaries
    data = ShardedDataset(dataset, batch_size=9, order="sequential", rank=0, ranks=1, segments=True)
    number = 0
    for ids, segments in data.loader(num_workers=1):
        assert ids.dtype == torch.int64 and ids.shape == segments.shape and ids.shape[1] == 16
        for row, parts in zip(ids, segments):
            tokens = dataset.tokens(number)
            count = len(tokens.ids)
            assert row[:count].tolist() == tokens.ids.tolist()
            document, expected = 0, []
            for place in range(count):
                document += place > 0 and place in tokens.starts
                expected.append(document)
            assert parts.tolist() == expected + [-1] * (16 - count)
            number += 1
    assert number == len(dataset)


def test_mixtures_keep_their_order_and_state(made, store):
    documents, other = store.dataset("documents"), store.dataset("documents@1")
    parts = [(documents, 0.75), (other, 0.25)]

    def run(ranks, workers, count, state):
        received = []
        for rank in range(ranks):
            data = MixtureDataset(parts, seed=5, batch_size=4, samples=900, rank=rank, ranks=ranks,
                                  last="short")
            loader = data.loader(num_workers=workers)
            if state is not None:
                loader.load_state_dict(state)
            received.append([of(batch) for batch in itertools.islice(iter(loader), count)])
            after = loader.state_dict()
        return received, after

    mixture = es.Mixture([len(documents), len(other)], [0.75, 0.25], seed=5)
    draws = mixture.draw(0, 1, 900)
    expected = [int(parts[which][0].order("global", seed=5, epoch=int(epoch), first=int(place), count=1)[0])
                for which, epoch, place in zip(*draws)]
    first, state = run(3, 2, 11, None)
    rest, state = run(1, 0, None, state)
    assert lockstep(first) + lockstep(rest) == expected
    with pytest.raises(ValueError, match="the state has version"):
        MixtureDataset(parts[::-1], seed=5, rank=0, ranks=1, samples=900).load_state_dict(state)
    for options, says in (({"samples": 800}, "samples"), ({"samples": 900, "block": 100}, "version")):
        with pytest.raises(ValueError, match=f"the state has {says}"):
            MixtureDataset(parts, seed=5, rank=0, ranks=1, **options).load_state_dict(state)


def test_a_small_block_brings_all_before_it_brings_any_twice(made, store):
    documents = store.dataset("documents")
    data = MixtureDataset([(documents, 0.5), (documents, 0.5)], batch_size=50, block=100, rank=0, ranks=1)
    received = [number for batch in data.loader() for number in of(batch)]
    assert sorted(received) == sorted([*range(len(documents))] * 2)


def test_a_state_at_the_end_begins_the_next_epoch(store):
    dataset = store.dataset("documents")
    data = ShardedDataset(dataset, batch_size=7, rank=0, ranks=3, last="drop")
    steps = [data.state_dict() for _ in data.loader()]
    assert len(steps) == 400 // 21
    assert (steps[-1]["epoch"], steps[-1]["position"]) == (1, 0)
    assert (steps[-2]["epoch"], steps[-2]["position"]) == (0, 21 * 18)


@pytest.mark.parametrize("length", [1, 7, 32, 1000])
def test_packing_loses_and_doubles_nothing(made, store, length):
    dataset = store.dataset("tokens")
    data = ShardedDataset(dataset, batch_size=13, rank=0, ranks=1, collate=Packing(length, pad=-7))
    order = dataset.order("global")
    for step, packed in enumerate(data.loader()):
        assert packed.ids.shape == packed.segments.shape == packed.positions.shape
        assert packed.ids.shape[1] == length
        pieces = []
        for ids, segments, positions in zip(*(part.numpy() for part in packed)):
            assert (ids[segments == 0] == -7).all()
            for segment in range(1, segments.max() + 1):
                places = np.flatnonzero(segments == segment)
                assert (np.diff(places) == 1).all() and (positions[places] == np.arange(len(places))).all()
                pieces.append(tuple(ids[places]))
        expected = []
        for number in order[13 * step:13 * step + 13]:
            ids = dataset[int(number)]
            expected += [tuple(ids[at:at + length]) for at in range(0, len(ids), length)]
        assert sorted(pieces) == sorted(expected)


@pytest.mark.parametrize("options, says", [
    ({"batch_size": 0}, "batch_size is 0"), ({"order": "nonsense"}, "order is"), ({"last": "x"}, "last is"),
    ({"rank": 1}, "give rank and ranks"), ({"rank": 3, "ranks": 3}, "rank is 3 of 3"),
    ({"segments": True, "collate": list}, "not both"),
])
def test_bad_arguments_are_refused(store, options, says):
    with pytest.raises(ValueError, match=says):
        ShardedDataset(store.dataset("documents"), **options)


def test_rank_comes_from_the_environment(store, monkeypatch):
    monkeypatch.setenv("RANK", "2")
    monkeypatch.setenv("WORLD_SIZE", "5")
    data = ShardedDataset(store.dataset("documents"))
    assert (data.rank, data.ranks, data.last) == (2, 5, "drop")
    monkeypatch.setenv("WORLD_SIZE", "x")
    with pytest.raises(ValueError, match="WORLD_SIZE"):
        ShardedDataset(store.dataset("documents"))
    monkeypatch.delenv("RANK")
    with pytest.raises(ValueError, match="WORLD_SIZE"):
        ShardedDataset(store.dataset("documents"))


def test_rank_comes_from_torch_distributed(made, tmp_path):
    if not torch.distributed.is_available():
        pytest.skip("this PyTorch has no torch.distributed")
    import torch.multiprocessing as multiprocessing
    multiprocessing.spawn(_in_group, (made.path, str(tmp_path)), nprocs=2)
    with es.open(made.path) as store:
        order = store.dataset("documents").order("global")
        for rank in range(2):
            found = json.loads((tmp_path / str(rank)).read_text())
            assert found == order[rank:40:2].tolist()


def _in_group(rank: int, path: str, folder: str) -> None:
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    data = ShardedDataset(es.open(path).dataset("documents"), batch_size=20)
    with open(f"{folder}/{rank}", "w") as file:
        json.dump(of(next(iter(data.loader()))), file)
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize("last", ["short", "drop", "pad"])
def test_every_rank_says_the_same_state_at_every_step(store, last):
    # 19 steps of 21 samples, and one sample that is one rank's alone.
    dataset = store.dataset("documents")
    ranks = [ShardedDataset(dataset, batch_size=3, rank=rank, ranks=7, last=last) for rank in range(7)]
    for position in (0, 21 * 18, 21 * 19, 400):
        for data in ranks:
            data.position = position
        states = [data.state_dict() for data in ranks]
        assert all(state == states[0] for state in states), position
        expected = (1, 0) if position == 400 or last == "drop" and position == 21 * 19 else (0, position)
        assert (states[0]["epoch"], states[0]["position"]) == expected
