"""The examples run, and do what they say."""
from __future__ import annotations

import os
import socket
import subprocess
import sys

import engramstore
from made_store import ROOT, engram_binary

EXAMPLES = ROOT / "Tools/python/examples"


def run(name: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    package = os.path.dirname(os.path.dirname(engramstore.__file__))
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *map(str, arguments)], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": package, "OMP_NUM_THREADS": "1", **environment})
    return done


def test_a_model_gives_the_same_with_its_table_in_the_store():
    done = run("replace_table.py", "--engram", engram_binary(), "--rows", 5000)
    assert done.returncode == 0, done.stderr
    assert "512 tokens: the same outputs, bit by bit" in done.stdout


def test_a_run_goes_on_exactly(made, tmp_path):
    common = ["--store", made.path, "--dataset", "packed", "--batch", 8]
    whole = run("train.py", *common, "--steps", 6)
    assert whole.returncode == 0, whole.stderr
    first = run("train.py", *common, "--steps", 2, "--save", tmp_path / "run.pt")
    rest = run("train.py", *common, "--steps", 4, "--resume", tmp_path / "run.pt", "--workers", 2)
    assert rest.returncode == 0, rest.stderr
    assert first.stdout + rest.stdout == whole.stdout and len(whole.stdout.splitlines()) == 6
    losses = [float(line.split()[3]) for line in whole.stdout.splitlines()]
    assert losses[-1] < losses[0]
    none = run("train.py", "--store", made.path, "--dataset", "packed", "--batch", 100_000)
    assert none.returncode == 1 and "too few samples" in none.stderr


def test_two_ranks_train_together(made):
    package = os.path.dirname(os.path.dirname(engramstore.__file__))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ranks = [subprocess.Popen(
        [sys.executable, str(EXAMPLES / "train.py"), "--store", made.path, "--dataset", "packed", "--batch",
         "4", "--steps", "3"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": package, "OMP_NUM_THREADS": "1", "RANK": str(rank),
             "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)})
        for rank in range(2)]
    printed = [rank.communicate(timeout=120) for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], printed
    assert [line.split()[:3] for line in printed[0][0].splitlines()] == [
        ["1", "0", "8"], ["2", "0", "16"], ["3", "0", "24"]]
    assert not printed[1][0]
