"""An inference engine's step: from the scheduled tokens to their rows, in time for the memory layer.

    gather = StepGather(table, max_tokens=8192)
    gather.begin(tokens, starts, request_ids, positions)   # the batch is known: hashed, pages on their way
    ...                                                    # the layers before the memory layer
    x = gather.finish()                                    # [tokens, columns, dimension], pinned with CUDA

A row id depends on a token and on the `longest_ngram - 1` before it in its request. `StepGather` keeps
these for every request; the scheduler says what a step runs and what becomes of requests. It needs no
engine, and none of an engine's types: NumPy arrays, lists or torch CPU tensors.

What has to be handed over, and where it is (read in the files named, of late 2026):

vLLM (V1; `vllm/v1/core/sched/output.py`, `SchedulerOutput`)
  request_ids, starts   `num_scheduled_tokens`, tokens of each request; `starts` are their running sums in
                        the order of the batch.
  tokens                the batch's token ids on the CPU, without padding.
  positions             `num_computed_tokens` of each request (`NewRequestData`, `CachedRequestData`). It is
                        larger than 0 for a new request that hits the prefix cache: give `context` from
                        its `prompt_token_ids`. The same for `resumed_req_ids` (preempted before), from
                        `all_token_ids`.
  drafts                are among the scheduled tokens (`scheduled_spec_decode_tokens`). The scheduler takes
                        rejected ones off `num_computed_tokens` (`vllm/v1/core/sched/scheduler.py`), and
                        `positions` takes them back here. With asynchronous scheduling it does not know
                        them yet, and the model runner corrects its own number: give that one.
  free                  `finished_req_ids`.

SGLang (`python/sglang/srt/model_executor/forward_batch_info.py`, `ForwardBatch`; its `ScheduleBatch`)
  request_ids           `rids`, or `req_pool_indices`; free an index before it is used again.
  tokens                `input_ids`, a GPU tensor by then: take them from the `ScheduleBatch` on the CPU.
  starts                `extend_start_loc` in prefill (running sums of `extend_seq_lens_cpu`); 0, 1, 2, ...
                        in decode.
  positions             `extend_prefix_lens_cpu` in prefill: larger than 0 on a prefix hit, give `context`;
                        in decode `seq_lens_cpu` less 1.
  drafts                a verify step runs them all; the request's next position is that after the accepted
                        ones. Of a tree of drafts each branch is a request: `fork`.

Token ids that only a GPU knows (a sampler that runs ahead of the scheduler) must be copied before `begin`.
"""
from __future__ import annotations

import sys
from typing import Any, Hashable, Mapping, Sequence

import numpy as np

from . import _arrays
from ._client import RemoteTable
from ._sequences import Array, Context, Sequences
from ._table import FORMATS, Table, format_name, new_tensor, prepared_out

__all__ = ["Context", "StepGather"]


def _buffer(shape: tuple[int, ...], name: str, like: str | None, pin: bool | None) -> Any:
    """Memory for a step's rows: a tensor (pinned where there is a GPU), or an array."""
    if like not in (None, "numpy", "torch"):
        raise ValueError(f"like is {like!r}; give \"numpy\" or \"torch\"")
    if like is None:
        like = "torch" if pin or "torch" in sys.modules else "numpy"
    if like == "numpy":
        if pin:
            raise ValueError("pinned memory is torch's; give like=\"torch\"")
        return prepared_out(None, "numpy", name, shape)[0]
    import torch
    return new_tensor(shape, name, torch.cuda.is_available() if pin is None else pin)


class StepGather:
    """Rows of a step's tokens. One thread at a time.

    table: of es.open or es.connect, one that tokens lead to rows of. max_tokens: the most a step runs.
    dtype: "bf16", "f32" or "raw". pin: `None` for pinned memory where CUDA is there. like: "torch" or
    "numpy"; `None` for torch where it is imported. buffers: what `finish` gives stays as it is until as
    many more have finished; 2 where a copy to the GPU may still run when the next step's rows come.
    keep: tokens of a request that can be taken back, at least the drafts of a step.

    Memory: `buffers` times max_tokens rows of every column, and some 9 (longest_ngram + keep) bytes a
    request.
    """

    def __init__(self, table: Table | RemoteTable, max_tokens: int, dtype: Any = "bf16",
                 pin: bool | None = None, *, like: str | None = None, buffers: int = 1,
                 keep: int = 64) -> None:
        if max_tokens < 1 or buffers < 1 or keep < 0:
            raise ValueError(f"max_tokens is {max_tokens}, buffers {buffers}, keep {keep}; give at least 1, "
                             "1 and 0")
        if not table.columns:
            raise ValueError(f"{table.reference} does not say which rows tokens lead to; import the table "
                             "with its model")
        self.table = table
        self.max_tokens = max_tokens
        self._format = format_name(dtype)
        self._missing = "zero" if table.is_exact else None
        self._takes_segments = table.takes_segments
        #: The tokens before a request's first one that `context` has to give: longest_ngram - 1.
        self.context_length = table.longest_ngram - 1
        self._sequences = Sequences(self.context_length, keep)
        width = table.row_bytes if self._format == "raw" else table.dimension
        shape = (max_tokens, table.columns, width)
        self._buffers = [_buffer(shape, self._format, like, pin) for _ in range(buffers)]
        self._memory = [_arrays.write(buffer, FORMATS[self._format][1], shape) for buffer in self._buffers]
        self._turn = 0
        self._step: Array | None = None

    def __contains__(self, request_id: Hashable) -> bool:
        return request_id in self._sequences

    def __len__(self) -> int:
        return len(self._sequences)

    def position(self, request_id: Hashable) -> int:
        """Where a request's next token stands; `KeyError` of one that is not known."""
        return self._sequences.position(request_id)

    def begin(self, tokens: Any, starts: Any, request_ids: Sequence[Hashable], positions: Any = None,
              context: Mapping[Hashable, Any] | None = None, masked: Any = None,
              segments: Any = None) -> int:
        """Hashes a step's tokens and starts reading their pages, without waiting: how many.

        tokens: ids [tokens] of all requests, one after another. starts: where each request's begin,
        [requests], or [requests + 1] with the end. request_ids: [requests], anything a dictionary takes;
        a new one starts a sequence. positions: [requests], where each one's first token stands in its
        sequence. Less than is known takes the tokens from there back (rejected drafts); give them in
        every step or in none. context: of requests that start in the middle (a prefix hit, a preempted
        request), the last `context_length` tokens before, or more: ids, or a `Context` with masks and
        segments. masked, segments: as `Table.rows`, [tokens].

        Raises `ValueError` for what does not fit together, `OutOfRange` for an id that is no token; the
        requests then stand where they were.
        """
        if self._step is not None:
            raise RuntimeError("a step has begun; finish() it first")
        ids = _arrays.read(tokens, "int32", "tokens").reshape(-1)
        if ids.size > self.max_tokens:
            raise ValueError(f"a step of {ids.size} tokens; max_tokens is {self.max_tokens}")
        plan = self._sequences.plan(ids, starts, request_ids, positions, context or {}, masked, segments)
        try:
            rows = self._rows(plan.tokens, plan.masked, plan.segments, plan.bounds)[plan.places]
            found = rows[rows >= 0] if self._missing else rows
            pages = self.table.prefetch(found) if found.size else 0
        except BaseException:
            self._sequences.abandon(plan)
            raise
        self._sequences.commit(plan)
        self._step = rows
        return pages

    def _rows(self, tokens: Array, masked: Array | None, segments: Array, bounds: Array) -> Array:
        if self._takes_segments:
            # All requests in one call: each is a segment, or several.
            result: Array = self.table.rows(tokens, masked, segments)
            return result
        if masked is not None:
            raise ValueError(f"{self.table.reference} takes no masks")
        result = np.empty((tokens.size, self.table.columns), np.int64)
        for first, end in zip(bounds[:-1].tolist(), bounds[1:].tolist()):
            if first < end and segments[first] != segments[end - 1]:
                raise ValueError(f"{self.table.reference} takes no segments")
            self.table.rows(tokens[first:end], out=result[first:end])
        return result

    @property
    def row_ids(self) -> Array:
        """Row ids of the step that has begun, int64 [tokens, columns]."""
        if self._step is None:
            raise RuntimeError("no step has begun; begin(...) one first")
        return self._step

    def finish(self, padded: int | None = None) -> Any:
        """The rows of the step that has begun, [tokens, columns, dimension] ([..., row_bytes] of "raw").

        Waits for pages that are still on their way. padded: as many tokens come out, rows of zeros after
        the step's (a captured graph of fixed size). Memory of this object: see `buffers`.

        Raises `Corrupt` for a damaged row; the step is over then, too.
        """
        rows = self.row_ids
        count = len(rows) if padded is None else padded
        if not len(rows) <= count <= self.max_tokens:
            raise ValueError(f"padded is {padded}; the step has {len(rows)} tokens, max_tokens is "
                             f"{self.max_tokens}")
        self._step = None
        memory = self._memory[self._turn]
        if len(rows):
            self.table.gather(rows, self._format, self._missing, out=memory[:len(rows)])
        memory[len(rows):count] = 0
        result = self._buffers[self._turn][:count]
        self._turn = (self._turn + 1) % len(self._buffers)
        return result

    def fork(self, parent: Hashable, child: Hashable) -> None:
        """A request that goes its own way from where another one stands (beams, parallel samples).
        `KeyError` of a parent that is not known, `ValueError` of a child that is."""
        self._sequences.fork(parent, child)

    def rollback(self, request_id: Hashable, tokens: int) -> None:
        """Takes back a request's last tokens (rejected drafts). `ValueError` for more than are kept."""
        self._sequences.rollback(request_id, self.position(request_id) - tokens)

    def free(self, request_id: Hashable) -> None:
        """Forgets a request; one that is not known is forgotten already."""
        self._sequences.free(request_id)
