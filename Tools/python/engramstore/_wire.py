"""Speaking with a service: one connection a thread, kept open between calls."""
from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import ssl
import threading
import urllib.parse
from typing import Any, Iterator

from ._errors import (Closed, Conflict, Corrupt, EngramError, InvalidArgument, NotFound, OutOfRange,
                      ServiceError, Unsupported)

_BY_CODE: dict[str, type[EngramError]] = {
    "invalid": InvalidArgument, "not_found": NotFound, "conflict": Conflict, "corrupt": Corrupt,
    "out_of_range": OutOfRange, "unsupported": Unsupported, "too_large": InvalidArgument,
    "unprocessable": InvalidArgument,
}


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float | None) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _said(error: BaseException) -> str:
    """An error in one line; what a stranger on the port says may have several."""
    return " ".join(str(error).split()) or type(error).__name__


def _advice(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "give its certificate: es.connect(..., ca_file=FILE)"
    if isinstance(error, PermissionError):
        return "its socket is for other users; start engram serve with --socket-mode 660 or 666"
    return "is engram serve running there?"


class Wire:
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
                raise ServiceError(f"{self.address} closed the connection before it answered: {_said(error)}; is "
                                   "the service still running?") from error
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                raise ServiceError(
                    f"{self.address} cannot be asked: {_said(error)}; {_advice(error)}") from error
            except BaseException:
                connection.close()
                raise
        try:
            if into is not None and response.status < 300:
                data = b""
                self._fill(response, into)
            else:
                data = response.read()
        except BaseException as error:
            # Whatever else of it comes would be taken for the answer to the next call.
            connection.close()
            if not isinstance(error, (OSError, http.client.HTTPException)) or isinstance(error, EngramError):
                raise
            raise ServiceError(f"{self.address} died in the middle of an answer: "
                               f"{_said(error)}; nothing of it was used") from error
        if response.will_close:
            connection.close()
        if response.status >= 300:
            self._refused(response, data)
        return response, data

    def _fill(self, response: http.client.HTTPResponse, into: memoryview) -> None:
        # None where the header is missing, or is no number.
        if response.length is not None and response.length != len(into):
            raise ServiceError(
                f"{self.address} answers {response.length} bytes, {len(into)} were expected")
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
            code, message = "", " ".join(data[:200].decode("utf-8", "replace").split()) or response.reason
        kind = _BY_CODE.get(code)
        if kind is not None:
            raise kind(message)
        raise ServiceError(f"{self.address}: {message} (HTTP {response.status})",
                           http_status=response.status)

    def json(self, method: str, path: str, body: Any = None) -> Any:
        """An answer in JSON."""
        headers = {} if body is None else {"Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        data = self.call(method, path, content, headers)[1]
        with self.understood():
            return json.loads(data)

    @contextlib.contextmanager
    def understood(self) -> Iterator[None]:
        """What is said here of an answer that is not as the contract has it."""
        try:
            yield
        except EngramError:
            raise
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
            raise ServiceError(
                f"{self.address} answers what this package does not understand ({type(error).__name__}: "
                f"{_said(error)}); is it engram serve, of the same release?") from error

    def close(self) -> None:
        """Closes this thread's connection; calls then raise `Closed`."""
        self.is_closed = True
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return Wire, (self.address, self.token, self.timeout, self.ca_file)
