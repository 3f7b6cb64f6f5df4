"""A store: the folder that holds tables, datasets and indexes."""
from __future__ import annotations

import ctypes
import json
import os
import threading
from typing import Any, Iterable, Sequence

from ._dataset import Dataset
from ._errors import Closed, Corrupt, StorageFailure
from ._handles import Handle
from ._library import Text, check, library, take
from ._query import Answer, answer_of, names_of, request_of
from ._table import Table


class _Indexes:
    """The indexes that questions were asked of, by name and tokenizer, each opened once a version."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.lock = threading.Lock()
        self.open: dict[tuple[str, str | None], tuple[str, Handle]] = {}


class Store:
    """A store, open for reading. It shows what is published at each call."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        #: The store's folder.
        self.path = os.path.abspath(os.fspath(path))
        self._handle = Handle("store", self._open, library.engram_store_close)
        self._indexes = _Indexes()

    def _open(self, out: Any) -> int:
        status: int = library.engram_store_open(os.fsencode(self.path), out)
        return status

    @property
    def _handle_value(self) -> int:
        return self._handle.value

    def __repr__(self) -> str:
        return f"<engramstore.Store {self.path}>"

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        if self._handle.is_closed:
            raise Closed("this store is closed", 9)
        return Store, (self.path,)

    def close(self) -> None:
        """Lets go of the store; what was opened from it goes on."""
        for _, index in self._indexes.open.values():
            index.close()
        self._indexes = _Indexes()
        self._handle.close()

    def listing(self) -> dict[str, list[dict[str, Any]]]:
        """All that is published: "tables", "datasets", "indexes"."""
        text = Text()
        check(library.engram_store_list(self._handle_value, ctypes.byref(text)))
        listing: dict[str, list[dict[str, Any]]] = json.loads(take(text))
        return listing

    def tables(self) -> list[dict[str, Any]]:
        """Table versions, by name and version."""
        return self.listing()["tables"]

    def datasets(self) -> list[dict[str, Any]]:
        """Dataset versions, by name and version."""
        return self.listing()["datasets"]

    def indexes(self) -> list[dict[str, Any]]:
        """Indexes, by dataset and version."""
        return self.listing()["indexes"]

    def table(self, reference: str) -> Table:
        """Opens "name" (the newest version) or "name@3"."""
        return Table(self.path, reference, store=self._handle_value)

    def dataset(self, reference: str) -> Dataset:
        """Opens "name" (the newest version) or "name@3"."""
        return Dataset(self.path, reference, store=self._handle_value)

    def _index(self, name: str, tokenizer: str | None,
               published: list[dict[str, Any]] | None) -> Handle:
        """The open index of a dataset; another one as soon as a newer is published. One of its own where
        what is published is not known."""
        if published is None:
            return self._open_index(name, tokenizer)
        dataset, _, version = name.partition("@")
        found = [index for index in published if index["dataset"] == dataset
                 and (not version or str(index["version"]) == version)]
        newest = found[-1] if found else None
        # What is not published is asked for all the same: the library says what there is.
        reference = f"{dataset}@{newest['version']}" if newest else name
        identity = newest["identity"] if newest else ""
        if self._indexes.process != os.getpid():
            # A thread of the parent may have held the lock when it forked.
            self._indexes = _Indexes()
        indexes = self._indexes
        with indexes.lock:
            known = indexes.open.get((name, tokenizer))
            if known is not None and known[0] == identity:
                return known[1]
            opened = self._open_index(reference, tokenizer)
            indexes.open[name, tokenizer] = identity, opened
            return opened

    def _open_index(self, reference: str, tokenizer: str | None) -> Handle:
        return Handle(
            "index",
            lambda out: library.engram_index_open(
                self._handle_value, reference.encode(),
                None if tokenizer is None else os.fsencode(tokenizer), out),
            library.engram_index_close)

    def query(self, question: str, datasets: str | Sequence[str], *, limit: int = 10,
              per_document: int | None = None, where: str | Iterable[str] = (), mode: str | None = None,
              vector: Any = None, max_tokens: int | None = None,
              tokenizer: str | os.PathLike[str] | None = None) -> Answer:
        """The passages of these datasets that answer a question, best first.

        where: conditions on metadata, "field=value", all to be met. mode: "lexical", "dense" or "hybrid".
        max_tokens: also makes `context`, numbered passages that fit so many tokens. tokenizer: a
        tokenizer.json, for datasets of tokens and to count a context's.
        """
        body = json.dumps(request_of(
            question, limit, per_document, where, mode, vector, max_tokens)).encode()
        path = None if tokenizer is None else os.fspath(tokenizer)
        try:
            published = self.indexes()
        except (Corrupt, StorageFailure):
            # Something else is damaged, a table's manifest for one: what is asked for says itself how it is.
            published = None
        opened = [self._index(name, path, published) for name in names_of(datasets)]
        handles = [index.value for index in opened]
        text = Text()
        check(library.engram_query(
            (ctypes.c_uint64 * len(handles))(*handles), len(handles), body, ctypes.byref(text)))
        return answer_of(take(text))


def open(path: str | os.PathLike[str]) -> Store:
    """Opens the store in a folder for reading.

    Raises `NotFound` where there is none, `NewerFormat` where this package is too old for it.
    """
    return Store(path)


def query(store: Any, question: str, datasets: str | Sequence[str], **options: Any) -> Answer:
    """The passages that answer a question; `store` is an open one, or a folder. See `Store.query`."""
    if isinstance(store, (str, os.PathLike)):
        with Store(store) as opened:
            return opened.query(question, datasets, **options)
    answer: Answer = store.query(question, datasets, **options)
    return answer
