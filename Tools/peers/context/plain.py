"""What the hardware does without a store: fio on a file of the same size, copies of memory, rows
gathered out of a flat file that is mapped."""
import ctypes
import json
import os
import shutil
import subprocess
import tempfile

import numpy as np

from context import values

GATHER = """
#include <stdint.h>
#include <string.h>
void gather(char *out, const char *rows, const int64_t *ids, int64_t count, int64_t bytes) {
  for (int64_t i = 0; i < count; i++) memcpy(out + i * bytes, rows + ids[i] * bytes, bytes);
}
"""
ROWS, ROW_BYTES, TAKEN = 1_000_000, 656, 2048


class Store:
    def __init__(self, folder, sources, _):
        self.title = "without a store"
        self.folder, self.sources = folder, sources
        self.out = values.empty(len(sources))
        os.makedirs(folder, exist_ok=True)
        self.file = os.path.join(folder, "fio")
        self.rows = np.memmap(os.path.join(folder, "rows"), np.uint8, "w+", shape=(ROWS, ROW_BYTES))
        piece = sources.reshape(-1)
        for start in range(0, self.rows.size, piece.size):
            part = self.rows.reshape(-1)[start:start + piece.size]
            part[:] = piece[:part.size]
        self.random = np.random.default_rng(5)
        self.gather = self.compiled()

    def compiled(self):
        """The plain loop in C; None without a compiler."""
        compiler = shutil.which("clang") or shutil.which("cc")
        if compiler is None:
            return None
        with tempfile.TemporaryDirectory() as place:
            library = os.path.join(place, "gather.so")
            subprocess.run([compiler, "-O3", "-march=native", "-shared", "-fPIC", "-x", "c", "-",
                            "-o", library], input=GATHER, text=True, check=True)
            return ctypes.CDLL(library).gather

    def fio(self, rw, block, **settings):
        """Seconds that fio's job took, its fsync included, and how many blocks it read or wrote."""
        if rw == "write" and os.path.exists(self.file):
            os.unlink(self.file)
        job = {"name": "job", "filename": self.file, "rw": rw, "bs": block,
               "size": self.sources.nbytes, "invalidate": 1, "randrepeat": 0, "output-format": "json",
               **settings}
        text = subprocess.run(["fio", *(f"--{name}={value}" for name, value in job.items())],
                              stdout=subprocess.PIPE, check=True, text=True).stdout
        report = json.loads(text[text.index("{"):])["jobs"][0]
        side = report["write" if rw == "write" else "read"]
        return report["job_runtime"] / 1e3, side["total_ios"]

    def round(self):
        figures = {}
        if shutil.which("fio"):
            figures["fio: sequential write, 2 MiB, fsync at the end"] = self.fio(
                "write", "2m", ioengine="psync", end_fsync=1)[0]
            figures["fio: sequential read, 2 MiB, cold"] = self.fio("read", "2m", ioengine="psync")[0]
            for depth, engine in ((1, "psync"), (8, "io_uring")):
                direct = {"ioengine": engine, "iodepth": depth, "direct": 1}
                figures[f"fio: sequential write, 2 MiB, direct, depth {depth}"] = self.fio(
                    "write", "2m", end_fsync=1, **direct)[0]
                figures[f"fio: sequential read, 2 MiB, direct, depth {depth}"] = self.fio(
                    "read", "2m", **direct)[0]
            seconds, blocks = self.fio("randread", "4k", ioengine="io_uring", iodepth=64, direct=1,
                                       runtime=2)
            figures["fio: random reads of 4 KiB, depth 64#reads/s"] = blocks / seconds
            os.unlink(self.file)
        figures["memory: numpy.copyto"] = values.seconds(self.copy)
        figures["memory: memcpy"] = values.seconds(
            ctypes.memmove, self.out.ctypes.data, self.sources.ctypes.data, self.out.nbytes)
        wrong = values.wrong(self.out, self.sources)
        return {**figures, **self.gathers()}, wrong

    def copy(self):
        for out, value in zip(self.out, self.sources):
            np.copyto(out, value)

    def gathers(self):
        """Rows a second: 2,048 random ones of a million, warm, a fresh choice a call."""
        calls, out = 60, np.empty((TAKEN, ROW_BYTES), np.uint8)
        self.rows[::6].sum()  # every page is in memory and mapped
        choices = self.random.integers(0, ROWS, (calls, TAKEN))

        def take():
            for ids in choices:
                np.take(self.rows, ids, axis=0, out=out, mode="clip")

        def loop():
            for ids in choices:
                self.gather(*(ctypes.c_void_p(array.ctypes.data) for array in (out, self.rows, ids)),
                            ctypes.c_int64(TAKEN), ctypes.c_int64(ROW_BYTES))

        what = f"a flat file, mapped: {TAKEN} random rows of {ROW_BYTES} bytes of a million, warm, "
        rates = {what + "numpy.take#rows/s": calls * TAKEN / values.seconds(take)}
        if self.gather is not None:
            rates[what + "a loop in C#rows/s"] = calls * TAKEN / values.seconds(loop)
        return rates

    def close(self):
        shutil.rmtree(self.folder)
