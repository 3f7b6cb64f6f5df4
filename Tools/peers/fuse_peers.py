#!/usr/bin/env python3
"""Measures fusion in PyTorch on the CPU: what `engram bench fuse --peers` compares with.

Prints one JSON line: {"bench", "what", "value", "unit"}. The modules follow the published rules
with what PyTorch has for each step (linear, conv1d, silu, in inference mode, one linear for all
keys), so they are at least as fast as a straight port of the models' own code.
"""
import argparse
import json
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    sys.exit("fuse_peers: PyTorch is missing (Debian: apt install python3-torch)")

CASES = {"engram-paper": (1024, 4, 1024), "deepseek-v4.1": (5120, 4, 6144)}


def root(gate):
    return gate.sign() * gate.abs().clamp_min(1e-6).sqrt()


def normed(x, eps):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps)


class EngramPaper(torch.nn.Module):
    def __init__(self, width, branches, inputs, kernel=4, dilation=3):
        super().__init__()
        self.branches, self.width, self.kernel, self.dilation = branches, width, kernel, dilation
        self.key = torch.nn.Linear(inputs, branches * width)
        self.value = torch.nn.Linear(inputs, width)
        self.key_norm = torch.nn.Parameter(torch.rand(branches, width))
        self.query_norm = torch.nn.Parameter(torch.rand(branches, width))
        self.conv_norm = torch.nn.Parameter(torch.rand(branches, width))
        self.conv = torch.nn.Conv1d(
            branches * width, branches * width, kernel, groups=branches * width, bias=False,
            padding=(kernel - 1) * dilation, dilation=dilation,
        )

    def forward(self, hidden, rows):
        tokens = hidden.shape[0]
        keys = self.key(rows).view(tokens, self.branches, self.width)
        keys = normed(keys, 2.0**-23) * self.key_norm
        queries = normed(hidden, 2.0**-23) * self.query_norm
        gate = torch.sigmoid(root((keys * queries).sum(-1) / self.width**0.5))
        value = gate.unsqueeze(-1) * self.value(rows).unsqueeze(1)
        x = (normed(value, 1e-5) * self.conv_norm).view(tokens, -1).t().unsqueeze(0)
        x = F.silu(self.conv(x)[..., :tokens])
        return hidden + value + x.squeeze(0).t().view_as(value)


class DeepSeekV41(torch.nn.Module):
    def __init__(self, width, branches, inputs):
        super().__init__()
        self.branches, self.width = branches, width
        self.wkv = torch.nn.Linear(inputs, (branches + 1) * width, bias=False)
        self.weight = torch.nn.Parameter(torch.rand(branches, width))

    def forward(self, hidden, rows):
        tokens = hidden.shape[0]
        kv = self.wkv(rows).view(tokens, self.branches + 1, self.width)
        keys, value = kv[:, : self.branches], kv[:, self.branches :]
        dot = (hidden * keys * self.weight).sum(-1)
        dot = dot * torch.rsqrt(hidden.square().mean(-1) + 1e-20)
        dot = dot * torch.rsqrt(keys.square().mean(-1) + 1e-20) / self.width**0.5
        return hidden + torch.sigmoid(root(dot)).unsqueeze(-1) * value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", choices=sorted(CASES), required=True)
    parser.add_argument("--tokens", type=int, default=1024)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    width, branches, inputs = CASES[options.case]
    kind = EngramPaper if options.case == "engram-paper" else DeepSeekV41
    times = []
    with torch.inference_mode():
        module = kind(width, branches, inputs)
        hidden = torch.rand(options.tokens, branches, width)
        rows = torch.rand(options.tokens, inputs)
        for _ in range(options.repeats + 1):
            start = time.perf_counter()
            module(hidden, rows)
            times.append(time.perf_counter() - start)
    median = sorted(times[1:])[len(times[1:]) // 2]
    line = {
        "bench": "fuse",
        "what": f"PyTorch {torch.__version__.split('a')[0]}",
        "value": options.tokens / median,
        "unit": "tokens/s",
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
