"""One process of Tools/context-proof: a prompt without a store, a prompt whose state is put into one and
no more, or a prompt that goes on from what a store has.

  context_run.py ROLE JSON

ROLE is `plain`, `put` or `stored`. JSON: {"attention":.., "prompts":[{"seed":..,"tokens":..,"shared":..}],
"chunk":.., "steps":.., "threads":.., "store":.., "break_row":.., "result":..}. `plain` and `stored` leave
RESULT.logits, int32 views of the logits [prompts, steps, vocabulary], and print JSON, an object a prompt.
`put` puts the first prompt's blocks as durable and kills itself with SIGKILL.
"""
import json
import os
import signal
import sys
import time

import torch

import engramstore as es
from context_rows import MemoryRows, StoredRows
from small_transformer import LAYERS, VOCABULARY, Transformer

BLOCK = 64


def prompt_tokens(prompt):
    """Token ids of a prompt, int64 [tokens + 1]: the first `shared` are those of seed 0. The last one is
    no part of a block: it is the first step of decoding, whatever a store has."""
    def drawn(seed):
        generator = torch.Generator().manual_seed(seed)
        return torch.randint(VOCABULARY, (prompt["tokens"] + 1,), generator=generator)
    return torch.cat([drawn(0)[:prompt["shared"]], drawn(prompt["seed"])[prompt["shared"]:]])


class Run:
    def __init__(self, role, task):
        self.role = role
        self.task = task
        self.positions = max(prompt["tokens"] for prompt in task["prompts"]) + task["steps"]
        self.model = Transformer(task["attention"], self.positions)
        self.variant = self.model.variant

    def say(self, what, done, of):
        if sys.stderr.isatty():
            bar = "#" * (24 * done // of)
            line = f"{self.task['attention']}, {self.role}: {what} [{bar:24}] {done}/{of}"
            sys.stderr.write(f"\r\033[K{line}" if done < of else "\r\033[K")
            sys.stderr.flush()

    def prefill(self, tokens, rows, start):
        """Tokens start..<the prompt's end, in steps of a chunk: the same steps with a store and without."""
        end = len(tokens) - 1
        for first in range(start, end, self.task["chunk"]):
            self.say("prefill", first, end)
            self.model.forward(tokens[first:min(first + self.task["chunk"], end)], first, rows)
        self.say("prefill", end, end)

    def decode(self, tokens, rows, began):
        """Greedy steps from the prompt's last token on: logits [steps, VOCABULARY], what was measured."""
        token, logits, report = tokens[-1:], [], {}
        for step in range(self.task["steps"]):
            logits.append(self.model.forward(token, len(tokens) - 1 + step, rows)[0])
            token = logits[-1].argmax().view(1)
            if step == 0:
                report["first_token_seconds"] = time.perf_counter() - began
                report["first_token_bytes"] = getattr(rows, "bytes_read", 0)
                if self.variant.top_k:
                    report["chosen"] = self.model.chosen[0].tolist()
        report["bytes"] = getattr(rows, "bytes_read", 0)
        report["decode_seconds"] = time.perf_counter() - began - report["first_token_seconds"]
        return torch.stack(logits), report

    def memory(self):
        return MemoryRows(self.variant, LAYERS, self.positions)

    def open(self):
        """The store as an engine has it: the process that reads is the one that would put more."""
        dtype = str(self.variant.dtype).removeprefix("torch.")
        context = es.ContextStore(self.task["store"], capacity_bytes=1 << 30)
        layout = es.ContextLayout(block_tokens=BLOCK, groups=[
            es.ContextGroup(group, layers=LAYERS, row_bytes=self.variant.row_bytes(group), dtype=dtype,
                            tokens_per_row=1)
            for group in self.variant.groups])
        return context, context.space(model=f"small transformer, {self.variant.name}", revision="1",
                                      tokenizer="none", layout=layout)

    def plain(self, prompt):
        """Prefill and decode with the whole state in memory."""
        tokens, rows = prompt_tokens(prompt), self.memory()
        began = time.perf_counter()
        self.prefill(tokens, rows, 0)
        return self.decode(tokens, rows, began)

    def put(self, prompt):
        """Prefill, and blocks put; does not return."""
        tokens, rows = prompt_tokens(prompt), self.memory()
        self.prefill(tokens, rows, 0)
        end = prompt["tokens"]
        parts = {group: state[:, :end].contiguous() for group, state in rows.state.items()}
        if self.task["break_row"] is not None:
            # The sign of the largest number of one row of layer 0.
            row = next(iter(parts.values()))[0, self.task["break_row"]]
            place = row.abs().argmax()
            row[place] = -row[place]
        _, space = self.open()
        put = space.put_durable(tokens[:end].to(torch.int32).numpy(), parts)
        if (put.stored, put.refused) != (end // BLOCK, 0):
            raise RuntimeError(f"{put} of {end // BLOCK} blocks")
        os.kill(os.getpid(), signal.SIGKILL)

    def stored(self, prompt):
        """What the store has is read, the rest of the prompt computed, then decode."""
        tokens = prompt_tokens(prompt)
        began = time.perf_counter()
        context, space = self.open()
        with context, space, space.lookup(tokens.to(torch.int32).numpy()) as prefix:
            # A prompt that is there whole needs of a sparse group what is chosen and no more; the rest of
            # a prompt is computed over whole layers.
            for group in self.variant.groups:
                if prefix.presence(group).leading != prefix.blocks:
                    raise RuntimeError(f"{group}: {prefix.presence(group)} of {prefix.blocks} blocks")
            whole = prefix.tokens == prompt["tokens"]
            chosen_only = [self.variant.sparse_group] if whole and self.variant.sparse_group else []
            rows = StoredRows(self.variant, LAYERS, self.positions, prefix, chosen_only)
            start = prefix.tokens
            if start % self.task["chunk"]:
                raise RuntimeError(f"{start} tokens were found, no multiple of the chunk")
            self.prefill(tokens, rows, start)
            logits, report = self.decode(tokens, rows, began)
            report |= {"found_tokens": start, "gathered": chosen_only != []}
            counted = context.stats()["read_bytes"]
        if counted != report["bytes"]:
            raise RuntimeError(f"{report['bytes']} bytes came out of the store, which counted {counted}")
        return logits, report

    def all(self):
        if self.role == "put":
            self.put(self.task["prompts"][0])
        runs = [getattr(self, self.role)(prompt) for prompt in self.task["prompts"]]
        logits = torch.stack([logits for logits, _ in runs])
        torch.save(logits.view(torch.int32), self.task["result"] + ".logits")
        print(json.dumps([report for _, report in runs]))


if __name__ == "__main__":
    torch.use_deterministic_algorithms(True)
    task = json.loads(sys.argv[2])
    torch.set_num_threads(task["threads"])
    try:
        with torch.inference_mode():
            Run(sys.argv[1], task).all()
    except (RuntimeError, OSError, es.EngramError) as error:
        sys.exit(f"context-proof: {task['attention']}, {sys.argv[1]}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
