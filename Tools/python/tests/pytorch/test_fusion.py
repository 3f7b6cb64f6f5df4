"""Fusion in PyTorch: the golden cases, their gradients, and the library."""
from __future__ import annotations

import numpy as np
import pytest
import torch

import engramstore as es
from engramstore.torch import EngramFusion

from golden import CASES, form_of, read


def fusion_of(case: str, dtype: torch.dtype) -> tuple[EngramFusion, dict[str, np.ndarray]]:
    tensors = read(f"fusion-{case}")
    return EngramFusion.of(form_of(case), tensors).to(dtype), tensors


def inputs_of(tensors: dict[str, np.ndarray], dtype: torch.dtype) -> list[torch.Tensor | None]:
    mask = tensors.get("token_mask")
    return [torch.from_numpy(tensors["hidden"]).to(dtype), torch.from_numpy(tensors["rows"]).to(dtype),
            None if mask is None else torch.from_numpy(mask) != 0]


@pytest.mark.parametrize("case", CASES)
def test_forward_is_the_golden_case(case):
    for dtype, bound in ((torch.float64, 1e-9), (torch.float32, 1e-5)):
        fusion, tensors = fusion_of(case, dtype)
        hidden, rows, mask = inputs_of(tensors, dtype)
        found = fusion(hidden, rows, mask)
        assert found.dtype == dtype and found.shape == hidden.shape
        error = np.abs(found.detach().double().numpy() - tensors["expected_output"]).max()
        assert error <= bound * np.abs(tensors["expected_output"]).max()
        # Batched, it is the same.
        batched = fusion(torch.stack([hidden, hidden]), torch.stack([rows, rows]),
                         None if mask is None else torch.stack([mask, mask]))
        assert torch.allclose(batched[1], found, atol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_the_golden_ones(case):
    fusion, tensors = fusion_of(case, torch.float64)
    hidden, rows, mask = inputs_of(tensors, torch.float64)
    hidden.requires_grad_()
    rows.requires_grad_()
    expected = read(f"gradients-{case}")
    fusion(hidden, rows, mask).backward(torch.from_numpy(expected.pop("upstream")).double())
    found = {name: value.grad for name, value in fusion.named_parameters()}
    found |= {"hidden": hidden.grad, "rows": rows.grad}
    assert {f"gradient.{name}" for name in found} == set(expected)
    for name, gradient in found.items():
        wanted = torch.from_numpy(expected[f"gradient.{name}"]).double().reshape(gradient.shape)
        assert (gradient - wanted).norm() <= 1e-6 * max(1e-12, wanted.norm()), name


@pytest.mark.parametrize("scale", [1, 1e-4, 1e-9])
@pytest.mark.parametrize("case", CASES)
def test_the_library_says_the_same(case, scale):
    tensors = read(f"fusion-{case}")
    for name in ("q_weight", "query_norm"):
        if name in tensors:  # gates that hardly open one way or the other
            tensors[name] = tensors[name] * np.float32(scale)
    fusion = EngramFusion.of(form_of(case), tensors)
    hidden, rows, mask = inputs_of(tensors, torch.float32)
    weights = {name: value for name, value in tensors.items()
               if not name.startswith("expected_") and name not in ("hidden", "rows", "token_mask")}
    library = es.Fusion(form_of(case), weights).forward(
        tensors["hidden"], tensors["rows"], tensors.get("token_mask"))
    assert np.abs(fusion(hidden, rows, mask).detach().numpy() - library.output).max() <= 1e-5


@pytest.mark.parametrize("case", CASES)
def test_tokens_step_by_step_are_the_whole_sequence(case):
    fusion, tensors = fusion_of(case, torch.float64)
    hidden, rows, mask = inputs_of(tensors, torch.float64)
    whole = fusion(hidden, rows, mask)
    state = fusion.state()
    steps = [fusion(hidden[first:first + count], rows[first:first + count],
                    None if mask is None else mask[first:first + count], state)
             for first, count in ((0, 3), (3, 1), (4, 1), (5, len(hidden) - 5))]
    assert torch.allclose(torch.cat(steps), whole, atol=1e-12)


def test_bad_shapes_are_refused():
    fusion = EngramFusion("deepseek-v4.1", branches=2, width=8, inputs=12)
    for hidden, rows, says in (
            (torch.zeros(3, 2, 9), torch.zeros(3, 12), "hidden has shape"),
            (torch.zeros(2, 8), torch.zeros(12), "hidden has shape"),
            (torch.zeros(3, 2, 8), torch.zeros(3, 13), "rows has shape"),
            (torch.zeros(3, 2, 8), torch.zeros(4, 12), "rows has shape")):
        with pytest.raises(ValueError, match=says):
            fusion(hidden, rows)
    with pytest.raises(ValueError, match="form is 'nonsense'"):
        EngramFusion("nonsense", 1, 1, 1)
    with pytest.raises(ValueError, match="needs wkv"):
        EngramFusion.of("deepseek-v4.1", {"q_weight": torch.zeros(1, 2)})
    assert torch.isfinite(fusion(torch.zeros(1, 2, 8), torch.zeros(1, 12))).all()
    assert fusion.bfloat16()(torch.ones(3, 2, 8).bfloat16(), torch.ones(3, 12)).dtype == torch.bfloat16
