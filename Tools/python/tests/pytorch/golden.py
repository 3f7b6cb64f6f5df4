"""The golden cases of fusion that the Swift tests use, too."""
from __future__ import annotations

import json

import numpy as np

from made_store import ROOT

FOLDER = ROOT / "Tests/FusionTests/Golden"
FORMS = {"deepseek-v41": "deepseek-v4.1", "engram-demo": "engram-paper", "qwen-ple": "qwen-ple"}
CASES = [f"{form}-{number}" for form in FORMS for number in (1, 2)]
TYPES = {"F32": np.float32, "F64": np.float64, "U8": np.uint8}


def read(name: str) -> dict[str, np.ndarray]:
    data = (FOLDER / f"{name}.safetensors").read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    return {tensor: np.frombuffer(data[8 + size:][slice(*entry["data_offsets"])],
                                  TYPES[entry["dtype"]]).reshape(entry["shape"]).copy()
            for tensor, entry in header.items() if tensor != "__metadata__"}


def form_of(case: str) -> str:
    return FORMS[case.rpartition("-")[0]]
