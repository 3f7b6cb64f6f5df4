"""Mooncake's store over TCP: its master, a pool of memory, a client. The pool is the client's own
(its bytes are copied within the process) or another process's (they go over TCP, as between the
machines of a cluster). Nothing of it is on a disk, unless its SSD tier is asked for (`flips`)."""
import importlib.metadata
import os
import shutil
import socket
import subprocess
import sys
import time

from context import values

PROGRAMS = os.path.dirname(sys.executable)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """A master with its pool of memory, and a client of it; `settings` go to the client's setup."""

    def __init__(self, pool, own, folder, master=(), **settings):
        rpc, http = free_port(), free_port()
        self.log = open(os.path.join(folder, "mooncake.log"), "a")
        self.processes = []
        self.start("mooncake_master", f"--rpc_port={rpc}", "--rpc_address=127.0.0.1",
                   "--enable_http_metadata_server=true", "--http_metadata_server_host=127.0.0.1",
                   f"--http_metadata_server_port={http}", f"--metrics_port={free_port()}",
                   "--metrics_host=127.0.0.1", "--default_kv_lease_ttl=60000", *master)
        for port in (rpc, http):
            self.reached(port)
        metadata = f"http://127.0.0.1:{http}/metadata"
        if not own:
            port = free_port()
            self.start("mooncake_client", "--host=127.0.0.1", f"--port={port}",
                       f"--metadata_server={metadata}", f"--master_server_address=127.0.0.1:{rpc}",
                       f"--global_segment_size={pool} B", "--protocol=tcp")
            self.reached(port)
        from mooncake.store import MooncakeDistributedStore
        self.store = MooncakeDistributedStore()
        status = self.store.setup({
            "local_hostname": "127.0.0.1", "metadata_server": metadata,
            "global_segment_size": str(pool if own else 0), "local_buffer_size": str(128 << 20),
            "protocol": "tcp", "master_server_addr": f"127.0.0.1:{rpc}",
            **{name: str(value) for name, value in settings.items()}})
        if status != 0:
            self.close()
            raise OSError(f"Mooncake's client answered {status} to setup")

    def start(self, program, *arguments):
        self.processes.append(subprocess.Popen(
            [os.path.join(PROGRAMS, program), *arguments], stdout=self.log, stderr=self.log))

    def reached(self, port, within=20):
        end = time.monotonic() + within
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError(f"Mooncake's process does not listen on port {port}")

    def close(self):
        self.store.close()
        self.store = None  # what it goes on doing needs the master
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


class Store:
    KIND = "no checksums, as by default"
    MOST = 1 << 20  # values a round

    def __init__(self, folder, sources, _):
        version = importlib.metadata.version("mooncake-transfer-engine-non-cuda")
        self.title = f"Mooncake {version} ({self.KIND})"
        self.folder, self.sources = folder, sources
        self.out = values.empty(len(sources))
        os.makedirs(folder, exist_ok=True)
        self.clusters = {}

    def begin(self):
        """Starts both clusters of `round`."""
        pool = self.sources.nbytes + self.sources.nbytes // 4 + (256 << 20)
        self.clusters = {"pool in the process": self.cluster(pool, True),
                         "pool in another process": self.cluster(pool, False)}

    def cluster(self, pool, own, **settings):
        cluster = Cluster(pool, own, self.folder, **settings)
        for array in (self.sources, self.out):
            if cluster.store.register_buffer(array.ctypes.data, array.nbytes) != 0:
                raise OSError("Mooncake did not register a buffer")
        return cluster

    def put(self, store, keys, batch):
        size = values.VALUE_BYTES
        for start in range(0, len(keys), batch):
            some = keys[start:start + batch]
            places = [row.ctypes.data for row in self.sources[start:start + batch]]
            done = [store.put_from(some[0], places[0], size)] if batch == 1 else \
                store.batch_put_from(some, places, [size] * len(some))
            if any(done):
                raise OSError(f"Mooncake answered {min(done)} to put")

    def get(self, store, keys, batch):
        size = values.VALUE_BYTES
        for start in range(0, len(keys), batch):
            some = keys[start:start + batch]
            places = [row.ctypes.data for row in self.out[start:start + batch]]
            done = [store.get_into(some[0], places[0], size)] if batch == 1 else \
                store.batch_get_into(some, places, [size] * len(some))
            if any(count != size for count in done):
                raise OSError(f"Mooncake answered {min(done)} to get")

    def round(self):
        self.begin()
        figures, wrong = {}, 0
        keys = [str(number) for number in range(min(self.MOST, len(self.sources)))]
        scale = len(self.sources) / len(keys)  # a figure is the time of all values
        for name, cluster in self.clusters.items():
            for form, batch in (("one at a time", 1), ("batches of 64", 64)):
                figures[f"{name}, {form}: put, in memory only"] = scale * values.seconds(
                    self.put, cluster.store, keys, batch)
                figures[f"{name}, {form}: get, warm"] = scale * values.seconds(
                    self.get, cluster.store, keys, batch)
                wrong += values.wrong(self.out[:len(keys)], self.sources)
                if cluster.store.remove_all(True) != len(keys):
                    raise OSError("Mooncake did not remove its values")
        self.close()
        return figures, wrong

    def flips(self):
        """Of the SSD tier: {what: [values returned as right that are wrong, all]}."""
        from context import mooncake_disk
        return {f"Mooncake's SSD tier, {self.KIND}":
                mooncake_disk.flips(self, self.sources, self.out)}

    def close(self):
        for cluster in self.clusters.values():
            cluster.close()
        self.clusters = {}
