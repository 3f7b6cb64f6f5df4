"""Engram's context store through its C library: one namespace, one prompt, a block a value."""
import concurrent.futures
import ctypes
import json
import os
import shutil

import numpy as np

from context import values

TOKENS = values.BLOCK_TOKENS
LAYOUT = {"name": "state", "layers": values.LAYERS, "row_bytes": values.ROW_BYTES, "dtype": "uint8",
          "tokens_per_row": 1}
Handle, Size, Address = ctypes.c_uint64, ctypes.c_size_t, ctypes.c_void_p


class Blocks(ctypes.Structure):
    _fields_ = [("tokens", Address), ("token_count", Size), ("keys", Address), ("key_count", Size)]


class Part(ctypes.Structure):
    _fields_ = [("group", ctypes.c_char_p), ("bytes", Address), ("byte_count", Size)]


class PutResult(ctypes.Structure):
    _fields_ = [("stored", Handle), ("present", Handle), ("refused", Handle)]


class Read(ctypes.Structure):
    _fields_ = [("prefix", Handle), ("group", ctypes.c_char_p), ("first_layer", Size),
                ("layer_count", Size), ("first_block", Size), ("block_count", Size),
                ("out", Address), ("out_bytes", Size), ("delivered", Size)]


class Context:
    """An open store and its one namespace; every call raises what the library says."""

    def __init__(self, library, folder, sources, layout=LAYOUT, mode="writing"):
        self.library = library
        library.engram_last_error.restype = ctypes.c_char_p
        self.context, self.space, self.prefix = Handle(), Handle(), None
        self.tokens = np.random.default_rng(3).integers(0, 1 << 17, len(sources) * TOKENS).astype(
            np.int32)
        self.blocks = Blocks(self.tokens.ctypes.data, len(self.tokens), None, 0)
        self.layout = layout
        self.call("open", folder.encode(), json.dumps({"mode": mode}).encode(),
                  ctypes.byref(self.context))
        about = {"model": "m", "revision": "r", "tokenizer": "t", "salt": "", "block_tokens": TOKENS,
                 "groups": [layout]}
        self.call("space_open", self.context, json.dumps(about).encode(), None,
                  ctypes.byref(self.space))

    def call(self, name, *arguments):
        if getattr(self.library, "engram_context_" + name)(*arguments) != 0:
            raise OSError(self.library.engram_last_error().decode())

    def put(self, how, sources, batch):
        """Puts all values, `batch` blocks a call."""
        size, result = sources[0].nbytes, PutResult()
        for start in range(0, len(sources), batch):
            count = min(batch, len(sources) - start)
            part = Part(self.layout["name"].encode(), sources[start].ctypes.data, count * size)
            self.call("put_" + how, self.space, self.blocks, Size(start), Size(count),
                      ctypes.byref(part), Size(1), ctypes.byref(result))
            if result.stored != count:
                raise OSError(f"{result.stored} of {count} blocks were stored")

    def lookup(self, blocks=None):
        """Looks a prompt up, the whole one where none is named; returns how many blocks are there."""
        self.prefix, count = Handle(), Size()
        self.call("lookup", self.space, blocks or self.blocks, ctypes.byref(self.prefix), ctypes.byref(count))
        return count.value

    def get(self, out, batch, threads=1):
        """Looks the prompt up and gets all its blocks, `batch` a call."""
        if self.lookup() != len(out):
            raise OSError("not every block was found")

        def one(start):
            place = out[start:start + batch]
            if self.read(place, start) != len(place):
                raise OSError("not every block was delivered")

        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, range(0, len(out), batch)))
        self.end()

    def read(self, out, first):
        """Gets as many blocks of the prompt as `out` has room for; returns how many were delivered."""
        read = Read(self.prefix, self.layout["name"].encode(), 0, self.layout["layers"], first,
                    len(out), out.ctypes.data, out.nbytes, 0)
        self.call("get", ctypes.byref(read), Size(1))
        return read.delivered

    def gather(self, layer, rows, out):
        self.call("gather", self.prefix, self.layout["name"].encode(), Size(layer),
                  Address(rows.ctypes.data), Size(len(rows)), Address(out.ctypes.data),
                  Size(out.nbytes))

    def end(self):
        self.call("prefix_close", self.prefix)

    def close(self):
        self.call("space_close", self.space)
        self.call("close", self.context)


class Store:
    def __init__(self, folder, sources, library):
        self.title = "Engram"
        self.library = ctypes.CDLL(library)
        self.folder, self.sources = folder, sources
        self.out = values.empty(len(sources))
        self.rows = None

    def fresh(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        return Context(self.library, self.folder, self.sources)

    def round(self):
        figures, wrong = {}, 0
        for form, batch in (("one at a time", 1), ("16 blocks a call", 16)):
            for how in ("relaxed", "durable"):
                context = self.fresh()
                figures[f"{form}: put, {how}"] = values.seconds(
                    context.put, how, self.sources, batch)
                if how == "relaxed":
                    context.close()
            for state in ("warm", "cold"):
                if state == "cold":
                    context.close()
                    values.drop(self.folder)
                    context = Context(self.library, self.folder, self.sources, mode="reading")
                figures[f"{form}: get, {state}"] = values.seconds(context.get, self.out, batch)
                wrong += values.wrong(self.out, self.sources)
                if state == "warm" and batch > 1:
                    figures[f"{form}, 2 threads: get, warm"] = values.seconds(
                        context.get, self.out, batch, 2)
                    wrong += values.wrong(self.out, self.sources)
            context.close()
        shutil.rmtree(self.folder)
        if self.rows is None:
            from context.engram_rows import Rows
            self.rows = Rows(self.library, self.folder + ".rows", self.sources)
        rates, other = self.rows.round()
        return {**figures, **rates}, wrong + other

    def flips(self):
        """Flips a bit in every 2 MiB of the data, every block a prompt of its own: {what: [values
        returned as right that are wrong, all]}."""
        context = self.fresh()
        keys = np.random.default_rng(9).integers(0, 256, (len(self.sources), 32), np.uint8)
        alone = [Blocks(None, 0, key.ctypes.data, 1) for key in keys]
        for blocks, value in zip(alone, self.sources):
            context.blocks = blocks
            context.put("relaxed", value[None], 1)
        context.close()
        for path in values.files(self.folder):
            if path.endswith(".data"):
                for number in range(os.path.getsize(path) // values.VALUE_BYTES):
                    values.flip(path, number * values.VALUE_BYTES + number * 1037449 % values.VALUE_BYTES)
        context = Context(self.library, self.folder, self.sources, mode="reading")
        bad = 0
        for number, blocks in enumerate(alone):
            place = self.out[number:number + 1]
            if context.lookup(blocks) == 1 and context.read(place, 0) == 1:
                bad += not np.array_equal(place[0], self.sources[number])
            context.end()
        context.close()
        shutil.rmtree(self.folder)
        return {"Engram": [bad, len(self.sources)]}

    def close(self):
        shutil.rmtree(self.folder + ".rows", ignore_errors=True)
