"""What was put comes back, found by prefix, whole or by row, and nothing else does."""
from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import engramstore as es

from made_store import ROOT

LAYOUT = es.ContextLayout([es.ContextGroup("kv", 3, 48, "bf16"), es.ContextGroup("window", 2, 20, "", 4)], 16)
NAMES = {"model": "m", "revision": "r", "tokenizer": "t"}


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "context")


@pytest.fixture
def context(folder):
    with es.ContextStore(folder, capacity_bytes=1 << 28) as opened:
        yield opened


@pytest.fixture
def space(context):
    return context.space(layout=LAYOUT, **NAMES)


def made(tokens: int, seed: int = 1, layout: es.ContextLayout = LAYOUT) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    random = np.random.default_rng(seed)
    return (random.integers(0, 100_000, tokens, dtype=np.int32),
            {group.name: random.integers(0, 256, (group.layers, tokens // group.tokens_per_row, group.row_bytes),
                                         dtype=np.uint8) for group in layout.groups})


def test_reads_are_slices_of_what_was_put(space):
    tokens, parts = made(160)
    assert space.put_durable(tokens, parts) == (10, 0, 0)
    assert space.put_relaxed(tokens, parts) == (0, 10, 0)
    random = np.random.default_rng(2)
    with space.lookup(tokens) as prefix:
        assert (prefix.blocks, prefix.tokens, len(prefix)) == (10, 160, 10)
        for name, rows in (("kv", 16), ("window", 4)):
            assert prefix.presence(name) == (10, 10, 10)
            assert (prefix.get(name) == parts[name]).all()
            for _ in range(30):
                first, last = sorted(random.integers(0, 11, 2))
                low, high = sorted(random.integers(0, LAYOUT.group(name).layers + 1, 2))
                wanted = parts[name][low:high, first * rows:last * rows]
                found = prefix.get(name, range(low, high), range(first, last))
                assert found.size == wanted.size and (found.reshape(-1) == wanted.reshape(-1)).all()
            chosen = random.integers(0, 10 * rows, (5, 7))
            assert (prefix.gather(name, 1, chosen) == parts[name][1, chosen]).all()
            assert prefix.gather(name, 1, []).shape == (0, LAYOUT.group(name).row_bytes)
        for ahead in (0, 1, 2, 9):
            for layer, rows in prefix.layers("kv", blocks=range(3, 7), ahead=ahead):
                assert (rows == parts["kv"][layer, 48:112]).all()
        assert prefix.prefetch("kv") >= 0 and prefix.prefetch_rows("kv", 0, [1, 2]) >= 0
    assert (space.lookup(tokens[:100]).blocks, space.lookup(tokens[:15]).blocks) == (6, 0)


def test_the_longest_common_prefix_is_found(space):
    tokens, parts = made(160)
    space.put_durable(tokens, parts)
    for changed in (0, 1, 15, 16, 80, 159):
        other = tokens.copy()
        other[changed] ^= 1
        with space.lookup(other) as prefix:
            assert prefix.blocks == changed // 16
            assert (prefix.get("kv") == parts["kv"][:, :changed // 16 * 16]).all()


@pytest.mark.parametrize("change", [{"model": "n"}, {"revision": "s"}, {"tokenizer": "u"}, {"salt": "x"},
                                    {"layout": es.ContextLayout(LAYOUT.groups, 32)},
                                    {"layout": es.ContextLayout(LAYOUT.groups[:1], 16)}])
def test_another_namespace_finds_nothing(context, space, change):
    tokens, parts = made(160)
    space.put_durable(tokens, parts)
    other = context.space(**{"layout": LAYOUT, **NAMES, **change})
    assert other.lookup(tokens).blocks == 0 and other.id != space.id
    assert context.space(layout=LAYOUT, **NAMES).lookup(tokens).blocks == 10


def test_groups_may_come_one_by_one(space):
    tokens, parts = made(96)
    space.put_durable(tokens, {"kv": parts["kv"]})
    space.put_durable(tokens, {"window": parts["window"][:, 16:]}, first_block=4)
    with space.lookup(tokens) as prefix:
        assert prefix.blocks == 6
        assert prefix.presence("window") == es.Presence(0, 2, 2)
        assert prefix.get("window").shape == (2, 0, 20)
        assert (prefix.get("window", blocks=range(4, 6)) == parts["window"][:, 16:]).all()
        with pytest.raises(es.NotFound, match="row 3 of layer 0 of group window is not there"):
            prefix.gather("window", 0, [3])


def test_keys_of_the_caller(space):
    _, parts = made(48)
    keys = [bytes([number]) * 32 for number in range(3)]
    assert space.put_durable(keys=keys, parts=parts).stored == 3
    with space.lookup(keys=b"".join(keys)) as prefix:
        assert prefix.blocks == 3 and (prefix.get("kv") == parts["kv"]).all()
    assert space.lookup(keys=np.frombuffer(b"".join(keys), np.uint8).reshape(3, 32)).blocks == 3
    assert space.lookup(keys=[keys[0], bytes([9]) * 32]).blocks == 1
    assert space.lookup(np.zeros(48, np.int32)).blocks == 0


def test_arrays_of_any_type(space):
    tokens, parts = made(32)
    numbers = parts["kv"].view(np.uint16)
    turned = np.ascontiguousarray(numbers.transpose(2, 1, 0)).transpose(2, 1, 0)
    assert not turned.flags.c_contiguous
    space.put_durable(tokens, {"kv": turned, "window": parts["window"].tobytes()})
    with space.lookup(tokens) as prefix:
        for dtype, width in (("bf16", 2), (np.float16, 2), ("f32", 4), (np.int64, 8)):
            found = prefix.get("kv", dtype=dtype)
            assert found.shape == (3, 32, 48 // width) and found.tobytes() == parts["kv"].tobytes()
        assert prefix.gather("kv", 2, [4, 1], dtype="bf16").tobytes() == parts["kv"][2, [4, 1]].tobytes()
        assert (prefix.get("window") == parts["window"]).all()
        with pytest.raises(ValueError, match="20 bytes, which are no whole number of"):
            prefix.get("window", dtype=np.int64)
        out = np.zeros((3, 32, 24), np.uint16)
        found = prefix.get("kv", out=out)
        assert np.shares_memory(found, out) and (out == numbers).all()
        memory = bytearray(3 * 16 * 48)
        assert prefix.get_into("kv", memory, blocks=1) == 1
        assert bytes(memory) == parts["kv"][:, 16:].tobytes()


def test_tensors(space):
    torch = pytest.importorskip("torch")
    tokens, parts = made(32)
    state = torch.from_numpy(parts["kv"]).view(torch.bfloat16)
    space.put_durable(torch.from_numpy(tokens), {"kv": state})
    with space.lookup(torch.from_numpy(tokens.astype(np.int64))) as prefix:
        found = prefix.get("kv", dtype=torch.bfloat16)
        assert found.dtype == torch.bfloat16 and found.shape == (3, 32, 24)
        assert torch.equal(found.view(torch.uint8), state.view(torch.uint8))
        out = torch.zeros(5, 24, dtype=torch.bfloat16)
        chosen = torch.tensor([9, 9, 0, 31, 2])
        assert prefix.gather("kv", 1, chosen, out=out) is out
        assert torch.equal(out.view(torch.uint8), state[1, chosen].view(torch.uint8))
        with pytest.raises(ValueError, match="not contiguous"):
            prefix.gather("kv", 1, [0] * 24, out=torch.zeros(24, 24, dtype=torch.bfloat16).t())
        with pytest.raises(TypeError, match="gradient"):
            prefix.gather("kv", 1, [0], out=torch.zeros(12, requires_grad=True))
    space.put_durable(torch.from_numpy(tokens), {"window": torch.from_numpy(parts["window"])})
    assert (space.lookup(tokens).get("window") == parts["window"]).all()


def test_many_reads_at_once(space):
    prompts = [made(64, seed) for seed in range(4)]
    for tokens, parts in prompts:
        space.put_relaxed(tokens, parts)
    prefixes = [space.lookup(tokens) for tokens, _ in prompts]
    outs = [np.zeros((1, 32, 48), np.uint8) for _ in prompts]
    assert es.get_many([(prefix, "kv", 2, range(1, 3), out)
                        for prefix, out in zip(prefixes, outs)]) == [2] * 4
    assert all((out[0] == parts["kv"][2, 16:48]).all() for out, (_, parts) in zip(outs, prompts))
    assert es.get_many([]) == []


def test_what_makes_no_sense_is_one_line(context, space, folder):
    tokens, parts = made(32)
    space.put_durable(tokens, parts)
    prefix = space.lookup(tokens)
    cases = [
        (lambda: space.put_durable(tokens, {"kv": parts["kv"][:, :31]}), "4464 bytes; give \\[3, 32, 48\\], 4608"),
        (lambda: space.put_durable(tokens, {"no": parts["kv"]}), "no group 'no'; it has kv, window"),
        (lambda: space.put_durable(tokens, {}), "names no group"),
        (lambda: space.put_durable(tokens, {"kv": parts["kv"]}, blocks=3), "there are 2"),
        (lambda: space.put_durable(tokens, {"kv": [1, 2]}), "is a list"),
        (lambda: space.put_durable(tokens, {"kv": np.array([None])}), "has type object"),
        (lambda: space.put_durable(-tokens - 1, parts), "is below 0"),
        (lambda: space.lookup(tokens.astype(float)), "whole numbers"),
        (lambda: space.lookup(tokens.reshape(2, 16)), "one prompt"),
        (lambda: space.lookup(), "one of the two"),
        (lambda: space.lookup(tokens, keys=[]), "one of the two"),
        (lambda: space.lookup(keys=[b"short"]), "32 bytes a block"),
        (lambda: space.lookup(keys=bytes(33)), "33 bytes"),
        (lambda: space.pin(tokens, -1), "give 0 to"),
        (lambda: prefix.get("kv", layers=3), "layers is 3; there are 3"),
        (lambda: prefix.get("kv", blocks=range(1, 3)), "there are 2"),
        (lambda: prefix.get("kv", layers=range(0, 3, 2)), "without gaps"),
        (lambda: prefix.get("kv", layers="all"), "give a number"),
        (lambda: prefix.get("kv", out=np.zeros((3, 31, 48), np.uint8)), "give \\[3, 32"),
        (lambda: prefix.get_into("kv", np.zeros(7, np.uint8)), "7 bytes; give 4608"),
        (lambda: prefix.get_into("kv", bytes(4608)), "read-only"),
        (lambda: prefix.gather("kv", 0, [32]), "has rows 0 to 31"),
        (lambda: prefix.gather("kv", 0, [-1]), "has rows 0 to 31"),
        (lambda: prefix.gather("kv", 0, [0.5]), "whole numbers"),
        (lambda: prefix.get("kv", dtype="no such"), "dtype is"),
        (lambda: context.space(model="", layout=LAYOUT), "no name"),
        (lambda: context.space(model="m", layout=LAYOUT, lifetimes={"no": 1}), "no group no"),
        (lambda: context.space(model="m", layout=LAYOUT, lifetimes={"kv": 0}), "more than 0"),
        (lambda: es.ContextStore(folder), "being written by process"),
        (lambda: es.ContextStore(folder + "2", mode="reading"), "no context store at"),
        (lambda: es.ContextStore(folder + "2", mode="both"), "mode is"),
        (lambda: es.ContextStore(folder + "2", capacity_bytes="1G"), "whole number of bytes"),
        (lambda: es.ContextStore(str(ROOT / "Tools")), "no context store; choose"),
        (lambda: es.ContextLayout([es.ContextGroup("a", 1, 8, "", 5)], 16), "must divide"),
        (lambda: es.ContextGroup("a", 0, 8), "layers of group a is 0"),
        (lambda: es.ContextLayout.attention(1, 1, 1, "int3"), "dtype is 'int3'"),
    ]
    for call, message in cases:
        with pytest.raises((es.EngramError, ValueError, TypeError), match=message) as raised:
            call()
        assert "\n" not in str(raised.value)
    assert (prefix.get("kv") == parts["kv"]).all()


def test_one_writes_others_read(context, space, folder):
    tokens, parts = made(64)
    with es.ContextStore(folder, mode="reading") as reader:
        seen = reader.space(layout=LAYOUT, **NAMES)
        assert seen.lookup(tokens).blocks == 0
        space.put_durable(tokens, parts)
        reader.refresh()
        with seen.lookup(tokens) as prefix:
            assert (prefix.get("kv") == parts["kv"]).all()
        with pytest.raises(es.EngramError, match="opened for reading"):
            seen.put_durable(tokens, parts)
        again = pickle.loads(pickle.dumps(seen))
        assert again.lookup(tokens).blocks == 4 and again.id == seen.id
    for thing in (context, space):
        with pytest.raises(TypeError, match="which one process at a time can do"):
            pickle.dumps(thing)
    with pytest.raises(TypeError, match="look it up again"):
        pickle.dumps(space.lookup(tokens))


def test_another_process_reads_beside_the_writer(space, folder, tmp_path):
    tokens, parts = made(64)
    space.put_relaxed(tokens, parts)
    asked = tmp_path / "asked.pickle"
    with es.ContextStore(folder, mode="reading") as reader:
        asked.write_bytes(pickle.dumps((reader.space(layout=LAYOUT, **NAMES), tokens, parts["kv"])))
    program = ("import pickle, sys\n"
               "space, tokens, kv = pickle.load(open(sys.argv[1], 'rb'))\n"
               "with space.lookup(tokens) as prefix:\n"
               "    assert (prefix.get('kv') == kv).all() and prefix.blocks == 4\n"
               "import engramstore as es\n"
               "try: es.ContextStore(space.store.path)\n"
               "except es.StorageFailure as error: print(error)\n")
    package = os.path.dirname(os.path.dirname(es.__file__))
    done = subprocess.run([sys.executable, "-c", program, str(asked)], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "PYTHONPATH": package})
    assert done.returncode == 0, done.stderr
    assert f"being written by process {os.getpid()}" in done.stdout


def test_a_forked_child_reads_and_never_writes(context, space, folder):
    tokens, parts = made(64)
    space.put_durable(tokens, parts)
    reader = es.ContextStore(folder, mode="reading").space(layout=LAYOUT, **NAMES)
    prefix = reader.lookup(tokens)
    child = os.fork()
    if child == 0:
        failed = 0
        for number, call in enumerate((lambda: space.lookup(tokens), lambda: prefix.get("kv"),
                                       lambda: space.put_durable(tokens, parts), context.stats)):
            try:
                call()
                failed |= 1 << number
            except es.Closed as error:
                failed |= 0 if "before the process forked" in str(error) else 16
        failed |= 0 if (reader.lookup(tokens).get("kv") == parts["kv"]).all() else 32
        os._exit(failed)
    deadline = time.monotonic() + 60
    status = (0, 0)
    while status[0] == 0 and time.monotonic() < deadline:
        status = os.waitpid(child, os.WNOHANG)
    if status[0] == 0:
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert status == (child, 0)
    assert (prefix.get("kv") == parts["kv"]).all()


def test_a_prefix_outlives_what_is_forgotten(space):
    tokens, parts = made(160)
    space.put_durable(tokens, parts)
    assert space.pin(tokens, 60) == 10 and space.pin(tokens, 0) == 10
    prefix = space.lookup(tokens)
    assert space.clear(tokens[:15]) == 0 and space.clear([]) == 0
    assert space.lookup(tokens).blocks == 10
    assert space.clear(tokens[:96]) > 0
    assert space.lookup(tokens).blocks == 5
    assert space.clear() > 0 and space.lookup(tokens).blocks == 0
    assert (prefix.get("kv") == parts["kv"]).all()


def test_a_state_is_served_no_longer_than_it_lives(context):
    space = context.space(layout=LAYOUT, lifetimes={"window": 0.3}, **NAMES)
    tokens, parts = made(32)
    space.put_durable(tokens, parts)
    assert space.lookup(tokens).presence("window").present == 2
    time.sleep(0.4)
    found = space.lookup(tokens)
    assert found.presence("window").present == 0 and found.presence("kv").leading == 2


def test_a_flipped_bit_is_a_miss(folder):
    tokens, parts = made(64)
    with es.ContextStore(folder, capacity_bytes=1 << 28) as context:
        context.space(layout=LAYOUT, **NAMES).put_durable(tokens, parts)
    row = parts["kv"][1, 40].tobytes()
    flipped = 0
    for path in Path(folder, "segments").glob("*.data"):
        content = bytearray(path.read_bytes())
        place = content.find(row)
        if place >= 0:
            content[place + 5] ^= 4
            path.write_bytes(content)
            flipped += 1
    assert flipped == 1
    with es.ContextStore(folder) as context:
        space = context.space(layout=LAYOUT, **NAMES)
        with space.lookup(tokens) as prefix:
            found = prefix.get("kv")
            assert found.shape[1] == 32 and (found == parts["kv"][:, :32]).all()
            with pytest.raises(es.NotFound):
                prefix.gather("kv", 1, [40])
        assert context.stats()["damaged_blocks"] == 1
        # It is stored anew.
        assert space.put_durable(tokens, parts).stored == 1
        assert (space.lookup(tokens).get("kv") == parts["kv"]).all()


def test_what_is_closed_says_so(folder):
    context = es.ContextStore(folder, capacity_bytes=1 << 28)
    space = context.space(layout=LAYOUT, **NAMES)
    tokens, parts = made(32)
    space.put_durable(tokens, parts)
    context.flush()
    prefix = space.lookup(tokens)
    for thing, call in ((prefix, lambda: prefix.get("kv")), (space, lambda: space.lookup(tokens)),
                        (context, context.stats)):
        thing.close()
        thing.close()
        with pytest.raises(es.Closed, match="is closed"):
            call()
    with es.ContextStore(folder) as again:
        assert again.stats()["capacity_bytes"] == 1 << 28
        assert again.space(layout=LAYOUT, **NAMES).lookup(tokens).blocks == 2


def test_presets_have_the_sizes_of_their_models():
    def rows(layout):
        return {group.name: (group.layers, group.row_bytes, group.tokens_per_row) for group in layout.groups}

    assert rows(es.ContextLayout.attention(32, 8, 128)) == {"kv": (32, 2 * 8 * 128 * 2, 1)}
    assert rows(es.ContextLayout.latent(61)) == {"latent": (61, (512 + 64) * 2, 1)}
    assert rows(es.ContextLayout.latent(61, "fp8", indexer=True)) == {
        "latent": (61, 512 + 4 * 4 + 64 * 2, 1), "indexer": (61, 128 + 4, 1)}
    assert rows(es.ContextLayout.deepseek_v4(20, 21)) == {
        "latent": (20, 584, 4), "indexer": (20, 132, 4), "heavy": (21, 584, 128), "window": (41, 584, 1)}


def test_the_example_runs(folder):
    package = os.path.dirname(os.path.dirname(es.__file__))
    done = subprocess.run([sys.executable, str(ROOT / "Tools/python/examples/context_prefix.py"), folder],
                          capture_output=True, text=True, env={**os.environ, "PYTHONPATH": package})
    assert done.returncode == 0, done.stderr
    assert "gathered 64 rows of layer 2, as they were put" in done.stdout
