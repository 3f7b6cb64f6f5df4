"""The three published forms of fusion, in PyTorch's own operations: any device, any floating type, and
gradients to every weight, to the hidden states and to the rows.

Sources of the forms: DeepSeek's Engram demonstration ("engram-paper"), DeepSeek-V4.1 and Qwen3.8's
per-layer embeddings; `Sources/Fusion` has the same in Swift, docs/architecture.md the formulas.
"""
from __future__ import annotations

from typing import Any, Mapping

import torch
import torch.nn.functional as F

FORMS = ("engram-paper", "deepseek-v4.1", "qwen-ple")
_GATE_EPSILON = {"engram-paper": 2.0**-23, "deepseek-v4.1": 1e-20, "qwen-ple": 1e-6}
_CONVOLUTION_EPSILON = {"engram-paper": 1e-5, "qwen-ple": 1e-6}


def parameter_shapes(form: str, branches: int, width: int, inputs: int,
                     kernel: int = 4) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a form's weights, as its checkpoints have them."""
    channels = branches * width
    if form == "deepseek-v4.1":
        return {"wkv": ((branches + 1) * width, inputs), "q_weight": (branches, width),
                "k_weight": (branches, width)}
    if form == "engram-paper":
        return {"key_weight": (branches, width, inputs), "key_bias": (branches, width),
                "value_weight": (width, inputs), "value_bias": (width,), "key_norm": (branches, width),
                "query_norm": (branches, width), "conv_norm": (branches, width),
                "conv_weight": (channels, kernel)}
    if form == "qwen-ple":
        return {"key_proj": (channels, inputs), "value_proj": (width, inputs), "norm_key": (channels,),
                "norm_query": (channels,), "norm_conv": (channels,), "conv1d": (channels, kernel)}
    raise ValueError(f"form is {form!r}; give one of {', '.join(FORMS)}")


def _rms(values: torch.Tensor, epsilon: float) -> torch.Tensor:
    return values * torch.rsqrt(values.square().mean(-1, keepdim=True) + epsilon)


class EngramFusion(torch.nn.Module):
    """Adds looked-up rows to hidden states.

    form: one of `FORMS`. branches: residual streams, M. width: of a hidden state, D. inputs: numbers of a
    token's rows together, E. kernel, dilation: of the convolution, where the form has one.

    Its parameters have the names and shapes of the form's checkpoints, so `load_state_dict` takes their
    tensors (decoded ones: DeepSeek-V4.1's `wkv` is FP8 there). Untrained, it adds little: projections are
    small random numbers, norms are one, taps zero but the last.
    """

    def __init__(self, form: str, branches: int, width: int, inputs: int, kernel: int = 4,
                 dilation: int = 3) -> None:
        super().__init__()
        for name, value in (("branches", branches), ("width", width), ("inputs", inputs),
                            ("kernel", kernel), ("dilation", dilation)):
            if value < 1:
                raise ValueError(f"{name} is {value}; give 1 or more")
        self.form = form
        self.branches = branches
        self.width = width
        self.inputs = inputs
        self.kernel = kernel
        self.dilation = dilation
        for name, shape in parameter_shapes(form, branches, width, inputs, kernel).items():
            self.register_parameter(name, torch.nn.Parameter(torch.empty(shape)))
        self.reset_parameters()

    @classmethod
    def of(cls, form: str, tensors: Mapping[str, Any], dilation: int = 3) -> EngramFusion:
        """A fusion with these weights, which say its shape; arrays or tensors."""
        known = {name: torch.as_tensor(value) for name, value in tensors.items()}
        wanted = parameter_shapes(form, 1, 1, 1)
        missing = [name for name in wanted if name not in known]
        if missing:
            raise ValueError(f"{form} needs {', '.join(missing)}; given are {', '.join(known) or 'none'}")
        if form == "qwen-ple":
            width, inputs = known["value_proj"].shape
            branches = known["key_proj"].shape[0] // max(1, width)
        else:
            branches, width = known["q_weight" if form == "deepseek-v4.1" else "query_norm"].shape
            inputs = known["wkv" if form == "deepseek-v4.1" else "value_weight"].shape[1]
        taps = known.get("conv1d", known.get("conv_weight"))
        fusion = cls(form, branches, width, inputs, 4 if taps is None else taps.shape[-1], dilation)
        # Checkpoints have the taps as [channels, 1, kernel], too.
        fusion.load_state_dict({
            name: value.reshape(value.shape[0], -1) if name in ("conv1d", "conv_weight") else value
            for name, value in known.items() if name in wanted})
        return fusion

    def reset_parameters(self) -> None:
        """Weights to begin training with."""
        with torch.no_grad():
            for name, value in self.named_parameters(recurse=False):
                if name in ("key_bias", "value_bias"):
                    value.zero_()
                elif "conv1d" in name or name == "conv_weight":
                    value.zero_()
                    value[:, -1] = 1
                elif value.dim() == 1 or name.endswith("_norm") or name in ("q_weight", "k_weight"):
                    value.fill_(0.0 if self.form == "qwen-ple" else 1.0)
                else:
                    value.normal_(0, self.inputs**-0.5)

    def extra_repr(self) -> str:
        return f"{self.form}, branches={self.branches}, width={self.width}, inputs={self.inputs}"

    @property
    def reach(self) -> int:
        """Tokens that the convolution looks back."""
        return 0 if self.form == "deepseek-v4.1" else (self.kernel - 1) * self.dilation

    def state(self, *batch: int) -> torch.Tensor:
        """What lies before the first token of sequences: [*batch, reach, M x D]."""
        weight = next(self.parameters())
        return torch.zeros(*batch, self.reach, self.branches * self.width, dtype=weight.dtype,
                           device=weight.device)

    def _keys_and_value(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        shape = (*rows.shape[:-1], self.branches, self.width)
        if self.form == "deepseek-v4.1":
            both = F.linear(rows, self.wkv).view(*rows.shape[:-1], self.branches + 1, self.width)
            return both[..., :-1, :], both[..., -1, :]
        if self.form == "engram-paper":
            keys = F.linear(rows, self.key_weight.view(-1, self.inputs), self.key_bias.view(-1))
            return keys.view(shape), F.linear(rows, self.value_weight, self.value_bias)
        return F.linear(rows, self.key_proj).view(shape), F.linear(rows, self.value_proj)

    def _weight(self, name: str) -> torch.Tensor:
        """A norm's weight, [M, D]."""
        weight: torch.Tensor = getattr(self, name)
        return (1 + weight if self.form == "qwen-ple" else weight).view(self.branches, self.width)

    def gate(self, hidden: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
        """How much of a token's rows each of its streams takes, [..., M]."""
        names = {"deepseek-v4.1": ("q_weight", "k_weight"), "engram-paper": ("query_norm", "key_norm"),
                 "qwen-ple": ("norm_query", "norm_key")}[self.form]
        epsilon = _GATE_EPSILON[self.form]
        weight = self._weight(names[0]) * self._weight(names[1])
        dot = (_rms(hidden, epsilon) * _rms(keys, epsilon) * weight).sum(-1) * self.width**-0.5
        return torch.sigmoid(torch.sign(dot) * torch.sqrt(dot.abs().clamp_min(1e-6)))

    def _convolved(self, values: torch.Tensor,
                   state: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        """silu of the causal depthwise convolution of [batch, T, M, D], and the inputs that the next
        tokens look back on."""
        norm, taps = (("conv_norm", self.conv_weight) if self.form == "engram-paper"
                      else ("norm_conv", self.conv1d))
        inputs = (_rms(values, _CONVOLUTION_EPSILON[self.form]) * self._weight(norm)).flatten(-2)
        before = (inputs.new_zeros(inputs.shape[0], self.reach, inputs.shape[-1]) if state is None
                  else state.to(inputs.dtype))
        whole = torch.cat([before, inputs], 1)
        sums = F.conv1d(whole.transpose(1, 2), taps.unsqueeze(1), groups=taps.shape[0],
                        dilation=self.dilation)
        return F.silu(sums.transpose(1, 2).reshape(values.shape)), whole[:, whole.shape[1] - self.reach:]

    def forward(self, hidden: torch.Tensor, rows: torch.Tensor, mask: torch.Tensor | None = None,
                state: torch.Tensor | None = None) -> torch.Tensor:
        """hidden + what the rows add, [..., T, M, D].

        hidden: [..., T, M, D]. rows: [..., T, E] or [..., T, columns, dimension]; taken to the weights'
        type. mask: False [..., T] where a token has no rows. state: of `state()`, moves on in place;
        without one, the tokens are whole sequences.
        """
        if hidden.dim() < 3 or hidden.shape[-2:] != (self.branches, self.width):
            raise ValueError(f"hidden has shape {tuple(hidden.shape)}; give [..., tokens, {self.branches}, "
                             f"{self.width}]")
        outer = hidden.shape[:-2]
        weight = next(self.parameters())
        if rows.shape[:len(outer)] != outer or rows.numel() != outer.numel() * self.inputs:
            raise ValueError(f"rows has shape {tuple(rows.shape)}; give {[*outer, self.inputs]}")
        if outer.numel() == 0:
            return hidden
        streams = hidden.to(weight.dtype).reshape(-1, *hidden.shape[-3:])
        keys, value = self._keys_and_value(
            rows.to(weight.dtype).reshape(*streams.shape[:2], self.inputs))
        gate = self.gate(streams, keys)
        if mask is not None:
            gate = gate * mask.to(gate.dtype).reshape(*gate.shape[:2], 1)
        delta = gate.unsqueeze(-1) * value.unsqueeze(-2)
        if self.reach:
            past = None if state is None else state.reshape(streams.shape[0], self.reach, -1)
            convolved, future = self._convolved(delta, past)
            delta = delta + convolved
            if state is not None:
                with torch.no_grad():
                    state.copy_(future.reshape(state.shape))
        return (streams + delta).reshape(hidden.shape).to(hidden.dtype)
