"""What tables and datasets have in common: a published version, open, that stays the one it is."""
from __future__ import annotations

import ctypes
import os
from typing import Any, Callable, TypeVar

from ._errors import Conflict
from ._handles import Handle
from ._library import check, library

_Self = TypeVar("_Self", bound="Version")


class Version:
    """A version of a table or dataset, open.

    It does not depend on the store object that opened it: a forked child, and whoever unpickles it, opens
    the same version of the store's folder again, and is told where that is another one now.
    """

    _kind: str
    _opener: Callable[..., int]
    _closer: Callable[[int], int]
    _describer: Callable[..., int]
    _info_type: type[ctypes.Structure]

    def __init__(self, path: str, reference: str, identity: str | None = None,
                 store: int | None = None) -> None:
        #: SHA-256 of the version.
        self.identity = identity or ""
        #: "name@version".
        self.reference = reference
        self._path = path
        self._lent = store
        self._info: Any = self._info_type()
        self._handle = Handle(self._kind, self._open, type(self)._closer)
        self.identity = self._info.identity.decode()
        #: The version's number.
        self.version = int(self._info.version)
        #: The name, without the version.
        self.name = reference.rpartition("@")[0] if "@" in reference else reference
        # From now on, exactly this version.
        self.reference = f"{self.name}@{self.version}"
        self._take(self._info)

    def _take(self, info: Any) -> None:
        raise NotImplementedError

    def _open(self, out: Any) -> int:
        store, self._lent = self._lent, None
        if store is not None:
            return self._open_in(store, out)
        own = ctypes.c_uint64()
        check(library.engram_store_open(os.fsencode(self._path), ctypes.byref(own)))
        try:
            return self._open_in(own.value, out)
        finally:
            library.engram_store_close(own)

    def _open_in(self, store: int, out: Any) -> int:
        check(type(self)._opener(store, self.reference.encode(), out))
        handle = out._obj.value
        check(type(self)._describer(handle, ctypes.byref(self._info)))
        found = self._info.identity.decode()
        if self.identity and found != self.identity:
            type(self)._closer(handle)
            raise Conflict(f"{self._kind} {self.reference} of {self._path} is another one now: {found}, not "
                           f"{self.identity}; open it by its name again")
        return 0

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._path, self.reference, self.identity)

    def close(self) -> None:
        """Lets go of the version; calls then raise `Closed`."""
        self._handle.close()
