"""A small store that is served, its rows as files on this side, and a plain client for them."""
import os
import resource
import signal
import socket
import struct
import subprocess
import sys

from engram_command import ROOT, Engram, Violation

TABLE = "load/layer1"
PATH = "/v1/tables/load%2Flayer1/rows"
OCTETS = "application/octet-stream"
MISSING = (1 << 64) - 1


class Rows:
    """The rows of a table as the command reads them, without the service."""

    def __init__(self, engram):
        (manifest,) = [line for line in engram.json("memory", "list") if line["name"] == TABLE]
        self.count, self.row_bytes = manifest["rows"], manifest["rowBytes"]
        parts = []
        for first in range(0, self.count, 16_000):
            ids = ",".join(map(str, range(first, min(self.count, first + 16_000))))
            parts.append(engram.must_run("memory", "lookup", TABLE, "--raw", "--rows", ids))
        self.raw = b"".join(parts)
        if len(self.raw) != self.count * self.row_bytes:
            raise Violation(f"{len(self.raw)} bytes of rows, not {self.count * self.row_bytes}")

    def row(self, number):
        if number == MISSING:
            return bytes(self.row_bytes)
        return self.raw[number * self.row_bytes:(number + 1) * self.row_bytes]

    def answer(self, numbers, form="raw"):
        """What has to be answered. The table holds bf16: that is its raw form too."""
        raw = b"".join(map(self.row, numbers))
        if form != "f32":
            return raw
        wide = bytearray(2 * len(raw))
        wide[2::4], wide[3::4] = raw[0::2], raw[1::2]
        return bytes(wide)


def make_store(work, size="24M", binary=None):
    """A made checkpoint's table of bf16 rows that tokens lead to; returns the command on its store."""
    checkpoint, store = os.path.join(work, "checkpoint"), os.path.join(work, "store")
    subprocess.run([sys.executable, os.path.join(ROOT, "Tools/make-checkpoint"), "--family", "qwen-ple",
                    "--size", size, "--dim", "64", "--dtype", "bf16", "--quiet", checkpoint],
                   check=True)
    # Where the command puts scratch files of its own: kills must not fill the system's.
    scratch = os.path.join(work, "scratch")
    os.makedirs(scratch)
    engram = Engram(store, dict(os.environ, TMPDIR=scratch), binary)
    engram.must_run("memory", "import", "--from", checkpoint, "--name", "load")
    return engram


def raise_limit():
    """As many descriptors as may be, here and in what is started from here."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Server:
    """`engram serve`, and what the system says of it. What it logs goes to the file `log`, where one
    is given."""

    def __init__(self, engram, listen, *options, log=None):
        self.process = subprocess.Popen(
            engram.command("serve", "--listen", listen, "--log-level", "error", *options),
            stdout=subprocess.PIPE, stderr=log, text=True, env=engram.environment,
            preexec_fn=os.setpgrp)
        line = self.process.stdout.readline().strip()
        if not line.startswith("listening on "):
            raise Violation(f"engram serve says {line!r}, not where it listens")
        self.address = line.removeprefix("listening on ")

    def connect(self, timeout=30):
        if self.address.startswith("unix:"):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(timeout)
            connection.connect(self.address[5:])
            return connection
        host, port = self.address.rsplit(":", 1)
        return socket.create_connection((host, int(port)), timeout)

    def status(self, field):
        """Bytes of a line of /proc/PID/status: VmRSS, VmHWM, RssAnon."""
        with open(f"/proc/{self.process.pid}/status") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
        raise Violation(f"no {field} of the service")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def must_live(self):
        if self.process.poll() is not None:
            raise Violation(f"the service ended with {self.process.returncode}")

    def stop(self):
        """Ends it in order; its exit code must be 0."""
        self.must_live()
        self.process.terminate()
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Violation("the service does not end within a minute of SIGTERM") from None
        if code != 0:
            raise Violation(f"the service ends with {code}")

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


class Client:
    """One connection that is kept, one request at a time. `headers` are lines that every request has."""

    def __init__(self, server, timeout=30, headers=""):
        self.socket = server.connect(timeout)
        self.headers = headers
        self.rest = b""

    def send(self, method, path, body=b"", content_type=OCTETS):
        head = f"{method} {path} HTTP/1.1\r\nHost: engram\r\n{self.headers}"
        if method == "POST":
            head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        self.socket.sendall(head.encode() + b"\r\n" + body)

    def receive(self):
        """Status, headers by small letters, body."""
        data = bytearray(self.rest)
        while (end := data.find(b"\r\n\r\n")) < 0:
            self._more(data)
        lines = bytes(data[:end]).decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        headers = {name.strip().lower(): value.strip()
                   for name, value in (line.split(":", 1) for line in lines[1:])}
        length = end + 4 + int(headers.get("content-length", "0"))
        while len(data) < length:
            self._more(data)
        self.rest = bytes(data[length:])
        return status, headers, bytes(memoryview(data)[end + 4:length])

    def _more(self, data):
        part = self.socket.recv(1 << 20)
        if not part:
            raise ConnectionError("the service closed the connection")
        data += part

    def ask(self, *request, **options):
        self.send(*request, **options)
        return self.receive()

    def rows(self, numbers, form="raw", query=""):
        """The body of a right answer."""
        status, _, body = self.ask("POST", f"{PATH}?format={form}{query}",
                                   struct.pack(f"<{len(numbers)}Q", *numbers))
        if status != 200:
            raise Violation(f"rows are answered with {status}: {body[:400]}")
        return body

    def close(self):
        self.socket.close()
