"""Fusion: looked-up rows added to hidden states, by the three published forms."""
from __future__ import annotations

import ctypes
from typing import Any, Mapping, NamedTuple

import numpy as np

from . import _arrays
from ._handles import Handle
from ._library import FusionInfo, Tensor, check, library

Array = np.ndarray[Any, Any]


class Fused(NamedTuple):
    """What a fusion gave: gates [tokens, M], what was added and the sums, [tokens, M, D] each."""

    gate: Array
    delta: Array
    output: Array


class Fusion:
    """The weights of one layer, by the names and shapes of the form's checkpoint.

        fusion = es.Fusion("deepseek-v4.1", {"wkv": ..., "q_weight": ..., "k_weight": ...})
        fused = fusion.forward(hidden, rows)
    """

    def __init__(self, form: str, tensors: Mapping[str, Any], dilation: int = 3) -> None:
        self.form = form
        self.dilation = dilation
        self._tensors = {name: np.array(_arrays.read(value, "float32", name))
                         for name, value in tensors.items()}
        self._handle = Handle("fusion", self._open, library.engram_fusion_close)
        info = FusionInfo()
        check(library.engram_fusion_get_info(self._handle.value, ctypes.byref(info)))
        #: Parallel residual streams, M.
        self.branches = int(info.branches)
        #: Width of a hidden state, D.
        self.width = int(info.width)
        #: Numbers of a token's rows together, E.
        self.inputs = int(info.inputs)
        self._state = int(info.state)

    def _open(self, out: Any) -> int:
        tensors = (Tensor * len(self._tensors))()
        shapes = []
        for place, (name, values) in zip(tensors, self._tensors.items()):
            shapes.append((ctypes.c_int64 * max(1, values.ndim))(*values.shape))
            place.name = name.encode()
            place.values = _arrays.address(values)
            place.shape = shapes[-1]
            place.rank = values.ndim
        status: int = library.engram_fusion_open(
            self.form.encode(), tensors, len(tensors), self.dilation, out)
        return status

    def __reduce__(self) -> tuple[Any, ...]:
        return Fusion, (self.form, self._tensors, self.dilation)

    def close(self) -> None:
        """Lets go of the weights; calls then raise `Closed`."""
        self._handle.close()

    def state(self) -> Array:
        """The convolution's state before the first token: copy it to fork, keep it to roll back."""
        return np.zeros(self._state, np.float32)

    def forward(self, hidden: Any, rows: Any, mask: Any = None, state: Array | None = None) -> Fused:
        """Adds rows to hidden states.

        hidden: [tokens, M, D]. rows: [tokens, E], or [tokens, columns, dimension]. mask: False where a
        token has no rows. state: moves on; without one the tokens are a whole sequence.
        """
        hidden = _arrays.read(hidden, "float32", "hidden")
        values = _arrays.read(rows, "float32", "rows")
        tokens = hidden.shape[0] if hidden.ndim else 0
        if hidden.shape != (tokens, self.branches, self.width):
            raise ValueError(f"hidden has shape {hidden.shape}; give [tokens, {self.branches}, {self.width}]")
        if values.size != tokens * self.inputs:
            raise ValueError(f"rows has {values.size} numbers; give {tokens} x {self.inputs}")
        masks = None if mask is None else _arrays.read(mask, "uint8", "mask")
        if masks is not None and masks.size != tokens:
            raise ValueError(f"mask has {masks.size} elements; give {tokens}")
        moving = None if state is None else _arrays.write(state, ("float32",), (self._state,), "state")
        fused = Fused(np.empty((tokens, self.branches), np.float32), np.empty_like(hidden),
                      np.empty_like(hidden))
        check(library.engram_fusion_forward(
            self._handle.value, tokens, _arrays.address(hidden), _arrays.address(values),
            None if masks is None else _arrays.address(masks),
            None if moving is None else _arrays.address(moving),
            *(_arrays.address(part) for part in fused)))
        return fused
