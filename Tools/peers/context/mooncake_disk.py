"""Mooncake's SSD tier: values leave memory for files of several values each, and come back from there."""
import os
import shutil
import time

from context import values

BUCKET = 8  # values a file


def flips(store, sources, out):
    """Puts the values, waits until they are in files and other values have taken their place in
    memory, flips a bit of each and reads them: [values returned as right that are wrong, all]."""
    count = len(sources) // BUCKET * BUCKET
    if count < 4 * BUCKET:
        raise ValueError(f"Mooncake's SSD tier is looked at with {4 * BUCKET} values or more")
    folder = os.path.join(store.folder, "disk")
    os.makedirs(folder)
    os.environ.update(MOONCAKE_OFFLOAD_FILE_STORAGE_PATH=folder, MOONCAKE_OFFLOAD_HEARTBEAT_INTERVAL_SECONDS="1",
                      MOONCAKE_OFFLOAD_BUCKET_KEYS_LIMIT=str(BUCKET))
    pool = (count + count // 4) * values.VALUE_BYTES
    cluster = store.cluster(pool, True, master=["--enable_offload=true"], enable_ssd_offload="true",
                            ssd_offload_path=folder)
    try:
        keys = [f"v{number}" for number in range(count)]
        store.put(cluster.store, keys, 1)
        wait(lambda: len(buckets(folder)) >= count // BUCKET, "Mooncake does not write its files")
        for number in range(3 * count):  # what is refused is refused because others are being evicted
            place = sources[number % len(sources)].ctypes.data
            if cluster.store.put_from(f"other{number}", place, values.VALUE_BYTES) != 0:
                time.sleep(0.02)
        wait(lambda: len(buckets(folder)) >= 3 * count // BUCKET // 2, "Mooncake does not evict")
        for path in buckets(folder):
            for number in range(BUCKET):
                values.flip(path, number * values.VALUE_BYTES + (number + 1) * 131071)
        bad = 0
        for number, key in enumerate(keys):
            place = out[number]
            if cluster.store.get_into(key, place.ctypes.data, len(place)) == len(place):
                bad += bool((place != sources[number]).any())
        out.fill(255)
        return [bad, count]
    finally:
        cluster.close()
        shutil.rmtree(folder)


def buckets(folder):
    """The files of values; one that is being written is not counted."""
    return [path for path in values.files(folder)
            if path.endswith(".bucket") and os.path.getsize(path) >= BUCKET * values.VALUE_BYTES]


def wait(done, otherwise, within=60):
    end = time.monotonic() + within
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(otherwise)
        time.sleep(0.1)
