"""Requests that no client should send, and a client that goes on asking while others send them."""
import ctypes
import itertools
import mmap
import os
import random
import signal
import socket
import struct
import time

from engram_command import Violation
from served_rows import PATH, Client


def post_octets(head, body=b"", path=PATH):
    """A POST of bytes with more lines in its head."""
    return f"POST {path} HTTP/1.1\r\nHost: e\r\nContent-Type: application/octet-stream\r\n{head}\r\n" \
        .encode("latin-1") + body


def refused_requests(headers=""):
    """What must be refused with a status of 400 to 499 or closed without a word, by what it is; never
    answered with 2xx. `headers` are lines that a well-formed request has, too."""
    number = struct.pack("<Q", 1)

    def post(head, body, path=PATH):
        return post_octets(headers + head, body, path)

    get = f"GET /v1/tables HTTP/1.1\r\nHost: e\r\n{headers}".encode()
    refused = {
        "a TLS hello": bytes.fromhex("16030100c8010000c40303") + bytes(range(200)),
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "an unknown version": b"GET /healthz HTTP/9.9\r\n\r\n",
        "a method of signs": b"\x01\x02\x03 /healthz HTTP/1.1\r\nHost: e\r\n\r\n",
        "a NUL in a header": get + b"X: a\0b\r\n\r\n",
        "a header without a colon": get + b"nothing\r\n\r\n",
        "a space before the colon": post("Content-Length : 8\r\n", number),
        "a header of 64 KB": post("X-Much: " + "a" * 65_536 + "\r\n", number),
        "10,000 headers": post("".join(f"x{n}: y\r\n" for n in range(10_000)), number),
        "a path of 100 KB": post("Content-Length: 8\r\n", number, "/" + "p" * 100_000),
        "two lengths": post("Content-Length: 8\r\nContent-Length: 40\r\n", number),
        "two lengths in one": post("Content-Length: 8, 40\r\n", number),
        "a length and chunks": post(
            "Content-Length: 8\r\nTransfer-Encoding: chunked\r\n",
            b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: e\r\n\r\n"),
        "chunks and a length": post(
            "Transfer-Encoding: chunked\r\nContent-Length: 8\r\n",
            b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: e\r\n\r\n"),
        "chunks under another name": post(
            "Transfer-Encoding: xchunked\r\nContent-Length: 8\r\n", number),
        "chunks twice": post(
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"8\r\n" + number),
        "chunks without digits": post("Transfer-Encoding: chunked\r\n", b"zz\r\n" + number),
        "a chunk of 2^64 bytes": post(
            "Transfer-Encoding: chunked\r\n", b"10000000000000000\r\n" + number),
        "a negative chunk": post("Transfer-Encoding: chunked\r\n", b"-8\r\n" + number),
    }
    for length in ("-1", "-8", "+8", "8x", "x8", "0x8", "1e3", "8.0", "99999999999999999999",
                   "18446744073709551624", "9223372036854775807", ""):
        refused[f"length {length!r}"] = post(f"Content-Length: {length}\r\n", number)
    return refused


class Healthy:
    """A client of another process that asks for 256 rows again and again and notes how long it took.

    - headers: what its requests have beside the usual.
    - may_be_refused: whether 503 with Retry-After is a right answer, too; it is counted.
    """

    MOST = 1 << 17

    def __init__(self, server, rows, headers="", may_be_refused=False):
        self.headers, self.may_be_refused = headers, may_be_refused
        self.times = mmap.mmap(-1, 8 * (self.MOST + 2))
        self.cells = (ctypes.c_double * (self.MOST + 2)).from_buffer(self.times)
        self.words = mmap.mmap(-1, 1000)
        parent = os.getpid()
        self.child = os.fork()
        if self.child == 0:
            try:
                self.work(server, rows, parent)
            except BaseException as error:
                text = f"{type(error).__name__}: {error}".encode()[:999]
                self.words[:len(text)] = text
            finally:
                os._exit(1)

    def work(self, server, rows, parent):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if os.getppid() != parent:
            return
        choose = random.Random(1)
        client = Client(server, headers=self.headers)
        # Beyond the last cell the first is used again: no run is too long.
        for count in itertools.count():
            numbers = [choose.randrange(rows.count) for _ in range(256)]
            answer = rows.answer(numbers)
            start = time.perf_counter()
            status, headers, body = client.ask("POST", PATH + "?format=raw",
                                               struct.pack("<256Q", *numbers))
            if self.may_be_refused and status == 503 and "retry-after" in headers:
                self.cells[1] += 1
                time.sleep(0.05)
            elif status != 200:
                raise Violation(f"the healthy client is answered with {status}: {body[:400]}")
            elif body != answer:
                raise Violation("the healthy client got wrong rows")
            self.cells[2 + count % self.MOST] = time.perf_counter() - start
            self.cells[0] = count + 1
            time.sleep(0.004)

    @property
    def done(self):
        """Answers."""
        return int(self.cells[0])

    @property
    def refused(self):
        """Those of them that were refusals."""
        return int(self.cells[1])

    def must_live(self):
        if self.child and os.waitpid(self.child, os.WNOHANG)[0]:
            self.child = None
        if not self.child:
            raise Violation(f"the healthy client failed: {self.words[:].rstrip(bytes(1)).decode()}")

    def since(self, first):
        """p50 and p99 in milliseconds of the answers from `first` on."""
        self.must_live()
        times = sorted(self.cells[2 + number % self.MOST]
                       for number in range(max(first, self.done - self.MOST), self.done))
        if not times:
            raise Violation("the healthy client was not answered at all")
        return 1e3 * times[len(times) // 2], 1e3 * times[len(times) * 99 // 100]

    def stop(self):
        if self.child:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
            self.child = None


def answer_to(server, data, wait=3.0, is_ended=False):
    """What comes back for some bytes: everything until the service closes or says no more, and whether
    it closed."""
    connection = server.connect(wait)
    try:
        try:
            connection.sendall(data)
            if is_ended:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        got = b""
        while True:
            try:
                part = connection.recv(1 << 16)
            except TimeoutError:
                return got, False
            except OSError:
                return got, True
            if not part:
                return got, True
            got += part
    finally:
        connection.close()
