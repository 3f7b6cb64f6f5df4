"""vLLM's KV connector over a context store: prompts whose prefix is stored are loaded, others are stored.

    class EngramConnector(KVConnector, KVConnectorBase_V1):    # in a module of yours, my_engine.py
        def __init__(self, vllm_config, role, kv_cache_config=None):
            KVConnectorBase_V1.__init__(self, vllm_config, role, kv_cache_config)
            KVConnector.__init__(self, vllm_config, role, kv_cache_config)

    vllm serve ... --kv-transfer-config '{"kv_connector": "EngramConnector", "kv_role": "kv_both",
      "kv_connector_module_path": "my_engine", "kv_connector_extra_config": {"path": "/data/context",
      "capacity_bytes": 68719476736, "tokenizer": "c60a86"}}'

Shaped after `KVConnectorBase_V1` of `vllm/distributed/kv_transfer/kv_connector/v1/base.py`, as it was in late
2026 (commit 003df29); vLLM itself is not needed. Layers are loaded and saved one by one, which CUDA graphs
of whole steps leave out: `requires_piecewise_for_cudagraph` says so.

Each rank has a folder, "rank-0" on, and writes it; the scheduler, a process of its own, reads them all and
counts what every rank has. The workers leave what their caches look like in "rank-0.json": until then nothing
is found. A block of the store is a block of the engine; a row is what a token has in a layer.

Requests with images or with embeddings in the place of tokens are left alone. A cache salt and the name of an
adapter are part of the namespace. What cannot be read is told by `get_block_ids_with_load_errors` (set
`kv_load_failure_policy` to "recompute"); what cannot be stored is a line in the log of
`engramstore.kv_connectors`.
"""
from __future__ import annotations

import json
import logging
import os
import time
from typing import Any, Iterable

import numpy as np

from ._context import ContextSpace, ContextStore
from ._context_layout import ContextGroup, ContextLayout
from ._context_prefix import ContextPrefix, get_many
from ._errors import EngramError, NotFound
from ._kv_steps import BlockMove, StepMoves, StepPlanner, can_be_stored, salt_of, tokens_of
from ._paged_cache import Array, PagedLayer

__all__ = ["KVConnector", "StepMoves"]

_log = logging.getLogger(__name__)


class _Rank:
    """The folder of one rank, and its namespaces by salt."""

    def __init__(self, settings: dict[str, Any], rank: int, writes: bool) -> None:
        self.path = os.path.join(os.fspath(settings["path"]), f"rank-{rank}")
        self._settings = settings
        self._writes = writes
        self._store: ContextStore | None = None
        self._layout: ContextLayout | None = None
        self._spaces: dict[str, ContextSpace] = {}
        self._refreshed = 0.0

    def announce(self, layout: ContextLayout) -> None:
        """Opens the store for writing, and says what is in it."""
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        self._store = ContextStore(self.path, self._settings.get("capacity_bytes"),
                                   self._settings.get("segment_bytes"))
        self._layout = layout
        described = {"block_tokens": layout.block_tokens, "groups": [vars(group) for group in layout.groups]}
        with open(self.path + ".json.new", "w", encoding="utf-8") as file:
            json.dump(described, file)
        os.replace(self.path + ".json.new", self.path + ".json")

    def space(self, salt: str) -> ContextSpace | None:
        """The namespace of a salt; `None` as long as there is no store."""
        if self._store is None:
            try:
                with open(self.path + ".json", encoding="utf-8") as file:
                    described = json.load(file)
                self._layout = ContextLayout([ContextGroup(**group) for group in described["groups"]],
                                             described["block_tokens"])
                self._store = ContextStore(self.path, mode="reading")
            except (FileNotFoundError, NotFound):
                return None
        elif not self._writes and time.monotonic() - self._refreshed >= self._settings["refresh_seconds"]:
            self._store.refresh()
            self._refreshed = time.monotonic()
        if salt not in self._spaces:
            assert self._layout is not None
            revision, tokenizer = (str(self._settings.get(name) or "") for name in ("revision", "tokenizer"))
            whole = str(self._settings.get("salt") or "") + ("/" + salt if salt else "")
            if len(self._spaces) >= 256:
                self._spaces.pop(next(iter(self._spaces))).close()
            self._spaces[salt] = self._store.space(
                str(self._settings["model"]), self._layout, revision, tokenizer, whole)
        return self._spaces[salt]

    def close(self) -> None:
        for space in self._spaces.values():
            space.close()
        self._spaces = {}
        if self._store is not None:
            self._store.close()
            self._store = None


class KVConnector:
    """A KV connector over a context store; the module's text says how to plug it in.

    vllm_config: `cache_config.block_size`, `model_config.model` and `.revision`, `parallel_config.rank` and
    `.world_size`, and `kv_transfer_config.kv_connector_extra_config` are read: path, and if you like
    capacity_bytes, segment_bytes, model, revision, tokenizer, salt, durable (True: what `wait_for_save` waited
    for is on the disk), refresh_seconds (how often the scheduler looks at the folders anew, 0.1). role: vLLM's,
    or "scheduler" or "worker".
    """

    def __init__(self, vllm_config: Any, role: Any, kv_cache_config: Any = None) -> None:
        name = str(getattr(role, "name", role)).lower()
        if name not in ("scheduler", "worker"):
            raise ValueError(f"role is {role!r}; give \"scheduler\" or \"worker\"")
        model = getattr(vllm_config, "model_config", None)
        parallel = getattr(vllm_config, "parallel_config", None)
        settings = {"model": getattr(model, "model", None) or "unnamed", "refresh_seconds": 0.1,
                    "revision": getattr(model, "revision", None),
                    **dict(vllm_config.kv_transfer_config.kv_connector_extra_config or {})}
        if not settings.get("path"):
            raise ValueError("KVConnector needs a folder: give \"path\" in kv_connector_extra_config")
        self._durable = bool(settings.get("durable"))
        self._role = role
        self._block_tokens = int(vllm_config.cache_config.block_size)
        self._block_count = getattr(kv_cache_config, "num_blocks", None)
        self._metadata: StepMoves | None = None
        if name == "scheduler":
            ranks = range(int(getattr(parallel, "world_size", 1)))
            self._planner = StepPlanner(self._block_tokens)
        else:
            ranks = range(int(getattr(parallel, "rank", 0)), int(getattr(parallel, "rank", 0)) + 1)
        self._ranks = [_Rank(settings, rank, name == "worker") for rank in ranks]
        self._layers: dict[str, tuple[PagedLayer, str, int]] = {}
        self._loading: list[tuple[BlockMove, ContextPrefix, int]] = []
        # By group, move and layer of the group.
        self._saving: dict[str, dict[int, dict[int, Array]]] = {}
        self._saved: set[str] = set()
        self._failed: set[int] = set()
        # Requests whose blocks stand on some that could not be loaded: nothing of them is stored.
        self._spoiled: set[str] = set()

    @classmethod
    def requires_piecewise_for_cudagraph(cls, extra_config: dict[str, Any]) -> bool:
        """Yes: layers are waited for one by one."""
        return True

    @property
    def requires_kv_delivery(self) -> bool:
        """No: what is not stored is a miss later."""
        return False

    def shutdown(self) -> None:
        """Lets go of prefixes and stores."""
        self._end_load()
        for rank in self._ranks:
            rank.close()

    # The scheduler's side.

    def get_num_new_matched_tokens(self, request: Any, num_computed_tokens: int) -> tuple[int, bool]:
        """How many tokens after the first `num_computed_tokens` every rank can load, in the step itself. One
        token at least is left to compute."""
        if not can_be_stored(request):
            return 0, False
        tokens = np.asarray(tokens_of(request), np.int32)
        stored = min(self._stored_blocks(rank, tokens, salt_of(request)) for rank in self._ranks)
        usable = min(stored, (len(tokens) - 1) // self._block_tokens) if len(tokens) else 0
        self._planner.matched(request.request_id, num_computed_tokens, stored)
        return max(0, usable * self._block_tokens - num_computed_tokens), False

    def update_state_after_alloc(self, request: Any, blocks: Any, num_external_tokens: int) -> None:
        """Takes note of a request that runs next."""
        self._planner.allocated(request, num_external_tokens)

    def build_connector_meta(self, scheduler_output: Any) -> StepMoves:
        """What the workers load before this step and save after it."""
        return self._planner.step(scheduler_output)

    def request_finished(self, request: Any, block_ids: list[int]) -> tuple[bool, dict[str, Any] | None]:
        """Forgets a request; its blocks may be freed now."""
        self._planner.finished(request.request_id)
        return False, None

    def _stored_blocks(self, rank: _Rank, tokens: Array, salt: str) -> int:
        try:
            space = rank.space(salt)
            if space is None:
                return 0
            with space.lookup(tokens) as prefix:
                return min(prefix.presence(group.name).leading for group in prefix.layout.groups)
        except EngramError as error:
            _log.warning("cannot look up a prompt in %s: %s", rank.path, error)
            return 0

    # The worker's side.

    def register_kv_caches(self, kv_caches: dict[str, Any]) -> None:
        """Takes the paged caches by layer name, in the order of the layers, and opens the store.

        Raises `ValueError` for a cache of a shape that is not understood.
        """
        layers = {name: PagedLayer(name, cache, self._block_tokens, self._block_count)
                  for name, cache in kv_caches.items()}
        if not layers:
            raise ValueError("kv_caches is empty")
        counts: dict[str, int] = {}
        for name, layer in layers.items():
            group = f"kv-{layer.dtype}-{layer.row_bytes}"
            self._layers[name] = layer, group, counts.get(group, 0)
            counts[group] = counts.get(group, 0) + 1
        groups = {group: layer for layer, group, _ in self._layers.values()}
        self._ranks[0].announce(ContextLayout(
            [ContextGroup(name, counts[name], layer.row_bytes, layer.dtype) for name, layer in groups.items()],
            self._block_tokens))

    def bind_connector_metadata(self, connector_metadata: StepMoves) -> None:
        """Takes what the scheduler says about a step."""
        self._metadata = connector_metadata

    def clear_connector_metadata(self) -> None:
        """Ends a step."""
        self._metadata = None
        self._end_load()

    def has_connector_metadata(self) -> bool:
        """Whether a step is under way."""
        return self._metadata is not None

    def start_load_kv(self, forward_context: Any = None, **_: Any) -> None:
        """Finds the blocks that this step loads, and asks the disk for the first layers."""
        self._end_load()
        for move in self._moves().loads:
            try:
                space = self._ranks[0].space(move.salt)
                assert space is not None
                prefix = space.lookup(move.tokens)
            except EngramError as error:
                _log.warning("cannot load a prompt from %s: %s", self._ranks[0].path, error)
                self._lose(move, 0)
                continue
            count = max(0, min(len(move.places), prefix.blocks - move.first))
            self._lose(move, count)
            self._loading.append((move, prefix, count))
        for name in list(self._layers)[:2]:
            self._prefetch(name)

    def wait_for_layer_load(self, layer_name: str) -> None:
        """Copies a layer into the paged cache, and asks for the second one after it."""
        if not self._loading:
            return
        layer, group, number = self._layer(layer_name)
        order = list(self._layers)
        following = order.index(layer_name) + 2
        if following < len(order):
            self._prefetch(order[following])
        reads = []
        for _, prefix, count in self._loading:
            reads.append(np.empty((count * self._block_tokens, layer.row_bytes), np.uint8))
        try:
            delivered = get_many(
                (prefix, group, number, range(move.first, move.first + count), rows)
                for (move, prefix, count), rows in zip(self._loading, reads))
        except EngramError as error:
            _log.warning("cannot load layer %s from %s: %s", layer_name, self._ranks[0].path, error)
            delivered = [0] * len(reads)
        for (move, _, _), rows, count in zip(self._loading, reads, delivered):
            self._lose(move, count)
            if count:
                layer.write(move.places[:count], rows[:count * self._block_tokens])

    def save_kv_layer(self, layer_name: str, kv_layer: Any, attn_metadata: Any = None, **_: Any) -> None:
        """Copies a layer of the blocks that this step completes; with the last layer they are stored."""
        saves = self._moves().saves
        if not saves:
            return
        layer, group, number = self._layer(layer_name)
        if layer_name in self._saved:
            return
        self._saved.add(layer_name)
        rows = self._saving.setdefault(group, {})
        for index, move in enumerate(saves):
            rows.setdefault(index, {})[number] = layer.read(move.places)
        if len(self._saved) == len(self._layers):
            self._store(saves)

    def wait_for_save(self) -> None:
        """Returns when what this step completes is stored; a step that left layers out stores nothing."""
        if self._saved:
            _log.warning("%d of %d layers were saved; nothing is stored of this step", len(self._saved),
                         len(self._layers))
        self._saving, self._saved = {}, set()

    def get_finished(self, finished_req_ids: set[str]) -> tuple[set[str] | None, set[str] | None]:
        """Nothing goes on behind a step; forgets what there was about these requests."""
        self._spoiled.difference_update(finished_req_ids)
        return None, None

    def get_block_ids_with_load_errors(self) -> set[int]:
        """Blocks of the paged cache that could not be loaded since the last call."""
        failed, self._failed = self._failed, set()
        return failed

    def take_events(self) -> Iterable[Any]:
        """None."""
        return ()

    def get_finished_count(self) -> int | None:
        """As many as there are workers."""
        return None

    def _moves(self) -> StepMoves:
        return self._metadata if self._metadata is not None else StepMoves()

    def _layer(self, name: str) -> tuple[PagedLayer, str, int]:
        try:
            return self._layers[name]
        except KeyError:
            raise ValueError(f"no layer {name!r} was registered; there are {', '.join(self._layers)}") from None

    def _prefetch(self, name: str) -> None:
        _, group, number = self._layers[name]
        for move, prefix, count in self._loading:
            prefix.prefetch(group, number, range(move.first, move.first + count))

    def _lose(self, move: BlockMove, count: int) -> None:
        """Takes note that all but the first `count` blocks of a move could not be loaded."""
        if count < len(move.places):
            self._failed.update(move.places[count:])
            self._spoiled.add(move.request_id)

    @staticmethod
    def _stacked(layers: dict[int, Array]) -> Array:
        return np.stack([layers[number] for number in sorted(layers)])

    def _end_load(self) -> None:
        for _, prefix, _ in self._loading:
            prefix.close()
        self._loading = []

    def _store(self, saves: list[BlockMove]) -> None:
        for index, move in enumerate(saves):
            parts = {group: self._stacked(rows.pop(index)) for group, rows in self._saving.items()}
            if move.request_id in self._spoiled:
                continue
            try:
                space = self._ranks[0].space(move.salt)
                assert space is not None
                put = space.put_durable if self._durable else space.put_relaxed
                put(move.tokens, parts, first_block=move.first, blocks=len(move.places))
            except EngramError as error:
                _log.warning("cannot store blocks in %s: %s", self._ranks[0].path, error)
        self._saving, self._saved = {}, set()
