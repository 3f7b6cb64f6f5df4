"""The same calls through a service (`engram serve`): over a Unix socket, HTTP or HTTPS."""
from __future__ import annotations

import json
import urllib.parse
from typing import Any, Iterable, Iterator, Sequence, TypeVar

import numpy as np

from . import _arrays
from ._dataset import KINDS, Array, Tokens, order_arguments, sample_of, tokens_of
from ._errors import ServiceError, Unsupported
from ._query import Answer, answer_of, names_of, request_of
from ._table import History, format_name, prepared_out, prepared_tokens
from ._wire import Wire

_BINARY = "application/octet-stream"
_Self = TypeVar("_Self", bound="_RemoteVersion")


def _segment(name: str) -> str:
    return urllib.parse.quote(name, safe="")


def _bytes_of(array: Array) -> memoryview:
    return memoryview(array.reshape(-1).view(np.uint8).data)


class _RemoteVersion:
    _kind: str

    def __init__(self, wire: Wire, reference: str) -> None:
        self._wire = wire
        manifest = wire.json("GET", f"/v1/{self._kind}s/{_segment(reference)}")
        with wire.understood():
            #: What the version is.
            self.manifest: dict[str, Any] = manifest
            #: The name, without the version.
            self.name = str(manifest["name"])
            #: The version's number.
            self.version = int(manifest["version"])
            #: SHA-256 of the version.
            self.identity = str(manifest["identity"])
            self._take(manifest)
        #: "name@version".
        self.reference = f"{self.name}@{self.version}"
        self._path = f"/v1/{self._kind}s/{_segment(self.reference)}"

    def _take(self, manifest: dict[str, Any]) -> None:
        raise NotImplementedError

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing to let go of: the connection is the store's."""


class RemoteTable(_RemoteVersion):
    """A table version behind a service, with the calls of `Table`. Every call asks for exactly the version
    that was current when it was opened: `Conflict` where the service has another one."""

    _kind = "table"

    def _take(self, manifest: dict[str, Any]) -> None:
        self.row_count = int(manifest["rows"])
        self.dimension = int(manifest["dimension"])
        self.row_bytes = int(manifest["rowBytes"])
        self.codec = str(manifest["codec"])
        self.is_exact = manifest.get("exact") is not None
        #: Row ids of a token; 0 where tokens lead to no row.
        self.columns = int(manifest["columns"])
        #: Token ids are below this; 0 where tokens lead to no row.
        self.token_limit = int(manifest["tokenLimit"])
        #: The longest N-gram, in tokens.
        self.longest_ngram = int(manifest["longest"])
        #: Whether tokens may be masked and have segments.
        self.takes_segments = bool(manifest["takesSegments"])
        self._match = {"If-Match": f'"{self.identity}"', "Content-Type": _BINARY}

    def __repr__(self) -> str:
        return f"<engramstore.RemoteTable {self.reference} at {self._wire.address}>"

    def rows(self, token_ids: Any, masked: Any = None, segments: Any = None, history: History | None = None,
             out: Any = None) -> Any:
        """Row ids of tokens, as `Table.rows`; a history stays in the process, so there is none here."""
        if history is not None:
            raise Unsupported("a service takes whole sequences; use es.open for histories")
        ids, masks, parts = prepared_tokens(token_ids, masked, segments)
        shape = ids.shape + (self.columns,)
        result = np.empty(shape, np.int64) if out is None else out
        memory = _arrays.write(result, ("int64",), shape).reshape(-1, self.columns)
        query = "&".join(name for name, part in (("segments=1", parts), ("masks=1", masks))
                         if part is not None)
        length = ids.shape[-1] if ids.ndim else 1
        for first in range(0, ids.size, length) if ids.size else ():
            place = slice(first, first + length)
            body = b"".join(part.reshape(-1)[place].tobytes() for part in (ids, parts, masks)
                            if part is not None)
            self._wire.call("POST", f"{self._path}/row-ids?{query}", body, self._match,
                            _bytes_of(memory[place]))
        return result

    def prefetch(self, rows: Any) -> int:
        """Starts reading the rows' pages from the service's disk: how many."""
        ids = _arrays.read(rows, "int64", "rows")
        _, data = self._wire.call("POST", f"{self._path}/prefetch", _bytes_of(ids), self._match)
        with self._wire.understood():
            return int(json.loads(data)["pages"])

    def gather(self, rows: Any, dtype: Any = "bf16", missing: str | None = None, out: Any = None,
               like: str | None = None) -> Any:
        """Rows by id, as `Table.gather`."""
        name = format_name(dtype)
        ids = _arrays.read(rows, "int64", "rows")
        if missing not in (None, "zero"):
            raise ValueError(f"missing is {missing!r}; give \"zero\" or nothing")
        shape = ids.shape + ((self.row_bytes if name == "raw" else self.dimension),)
        result, memory = prepared_out(out, like, name, shape)
        if ids.size == 0:
            return result
        query = f"rows?format={name}" + ("&missing=zero" if missing else "")
        self._wire.call("POST", f"{self._path}/{query}", _bytes_of(ids), self._match, _bytes_of(memory))
        return result


class RemoteDataset(_RemoteVersion, Sequence[Any]):
    """A dataset version behind a service, with the calls of `Dataset`."""

    _kind = "dataset"

    def _take(self, manifest: dict[str, Any]) -> None:
        #: "document", "tokens" or "bytes".
        self.kind = str(manifest["kind"])
        if self.kind not in KINDS:
            raise ValueError(f"kind is {self.kind}")
        self.byte_count = int(manifest["bytes"])
        self._count = int(manifest["samples"])
        tokens = manifest.get("tokens") or {}
        self.token_width = int(tokens.get("width", 0))
        self.token_length = tokens.get("length")
        self.has_boundaries = bool(tokens.get("hasBoundaries", False))

    def __repr__(self) -> str:
        return f"<engramstore.RemoteDataset {self.reference} at {self._wire.address}>"

    def __len__(self) -> int:
        return self._count

    def _samples(self, numbers: list[int]) -> list[bytes]:
        response, data = self._wire.call(
            "POST", self._path + "/samples", json.dumps({"numbers": numbers}).encode(),
            {"Content-Type": "application/json", "Accept": _BINARY})
        sizes = response.getheader("Engram-Sample-Sizes") or ""
        samples, start = [], 0
        with self._wire.understood():
            for size in map(int, sizes.split(",")) if sizes else ():
                samples.append(data[start:start + size])
                start += size
        if len(samples) != len(numbers) or start != len(data):
            raise ServiceError(f"{self._wire.address} answers {len(samples)} samples of {start} bytes; "
                               f"{len(numbers)} of {len(data)} were expected")
        return samples

    def read_bytes(self, number: int) -> bytes:
        """The bytes of a sample. Negative numbers count from the end."""
        return self._samples([int(number) + self._count if number < 0 else int(number)])[0]

    def read(self, numbers: Any) -> list[Any]:
        """Samples by number, as `ds[i]` gives them."""
        ids = _arrays.read(numbers, "int64", "numbers").reshape(-1).tolist()
        with self._wire.understood():
            return [sample_of(data, self.kind, self.token_width, self.has_boundaries)
                    for data in self._samples(ids)] if ids else []

    def read_tokens(self, numbers: Any) -> list[Tokens]:
        """Samples of tokens by number, as `tokens` gives them, with one request for all of them."""
        if self.kind != "tokens":
            raise TypeError(f"{self.name} holds samples of kind {self.kind}, not tokens")
        ids = _arrays.read(numbers, "int64", "numbers").reshape(-1).tolist()
        with self._wire.understood():
            return [tokens_of(data, self.token_width, self.has_boundaries)
                    for data in self._samples(ids)] if ids else []

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return self.read(np.arange(*number.indices(self._count)))
        if not -self._count <= number < self._count:
            raise IndexError(f"sample {number} of {self.reference}, which has {self._count}")
        with self._wire.understood():
            return sample_of(self.read_bytes(number), self.kind, self.token_width, self.has_boundaries)

    def __iter__(self) -> Iterator[Any]:
        for first in range(0, self._count, 64):
            yield from self.read(np.arange(first, min(first + 64, self._count)))

    def tokens(self, number: int) -> Tokens:
        """A sample of tokens: its ids, and where documents start."""
        if self.kind != "tokens":
            raise TypeError(f"{self.name} holds samples of kind {self.kind}, not tokens")
        return tokens_of(self.read_bytes(number), self.token_width, self.has_boundaries)

    def order(self, order: str = "global", seed: int = 0, epoch: int = 0, first: int = 0, step: int = 1,
              count: int | None = None, window: int = 64, out: Any = None) -> Array:
        """The samples at the positions first, first + step, ... of an epoch, as `Dataset.order`."""
        _, amount = order_arguments(order, self._count, first, step, count)
        result: Array = np.empty(amount, np.int64) if out is None else out
        memory = _arrays.write(result, ("int64",), (amount,))
        if amount:
            body = {"order": order, "seed": seed, "epoch": epoch, "first": first, "step": step,
                    "count": amount}
            if order == "chunked":
                body["window"] = window
            answer = self._wire.json("POST", self._path + "/order", body)
            with self._wire.understood():
                memory.reshape(-1)[:] = np.array(answer["samples"], np.int64)
        return result


class RemoteStore:
    """A store behind a service, with the calls of `Store`."""

    def __init__(self, address: str, token: str | None = None, timeout: float | None = 60.0,
                 ca_file: str | None = None) -> None:
        self._wire = Wire(address, token, timeout, ca_file)

    def __repr__(self) -> str:
        return f"<engramstore.RemoteStore {self._wire.address}>"

    def __enter__(self) -> RemoteStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes this thread's connection; calls then raise `Closed`."""
        self._wire.close()

    def _published(self, kind: str) -> list[dict[str, Any]]:
        answer = self._wire.json("GET", f"/v1/{kind}")
        with self._wire.understood():
            published: list[dict[str, Any]] = answer[kind]
            return published

    def tables(self) -> list[dict[str, Any]]:
        """Table versions, by name and version."""
        return self._published("tables")

    def datasets(self) -> list[dict[str, Any]]:
        """Dataset versions, by name and version."""
        return self._published("datasets")

    def indexes(self) -> list[dict[str, Any]]:
        """Indexes, by dataset and version."""
        return self._published("indexes")

    def listing(self) -> dict[str, list[dict[str, Any]]]:
        """All that is published: "tables", "datasets", "indexes"."""
        return {"tables": self.tables(), "datasets": self.datasets(), "indexes": self.indexes()}

    def table(self, reference: str) -> RemoteTable:
        """Opens "name" (the newest version) or "name@3"."""
        return RemoteTable(self._wire, reference)

    def dataset(self, reference: str) -> RemoteDataset:
        """Opens "name" (the newest version) or "name@3"."""
        return RemoteDataset(self._wire, reference)

    def query(self, question: str, datasets: str | Sequence[str], *, limit: int = 10,
              per_document: int | None = None, where: str | Iterable[str] = (), mode: str | None = None,
              vector: Any = None, max_tokens: int | None = None, tokenizer: None = None) -> Answer:
        """The passages of these datasets that answer a question, as `Store.query`; tokenizers are the
        service's."""
        if tokenizer is not None:
            raise Unsupported("tokenizers are named to the service: engram serve --tokenizer FILE")
        body = request_of(question, limit, per_document, where, mode, vector, max_tokens)
        body["datasets"] = names_of(datasets)
        _, data = self._wire.call("POST", "/v1/query", json.dumps(body).encode(),
                                  {"Content-Type": "application/json"})
        with self._wire.understood():
            return answer_of(data)


def connect(address: str, token: str | None = None, timeout: float | None = 60.0,
            ca_file: str | None = None) -> RemoteStore:
    """The store of a service, at "unix:PATH", "http://HOST:PORT" or "https://HOST:PORT".

    token: its bearer token. timeout: seconds of silence before a call gives up; `None` for none. ca_file:
    certificates to trust besides the system's. Nothing is sent before the first call.
    """
    return RemoteStore(address, token, timeout, ca_file)
