"""Vectors that the tests give passages and questions."""
from __future__ import annotations

import numpy as np

COUNT, WIDTH = 12, 8


def vector(number: int) -> list[float]:
    """Document `number`'s own vector, of length 1."""
    drawn = np.random.default_rng(number).normal(size=WIDTH)
    return (drawn / np.linalg.norm(drawn)).tolist()
