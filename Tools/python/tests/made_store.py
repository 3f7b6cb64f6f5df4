"""A small store with one of everything, made by the command."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]


def engram_binary() -> str:
    named = os.environ.get("ENGRAM_BINARY")
    if named:
        return named
    built = [ROOT / ".build" / kind / "engram" for kind in ("release", "debug")]
    built = [path for path in built if path.exists()]
    assert built, "no engram in .build; run: swift build --product engram"
    return str(max(built, key=lambda path: path.stat().st_mtime))


class Made:
    """A store and what was put into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = str(folder / "store")

    def run(self, *arguments: str, **options: object) -> str:
        done = subprocess.run(
            [engram_binary(), *arguments, "--store", self.path], capture_output=True, text=True, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def write_checkpoint(self, name: str, rows: int, dimension: int, seed: int) -> np.ndarray:
        """A folder with one tensor of bfloat16 rows; gives their bits."""
        bits = np.random.default_rng(seed).integers(0, 0x7F00, (rows, dimension), dtype=np.uint16)
        header = json.dumps({"embedding.weight": {
            "dtype": "BF16", "shape": [rows, dimension], "data_offsets": [0, bits.nbytes]}}).encode()
        folder = self.folder / name
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(
            len(header).to_bytes(8, "little") + header + bits.tobytes())
        return bits

    def publish_plain(self, seed: int) -> np.ndarray:
        bits = self.write_checkpoint(f"plain{seed}", 5000, 48, seed)
        self.run("memory", "import", "--from", str(self.folder / f"plain{seed}"), "--name", "plain",
                 "--tensor", "embedding.weight")
        return bits


def make_store(folder: Path) -> Made:
    made = Made(folder)
    model = folder / "model"
    subprocess.run(
        [sys.executable, str(ROOT / "Tools/make-checkpoint"), "--family", "deepseek-v4.1", "--base",
         "1000", "--dim", "64", "--layers", "1", "--quiet", str(model)], check=True)
    shutil.copy(ROOT / ".cache/tokenizer/tokenizer.json", model)
    made.run("memory", "import", "--from", str(model), "--name", "deepseek")
    made.plain = made.publish_plain(1)
    made.texts = [f"Document {number} says that number{number} keeps pages. " * (1 + number % 5)
                  for number in range(400)]
    lines = [json.dumps({"id": f"d{number}", "text": text, "part": str(number % 4)})
             for number, text in enumerate(made.texts)]
    (folder / "documents.jsonl").write_text("\n".join(lines) + "\n")
    made.run("ingest", str(folder / "documents.jsonl"), "--dataset", "documents")
    made.run("index", "build", "documents")
    made.run("dataset", "tokenize", "documents", "--tokenizer", str(model / "tokenizer.json"), "--as",
             "tokens")
    made.run("dataset", "tokenize", "documents", "--tokenizer", str(model / "tokenizer.json"), "--as",
             "packed", "--pack", "16", "--eos", "1")
    made.tokenizer = str(model / "tokenizer.json")
    return made
