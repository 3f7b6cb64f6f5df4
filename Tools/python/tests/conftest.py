"""What every test may ask for: a small store, and that store opened."""
from __future__ import annotations

import pytest

from made_store import Made, make_store


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_store(tmp_path_factory.mktemp("made"))


@pytest.fixture
def store(made: Made):
    import engramstore as es
    with es.open(made.path) as opened:
        yield opened
