"""The client: the same answers as in process, and what it says of services that misbehave."""
from __future__ import annotations

import os
import pickle
import signal
import socket
import threading
import time

import numpy as np
import pytest

import engramstore as es

from served import Served


@pytest.fixture(scope="module")
def served(made, tmp_path_factory: pytest.TempPathFactory):
    service = Served(made, tmp_path_factory.mktemp("served"))
    yield service
    assert service.kill(signal.SIGTERM) == 0


@pytest.fixture
def remote(served):
    with es.connect(served.address) as opened:
        yield opened


def test_tables_answer_as_in_process(store, remote):
    assert remote.listing().keys() == store.listing().keys()
    assert [entry["name"] for entry in remote.tables()] == [entry["name"] for entry in store.tables()]
    random = np.random.default_rng(1)
    for name in ("deepseek/layer1", "plain", "plain@1"):
        here, there = store.table(name), remote.table(name)
        for member in ("name", "version", "identity", "row_count", "dimension", "row_bytes", "columns",
                       "codec", "is_exact", "reference", "token_limit", "longest_ngram",
                       "takes_segments"):
            assert getattr(here, member) == getattr(there, member), member
        rows = random.integers(0, here.row_count, (37, 3))
        for dtype in ("raw", "bf16", "f32"):
            mine, other = here.gather(rows, dtype=dtype), there.gather(rows, dtype=dtype)
            assert mine.shape == other.shape and mine.dtype == other.dtype
            assert mine.tobytes() == other.tobytes()
            out = np.zeros_like(other)
            assert there.gather(rows, dtype=dtype, out=out) is out and out.tobytes() == mine.tobytes()
        rows[5] = -1
        assert (here.gather(rows, dtype="f32", missing="zero")
                == there.gather(rows, dtype="f32", missing="zero")).all()
        assert there.prefetch(rows[:3]) >= 1
        assert there.gather(np.zeros((0, 2), np.int64)).shape == (0, 2, here.dimension)
        with pytest.raises(es.OutOfRange):
            there.gather([here.row_count])


def test_tokens_lead_to_the_same_rows(store, remote):
    here, there = store.table("deepseek/layer1"), remote.table("deepseek/layer1")
    random = np.random.default_rng(2)
    tokens = random.integers(0, 129280, (3, 21))
    masked = random.random((3, 21)) < 0.2
    segments = random.integers(0, 2, (3, 21)).cumsum(-1)
    for options in ({}, {"masked": masked}, {"segments": segments}, {"masked": masked, "segments": segments}):
        assert (here.rows(tokens, **options) == there.rows(tokens, **options)).all()
    with pytest.raises(es.OutOfRange):
        there.rows([129280])
    with pytest.raises(es.Unsupported):
        there.rows([1], history=here.history())


@pytest.mark.parametrize("name", ["documents", "tokens"])
def test_datasets_answer_as_in_process(store, remote, name):
    here, there = store.dataset(name), remote.dataset(name)
    assert len(here) == len(there) and here.kind == there.kind and here.identity == there.identity
    assert here.token_width == there.token_width and here.has_boundaries == there.has_boundaries
    for number in (0, 3, -1):
        mine, other = here[number], there[number]
        assert (mine == other) if name == "documents" else (mine == other).all()
        assert here.read_bytes(number) == there.read_bytes(number)
    assert [bytes(str(sample), "utf-8") for sample in here[2:9:3]] == [
        bytes(str(sample), "utf-8") for sample in there[2:9:3]]
    for order in ("sequential", "global", "chunked"):
        assert (here.order(order, seed=3, first=2, step=3) == there.order(order, seed=3, first=2, step=3)).all()
    with pytest.raises(IndexError):
        there[len(there)]
    if name == "tokens":
        for mine, other in zip(here.read_tokens([3, 0, 3]), there.read_tokens([3, 0, 3])):
            assert (mine.ids == other.ids).all() and (mine.starts == other.starts).all()
    else:
        with pytest.raises(TypeError):
            there.read_tokens([0])


def test_questions_find_the_same_passages(store, remote):
    here = store.query("number17 keeps", "documents", limit=5, where="part=1", max_tokens=200)
    there = remote.query("number17 keeps", "documents", limit=5, where="part=1", max_tokens=200)
    assert len(here) and list(here) == list(there) and here.context == there.context


def test_what_is_not_there_is_said(remote):
    with pytest.raises(es.NotFound, match="nothing"):
        remote.table("nothing")
    with pytest.raises(es.NotFound):
        remote.dataset("documents@99")
    with pytest.raises(es.NotFound):
        remote.query("question", "nothing")
    with pytest.raises(es.InvalidArgument):
        remote.query("question", "documents", mode="nonsense")


def test_other_threads_and_processes_have_connections_of_their_own(made, remote):
    table = remote.table("plain")
    rows = np.arange(0, 5000, 9)
    wrong = []

    def work() -> None:
        for _ in range(20):
            if not (np.asarray(table.gather(rows)).view(np.uint16) == made.plain[rows]).all():
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    table.gather(rows)  # this thread has a connection, which a child must not use
    pid = os.fork()
    mine = rows[::-1] if pid == 0 else rows
    right = all((np.asarray(table.gather(mine)).view(np.uint16) == made.plain[mine]).all() for _ in range(50))
    if pid == 0:
        os._exit(0 if right else 1)
    assert os.waitpid(pid, 0)[1] == 0 and right
    for thread in threads:
        thread.join()
    assert not wrong
    again = pickle.loads(pickle.dumps(table))
    assert (np.asarray(again.gather(rows)).view(np.uint16) == made.plain[rows]).all()


def test_a_service_that_dies_is_named_and_one_that_comes_back_is_used(made, tmp_path):
    service = Served(made, tmp_path)
    table = es.connect(service.address).table("plain")
    rows = np.arange(5000)
    stopped = threading.Event()
    seen = []

    def work() -> None:
        while not stopped.is_set():
            try:
                found = np.asarray(table.gather(rows)).view(np.uint16)
                seen.append((found == made.plain).all())
            except es.ServiceError as error:
                assert service.address in str(error) and "\n" not in str(error)
                seen.append(None)
                time.sleep(0.01)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    service.kill()
    time.sleep(0.1)
    with pytest.raises(es.ServiceError, match="engram serve"):
        table.gather(rows)
    service.start()
    assert (np.asarray(table.gather(rows)).view(np.uint16) == made.plain).all()
    count = len(seen)
    time.sleep(0.5)
    stopped.set()
    for thread in threads:
        thread.join()
    assert None in seen and False not in seen and True in seen[count:]
    assert service.kill(signal.SIGTERM) == 0


def test_another_version_under_the_same_name_is_a_conflict(remote):
    table = remote.table("plain")
    table._match["If-Match"] = '"' + "0" * 64 + '"'
    with pytest.raises(es.Conflict):
        table.gather([0])


def test_a_token_is_asked_for(made, tmp_path):
    (tmp_path / "token").write_text("secret-of-this-test\n")
    (tmp_path / "token").chmod(0o600)
    service = Served(made, tmp_path, "--token-file", str(tmp_path / "token"))
    with pytest.raises(es.ServiceError) as caught:
        es.connect(service.address).tables()
    assert caught.value.http_status == 401
    with pytest.raises(es.ServiceError):
        es.connect(service.address, token="another").tables()
    assert es.connect(service.address, token="secret-of-this-test").tables()
    assert service.kill(signal.SIGTERM) == 0


GOOD = b'{"tables":[]}'


@pytest.mark.parametrize("answer", [
    b"", b"\x00\xff" * 50, b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
    b"HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfe\xfd",
    b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"[" * 100000,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 500 Oops\r\nContent-Length: 3\r\n\r\nno\n", b"HTTP/1.1 999 \r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100000 + b"\r\n\r\n",
])
def test_garbage_is_a_service_error(answer):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(4096)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        store = es.connect(f"http://127.0.0.1:{port}", timeout=5)
        for call in (store.tables, store.tables, lambda: store.table("x"), lambda: store.dataset("x"),
                     lambda: store.query("x", "y")):
            with pytest.raises(es.ServiceError) as caught:
                call()
            assert "127.0.0.1" in str(caught.value) and "\n" not in str(caught.value).rstrip()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_silence_ends_by_a_timeout():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        began = time.monotonic()
        with pytest.raises(es.ServiceError, match="timed out"):
            es.connect(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.2).tables()
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("address", ["unix:", "ftp://host", "http://", "http://:80"])
def test_bad_addresses_are_refused(address):
    with pytest.raises(ValueError, match="give unix:PATH"):
        es.connect(address)


def test_a_closed_store_says_so(served):
    store = es.connect(served.address)
    store.close()
    with pytest.raises(es.Closed):
        store.tables()
    with pytest.raises(es.ServiceError, match="engram serve"):
        es.connect("unix:/nowhere/at/all").tables()
