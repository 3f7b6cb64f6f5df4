"""The objects for SGLang and vLLM give an engine its own bytes back, and nothing where they are not sure."""
from __future__ import annotations

import hashlib
import logging
import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import engramstore as es
from engramstore.hicache import HiCacheBackend
from engramstore.kv_connectors import KVConnector

from made_store import ROOT

CAP = {"capacity_bytes": 1 << 28}


class Pool:
    """A host pool of SGLang's shape, of arrays or of tensors."""

    page_size = 8

    def __init__(self, pages=10, layout="layer_first", torch=None, seed=1):
        self.layout = layout
        random = np.random.default_rng(seed)
        self.buffer = random.integers(0, 60_000, (2, 3, pages * self.page_size, 2, 4), dtype=np.uint16)
        self.dtype = self.buffer.dtype
        if torch is not None:
            self.buffer = torch.from_numpy(self.buffer.view(np.int16)).view(torch.bfloat16)
            self.dtype = self.buffer.dtype

    def get_data_page(self, index, flat=True):
        page = self.buffer[:, :, index:index + self.page_size]
        return page.reshape(-1) if flat else page

    def get_dummy_flat_data_page(self):
        return self.get_data_page(0).clone() if hasattr(self.buffer, "clone") else self.get_data_page(0).copy()

    def set_from_flat_data_page(self, index, page):
        place = self.buffer[:, :, index:index + self.page_size]
        place[...] = page.reshape(place.shape)

    def bytes(self, page):
        content = self.get_data_page(page * self.page_size)
        if hasattr(content, "clone"):
            import torch
            content = content.view(torch.int16).numpy()
        return content.tobytes()


def keys_of(count: int) -> list[str]:
    return [hashlib.sha256(str(number).encode()).hexdigest() for number in range(count)]


def places_of(pages) -> np.ndarray:
    return np.concatenate([np.arange(page * Pool.page_size, (page + 1) * Pool.page_size) for page in pages])


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_pages_come_back_to_other_places(tmp_path, kind):
    torch = pytest.importorskip("torch") if kind == "torch" else None
    pool, other = Pool(torch=torch), Pool(torch=torch, seed=2)
    keys = keys_of(6)
    with HiCacheBackend(path=tmp_path, durable=True, **CAP) as backend:
        backend.register_mem_pool_host(pool)
        assert backend.batch_exists(keys) == 0 and not backend.exists(keys[0]) and backend.get(keys[0]) is None
        assert backend.batch_set_v1(keys[:4], places_of(range(4))) == [True] * 4
        assert backend.batch_set_v1(keys[4:], places_of([4, 5]), SimpleNamespace(prefix_keys=keys[:4])) == [True] * 2
        assert backend.batch_exists(keys) == 6 and backend.exists(keys[5])
    with HiCacheBackend(path=tmp_path, **CAP) as backend:
        backend.register_mem_pool_host(other)
        before = other.bytes(0)
        assert backend.batch_get_v1(keys[2:5], places_of([9, 1, 4])) == [True] * 3
        assert [other.bytes(page) for page in (9, 1, 4)] == [pool.bytes(page) for page in (2, 3, 4)]
        assert other.bytes(0) == before
        page = backend.get(keys[5], other.get_dummy_flat_data_page())
        other.set_from_flat_data_page(0, page)
        assert other.bytes(0) == pool.bytes(5)
        assert backend.get_stats().prefetch_pgs == [3, 1] and backend.get_stats().prefetch_pgs == []


def test_gaps_and_other_strings(tmp_path):
    pool = Pool()
    with HiCacheBackend(path=tmp_path, **CAP) as backend:
        backend.register_mem_pool_host(pool)
        names = ["a", "b", "x" * 64, "c" * 64]
        for number in (0, 2, 3):
            assert backend.set(names[number], pool.get_data_page(number * 8))
        assert backend.batch_exists(names) == 1
        assert backend.batch_get_v1(names, places_of(range(4))) == [True, False, True, True]
        found = backend.batch_get(names)
        assert found[1] is None and found[2].tobytes() == pool.bytes(2)
        assert backend.clear() and backend.batch_exists(names) == 0
        assert backend.batch_exists([]) == 0 and backend.batch_get_v1([], places_of([0])) == []


def test_pages_of_another_kind_are_not_found(tmp_path):
    keys = keys_of(2)
    for change in ({}, {"layout": "page_first"}, {"page_size": 4}, {"model": "n"}, {"salt": "s"}):
        pool = Pool(layout=change.get("layout", "layer_first"))
        pool.page_size = change.get("page_size", 8)
        names = {name: change[name] for name in ("model", "salt") if name in change}
        with HiCacheBackend(path=tmp_path, **names, **CAP) as backend:
            backend.register_mem_pool_host(pool)
            assert backend.batch_exists(keys) == 0, change
            if not change:
                backend.batch_set_v1(keys, places_of([0, 1]))
                assert backend.batch_exists(keys) == 2
                with pytest.raises(ValueError, match="a page has 8 bytes"):
                    backend.set(keys[0], np.zeros(8, np.uint8))


def test_ranks_write_folders_of_their_own_or_share_one(tmp_path):
    def config(rank, **more):
        return SimpleNamespace(**{"tp_rank": rank, "tp_size": 2, "is_mla_model": False, "model_name": "m",
                                  "extra_config": {"path": str(tmp_path), **CAP, "unknown": 1}, **more})

    pools = [Pool(seed=number) for number in range(2)]
    keys = keys_of(3)
    backends = [HiCacheBackend(config(rank)) for rank in range(2)]
    for backend, pool in zip(backends, pools):
        backend.register_mem_pool_host(pool)
        backend.batch_set_v1(keys, places_of(range(3)))
    kept = [pool.bytes(0) for pool in pools]
    for backend, pool in zip(backends, pools):
        backend.batch_get_v1(keys[:1], places_of([7]))
    assert [pool.bytes(7) for pool in pools] == kept and kept[0] != kept[1]
    assert HiCacheBackend(config(1, pp_rank=1, pp_size=2)).path.endswith("rank-1-pp-1")
    for backend in backends:
        backend.close()
    shared = [HiCacheBackend(config(rank, is_mla_model=True, model_name="latent",
                                    extra_config={"path": str(tmp_path / "mla"), **CAP})) for rank in (1, 0)]
    for backend, pool in zip(shared, pools):
        backend.register_mem_pool_host(pool)
    assert shared[0].batch_exists(keys) == 0
    assert all(shared[0].batch_set_v1(keys, places_of(range(3)))) and not shared[0].clear()
    assert shared[1].batch_exists(keys) == 0
    shared[1].batch_set_v1(keys, places_of(range(3)))
    assert shared[0].batch_exists(keys) == 3
    shared[0].batch_get_v1(keys, places_of([5, 6, 7]))
    assert pools[0].bytes(6) == pools[1].bytes(1)


def test_a_damaged_page_is_a_miss(tmp_path):
    pool = Pool()
    keys = keys_of(3)
    with HiCacheBackend(path=tmp_path, durable=True, **CAP) as backend:
        backend.register_mem_pool_host(pool)
        backend.batch_set_v1(keys, places_of(range(3)))
    # A row is a cut of the page; what follows it is its checksum.
    row = pool.bytes(1)[:len(pool.bytes(1)) // pool.page_size]
    flipped = 0
    for path in Path(backend.path, "segments").glob("*.data"):
        content = bytearray(path.read_bytes())
        place = content.find(row)
        if place >= 0:
            content[place] ^= 1
            path.write_bytes(content)
            flipped += 1
    assert flipped == 1
    with HiCacheBackend(path=tmp_path, **CAP) as backend:
        backend.register_mem_pool_host(pool)
        before = pool.bytes(8)
        assert backend.batch_get_v1(keys, places_of([7, 8, 9])) == [True, False, True]
        assert pool.bytes(8) == before and pool.bytes(9) == pool.bytes(2)
        assert backend.batch_exists(keys) == 1


def test_a_backend_says_what_it_lacks(tmp_path):
    with pytest.raises(ValueError, match="needs a folder"):
        HiCacheBackend()
    with pytest.raises(ValueError, match="no setting"):
        HiCacheBackend(path=tmp_path, capacity=1)
    with HiCacheBackend(path=tmp_path, **CAP) as backend:
        with pytest.raises(RuntimeError, match="register_mem_pool_host"):
            backend.exists("a")
        with pytest.raises(es.StorageFailure, match="being written by process"):
            HiCacheBackend(path=tmp_path)


TOKENS = 4
SHAPES = {
    "keys and values first": ((2, 40, TOKENS, 3, 5), np.float32, 1),
    "blocks first": ((40, 2, TOKENS, 3, 5), np.float16, 0),
    "latent": ((40, TOKENS, 9), np.uint8, 0),
}


class Engine:
    """What vLLM does around a connector, with caches that hold any bytes."""

    def __init__(self, path, shapes=("keys and values first",) * 3, ranks=1, torch=None, **settings):
        self.config = [SimpleNamespace(
            cache_config=SimpleNamespace(block_size=TOKENS),
            model_config=SimpleNamespace(model="m", revision=None),
            parallel_config=SimpleNamespace(rank=rank, world_size=ranks),
            kv_transfer_config=SimpleNamespace(kv_connector_extra_config={
                "path": str(path), "refresh_seconds": 0, **CAP, **settings})) for rank in range(ranks)]
        self.scheduler = KVConnector(self.config[0], SimpleNamespace(name="SCHEDULER"))
        self.workers, self.caches = [], []
        for config in self.config:
            self.caches.append({f"layers.{number}": (np.zeros(SHAPES[name][0], SHAPES[name][1]), SHAPES[name][2])
                                for number, name in enumerate(shapes)})
            worker = KVConnector(config, SimpleNamespace(name="WORKER"), SimpleNamespace(num_blocks=40))
            worker.register_kv_caches({
                name: cache if torch is None else torch.from_numpy(cache.view(
                    np.int16 if cache.dtype.itemsize == 2 else cache.dtype)).view(
                        torch.bfloat16 if cache.dtype.itemsize == 2 else getattr(torch, cache.dtype.name))
                for name, (cache, _) in self.caches[-1].items()})
            self.workers.append(worker)

    def bytes(self, rank, places):
        """What lies in these blocks, by layer."""
        return [np.moveaxis(cache, axis, 0)[list(places)].tobytes() for cache, axis in self.caches[rank].values()]

    def fill(self, rank, places, seed):
        random = np.random.default_rng(seed)
        for cache, axis in self.caches[rank].values():
            view = np.moveaxis(cache.view(np.uint8), axis, 0)
            for place in places:
                view[place] = random.integers(0, 256, view[place].shape, dtype=np.uint8)

    def begin(self, request, places):
        """Asks the scheduler; how many tokens are loaded."""
        loaded, later = self.scheduler.get_num_new_matched_tokens(request, 0)
        assert later is False
        self.scheduler.update_state_after_alloc(request, None, loaded)
        return loaded

    def step(self, new=(), again=(), seed=None):
        """new: (request, places, computed, scheduled); again: the same of those that go on, with new places.
        `seed`: what is computed, by the blocks that are not loaded."""
        output = SimpleNamespace(
            scheduled_new_reqs=[SimpleNamespace(req_id=request.request_id, block_ids=(list(places),),
                                                num_computed_tokens=computed)
                                for request, places, computed, _ in new],
            scheduled_cached_reqs=SimpleNamespace(
                req_ids=[request.request_id for request, _, _, _ in again], resumed_req_ids=set(),
                new_block_ids=[(list(places),) if places else None for _, places, _, _ in again],
                num_computed_tokens=[computed for _, _, computed, _ in again]),
            num_scheduled_tokens={request.request_id: count for request, _, _, count in [*new, *again]})
        moves = pickle.loads(pickle.dumps(self.scheduler.build_connector_meta(output)))
        failed = set()
        for rank, worker in enumerate(self.workers):
            worker.bind_connector_metadata(moves)
            worker.start_load_kv(None)
            for name in self.caches[rank]:
                worker.wait_for_layer_load(name)
            if seed is not None:
                for request, places, computed, _ in new:
                    self.fill(rank, places[computed // TOKENS:], (seed, rank))
            for name in self.caches[rank]:
                worker.save_kv_layer(name, None, None)
            worker.wait_for_save()
            failed |= worker.get_block_ids_with_load_errors()
            worker.clear_connector_metadata()
        return moves, failed

    def close(self):
        for connector in (self.scheduler, *self.workers):
            connector.shutdown()


def asked(name, tokens, **more):
    tokens = [int(token) for token in tokens]
    return SimpleNamespace(**{"request_id": name, "prompt_token_ids": tokens, "all_token_ids": tokens, **more})


@pytest.mark.parametrize("shapes", [[name] * 3 for name in SHAPES] + [["latent", "blocks first", "latent"]])
@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_a_common_prefix_is_loaded_bit_for_bit(tmp_path, shapes, kind):
    torch = pytest.importorskip("torch") if kind == "torch" else None
    engine = Engine(tmp_path, shapes, torch=torch)
    tokens = np.arange(30)
    request = asked("one", tokens)
    assert engine.begin(request, []) == 0
    engine.step([(request, [9, 3, 17, 5, 0, 1, 2, 4], 0, 30)], seed=1)
    kept = engine.bytes(0, [9, 3, 17, 5, 0])
    engine.close()
    engine = Engine(tmp_path, shapes, torch=torch)
    other = asked("two", [*tokens[:21], 7, 7, 7])
    assert engine.begin(other, []) == 20
    moves, failed = engine.step([(other, [30, 31, 32, 8, 6, 20], 20, 4)], seed=2)
    assert not failed and len(moves.loads) == 1 and moves.saves[0].first == 5
    assert engine.bytes(0, [30, 31, 32, 8, 6]) == kept
    assert engine.scheduler.request_finished(other, []) == (False, None)
    engine.close()


def test_one_token_is_left_to_compute_and_local_ones_are_not_loaded(tmp_path):
    engine = Engine(tmp_path)
    tokens = np.arange(16)
    engine.begin(asked("one", tokens), [])
    engine.step([(asked("one", tokens), [0, 1, 2, 3], 0, 16)], seed=1)
    assert engine.begin(asked("two", tokens), []) == 12
    assert engine.begin(asked("three", tokens[:3]), []) == 0
    request = asked("four", [*tokens, 1])
    assert engine.scheduler.get_num_new_matched_tokens(request, 8) == (8, False)
    engine.scheduler.update_state_after_alloc(request, None, 8)
    before = engine.bytes(0, [10, 11])
    moves, _ = engine.step([(request, [10, 11, 12, 13, 14], 16, 1)])
    assert (moves.loads[0].first, moves.loads[0].places) == (2, [12, 13])
    assert engine.bytes(0, [10, 11]) == before and engine.bytes(0, [12, 13]) == engine.bytes(0, [2, 3])
    engine.close()


def test_chunks_and_generated_tokens_are_stored_as_they_come(tmp_path):
    engine = Engine(tmp_path)
    tokens = list(range(22))
    request = asked("one", tokens[:13])
    engine.begin(request, [])
    engine.fill(0, range(6), 1)
    moves, _ = engine.step([(request, [0, 1], 0, 7)])
    assert [(move.first, move.places) for move in moves.saves] == [(0, [0])]
    moves, _ = engine.step(again=[(request, [2, 3], 7, 6)])
    assert [(move.first, move.places) for move in moves.saves] == [(1, [1, 2])]
    # Two drafts are run with the next token, and rejected: only what is known counts.
    request.all_token_ids = tokens[:14]
    moves, _ = engine.step(again=[(request, None, 13, 3)])
    assert not moves.saves
    request.all_token_ids = tokens[:17]
    moves, _ = engine.step(again=[(request, [4], 14, 3)])
    assert [(move.first, move.places) for move in moves.saves] == [(3, [3])]
    kept = engine.bytes(0, range(4))
    other = asked("two", tokens)
    assert engine.begin(other, []) == 16
    engine.step([(other, range(20, 26), 16, 6)])
    assert engine.bytes(0, range(20, 24)) == kept
    engine.close()


def test_every_rank_must_have_a_block(tmp_path):
    engine = Engine(tmp_path, ranks=2)
    tokens = np.arange(20)
    engine.begin(asked("one", tokens), [])
    engine.step([(asked("one", tokens), [0, 1, 2, 3, 4], 0, 20)], seed=1)
    assert engine.bytes(0, [0]) != engine.bytes(1, [0])
    other = asked("two", [*tokens, 1])
    assert engine.begin(other, []) == 20
    engine.step([(other, range(10, 16), 20, 1)])
    for rank in range(2):
        assert engine.bytes(rank, range(10, 15)) == engine.bytes(rank, range(5))
    engine.workers[1]._ranks[0].space("").clear(tokens[:12])
    assert engine.begin(asked("three", [*tokens, 1]), []) == 8
    engine.close()


def test_what_cannot_be_loaded_is_told_and_nothing_is_stored_on_it(tmp_path, caplog):
    engine = Engine(tmp_path)
    tokens = np.arange(20)
    engine.begin(asked("one", tokens), [])
    engine.step([(asked("one", tokens), [0, 1, 2, 3, 4], 0, 20)], seed=1)
    other = asked("two", [*tokens, 1, 2, 3, 4, 5])
    assert engine.begin(other, []) == 20
    # Gone between the scheduler's answer and the worker's read.
    engine.workers[0]._ranks[0].space("").clear(tokens[:12])
    moves, failed = engine.step([(other, [10, 11, 12, 13, 14, 15, 16], 20, 5)], seed=2)
    assert failed == {12, 13, 14} and moves.saves
    assert engine.bytes(0, [10, 11]) == engine.bytes(0, [0, 1])
    again = asked("three", [*tokens, 1, 2, 3, 4, 5])
    assert engine.begin(again, []) == 8
    engine.step([(again, range(20, 27), 8, 17)], seed=3)
    # Once the gap is filled, what is behind it is not what stood on it.
    kept = engine.bytes(0, range(20, 26))
    assert engine.begin(asked("four", [*tokens, 1, 2, 3, 4, 5]), []) == 24
    engine.step([(asked("four", [*tokens, 1, 2, 3, 4, 5]), range(30, 37), 24, 1)])
    assert engine.bytes(0, range(30, 36)) == kept
    # A step that leaves a layer out stores nothing either.
    worker = engine.workers[0]
    request = asked("five", np.arange(50, 60))
    engine.begin(request, [])
    worker.bind_connector_metadata(engine.scheduler.build_connector_meta(SimpleNamespace(
        scheduled_new_reqs=[SimpleNamespace(req_id="five", block_ids=([0, 1, 2],), num_computed_tokens=0)],
        scheduled_cached_reqs=SimpleNamespace(req_ids=[], new_block_ids=[], num_computed_tokens=[]),
        num_scheduled_tokens={"five": 10})))
    worker.start_load_kv()
    worker.save_kv_layer("layers.0", None)
    with caplog.at_level(logging.WARNING):
        worker.wait_for_save()
    assert "1 of 3 layers" in caplog.text
    assert engine.begin(asked("six", np.arange(50, 60)), []) == 0
    engine.close()


@pytest.mark.parametrize("fails", [True, False])
def test_no_rank_stores_what_stands_on_another_ranks_loss(tmp_path, fails):
    engine = Engine(tmp_path, ranks=2)
    tokens = list(range(20))
    engine.begin(asked("one", tokens), [])
    engine.step([(asked("one", tokens), [0, 1, 2, 3, 4], 0, 20)], seed=1)
    other = asked("two", [*tokens, 1, 2, 3, 4, 5])
    assert engine.begin(other, []) == 20
    if fails:
        engine.workers[1]._ranks[0].space("").clear(tokens[:12])
    moves, failed = engine.step([(other, range(10, 17), 20, 5)], seed=2)
    assert not moves.saves and failed == ({12, 13, 14} if fails else set())
    other.all_token_ids = [*other.prompt_token_ids, 6]
    moves, _ = engine.step(again=[(other, None, 25, 1)])
    assert not moves.saves
    engine.scheduler.update_connector_output(SimpleNamespace(invalid_block_ids=failed))
    moves, _ = engine.step(again=[(other, None, 26, 1)])
    assert [(move.first, move.places) for move in moves.saves] == ([] if fails else [(5, [15])])
    engine.close()


def test_what_does_not_follow_from_tokens_is_kept_apart(tmp_path):
    engine = Engine(tmp_path)
    tokens = np.arange(20)
    kinds = [{}, {"cache_salt": "a"}, {"lora_request": SimpleNamespace(lora_name="x")},
             {"cache_salt": "ax"}, {"cache_salt": "a", "lora_request": SimpleNamespace(lora_name="x")}]
    for number, kind in enumerate(kinds):
        request = asked(f"r{number}", tokens, **kind)
        assert engine.begin(request, []) == 0, kind
        engine.step([(request, [0, 1, 2, 3, 4], 0, 20)], seed=number)
        assert engine.begin(asked(f"s{number}", tokens, **kind), []) == 16
    for more in ({"mm_features": [object()]}, {"prompt_embeds": object()}):
        request = asked("image", tokens, **more)
        assert engine.begin(request, []) == 0
        moves, _ = engine.step([(request, [0, 1, 2, 3, 4], 0, 20)])
        assert not moves.loads and not moves.saves
    engine.close()


def test_a_damaged_description_is_a_miss(tmp_path, caplog):
    engine = Engine(tmp_path)
    tokens = np.arange(20)
    engine.begin(asked("one", tokens), [])
    engine.step([(asked("one", tokens), [0, 1, 2, 3, 4], 0, 20)], seed=1)
    described = tmp_path / "rank-0.json"
    whole = described.read_bytes()
    for content in (b"", b"{}", b"[]", b"\xff", whole[:-9], whole.replace(b"layers", b"layer"),
                    whole.replace(b": 3", b": -3")):
        described.write_bytes(content)
        scheduler = KVConnector(engine.config[0], "scheduler")
        assert scheduler.get_num_new_matched_tokens(asked("two", tokens), 0) == (0, False), content
        scheduler.shutdown()
    described.write_bytes(whole)
    assert engine.begin(asked("three", tokens), []) == 16
    engine.close()


def test_a_preempted_request_begins_again(tmp_path):
    engine = Engine(tmp_path)
    request = asked("one", np.arange(18))
    engine.begin(request, [])
    engine.step([(request, [0, 1, 2, 3, 4], 0, 18)], seed=1)
    kept = engine.bytes(0, range(4))
    assert engine.begin(request, []) == 16
    output = SimpleNamespace(
        scheduled_new_reqs=[],
        scheduled_cached_reqs=SimpleNamespace(req_ids=["one"], resumed_req_ids={"one"}, num_computed_tokens=[16],
                                              new_block_ids=[([20, 21, 22, 23, 24],)]),
        num_scheduled_tokens={"one": 2})
    moves = engine.scheduler.build_connector_meta(output)
    assert moves.loads[0].places == [20, 21, 22, 23] and not moves.saves
    worker = engine.workers[0]
    worker.bind_connector_metadata(moves)
    worker.start_load_kv()
    for name in engine.caches[0]:
        worker.wait_for_layer_load(name)
    assert engine.bytes(0, range(20, 24)) == kept
    engine.close()


def test_a_connector_says_what_it_does_not_understand(tmp_path):
    engine = Engine(tmp_path)
    with pytest.raises(ValueError, match="role is 'both'"):
        KVConnector(engine.config[0], "both")
    worker = KVConnector(engine.config[0], "worker")
    for cache, message in ((np.zeros((4, 5)), "give \\[blocks, tokens"), (np.zeros((4, 5, 6)), "no axis behind"),
                           (np.zeros((8, TOKENS, 6))[..., ::2], "not dense")):
        with pytest.raises(ValueError, match=message):
            worker.register_kv_caches({"a": cache})
    with pytest.raises(ValueError, match="no layer 'b'"):
        engine.begin(asked("one", np.arange(9)), [])
        engine.step([(asked("one", np.arange(9)), [0, 1, 2], 0, 9)])
        moves = engine.scheduler.build_connector_meta
        engine.begin(asked("two", np.arange(30, 39)), [])
        engine.workers[0].bind_connector_metadata(moves(SimpleNamespace(
            scheduled_new_reqs=[SimpleNamespace(req_id="two", block_ids=([3, 4, 5],), num_computed_tokens=0)],
            scheduled_cached_reqs=SimpleNamespace(req_ids=[], new_block_ids=[], num_computed_tokens=[]),
            num_scheduled_tokens={"two": 9})))
        engine.workers[0].save_kv_layer("b", None)
    with pytest.raises(ValueError, match="2 groups of blocks"):
        engine.begin(asked("three", np.arange(9)), [])
        engine.scheduler.build_connector_meta(SimpleNamespace(
            scheduled_new_reqs=[SimpleNamespace(req_id="three", block_ids=([1], [2]), num_computed_tokens=0)],
            scheduled_cached_reqs=None, num_scheduled_tokens={}))
    engine.close()


@pytest.mark.parametrize("name,said", [("hicache_backend", "8 of 10 pages are there and loaded, the same bytes"),
                                       ("vllm_connector", "64 of 120 tokens loaded, 56 computed")])
def test_the_examples_run(name, said):
    package = os.path.dirname(os.path.dirname(es.__file__))
    done = subprocess.run([sys.executable, str(ROOT / f"Tools/python/examples/{name}.py")],
                          capture_output=True, text=True, env={**os.environ, "PYTHONPATH": package})
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
