"""What both adapters take and give."""
from __future__ import annotations

import os
from typing import Any

from .._client import RemoteStore, connect
from .._query import Passage
from .._store import Store, open

_ADDRESSES = ("unix:", "http://", "https://")


def store_of(store: Any) -> Store | RemoteStore:
    """An open store; or one opened here, of a folder or a service's address."""
    if isinstance(store, (Store, RemoteStore)):
        return store
    if isinstance(store, (str, os.PathLike)):
        place = os.fspath(store)
        if isinstance(place, str) and place.startswith(_ADDRESSES):
            return connect(place)
        return open(place)
    raise ValueError(f"store is a {type(store).__name__}; give an open store, its folder, or the address of "
                     "a service")


def passage_id(passage: Passage) -> str:
    """One passage of one version, among all."""
    return f"{passage.dataset}@{passage.version}/{passage.sample}/{passage.passage}"


def metadata_of(passage: Passage) -> dict[str, Any]:
    """Where a passage stands. start, end: bytes of the sample's text."""
    metadata = {
        "source": passage.source, "title": passage.title, "score": passage.score, "rank": passage.rank,
        "dataset": passage.dataset, "version": passage.version, "sample": passage.sample,
        "passage": passage.passage, "start": passage.start, "end": passage.end}
    if passage.id is not None:
        metadata["document_id"] = passage.id
    return metadata
