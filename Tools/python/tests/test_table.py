"""Tables: against the published bits, NumPy, and the command."""
from __future__ import annotations

import json
import os
import pickle
import shutil
import threading

import numpy as np
import pytest

import engramstore as es

from made_store import Made


def test_rows_are_those_that_the_command_prints(made, store):
    table = store.table("deepseek/layer1")
    tokens = [5, 77, 129279, 0, 1, 77, 5]
    lines = made.run("memory", "lookup", "deepseek/layer1", "--tokens", ",".join(map(str, tokens)),
                     "--format", "json").splitlines()
    expected = np.array([json.loads(line)["rows"] for line in lines])
    for given in (tokens, np.array(tokens), np.array(tokens, np.int32), tuple(tokens)):
        rows = table.rows(given)
        assert rows.shape == (7, 24) and rows.dtype == np.int64 and (rows == expected).all()
    out = np.empty((7, 24), np.int64)
    assert table.rows(tokens, out=out) is out and (out == expected).all()
    assert table.rows([]).shape == (0, 24)


def test_a_batch_is_sequences_of_their_own(store):
    table = store.table("deepseek/layer1")
    random = np.random.default_rng(3)
    tokens = random.integers(0, 129280, (2, 3, 11))
    masked = random.random((2, 3, 11)) < 0.2
    segments = random.integers(0, 2, (2, 3, 11)).cumsum(-1)
    for options in ({}, {"masked": masked}, {"segments": segments}, {"masked": masked, "segments": segments}):
        out = np.zeros((2, 3, 11, 24), np.int64)
        assert table.rows(tokens, out=out, **options) is out
        for at in np.ndindex(2, 3):
            alone = {name: value[at] for name, value in options.items()}
            assert (table.rows(tokens[at], **alone) == out[at]).all()
    assert table.rows(np.zeros((3, 0), np.int32)).shape == (3, 0, 24)
    assert table.rows(np.zeros((0, 3), np.int32)).shape == (0, 3, 24)
    assert table.rows(5).shape == (24,) and (table.rows(5) == table.rows([5])[0]).all()
    with pytest.raises(ValueError, match="a history is of one sequence"):
        table.rows(tokens, history=table.history())


def test_a_history_goes_on_forks_and_rolls_back(store):
    table = store.table("deepseek/layer1")
    tokens = np.random.default_rng(1).integers(0, 129280, 50)
    whole = table.rows(tokens)
    history = table.history()
    first = table.rows(tokens[:20], history=history)
    kept = history.copy()
    table.rows([1, 2, 3], history=history)
    with pytest.raises(es.OutOfRange):
        table.rows([129280], history=kept)
    assert pickle.loads(pickle.dumps(kept)) == kept != history
    steps = [table.rows([token], history=kept) for token in tokens[20:]]
    assert (np.concatenate([first, *steps]) == whole).all()


@pytest.mark.parametrize("count", [0, 1, 7, 5000])
def test_gathers_what_was_published(made, store, count):
    table = store.table("plain")
    rows = np.random.default_rng(count).integers(0, 5000, count)
    bits = table.gather(rows)
    assert bits.shape == (count, 48) and bits.itemsize == 2
    assert (np.asarray(bits).view(np.uint16) == made.plain[rows]).all()
    wide = table.gather(rows, dtype=np.float32)
    assert wide.dtype == np.float32
    assert (wide.view(np.uint32) == made.plain[rows].astype(np.uint32) << 16).all()
    raw = table.gather(rows, dtype="raw")
    assert (raw.view(np.uint16) == made.plain[rows]).all()
    assert table.gather(rows.reshape(-1, 1), dtype="raw").shape == (count, 1, 96)
    for dtype, out in (("bf16", np.empty((count, 48), np.uint16)), ("bf16", np.empty(count * 48, np.int16)),
                       ("f32", np.empty((count, 48), np.float32)), ("raw", np.empty((count, 96), np.uint8)),
                       ("raw", bytearray(count * 96))):
        assert table.gather(rows, dtype=dtype, out=out) is out
        written = np.frombuffer(out, np.uint8) if isinstance(out, bytearray) else out.view(np.uint8)
        expected = wide if dtype == "f32" else raw
        assert written.tobytes() == expected.tobytes()
    assert table.prefetch(rows) >= (1 if count else 0)


def test_missing_rows_are_zeros(made, store):
    table = store.table("plain")
    rows = np.array([[3, -1], [-1, 4999]])
    with pytest.raises(es.OutOfRange):
        table.gather(rows)
    found = np.asarray(table.gather(rows, missing="zero")).view(np.uint16)
    assert (found[0, 0] == made.plain[3]).all() and (found[1, 1] == made.plain[4999]).all()
    assert not found[0, 1].any() and not found[1, 0].any()
    assert es.MISSING == -1


class Strided:
    """Arguments that are not what is wanted, and what the message has to name."""

    outs = [
        (np.empty((2, 48), np.float64), TypeError, "float64"),
        (np.empty((3, 48), np.uint16), ValueError, "(2, 48)"),
        (np.empty((2, 96), np.uint16)[:, ::2], ValueError, "contiguous"),
        (np.empty((2, 48), ">u2"), TypeError, ""),
        (b"x" * 192, (TypeError, ValueError), ""),
        (bytearray(192), TypeError, "uint8"),
        ([0] * 96, TypeError, "list"),
        ("text", TypeError, "str"),
    ]
    rows = [
        ([1.5], TypeError, "float64"), (["1"], TypeError, ""), ([None], TypeError, "object"),
        ([[1], [2, 3]], TypeError, ""), ([2**64 - 1], ValueError, ""), ([2**70], (TypeError, ValueError), ""),
        ([5000], es.OutOfRange, "row 5000"), ([-2], es.OutOfRange, "row -2"), ([True], TypeError, "bool"),
    ]


@pytest.mark.parametrize(("out", "error", "says"), Strided.outs)
def test_a_bad_out_is_refused(store, out, error, says):
    with pytest.raises(error) as raised:
        store.table("plain").gather([1, 2], out=out)
    assert says in str(raised.value)


def test_a_read_only_out_is_refused_and_left_alone(store):
    out = np.zeros((2, 48), np.uint16)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        store.table("plain").gather([1, 2], out=out)
    assert not out.any()
    rows = np.arange(48 * 4, dtype=np.int64)
    with pytest.raises(ValueError, match="share memory"):
        store.table("plain").gather(rows[:2], dtype="raw", out=rows.view(np.uint8)[:192])


@pytest.mark.parametrize(("rows", "error", "says"), Strided.rows)
def test_bad_rows_are_refused(store, rows, error, says):
    with pytest.raises(error) as raised:
        store.table("plain").gather(rows)
    assert says in str(raised.value)


def test_other_arguments_are_refused(store):
    plain, hashed = store.table("plain"), store.table("deepseek/layer1")
    for call in (lambda: plain.gather([1], dtype="f64"), lambda: plain.gather([1], missing="one"),
                 lambda: plain.gather([1], like="jax"), lambda: hashed.rows([1, 2], masked=[True]),
                 lambda: hashed.rows([1], segments=[1, 2]), lambda: es.History(b"x")):
        with pytest.raises(ValueError):
            call()
    for call in (lambda: plain.rows([1]), lambda: plain.history()):
        with pytest.raises(es.Unsupported, match="no addressing"):
            call()
    with pytest.raises(es.OutOfRange, match="129280"):
        hashed.rows([129280])
    for name, error in (("none", es.NotFound), ("plain@9", es.NotFound), ("a b", es.InvalidArgument)):
        with pytest.raises(error):
            store.table(name)
    with pytest.raises(es.NotFound, match="nowhere"):
        es.open("/nowhere")


def test_rows_strided_and_of_other_types_are_read_as_they_are(made, store):
    table = store.table("plain")
    base = np.arange(100, dtype=np.int64)
    for rows in (base[::3], base.astype(">i8"), base.astype(np.uint64), base.astype(np.int16),
                 np.asfortranarray(base.reshape(10, 10))):
        found = np.asarray(table.gather(rows)).view(np.uint16)
        assert (found == made.plain[np.asarray(rows, np.int64)]).all()


def test_threads_gather_at_once(made, store):
    table = store.table("plain")
    wrong = []

    def work(seed: int) -> None:
        generator = np.random.default_rng(seed)
        for _ in range(50):
            rows = generator.integers(0, 5000, 300)
            if not (np.asarray(table.gather(rows)).view(np.uint16) == made.plain[rows]).all():
                wrong.append(seed)
            try:
                table.gather([5000 + seed])
                wrong.append(seed)
            except es.OutOfRange as error:
                if f"row {5000 + seed} " not in str(error):
                    wrong.append(str(error))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_closed_things_say_so(made):
    store = es.open(made.path)
    table, dataset = store.table("plain"), store.dataset("documents")
    store.close()
    store.close()
    for call in (lambda: store.table("plain"), store.tables, lambda: store.query("a", "documents"),
                 lambda: pickle.dumps(store)):
        with pytest.raises(es.Closed):
            call()
    # What was opened goes on.
    assert len(table.gather([1])) == 1 and dataset[3].text
    table.close()
    dataset.close()
    for call in (lambda: table.gather([1]), lambda: table.manifest, lambda: dataset[3]):
        with pytest.raises(es.Closed):
            call()


def test_a_damaged_row_is_not_served(made, tmp_path):
    import shutil
    copy = tmp_path / "store"
    shutil.copytree(made.path, copy)
    row = made.plain[1234].tobytes()
    hits = 0
    for path in copy.glob("tables/*/db/*.sst"):
        data = bytearray(path.read_bytes())
        place = data.find(row)
        if place >= 0:
            data[place] ^= 4
            path.write_bytes(data)
            hits += 1
    assert hits == 1
    table = es.open(copy).table("plain")
    table.gather([1233])
    with pytest.raises(es.Corrupt, match="row 1234 of plain@1 is corrupt"):
        table.gather([1233, 1234])


def test_newer_versions_are_seen_and_open_ones_stay(tmp_path, made):
    import shutil
    from made_store import Made
    folder = tmp_path / "copy"
    folder.mkdir()
    copy = Made(folder)
    shutil.copytree(made.path, copy.path)
    store = es.open(copy.path)
    old = store.table("plain")
    bits = copy.publish_plain(2)
    new = store.table("plain")
    assert (old.version, new.version) == (1, 2) and old.identity != new.identity
    assert (np.asarray(old.gather([7])).view(np.uint16) == made.plain[7]).all()
    assert (np.asarray(new.gather([7])).view(np.uint16) == bits[7]).all()
    assert pickle.loads(pickle.dumps(old)).version == 1
    assert [t["version"] for t in store.tables() if t["name"] == "plain"] == [1, 2]


def _child(table, dataset, rows, expected, answers) -> None:
    found = np.asarray(table.gather(rows)).view(np.uint16)
    answers.put(((found == expected).all(), dataset[5].text))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_open_again_by_themselves(made, store, method):
    import multiprocessing
    context = multiprocessing.get_context(method)
    table, dataset = store.table("plain"), store.dataset("documents")
    rows = np.arange(0, 5000, 7)
    answers = context.Queue()
    children = [context.Process(target=_child, args=(table, dataset, rows, made.plain[rows], answers))
                for _ in range(3)]
    for child in children:
        child.start()
    for _ in children:
        assert answers.get(timeout=60) == (True, made.texts[5])
    for child in children:
        child.join()
        assert child.exitcode == 0
    # The parent's own go on.
    assert (np.asarray(table.gather(rows)).view(np.uint16) == made.plain[rows]).all()


def test_a_fork_inside_threads_does_not_hang(made, store):
    table = store.table("plain")
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            table.gather(np.arange(500))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            pid = os.fork()
            if pid == 0:
                try:
                    found = np.asarray(table.gather([9])).view(np.uint16)
                    os._exit(0 if (found == made.plain[9]).all() else 1)
                finally:
                    os._exit(2)
            assert os.waitpid(pid, 0)[1] == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_versions_go_on_without_their_store(made):
    store = es.open(made.path)
    table, dataset = store.table("plain"), store.dataset("documents")
    pickled = pickle.dumps((table, dataset))
    store.close()
    again, read_again = pickle.loads(pickled)
    assert again.identity == table.identity and again.reference == table.reference
    assert (np.asarray(again.gather([9])).view(np.uint16) == made.plain[9]).all()
    assert read_again[5] == dataset[5]
    pid = os.fork()
    if pid == 0:
        try:
            found = np.asarray(table.gather([9])).view(np.uint16)
            os._exit(0 if (found == made.plain[9]).all() and dataset[5].text == made.texts[5] else 1)
        finally:
            os._exit(2)
    assert os.waitpid(pid, 0)[1] == 0


def test_another_table_of_that_name_and_number_is_a_conflict(made, tmp_path):
    one, other = Made(tmp_path / "one"), Made(tmp_path / "other")
    for place, seed in ((one, 1), (other, 2)):
        place.folder.mkdir()
        place.publish_plain(seed)
    with es.open(one.path) as store:
        pickled = pickle.dumps(store.table("plain"))
    shutil.rmtree(one.path)
    shutil.copytree(other.path, one.path)
    with pytest.raises(es.Conflict, match="plain@1 of .* is another one now"):
        pickle.loads(pickled)
