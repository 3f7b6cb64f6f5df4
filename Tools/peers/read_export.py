#!/usr/bin/env python3
"""Reads what `engram dataset export` wrote with the readers of the projects whose formats it uses,
and prints a JSON line a sample, bytes in Base64, arrays as {"dtype", "values"}.

  read_export.py mds FOLDER           MosaicML: streaming.StreamingDataset
  read_export.py webdataset FOLDER    webdataset.WebDataset, its own decoders
  read_export.py megatron PATH        Megatron-LM: megatron.core.datasets.indexed_dataset

Runs in .cache/peers (Tools/setup readers).
"""
import base64
import glob
import json
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "shim"))


def mds(path):
    import foreign

    streaming = foreign.streaming()
    streaming.base.util.clean_stale_shared_memory()
    dataset = streaming.StreamingDataset(local=path, batch_size=1, shuffle=False)
    by_number = [dataset[number] for number in range(len(dataset))]
    in_order = list(dataset)
    assert len(in_order) == len(by_number), "an epoch has another number of samples"
    for number, (first, second) in enumerate(zip(by_number, in_order)):
        assert shown(first) == shown(second), f"sample {number} differs by number and in order"
    return by_number


def webdataset(path):
    import webdataset as wds

    shards = sorted(glob.glob(os.path.join(glob.escape(path), "*.tar")))
    # Plain pickles, PyTorch files and the like are nothing that we write: only these are decoded.
    dataset = wds.WebDataset(shards, shardshuffle=False, empty_check=False).decode()
    return [{name: value for name, value in sample.items() if not name.startswith("__")}
            for sample in dataset]


def megatron(path):
    import foreign

    dataset = foreign.megatron_indexed_dataset().IndexedDataset(path)
    assert list(dataset.document_indices) == list(range(len(dataset) + 1)), "documents"
    # Copies: the arrays lie in a mapping that ends with the dataset.
    return [{"tokens": dataset[number].copy()} for number in range(len(dataset))]


def shown(value):
    if isinstance(value, dict):
        return {name: shown(part) for name, part in value.items()}
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, np.ndarray):
        return {"dtype": str(value.dtype), "values": value.tolist()}
    return value


def main():
    readers = {"mds": mds, "webdataset": webdataset, "megatron": megatron}
    if len(sys.argv) != 3 or sys.argv[1] not in readers:
        sys.exit(__doc__)
    for sample in readers[sys.argv[1]](sys.argv[2]):
        print(json.dumps(shown(sample)))


if __name__ == "__main__":
    main()
