"""The same calls through a service (`engram serve`): over a Unix socket, HTTP or HTTPS."""
from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import threading
import urllib.parse
from typing import Any, Iterable, Iterator, Sequence

import numpy as np

from . import _arrays
from ._dataset import Array, Tokens, order_arguments, sample_of, tokens_of
from ._errors import (Closed, Conflict, Corrupt, EngramError, InvalidArgument, NotFound, OutOfRange,
                      ServiceError, Unsupported)
from ._query import Answer, answer_of, names_of, request_of
from ._table import format_name, prepared_out, prepared_tokens

_BY_CODE: dict[str, type[EngramError]] = {
    "invalid": InvalidArgument, "not_found": NotFound, "conflict": Conflict, "corrupt": Corrupt,
    "out_of_range": OutOfRange, "unsupported": Unsupported, "too_large": InvalidArgument,
}
_BINARY = "application/octet-stream"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float | None) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class _Wire:
    """A connection a thread, kept open between calls."""

    def __init__(self, address: str, token: str | None, timeout: float | None, ca_file: str | None) -> None:
        self.address = address
        self.token = token
        self.timeout = timeout
        self.ca_file = ca_file
        self.is_closed = False
        self._local = threading.local()
        if address.startswith("unix:"):
            self._unix: str | None = address[5:]
            if not self._unix:
                raise ValueError("address is \"unix:\"; give unix:PATH")
            return
        self._unix = None
        parts = urllib.parse.urlsplit(address if "//" in address else "http://" + address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"address is {address!r}; give unix:PATH, http://HOST:PORT or https://HOST:PORT")
        self._host, self._port, self._secure = parts.hostname, parts.port, parts.scheme == "https"

    def _connection(self) -> tuple[http.client.HTTPConnection, bool]:
        """This thread's connection, and whether it was used before."""
        local = self._local
        if getattr(local, "process", None) != os.getpid():
            # A forked child must not speak on its parent's connection.
            local.process, local.connection = os.getpid(), None
        if local.connection is not None and local.connection.sock is not None:
            return local.connection, True
        if self._unix is not None:
            local.connection = _UnixConnection(self._unix, self.timeout)
        elif self._secure:
            local.connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=self.timeout,
                context=ssl.create_default_context(cafile=self.ca_file))
        else:
            local.connection = http.client.HTTPConnection(self._host, self._port, timeout=self.timeout)
        return local.connection, False

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None,
             into: memoryview | None = None) -> tuple[http.client.HTTPResponse, bytes]:
        """One request and its answer; the body goes to `into` where that is given.

        An idle connection that the service has closed in the meantime is replaced once, before anything of
        an answer came.
        """
        if self.is_closed:
            raise Closed("this store is closed", 9)
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent.update(headers or {})
        while True:
            connection, is_used = self._connection()
            try:
                connection.request(method, path, body=body, headers=sent)
                response = connection.getresponse()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
                connection.close()
                if is_used:
                    continue
                raise ServiceError(f"{self.address} closed the connection before it answered: {error}; is "
                                   "the service still running?") from error
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                raise ServiceError(
                    f"{self.address} cannot be asked: {error or type(error).__name__}; is engram serve "
                    "running there?") from error
        try:
            if into is not None and response.status < 300:
                data = b""
                self._fill(response, into)
            else:
                data = response.read()
        except (OSError, http.client.HTTPException, EngramError) as error:
            connection.close()
            if isinstance(error, EngramError):
                raise
            raise ServiceError(f"{self.address} died in the middle of an answer: "
                               f"{error or type(error).__name__}; nothing of it was used") from error
        if response.will_close:
            connection.close()
        if response.status >= 300:
            self._refused(response, data)
        return response, data

    def _fill(self, response: http.client.HTTPResponse, into: memoryview) -> None:
        expected = response.getheader("Content-Length")
        if expected is not None and int(expected) != len(into):
            raise ServiceError(f"{self.address} answers {expected} bytes, {len(into)} were expected")
        got = 0
        while got < len(into):
            count = response.readinto(into[got:])
            if not count:
                raise ServiceError(f"{self.address} died in the middle of an answer: {got} of {len(into)} "
                                   "bytes came; nothing of them may be used")
            got += count
        if response.read(1):
            raise ServiceError(f"{self.address} answers more than the {len(into)} bytes that were expected")

    def _refused(self, response: http.client.HTTPResponse, data: bytes) -> None:
        try:
            error = json.loads(data)["error"]
            code, message = str(error["code"]), str(error["message"])
        except (ValueError, KeyError, TypeError):
            code, message = "", data[:200].decode("utf-8", "replace") or response.reason
        kind = _BY_CODE.get(code)
        if kind is not None:
            raise kind(message)
        raise ServiceError(f"{self.address}: {message} (HTTP {response.status})",
                           http_status=response.status)

    def json(self, method: str, path: str, body: Any = None) -> Any:
        """An answer in JSON."""
        headers = {} if body is None else {"Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        return json.loads(self.call(method, path, content, headers)[1])

    def __reduce__(self) -> tuple[Any, ...]:
        return _Wire, (self.address, self.token, self.timeout, self.ca_file)


def _segment(name: str) -> str:
    return urllib.parse.quote(name, safe="")


def _bytes_of(array: Array) -> memoryview:
    return memoryview(array.reshape(-1).view(np.uint8))


class RemoteTable:
    """A table version behind a service, with the calls of `Table`. Every call asks for exactly the version
    that was current when it was opened: `Conflict` where the service has another one."""

    def __init__(self, wire: _Wire, reference: str) -> None:
        self._wire = wire
        manifest = wire.json("GET", f"/v1/tables/{_segment(reference)}")
        #: What the version is.
        self.manifest: dict[str, Any] = manifest
        self.name = str(manifest["name"])
        self.version = int(manifest["version"])
        self.identity = str(manifest["identity"])
        self.row_count = int(manifest["rows"])
        self.dimension = int(manifest["dimension"])
        self.row_bytes = int(manifest["rowBytes"])
        self.codec = str(manifest["codec"])
        self.is_exact = manifest.get("exact") is not None
        addressing = manifest.get("addressing")
        #: Row ids of a token; 0 where tokens lead to no row.
        self.columns = (1 if self.is_exact
                        else sum(map(len, addressing["bucketSizes"])) if addressing else 0)
        self._path = f"/v1/tables/{_segment(f'{self.name}@{self.version}')}/"
        self._match = {"If-Match": f'"{self.identity}"', "Content-Type": _BINARY}

    def __repr__(self) -> str:
        return f"<engramstore.RemoteTable {self.name}@{self.version} at {self._wire.address}>"

    def __enter__(self) -> RemoteTable:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing to let go of: the connection is the store's."""

    def _tokens(self, token_ids: Any, masked: Any, segments: Any) -> tuple[Array, bytes, str]:
        ids, masks, parts = prepared_tokens(token_ids, masked, segments)
        body = ids.astype("<i4", copy=False).tobytes()
        query = ""
        if parts is not None:
            body += parts.astype("<i4", copy=False).tobytes()
            query += "&segments=1"
        if masks is not None:
            body += masks.tobytes()
            query += "&masks=1"
        return ids, body, query

    def rows(self, token_ids: Any, masked: Any = None, segments: Any = None, history: None = None,
             out: Any = None) -> Any:
        """Row ids of tokens, as `Table.rows`; a history stays in the process, so there is none here."""
        if history is not None:
            raise Unsupported("a service takes whole sequences; use es.open for histories")
        ids, body, query = self._tokens(token_ids, masked, segments)
        shape = ids.shape + (self.columns,)
        result = np.empty(shape, np.int64) if out is None else out
        memory = _arrays.write(result, ("int64",), shape)
        self._wire.call("POST", f"{self._path}row-ids?{query.lstrip('&')}", body, self._match,
                        _bytes_of(memory))
        return result

    def prefetch(self, rows: Any) -> int:
        """Starts reading the rows' pages from the service's disk: how many."""
        ids = _arrays.read(rows, "int64", "rows")
        _, data = self._wire.call("POST", f"{self._path}prefetch", _bytes_of(ids), self._match)
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
        self._wire.call("POST", self._path + query, _bytes_of(ids), self._match, _bytes_of(memory))
        return result


class RemoteDataset(Sequence[Any]):
    """A dataset version behind a service, with the calls of `Dataset`."""

    def __init__(self, wire: _Wire, reference: str) -> None:
        self._wire = wire
        manifest = wire.json("GET", f"/v1/datasets/{_segment(reference)}")
        #: What the version is.
        self.manifest: dict[str, Any] = manifest
        self.name = str(manifest["name"])
        self.version = int(manifest["version"])
        self.identity = str(manifest["identity"])
        self.kind = str(manifest["kind"])
        self.byte_count = int(manifest["bytes"])
        self._count = int(manifest["samples"])
        tokens = manifest.get("tokens") or {}
        self.token_width = int(tokens.get("width", 0))
        self.token_length = tokens.get("length")
        self.has_boundaries = bool(tokens.get("hasBoundaries", False))
        self._path = f"/v1/datasets/{_segment(f'{self.name}@{self.version}')}"

    def __repr__(self) -> str:
        return f"<engramstore.RemoteDataset {self.name}@{self.version} at {self._wire.address}>"

    def __enter__(self) -> RemoteDataset:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing to let go of: the connection is the store's."""

    def __len__(self) -> int:
        return self._count

    def _samples(self, numbers: list[int]) -> list[bytes]:
        response, data = self._wire.call(
            "POST", self._path + "/samples", json.dumps({"numbers": numbers}).encode(),
            {"Content-Type": "application/json", "Accept": _BINARY})
        sizes = response.getheader("Engram-Sample-Sizes") or ""
        samples, start = [], 0
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
        return [sample_of(data, self.kind, self.token_width, self.has_boundaries)
                for data in self._samples(ids)] if ids else []

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return self.read(np.arange(*number.indices(self._count)))
        if not -self._count <= number < self._count:
            raise IndexError(f"sample {number} of {self.name}@{self.version}, which has {self._count}")
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
            memory.reshape(-1)[:] = self._wire.json("POST", self._path + "/order", body)["samples"]
        return result


class RemoteStore:
    """A store behind a service, with the calls of `Store`."""

    def __init__(self, address: str, token: str | None = None, timeout: float | None = 60.0,
                 ca_file: str | None = None) -> None:
        self._wire = _Wire(address, token, timeout, ca_file)

    def __repr__(self) -> str:
        return f"<engramstore.RemoteStore {self._wire.address}>"

    def __enter__(self) -> RemoteStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes this thread's connection; calls then raise `Closed`."""
        self._wire.is_closed = True
        connection = getattr(self._wire._local, "connection", None)
        if connection is not None:
            connection.close()

    def tables(self) -> list[dict[str, Any]]:
        """Table versions, by name and version."""
        tables: list[dict[str, Any]] = self._wire.json("GET", "/v1/tables")["tables"]
        return tables

    def datasets(self) -> list[dict[str, Any]]:
        """Dataset versions, by name and version."""
        datasets: list[dict[str, Any]] = self._wire.json("GET", "/v1/datasets")["datasets"]
        return datasets

    def indexes(self) -> list[dict[str, Any]]:
        """Indexes, by dataset and version."""
        indexes: list[dict[str, Any]] = self._wire.json("GET", "/v1/indexes")["indexes"]
        return indexes

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
        return answer_of(data)


def connect(address: str, token: str | None = None, timeout: float | None = 60.0,
            ca_file: str | None = None) -> RemoteStore:
    """The store of a service, at "unix:PATH", "http://HOST:PORT" or "https://HOST:PORT".

    token: its bearer token. timeout: seconds of silence before a call gives up; `None` for none. ca_file:
    certificates to trust besides the system's. Nothing is sent before the first call.
    """
    return RemoteStore(address, token, timeout, ca_file)
