"""LMCache's L2 adapters `fs` and `fs_native`, driven as its own `lmcache bench l2` drives them:
tasks are submitted, an event descriptor says when they have finished.

The published modules ask for CUDA and for a newer PyTorch than Debian's by name only: nothing of
either is called by these adapters. `lmcache bench l2` itself asks for more, and can't be run.
"""
import os
import select
import shutil

from context import values

# Debian's libraries of PyTorch, under the names that LMCache's modules look for.
ENVIRONMENT = {"LD_LIBRARY_PATH": "/usr/lib/python3/dist-packages/torch/lib",
               "LMCACHE_DISABLE_BANNER": "1"}


def prepare():
    """Names the number types that Debian's PyTorch lacks, so that LMCache's lists can be made."""
    import torch
    for name in ("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "uint16",
                 "uint32", "uint64"):
        if not hasattr(torch, name):
            setattr(torch, name, torch.quint8)


class Store:
    def __init__(self, folder, sources, _):
        prepare()
        import importlib.metadata
        self.title = "LMCache " + importlib.metadata.version("lmcache")
        self.folder = folder
        self.sources = sources
        self.out = values.empty(len(sources))
        self.puts = [self.memory_object(row) for row in sources]
        self.gets = [self.memory_object(row) for row in self.out]
        self.keys = [self.key(number) for number in range(len(sources))]

    def memory_object(self, row):
        import numpy
        import torch
        from lmcache.v1.memory_management import MemoryFormat, MemoryObjMetadata, TensorMemoryObj
        # Only the number of bytes of a number is asked of the type.
        about = MemoryObjMetadata(
            shape=torch.Size([len(row)]), dtype=numpy.dtype(numpy.uint8), address=0,
            phy_size=len(row), fmt=MemoryFormat.KV_2LTD, ref_count=1)
        return TensorMemoryObj(torch.from_numpy(row), about, None)

    def key(self, number):
        from lmcache.v1.distributed.api import ObjectKey
        return ObjectKey(chunk_hash=number.to_bytes(16, "big"), model_name="model", kv_rank=0)

    def adapter(self, **settings):
        from lmcache.v1.distributed.l2_adapters import create_l2_adapter
        from lmcache.v1.distributed.l2_adapters.config import parse_args_to_l2_adapters_config
        import argparse
        import json
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        text = json.dumps({"base_path": self.folder, **settings})
        config = parse_args_to_l2_adapters_config(argparse.Namespace(l2_adapter=[text]))
        return create_l2_adapter(config.adapters[0], l1_memory_desc=None)

    def wait(self, descriptor, done):
        """Waits until `done` says so, asking whenever the descriptor has something."""
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while True:
            if not poll.poll(120_000):
                raise TimeoutError("an LMCache task took more than two minutes")
            os.read(descriptor, 8)
            if done():
                return

    def put(self, adapter, batch, in_flight):
        """Stores all values, `batch` a task; waits when `in_flight` tasks are under way."""
        pending = set()

        def done():
            for task, result in adapter.pop_completed_store_tasks().items():
                if not result.is_successful():
                    raise OSError("LMCache did not store a value")
                pending.discard(task)
            return len(pending) < in_flight

        for start in range(0, len(self.keys), batch):
            pending.add(adapter.submit_store_task(
                self.keys[start:start + batch], self.puts[start:start + batch]))
            if len(pending) == in_flight:
                self.wait(adapter.get_store_event_fd(), done)
        while pending:
            self.wait(adapter.get_store_event_fd(), done)

    def get(self, adapter, batch, in_flight):
        """Loads all values; returns which were said to be there."""
        pending, found = {}, set()

        def done():
            for task, start in list(pending.items()):
                bitmap = adapter.query_load_result(task)
                if bitmap is not None:
                    del pending[task]
                    found.update(
                        n for n in range(start, min(start + batch, len(self.keys)))
                        if bitmap.test(n - start))
            return len(pending) < in_flight

        for start in range(0, len(self.keys), batch):
            pending[adapter.submit_load_task(
                self.keys[start:start + batch], self.gets[start:start + batch])] = start
            if len(pending) == in_flight:
                self.wait(adapter.get_load_event_fd(), done)
        while pending:
            self.wait(adapter.get_load_event_fd(), done)
        return found

    FORMS = (("fs, one at a time", {"type": "fs"}, 1, 1),
             ("fs, 4 tasks at a time", {"type": "fs"}, 16, 4),
             ("fs_native, one at a time", {"type": "fs_native", "num_workers": 1}, 1, 1),
             ("fs_native, 4 workers", {"type": "fs_native", "num_workers": 4}, 64, 2))

    def round(self):
        figures, wrong = {}, 0
        for name, settings, batch, in_flight in self.FORMS:
            adapter = self.adapter(**settings)
            put = values.seconds(self.put, adapter, batch, in_flight)
            figures[f"{name}: put, not synced"] = put
            figures[f"{name}: get, warm"] = values.seconds(self.get, adapter, batch, in_flight)
            wrong += values.wrong(self.out, self.sources)
            figures[f"{name}: put, then fsync of its files"] = put + values.seconds(
                values.sync, self.folder)
            values.drop(self.folder)
            figures[f"{name}: get, cold"] = values.seconds(self.get, adapter, batch, in_flight)
            wrong += values.wrong(self.out, self.sources)
            adapter.close()
        shutil.rmtree(self.folder)
        return figures, wrong

    def flips(self):
        """Flips one bit of every stored file: {what: [values returned as right that are wrong, all]}."""
        answers = {}
        for kind in ("fs", "fs_native"):
            adapter = self.adapter(type=kind)
            self.put(adapter, 16, 1)
            for number, path in enumerate(sorted(values.files(self.folder))):
                values.flip(path, number * 7919 * 131 % values.VALUE_BYTES)
            found = self.get(adapter, 16, 1)
            bad = sum(bool((self.out[n] != self.sources[n]).any()) for n in found)
            answers[f"LMCache {kind}"] = [bad, len(self.keys)]
            self.out.fill(255)
            adapter.close()
        shutil.rmtree(self.folder)
        return answers

    def close(self):
        pass
