#!/usr/bin/env python3
"""The steps of an inference engine with a memory layer, without the engine.

  engine_step.py STORE TABLE [--steps 200]

A toy scheduler batches requests as the real ones do: prompts in chunks, one of them on a cached prefix,
decoding with drafts of which some are rejected, a request that forks, one that ends. `StepGather` gives
each step's rows in time for the memory layer; in the end they are compared with those of the whole
sequences.
"""
from __future__ import annotations

import argparse
import time

import numpy as np

import engramstore as es
from engramstore.engines import StepGather

CHUNK, DRAFTS, MOST = 256, 3, 64


class Request:
    """A request as a scheduler sees it."""

    def __init__(self, tokens: list[int], computed: int = 0) -> None:
        self.tokens = tokens        # all that are known: the prompt, what was generated, drafts
        self.computed = computed    # how many of them have been run
        self.prompt = len(tokens)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("store")
    parser.add_argument("table")
    parser.add_argument("--steps", type=int, default=200)
    arguments = parser.parse_args()
    random = np.random.default_rng(1)
    with es.open(arguments.store) as store:
        table = store.table(arguments.table)
        # An engine leaves out like="numpy" and gets tensors, in pinned memory where there is a GPU.
        gather = StepGather(table, max_tokens=MOST * (DRAFTS + 1) + CHUNK, keep=DRAFTS, like="numpy")
        requests: dict[int, Request] = {}
        number = tokens_run = 0
        begin_seconds = finish_seconds = 0.0

        def prompt(length: int) -> list[int]:
            drawn: list[int] = random.integers(0, table.token_limit, length).tolist()
            return drawn

        system = prompt(100)        # a prompt that requests share: its state is in the prefix cache
        for _ in range(arguments.steps):
            # New requests; every other one hits the prefix cache, so that its first tokens are not run.
            if len(requests) < MOST and random.random() < 0.5:
                number += 1
                hit = number % 2 == 0
                requests[number] = Request((system if hit else []) + prompt(int(random.integers(1, 400))),
                                           len(system) if hit else 0)
            # What this step runs of each: the next chunk of one prompt, the new token and drafts of others.
            scheduled, room = [], CHUNK
            for key, request in requests.items():
                count = len(request.tokens) - request.computed
                if request.computed < request.prompt:
                    count = min(count, room)
                    room -= count
                if count:
                    scheduled.append((key, request, count))
            batch = [request.tokens[request.computed:request.computed + count]
                     for _, request, count in scheduled]
            tokens = np.array([token for part in batch for token in part], np.int32)
            starts = np.cumsum([0] + [len(part) for part in batch])
            positions = [request.computed for _, request, _ in scheduled]
            before = {key: request.tokens[max(request.computed - gather.context_length, 0):request.computed]
                      for key, request, _ in scheduled if key not in gather}

            started = time.perf_counter()
            gather.begin(tokens, starts, [key for key, _, _ in scheduled], positions, before)
            begun = time.perf_counter()
            ...                     # the layers before the memory layer run here
            resumed = time.perf_counter()
            x = gather.finish()     # [tokens, columns, dimension]: fused in the memory layer
            finish_seconds += time.perf_counter() - resumed
            begin_seconds += begun - started
            tokens_run += len(x)

            # The same rows as those of the whole sequences.
            for (key, request, count), first in zip(scheduled, starts.tolist()):
                rows = table.rows(request.tokens[:request.computed + count])[request.computed:]
                wanted = table.gather(rows).view(np.uint16)
                assert (x[first:first + count].view(np.uint16) == wanted).all()

            for key, request, count in scheduled:
                request.computed += count
                if request.computed < request.prompt:
                    continue
                if request.computed > request.prompt:
                    # Some of the drafts are rejected; the next step's position says so to `begin`.
                    request.computed -= int(random.integers(0, count))
                    del request.tokens[request.computed:]
                request.tokens += prompt(1 + int(random.integers(0, DRAFTS + 1)))
                if random.random() < 0.02 and len(requests) < MOST:
                    number += 1
                    gather.fork(key, number)
                    copy = requests[number] = Request(list(request.tokens), request.computed)
                    copy.prompt = request.prompt
                elif random.random() < 0.02:
                    gather.free(key)
                    del requests[key]
    print(f"{arguments.steps} steps, {tokens_run} tokens, all rows as those of the whole sequences; a step: "
          f"begin {1e3 * begin_seconds / arguments.steps:.2f} ms, "
          f"finish {1e3 * finish_seconds / arguments.steps:.2f} ms")


if __name__ == "__main__":
    main()
