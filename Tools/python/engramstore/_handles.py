"""Handles of the library that are closed with their objects, and opened again in a forked child."""
from __future__ import annotations

import ctypes
import os
import threading
import weakref
from typing import Any, Callable

from ._errors import Closed
from ._library import check

_generation = 0
# Held while a handle is opened again; a namespace opens its store again first.
_reopening = threading.RLock()


def _after_fork() -> None:
    global _generation, _reopening
    _generation += 1
    # Another thread of the parent may have held it.
    _reopening = threading.RLock()


os.register_at_fork(after_in_child=_after_fork)


def _release(close: Callable[[int], int], cell: list[int]) -> None:
    # In a child the handle is the parent's: the library knows it and answers without following it.
    if cell[0]:
        close(cell[0])
        cell[0] = 0


class Handle:
    """A handle and how to get it again: a child process that was forked after opening opens anew."""

    __slots__ = ("_cell", "_close", "_finalizer", "_generation", "_open", "_what", "__weakref__")

    def __init__(self, what: str, open_: Callable[[Any], int], close: Callable[[int], int]) -> None:
        self._what = what
        self._open = open_
        self._close = close
        self._cell = [0]
        self._finalizer: Any = None
        self._generation = -1
        self._reopen()

    def _reopen(self) -> None:
        opened = ctypes.c_uint64()
        check(self._open(ctypes.byref(opened)))
        if self._finalizer is not None:
            self._finalizer.detach()
        self._cell = [opened.value]
        self._finalizer = weakref.finalize(self, _release, self._close, self._cell)
        self._generation = _generation

    @property
    def value(self) -> int:
        """The number that the library knows.

        Raises `Closed` where it was closed.
        """
        if self._generation == _generation:
            value = self._cell[0]
            if value:
                return value
        return self._value_anew()

    def _value_anew(self) -> int:
        if self._generation != _generation:
            with _reopening:
                if self._generation != _generation and self._cell[0]:
                    self._reopen()
        if not self._cell[0]:
            raise Closed(f"this {self._what} is closed", 9)
        return self._cell[0]

    @property
    def is_closed(self) -> bool:
        return self._cell[0] == 0

    def close(self) -> None:
        """Closes it; again is fine."""
        if self._finalizer is not None:
            self._finalizer()


class OwnHandle(Handle):
    """A handle that is this process's alone: in a forked child the library refuses it, and says why."""

    __slots__ = ()

    def _value_anew(self) -> int:
        if not self._cell[0]:
            raise Closed(f"this {self._what} is closed", 9)
        return self._cell[0]
