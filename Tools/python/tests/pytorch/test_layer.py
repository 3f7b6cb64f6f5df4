"""Rows and layers as modules."""
from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

import engramstore as es
from engramstore.torch import EngramEmbedding, EngramFusion, EngramLayer, EngramRows


def test_rows_stand_for_an_embedding(made, store):
    weights = torch.from_numpy((made.plain.astype(np.uint32) << 16).view(np.float32))
    expected = torch.nn.Embedding.from_pretrained(weights)
    rows = EngramRows(store.table("plain"))
    assert (rows.num_embeddings, rows.embedding_dim) == (expected.num_embeddings, expected.embedding_dim)
    ids = torch.from_numpy(np.random.default_rng(1).integers(0, 5000, (3, 7)))
    assert torch.equal(rows(ids), expected(ids))
    assert torch.equal(EngramRows(store.table("plain"), torch.bfloat16)(ids), expected(ids).bfloat16())
    assert torch.equal(EngramRows(store.table("plain"), torch.float64)(ids), expected(ids).double())
    assert rows(ids[:, :0]).shape == (3, 0, 48) and not list(rows.parameters()) and not rows.state_dict()
    assert rows.prefetch(ids) >= 1
    with pytest.raises(es.OutOfRange):
        rows(torch.tensor([5000]))
    with pytest.raises(TypeError):
        rows(torch.tensor([0.5]))
    assert torch.equal(pickle.loads(pickle.dumps(rows))(ids), expected(ids))
    with pytest.raises(ValueError, match="does not say which rows tokens lead to"):
        EngramEmbedding(store.table("plain"))


def test_tokens_lead_to_their_rows(store):
    table = store.table("deepseek/layer1")
    memory = EngramEmbedding(table)
    tokens = torch.from_numpy(np.random.default_rng(2).integers(0, 129280, (2, 9)))
    masked = tokens % 5 == 0
    segments = torch.tensor([[0] * 4 + [1] * 5, [0] * 9])
    for options in ({}, {"masked": masked}, {"masked": masked, "segments": segments}):
        expected = table.gather(table.rows(tokens, **options), dtype="f32", like="torch")
        assert torch.equal(memory(tokens, **options), expected)
        # Hashed and looked for before.
        memory.prefetch(tokens, **options)
        memory.prefetch(tokens + 1)
        assert torch.equal(memory(tokens, **options), expected)
    history = table.history()
    parts = [memory(tokens[0, first:first + 3], history=history) for first in (0, 3, 6)]
    assert torch.equal(torch.cat(parts), memory(tokens[0]))
    with pytest.raises(ValueError, match="a history is of one sequence"):
        memory(tokens, history=history)


def test_a_prefetch_is_of_the_tokens_as_they_were(store):
    table = store.table("deepseek/layer1")
    memory = EngramEmbedding(table)
    tokens = torch.arange(9)
    memory.prefetch(tokens)
    tokens += 100
    assert torch.equal(memory(tokens), table.gather(table.rows(tokens), dtype="f32", like="torch"))
    for _ in range(9):
        memory.prefetch(tokens)
    assert len(memory._ready) <= 2


FORMS = ["engram-paper", "deepseek-v4.1", "qwen-ple"]


def layer_of(store, form: str) -> EngramLayer:
    torch.manual_seed(1)
    layer = EngramLayer(form, store.table("deepseek/layer1"), branches=2, width=16)
    for value in layer.fusion.parameters():
        torch.nn.init.normal_(value, 0, 0.3)
    return layer


@pytest.mark.parametrize("form", FORMS)
def test_a_layer_is_its_parts_and_trains(store, form):
    layer = layer_of(store, form)
    tokens = torch.from_numpy(np.random.default_rng(3).integers(0, 129280, (2, 11)))
    masked = tokens % 4 == 0
    hidden = torch.randn(2, 11, 2, 16, requires_grad=True)
    found = layer(hidden, tokens, masked)
    assert torch.equal(found, layer.fusion(hidden, layer.embedding(tokens, masked), ~masked))
    found.square().sum().backward()
    assert all(value.grad is not None and value.grad.abs().sum() > 0 for value in layer.parameters())
    assert hidden.grad is not None
    again = EngramLayer.of(form, layer.embedding.table, layer.fusion.state_dict())
    assert torch.equal(again(hidden, tokens, masked), found)
    before = [value.detach().clone() for value in layer.parameters()]
    torch.optim.SGD(layer.parameters(), 0.01).step()
    assert all((value != old).any() for value, old in zip(layer.parameters(), before))


@pytest.mark.parametrize("form", FORMS)
def test_decoding_step_by_step_is_the_whole_sequence(store, form):
    layer = layer_of(store, form).double()
    tokens = torch.from_numpy(np.random.default_rng(4).integers(0, 129280, (3, 12)))
    hidden = torch.randn(3, 12, 2, 16, dtype=torch.float64)
    with torch.no_grad():
        whole = layer(hidden, tokens)
        state = layer.state(3)
        first = layer(hidden[:, :5], tokens[:, :5], state=state)
        kept = state.copy()
        layer(hidden[:, :3] + 1, tokens[:, :3], state=state)       # a way that is given up
        with pytest.raises(es.OutOfRange):
            layer(hidden[:, :1], torch.tensor([[1], [2], [129280]]), state=kept)
        steps = [layer(hidden[:, place:place + 1], tokens[:, place:place + 1], state=kept)
                 for place in range(5, 12)]
    assert torch.allclose(torch.cat([first, *steps], 1), whole, atol=1e-12)
    with pytest.raises(ValueError, match="the state is of 3 sequences"):
        layer(hidden[:2], tokens[:2], state=kept)


def test_weights_of_another_width_are_refused(store):
    other = EngramFusion("deepseek-v4.1", 2, 16, 7)
    with pytest.raises(ValueError, match="the weights take 7 numbers a token"):
        EngramLayer.of("deepseek-v4.1", store.table("deepseek/layer1"), other.state_dict())
