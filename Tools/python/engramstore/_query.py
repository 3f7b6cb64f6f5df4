"""Questions, and the passages that answer them."""
from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, Iterable, Sequence

import numpy as np


@dataclass(frozen=True)
class Passage:
    """A passage that was found, and where it stands."""

    rank: int
    score: float
    dataset: str
    version: int
    sample: int
    passage: int
    start: int
    end: int
    title: str
    source: str
    text: str
    id: str | None = None


class Answer(list[Passage]):
    """Passages, best first; `context` has them as a prompt takes them, where that was asked for."""

    context: str | None = None


_MEMBERS = {field.name for field in fields(Passage)}


def request_of(question: str, limit: int, per_document: int | None, where: str | Iterable[str],
               mode: str | None, vector: Any, max_tokens: int | None) -> dict[str, Any]:
    """A question as JSON has it."""
    if not isinstance(question, str):
        raise TypeError(f"the question is a {type(question).__name__}; give a string")
    body: dict[str, Any] = {"question": question, "limit": limit}
    if per_document is not None:
        body["perDocument"] = per_document
    conditions = [where] if isinstance(where, str) else list(where)
    if conditions:
        body["where"] = conditions
    if mode is not None:
        body["mode"] = mode
    if vector is not None:
        body["vector"] = np.asarray(vector, np.float32).reshape(-1).tolist()
    if max_tokens is not None:
        body["maxTokens"] = max_tokens
    return body


def answer_of(text: bytes | str) -> Answer:
    """The answer that JSON has."""
    body = json.loads(text)
    answer = Answer(Passage(**{name: value for name, value in line.items() if name in _MEMBERS})
                    for line in body["passages"])
    answer.context = body.get("context")
    return answer


def names_of(datasets: str | Sequence[str]) -> list[str]:
    """One name or several, as a list."""
    names = [datasets] if isinstance(datasets, str) else list(datasets)
    if not names:
        raise ValueError("datasets is empty; name one or several")
    return names
