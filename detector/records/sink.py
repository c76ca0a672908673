"""Where entries go."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from .entry import Entry

# An entry, or what makes it.
Due: TypeAlias = Entry | Callable[[], Entry]


class Sink(Protocol):
    """Keeps entries: as lines, in a ledger, as numbers. Every method may be called from any thread."""

    @property
    def failed(self) -> str | None:
        """Why entries cannot be kept at present; None while they can."""
        ...

    def put(self, entry: Due) -> None:
        """Keep an entry; never raises. Nothing comes of a call before it is kept: when this returns it is, or `failed`
        says why not."""
        ...

    def close(self) -> None:
        """Keep what was put in, to the last entry, and end. A second time it does nothing."""
        ...


class Tee:
    """Several sinks in one, or none: it fails where one of them does."""

    def __init__(self, *sinks: Sink) -> None:
        self._sinks = sinks

    def join(self, sink: Sink) -> None:
        """One more from here on."""
        self._sinks = (*self._sinks, sink)

    @property
    def failed(self) -> str | None:
        return next(filter(None, (sink.failed for sink in self._sinks)), None)

    def put(self, entry: Due) -> None:
        for sink in self._sinks:
            sink.put(entry)

    def close(self) -> None:
        for sink in self._sinks:
            sink.close()


class Failed:
    """Keeps nothing, and says why.

    Attributes:
        failed: that.
    """

    def __init__(self, failed: str) -> None:
        self.failed = failed

    def put(self, entry: Due) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Nothing is left."""


def made(entry: Due) -> Entry:
    """The entry, made where it is not yet."""
    return entry() if callable(entry) else entry
