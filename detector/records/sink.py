"""Where entries go."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from .entry import Entry

# An entry, or what makes it: the program that is watched does not wait while one is made that another thread can make.
Due: TypeAlias = Entry | Callable[[], Entry]


class Sink(Protocol):
    """Keeps entries: as lines, in a ledger, as numbers. Every method may be called from any thread."""

    @property
    def failed(self) -> str | None:
        """Why entries cannot be kept at present; None while they can."""
        ...

    def put(self, entry: Due) -> None:
        """Keep an entry; never waits, never raises."""
        ...

    def close(self) -> None:
        """Keep what was put in, to the last entry, and end. A second time it does nothing."""
        ...


class Beside(Protocol):
    """Keeps what a sink writes once more, in its own way. One thread at a time calls it: that which writes."""

    def write(self, lines: list[bytes]) -> None:
        """Keep the lines, as `entry.write` makes them, and take out of the list those that it has taken on itself.

        Raises:
            OSError: something could not be written; it is tried again the next time.
            FacewardenError: as above, for another reason.
        """
        ...

    def tick(self) -> None:
        """Do what is due, several times a second; raises as `write` does."""
        ...

    def begin_again(self) -> None:
        """Forget what waits: this is a forked child, and its parent will write that."""
        ...

    def close(self) -> None:
        """End; nothing is written afterwards. Raises as `write` does."""
        ...


class Tee:
    """Several sinks in one, or none: it fails where one of them does."""

    def __init__(self, *sinks: Sink) -> None:
        self._sinks = sinks

    @property
    def failed(self) -> str | None:
        return next(filter(None, (sink.failed for sink in self._sinks)), None)

    def put(self, entry: Due) -> None:
        for sink in self._sinks:
            sink.put(entry)

    def close(self) -> None:
        for sink in self._sinks:
            sink.close()


def made(entry: Due) -> Entry:
    """The entry, made where it is not yet."""
    return entry() if callable(entry) else entry
