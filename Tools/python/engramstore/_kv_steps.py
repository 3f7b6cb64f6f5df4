"""What a scheduler tells its workers about blocks that are loaded and saved, and how it knows."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Sequence


@dataclass
class BlockMove:
    """Blocks `first`..<`first + len(places)` of a prompt, and their places in the paged cache."""

    request_id: str
    salt: str
    #: The prompt, to the end of these blocks.
    tokens: list[int]
    first: int
    places: list[int]


@dataclass
class StepMoves:
    """What goes with one step: picklable, from the scheduler to every worker."""

    loads: list[BlockMove] = field(default_factory=list)
    saves: list[BlockMove] = field(default_factory=list)


@dataclass
class _Request:
    request: Any
    salt: str
    #: Blocks that need not be saved: they are stored, or have been handed to the workers.
    kept: int
    places: list[int] = field(default_factory=list)
    load: tuple[int, int] | None = None


def can_be_stored(request: Any) -> bool:
    """Whether a request's state follows from its tokens and salt alone: not where it has images, or
    embeddings in the place of tokens."""
    return not getattr(request, "mm_features", None) and getattr(request, "prompt_embeds", None) is None \
        and getattr(request, "prompt_token_ids", None) is not None


def salt_of(request: Any) -> str:
    """What besides its tokens a request's state depends on: its cache salt, its adapter."""
    adapter = getattr(request, "lora_request", None)
    name = "" if adapter is None else str(getattr(adapter, "lora_name", adapter))
    salt = str(getattr(request, "cache_salt", None) or "")
    return f"{len(salt)}:{salt}{name}" if salt or name else ""


def tokens_of(request: Any) -> Sequence[int]:
    """The tokens of a request that are known: the prompt, and what was generated."""
    known = getattr(request, "all_token_ids", None)
    tokens: Sequence[int] = request.prompt_token_ids if known is None else known
    return tokens


class StepPlanner:
    """Follows requests through a scheduler's steps."""

    def __init__(self, block_tokens: int) -> None:
        self._block_tokens = block_tokens
        self._matched: dict[str, tuple[int, int]] = {}
        self._requests: dict[str, _Request] = {}

    def matched(self, request_id: str, computed: int, stored: int) -> None:
        """Takes note that of a request `computed` tokens are in the cache, `stored` blocks in the store."""
        self._matched[request_id] = (computed, stored)

    def allocated(self, request: Any, external_tokens: int) -> None:
        """Takes note that a request runs next, `external_tokens` of it to be loaded."""
        if not can_be_stored(request):
            return
        computed, stored = self._matched.pop(request.request_id, (0, 0))
        found = _Request(request, salt_of(request), stored)
        if external_tokens > 0:
            first = computed // self._block_tokens
            found.load = first, (computed + external_tokens) // self._block_tokens - first
        self._requests[request.request_id] = found

    def finished(self, request_id: str) -> None:
        """Forgets a request."""
        self._requests.pop(request_id, None)
        self._matched.pop(request_id, None)

    def step(self, output: Any) -> StepMoves:
        """The moves of a step, of the engine's `SchedulerOutput`."""
        moves = StepMoves()
        for new in output.scheduled_new_reqs:
            self._place(new.req_id, new.block_ids, True)
            self._move(moves, new.req_id, new.num_computed_tokens, output)
        again = output.scheduled_cached_reqs
        resumed = set(getattr(again, "resumed_req_ids", ()))
        for request_id, blocks, computed in zip(again.req_ids, again.new_block_ids, again.num_computed_tokens):
            self._place(request_id, blocks, request_id in resumed)
            self._move(moves, request_id, computed, output)
        return moves

    def _place(self, request_id: str, blocks: Any, anew: bool) -> None:
        known = self._requests.get(request_id)
        if known is None:
            return
        if blocks and isinstance(blocks[0], (list, tuple)):
            if len(blocks) != 1:
                raise ValueError(f"request {request_id} has {len(blocks)} groups of blocks; start the engine "
                                 "without its hybrid cache manager")
            blocks = blocks[0]
        known.places = ([] if anew else known.places) + list(blocks or ())

    def _move(self, moves: StepMoves, request_id: str, computed: int, output: Any) -> None:
        known = self._requests.get(request_id)
        if known is None:
            return
        tokens = tokens_of(known.request)

        def move(first: int, end: int) -> BlockMove:
            return BlockMove(request_id, known.salt, list(tokens[:end * self._block_tokens]), first,
                             known.places[first:end])

        if known.load is not None:
            first, count = known.load
            known.load = None
            moves.loads.append(move(first, first + count))
        # Drafts are among the scheduled tokens, not among those that are known.
        whole = min(computed + output.num_scheduled_tokens.get(request_id, 0), len(tokens))
        end = min(whole // self._block_tokens, len(known.places))
        if end > known.kept:
            moves.saves.append(move(known.kept, end))
            known.kept = end
