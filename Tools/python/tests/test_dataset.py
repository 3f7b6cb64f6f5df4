"""Datasets, orders, mixtures, questions and fusion."""
from __future__ import annotations

import json
import pickle
import shutil
import subprocess

import numpy as np
import pytest

import engramstore as es

from made_store import engram_binary


def test_samples_are_those_that_were_put_in(made, store):
    ds = store.dataset("documents")
    assert len(ds) == 400 and ds.kind == "document" and ds.version == 1
    for number in (0, 17, 399, np.int64(5)):
        assert ds[number].text == made.texts[number] and ds[number].metadata["id"] == f"d{number}"
    assert ds[-1].text == made.texts[-1] and ds[-400].text == made.texts[0]
    assert [d.text for d in ds[10:20:3]] == made.texts[10:20:3]
    assert [d.text for d in ds] == made.texts
    assert [d.text for d in ds.read([3, 3, 1])] == [made.texts[n] for n in (3, 3, 1)]
    for number in (400, -401):
        with pytest.raises(IndexError):
            ds[number]
    with pytest.raises(es.OutOfRange):
        ds.read([0, 400])
    assert ds.sizes([1])[0] == len(ds.read_bytes(1))
    out = np.empty(int(ds.sizes([1, 2]).sum()), np.uint8)
    offsets = ds.read_into([1, 2], out)
    assert out[offsets[1]:].tobytes() == ds.read_bytes(2)
    with pytest.raises(es.InvalidArgument, match="needed"):
        ds.read_into([1, 2], out[:-1])


def test_a_sample_larger_than_the_scratch_memory(made, store, tmp_path):
    path = tmp_path / "big.jsonl"
    text = "word " * 50_000
    path.write_text(json.dumps({"text": text}) + "\n" + json.dumps({"text": "small"}) + "\n")
    made.run("ingest", str(path), "--dataset", "big")
    ds = store.dataset("big")
    assert [ds[0].text, ds[1].text, ds[0].text] == [text, "small", text]


def test_a_damaged_table_keeps_no_index_from_answering(made, tmp_path):
    path = tmp_path / "store"
    shutil.copytree(made.path, path)
    for manifest in path.glob("tables/*/manifest.json"):
        if "dimension" in json.loads(manifest.read_text()):
            manifest.write_bytes(b"")
    with es.open(path) as store:
        with pytest.raises(es.Corrupt):
            store.tables()
        question = "number17 keeps pages"
        expected = es.query(made.path, question, "documents", limit=3)
        assert len(expected) == 3 and store.query(question, "documents", limit=3) == expected


def test_tokens_are_those_of_the_tokenizer(made, store):
    ds = store.dataset("tokens")
    assert ds.kind == "tokens" and len(ds) == 400
    Tokenizer = pytest.importorskip("tokenizers").Tokenizer
    tokenizer = Tokenizer.from_file(made.tokenizer)
    for number in (0, 9, 399):
        expected = tokenizer.encode(made.texts[number], add_special_tokens=False).ids
        assert ds[number].tolist()[:len(expected)] == expected
        assert (ds.tokens(number).ids == ds[number]).all()
    with pytest.raises(TypeError):
        store.dataset("documents").tokens(0)


@pytest.mark.parametrize("order", ["global", "chunked", "sequential"])
def test_an_epoch_is_each_sample_once_and_the_commands_order(made, store, order):
    ds = store.dataset("documents")
    whole = ds.order(order, seed=7, epoch=1)
    assert sorted(whole.tolist()) == list(range(400))
    for ranks in (1, 3, 8):
        parts = [ds.order(order, seed=7, epoch=1, first=rank, step=ranks) for rank in range(ranks)]
        for rank, part in enumerate(parts):
            assert (part == whole[rank::ranks]).all()
    assert (ds.order(order, seed=7, epoch=1, first=100, count=5) == whole[100:105]).all()
    printed = made.run("dataset", "order", "documents", "--seed", "7", "--epoch", "1", "--order", order)
    assert list(map(int, printed.split())) == whole.tolist()
    if order != "sequential":
        assert (whole != ds.order(order, seed=8, epoch=1)).any()


def test_bad_orders_are_refused(store):
    ds = store.dataset("documents")
    for options in ({"order": "random"}, {"step": 0}, {"count": -1}):
        with pytest.raises(ValueError):
            ds.order(**options)
    for options in ({"first": 401, "count": 1}, {"first": -1, "count": 1}, {"first": 390, "count": 20}):
        with pytest.raises(es.OutOfRange):
            ds.order(**options)
    with pytest.raises(es.InvalidArgument):
        ds.order("chunked", window=0)
    assert len(ds.order(first=400)) == 0


def test_mixtures_keep_their_proportions(store):
    mixture = es.Mixture([1000, 50], [0.9, 0.1], seed=7, block=100)
    draws = mixture.draw(0, count=1000)
    assert (draws.datasets == 1).sum() == 100
    of_one = np.stack([draws.epochs, draws.positions], 1)[draws.datasets == 1]
    assert (of_one[:, 0] * 50 + of_one[:, 1]).tolist() != sorted(of_one[:, 0] * 50 + of_one[:, 1])
    assert len({tuple(pair) for pair in of_one.tolist()}) == 100
    some = pickle.loads(pickle.dumps(mixture)).draw(3, step=7, count=20)
    assert (some.positions == draws.positions[3:143:7]).all()
    for arguments in (([1], [1, 2]), ([-1], [1]), ([5], [float("nan")]), ([0], [1])):
        with pytest.raises(ValueError):
            es.Mixture(*arguments)
    with pytest.raises(es.OutOfRange):
        mixture.draw(-1)


def test_questions_find_their_passages(made, store):
    answer = store.query("number17", "documents", limit=3, max_tokens=50)
    assert answer[0].id == "d17" and answer[0].text in made.texts[17] and "number17" in answer.context
    first = made.run("query", "number17", "--dataset", "documents", "--format", "json").splitlines()[0]
    assert json.loads(first)["score"] == answer[0].score
    assert {p.id for p in es.query(made.path, "document", ["documents"], limit=50, where="part=2")} <= {
        f"d{n}" for n in range(2, 400, 4)}
    for options, error in (({"datasets": "none"}, es.NotFound), ({"datasets": []}, ValueError),
                           ({"datasets": "documents", "limit": 0}, es.InvalidArgument),
                           ({"datasets": "documents", "where": ["x"]}, es.InvalidArgument),
                           ({"datasets": "documents", "mode": "dense"}, es.Unsupported)):
        with pytest.raises(error):
            store.query("a", **options)
    with pytest.raises(TypeError):
        store.query(7, "documents")


def test_fusion_is_the_formula():
    generator = np.random.default_rng(3)
    m, d, e, tokens = 4, 16, 24, 30
    wkv, q, k = (generator.normal(size=shape).astype(np.float32)
                 for shape in (((m + 1) * d, e), (m, d), (m, d)))
    hidden, rows = (generator.normal(size=shape).astype(np.float32)
                    for shape in ((tokens, m, d), (tokens, e)))
    fusion = es.Fusion("deepseek-v4.1", {"wkv": wkv, "q_weight": q, "k_weight": k})
    assert (fusion.branches, fusion.width, fusion.inputs) == (m, d, e)
    fused = fusion.forward(hidden, rows)
    # The published gate: normalised keys and queries, signed square root, sigmoid.
    projected = rows.astype(np.float64) @ wkv.T.astype(np.float64)
    keys, value = projected[:, :m * d].reshape(tokens, m, d), projected[:, m * d:]
    assert np.allclose(fused.delta, fused.gate[:, :, None] * value[:, None], atol=1e-4)
    assert np.allclose(fused.output, hidden + fused.delta, atol=1e-4)

    def norm(x):
        return x / np.sqrt((x * x).mean(-1, keepdims=True))

    score = (norm(keys) * k * norm(hidden.astype(np.float64)) * q).sum(-1) / np.sqrt(d)
    score = np.sign(score) * np.sqrt(np.maximum(np.abs(score), 1e-6))
    assert np.allclose(fused.gate, 1 / (1 + np.exp(-score)), atol=1e-4)
    again = pickle.loads(pickle.dumps(fusion)).forward(hidden, rows.reshape(tokens, 2, 12))
    assert (again.output == fused.output).all()
    with pytest.raises(ValueError, match="hidden"):
        fusion.forward(hidden[:, :3], rows)
    with pytest.raises(ValueError, match="rows"):
        fusion.forward(hidden, rows[1:])
    with pytest.raises(es.InvalidArgument, match="k_weight"):
        es.Fusion("deepseek-v4.1", {"wkv": wkv, "q_weight": q})
    with pytest.raises(es.InvalidArgument, match="qwen-ple"):
        es.Fusion("other", {})


def test_the_version_is_the_commands(made):
    printed = subprocess.run([engram_binary(), "--version"], capture_output=True, text=True, check=True)
    assert es.__version__ == printed.stdout.strip()
