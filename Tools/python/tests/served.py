"""A service for tests."""
from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import engramstore as es

from made_store import engram_binary


class Served:
    """`engram serve` over the store, at a Unix socket."""

    def __init__(self, made, folder: Path, *options: str) -> None:
        self.socket = str(folder / "socket")
        self.command = [engram_binary(), "serve", "--store", made.path, "--listen", "unix:" + self.socket,
                        "--log-level", "warning", *options]
        self.start()

    @property
    def address(self) -> str:
        return "unix:" + self.socket

    def start(self) -> None:
        self.process = subprocess.Popen(self.command)
        deadline = time.monotonic() + 60
        while True:
            assert self.process.poll() is None, "the service ended"
            try:
                es.connect(self.address, token=os.environ.get("TOKEN")).listing()
                return
            except es.ServiceError as error:
                if error.http_status == 401:
                    return
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def kill(self, number: int = signal.SIGKILL) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)
