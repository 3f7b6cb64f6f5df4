"""A small dataset whose passages have vectors, in the store and behind a service."""
from __future__ import annotations

import json
import signal

import numpy as np
import pytest

from own_vectors import COUNT, vector
from served import Served


@pytest.fixture(scope="session")
def place(made):
    """The store's folder, with the dataset `vectors` in it."""
    lines = [json.dumps({"id": f"v{number}", "text": f"Topic {number} is about word{number}.",
                         "part": str(number % 2)}) for number in range(COUNT)]
    (made.folder / "vectors.jsonl").write_text("\n".join(lines) + "\n")
    np.save(made.folder / "vectors.npy", np.array([vector(number) for number in range(COUNT)], np.float32))
    made.run("ingest", str(made.folder / "vectors.jsonl"), "--dataset", "vectors")
    made.run("index", "build", "vectors", "--vectors", str(made.folder / "vectors.npy"))
    return made.path


@pytest.fixture(scope="session")
def address(made, place, tmp_path_factory: pytest.TempPathFactory):
    service = Served(made, tmp_path_factory.mktemp("adapters"))
    yield service.address
    assert service.kill(signal.SIGTERM) == 0
