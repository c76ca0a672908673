"""Where entries go."""

from typing import Protocol

from .entry import Entry


class Sink(Protocol):
    """Keeps entries: as lines, in a ledger, as numbers. Every method may be called from any thread."""

    @property
    def failed(self) -> str | None:
        """Why entries cannot be kept at present; None while they can."""
        ...

    def put(self, entry: Entry) -> None:
        """Keep an entry; never waits, never raises."""
        ...

    def close(self) -> None:
        """Keep what was put in, to the last entry, and end. A second time it does nothing."""
        ...


class Tee:
    """Several sinks in one, or none: it fails where one of them does."""

    def __init__(self, *sinks: Sink) -> None:
        self._sinks = sinks

    @property
    def failed(self) -> str | None:
        return next(filter(None, (sink.failed for sink in self._sinks)), None)

    def put(self, entry: Entry) -> None:
        for sink in self._sinks:
            sink.put(entry)

    def close(self) -> None:
        for sink in self._sinks:
            sink.close()
