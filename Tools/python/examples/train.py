#!/usr/bin/env python3
"""Trains a small model on a dataset of packed tokens, with a checkpoint from which it goes on exactly.

  engram dataset tokenize docs --tokenizer tokenizer.json --as ids --pack 128
  python Tools/python/examples/train.py --store store --dataset ids --steps 50 --save run.pt
  python Tools/python/examples/train.py --store store --dataset ids --steps 50 --resume run.pt --workers 4
  torchrun --nproc_per_node 2 Tools/python/examples/train.py --store store --dataset ids

With torchrun every rank takes its part of the same order. Prints a line a step: step, epoch, position,
loss.
"""
from __future__ import annotations

import argparse
import os

import torch
import torch.nn.functional as F

import engramstore as es
from engramstore.torch import ShardedDataset
from small_model import NgramModel


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--save", help="where the checkpoint goes")
    parser.add_argument("--resume", help="a checkpoint to go on from")
    options = parser.parse_args()
    distributed = int(os.environ.get("WORLD_SIZE", "1")) > 1
    if distributed:
        torch.distributed.init_process_group("gloo")

    dataset = es.open(options.store).dataset(options.dataset)
    data = ShardedDataset(dataset, seed=options.seed, batch_size=options.batch, segments=True, last="drop")
    loader = data.loader(num_workers=options.workers)
    torch.manual_seed(options.seed)
    model = NgramModel(vocabulary=1 << 17, rows=10_000)
    trained = torch.nn.parallel.DistributedDataParallel(model) if distributed else model
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    step = 0
    if options.resume:
        checkpoint = torch.load(options.resume)
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        loader.load_state_dict(checkpoint["data"])
        step = checkpoint["step"]
    last = step + options.steps
    while step < last:
        before = step
        for ids, segments in loader:
            logits = trained(ids[:, :-1])
            # The first token of a document does not follow from the one before it.
            targets = ids[:, 1:].masked_fill(
                (segments[:, 1:] != segments[:, :-1]) | (segments[:, 1:] < 0), -100)
            loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if data.rank == 0:
                print(f"{step} {data.epoch} {data.position} {loss.item():.6f}", flush=True)
            if step == last:
                break
        if step == before:
            raise SystemExit(f"{dataset.reference} has too few samples for a batch on every rank")
    if options.save and data.rank == 0:
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                    "data": loader.state_dict(), "step": step}, options.save)


if __name__ == "__main__":
    main()
