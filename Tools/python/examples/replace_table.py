#!/usr/bin/env python3
"""Moves the memory of a PyTorch model out of its process: from a torch.nn.Embedding into a store.

  python Tools/python/examples/replace_table.py --engram .build/release/engram

Makes a small model, writes its table as a checkpoint has it (safetensors), imports it with
`engram memory import`, puts `EngramRows` in the Embedding's place and compares the outputs, bit by bit.
Nothing but the marked line changes in the model.
"""
from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import torch

import engramstore as es
from engramstore.torch import EngramRows
from small_model import NgramModel


def save_table(weight: torch.Tensor, folder: Path) -> None:
    """One tensor of bfloat16 as a safetensors file."""
    data = weight.detach().to(torch.bfloat16).view(torch.int16).numpy().tobytes()
    header = json.dumps({"memory.weight": {
        "dtype": "BF16", "shape": list(weight.shape), "data_offsets": [0, len(data)]}}).encode()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + data)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engram", default="engram", help="the command (default: on PATH)")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        torch.manual_seed(7)
        model = NgramModel(vocabulary=1000, rows=options.rows).eval()
        # Tables are published in bfloat16: the model computes with the same numbers.
        model.memory.weight.data = model.memory.weight.data.bfloat16().float()
        token_ids = torch.randint(0, 1000, (4, 128))
        with torch.no_grad():
            before = model(token_ids)

        save_table(model.memory.weight, folder / "checkpoint")
        store = str(folder / "store")
        subprocess.run([options.engram, "memory", "import", "--from", str(folder / "checkpoint"), "--name",
                        "memory", "--tensor", "memory.weight", "--store", store], check=True)

        table = es.open(store).table("memory")
        model.memory = EngramRows(table)                                        # the line that changes
        model.memory.prefetch(model.ngrams(token_ids))                          # and one that saves waiting
        with torch.no_grad():
            after = model(token_ids)
    if not torch.equal(before, after):
        raise SystemExit(f"outputs differ by up to {(before - after).abs().max().item()}")
    held = options.rows * table.dimension * 4
    print(f"{token_ids.numel()} tokens: the same outputs, bit by bit; {held:,} bytes less in the process")


if __name__ == "__main__":
    main()
