"""What can go wrong, by kind. Every message is one line: what, where, what to do."""
from __future__ import annotations


class EngramError(Exception):
    """Anything that the store, the library or the service refuses.

    `status` is the library's code (`ENGRAM_...` of engram.h), 0 where the service said it.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status

    def __reduce__(self) -> tuple[type[EngramError], tuple[str, int]]:
        return type(self), (str(self), self.status)


class InvalidArgument(EngramError, ValueError):
    """An argument makes no sense, whatever the store holds."""


class NotFound(EngramError, LookupError):
    """No store, table, dataset, version or index of that name."""


class OutOfRange(EngramError, IndexError):
    """A row id, sample number, position or token id outside what there is."""


class Corrupt(EngramError):
    """Stored bytes do not match their checksum; nothing of them was served."""


class StorageFailure(EngramError, OSError):
    """The system refused a file."""

    def __init__(self, message: str, status: int = 0) -> None:
        EngramError.__init__(self, message, status)

    def __str__(self) -> str:
        return str(self.args[0])


class NewerFormat(EngramError):
    """The store, or a file of it, has a newer format than this package reads."""


class Unsupported(EngramError, TypeError):
    """What was named cannot do this."""


class Closed(EngramError):
    """The object was closed, or its store was."""


class Conflict(EngramError):
    """The service has another version than the one that was asked for."""


class ServiceError(EngramError, ConnectionError):
    """The service cannot be reached, died in the middle of an answer, or refused for its own reasons."""

    def __init__(self, message: str, status: int = 0, http_status: int | None = None) -> None:
        EngramError.__init__(self, message, status)
        self.http_status = http_status

    def __str__(self) -> str:
        return str(self.args[0])


BY_STATUS: dict[int, type[EngramError]] = {
    1: InvalidArgument,
    2: NotFound,
    3: OutOfRange,
    4: InvalidArgument,
    5: Corrupt,
    6: StorageFailure,
    7: NewerFormat,
    8: Unsupported,
    9: Closed,
    10: Closed,
    11: EngramError,
}
