#!/usr/bin/env python3
"""Gradients of fusion by PyTorch's autograd in float64, for the golden cases of the Swift tests.

Reads fusion-<case>.safetensors (inputs and weights), draws an upstream gradient from a fixed seed
and writes gradients-<case>.safetensors: `upstream` [T, M, D] and `gradient.<tensor>` of every
weight, of `hidden` and of `rows`, in float32. With --check it compares with the files that are
there instead, to 1e-6 of each tensor's norm.

    Tools/peers/fusion_gradients.py [--check] [Tests/FusionTests/Golden]
"""
import argparse
import json
import pathlib
import struct
import sys

import numpy

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    sys.exit("fusion_gradients: PyTorch is missing (Debian: apt install python3-torch)")

TYPES = {"F32": numpy.float32, "F64": numpy.float64, "U8": numpy.uint8}
PRESETS = ("deepseek-v41", "engram-demo", "qwen-ple")
DILATION = 3


def read(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    body = data[8 + size :]
    return {
        name: numpy.frombuffer(
            body[slice(*entry["data_offsets"])], dtype=TYPES[entry["dtype"]]
        ).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def write(path, arrays):
    header, body = {}, b""
    for name in sorted(arrays):
        array = numpy.ascontiguousarray(arrays[name], dtype=numpy.float32)
        header[name] = {
            "dtype": "F32",
            "shape": list(array.shape),
            "data_offsets": [len(body), len(body) + array.nbytes],
        }
        body += array.tobytes()
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def rms(x, epsilon):
    return x / torch.sqrt(x.square().mean(-1, keepdim=True) + epsilon)


def gates(keys, queries):
    dot = (keys * queries).sum(-1) / keys.shape[-1] ** 0.5
    return torch.sigmoid(torch.sign(dot) * torch.sqrt(dot.abs().clamp_min(1e-6)))


def convolved(values, norm, taps, epsilon):
    """silu of the causal depthwise convolution of values [T, M, D]."""
    tokens, branches, width = values.shape
    inputs = (rms(values, epsilon) * norm.view(branches, width)).reshape(tokens, -1).t()
    reach = (taps.shape[-1] - 1) * DILATION
    sums = F.conv1d(
        F.pad(inputs, (reach, 0)).unsqueeze(0),
        taps.reshape(branches * width, 1, -1),
        groups=branches * width,
        dilation=DILATION,
    )
    return F.silu(sums[0].t().reshape(tokens, branches, width))


def fused(preset, w, hidden, rows, mask):
    tokens, branches, width = hidden.shape
    if preset == "deepseek-v41":
        both = (rows @ w["wkv"].t()).view(tokens, branches + 1, width)
        gate = gates(
            rms(both[:, :branches], 1e-20) * w["k_weight"], rms(hidden, 1e-20) * w["q_weight"]
        )
        return hidden + (gate * mask.unsqueeze(-1)).unsqueeze(-1) * both[:, branches:]
    if preset == "engram-demo":
        keys = torch.einsum("te,mde->tmd", rows, w["key_weight"]) + w["key_bias"]
        gate = gates(
            rms(keys, 2.0**-23) * w["key_norm"], rms(hidden, 2.0**-23) * w["query_norm"]
        )
        value = rows @ w["value_weight"].t() + w["value_bias"]
        norm, taps, epsilon = w["conv_norm"], w["conv_weight"], 1e-5
    else:
        keys = (rows @ w["key_proj"].t()).view(tokens, branches, width)
        gate = gates(
            rms(keys, 1e-6) * (1 + w["norm_key"]).view(branches, width),
            rms(hidden, 1e-6) * (1 + w["norm_query"]).view(branches, width),
        )
        value = rows @ w["value_proj"].t()
        norm, taps, epsilon = 1 + w["norm_conv"], w["conv1d"], 1e-6
    values = (gate * mask.unsqueeze(-1)).unsqueeze(-1) * value.unsqueeze(1)
    return hidden + values + convolved(values, norm, taps, epsilon)


def gradients(preset, tensors, seed):
    leaves = {
        name: torch.tensor(array.astype(numpy.float64), requires_grad=True)
        for name, array in tensors.items()
        if name != "token_mask" and not name.startswith("expected_")
    }
    hidden = leaves["hidden"]
    rows = leaves["rows"].reshape(hidden.shape[0], -1)
    mask = torch.tensor(tensors.get("token_mask", numpy.ones(len(hidden))) != 0)
    output = fused(preset, leaves, hidden, rows, mask.double())
    worst = (output.detach().numpy() - tensors["expected_output"]).__abs__().max()
    if worst > 1e-9:
        sys.exit(f"fusion_gradients: {preset}: forward differs from the golden case by {worst}")
    upstream = numpy.random.default_rng(seed).uniform(-1, 1, hidden.shape).astype(numpy.float32)
    output.backward(torch.tensor(upstream.astype(numpy.float64)))
    result = {f"gradient.{name}": leaf.grad.numpy() for name, leaf in leaves.items()}
    return result | {"upstream": upstream}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("folder", nargs="?", default="Tests/FusionTests/Golden", type=pathlib.Path)
    options = parser.parse_args()
    paths = sorted(options.folder.glob("fusion-*.safetensors"))
    if not paths:
        sys.exit(f"fusion_gradients: no golden case in {options.folder}; name the folder")
    for seed, path in enumerate(paths):
        case = path.stem.removeprefix("fusion-")
        preset = next(preset for preset in PRESETS if case.startswith(preset))
        found = gradients(preset, read(path), seed)
        target = options.folder / f"gradients-{case}.safetensors"
        if not options.check:
            write(target, found)
            continue
        kept = read(target)
        if set(kept) != set(found):
            sys.exit(f"fusion_gradients: {target} holds {sorted(kept)}, not {sorted(found)}")
        for name, array in found.items():
            error = numpy.linalg.norm(kept[name] - array) / max(numpy.linalg.norm(array), 1e-30)
            if not error <= 1e-6:
                sys.exit(f"fusion_gradients: {target}: {name} differs by {error:.2e}")
    what = "agree with" if options.check else "written from"
    print(f"{len(paths)} files of gradients {what} PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
