"""The live sources of a site, each read by a thread of its own."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from ...streams.errors import SourceError
from ...streams.source import Source, open_source
from ..guard import Guard
from ..records.entry import Event

State = Literal["connecting", "live", "stale", "gone"]
_STALE_S = 5.0


class CameraStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with a source.

    Attributes:
        last_picture: seconds since its last one; None before the first.
        looking: how closely it is looked at.
        seen, skipped, dropped, unreadable, absent: seconds of it by what became of them.
        reconnects: how often it was opened again, by reason.
        error: why it cannot be read, without credentials.
    """

    name: str
    state: State
    last_picture: float | None = None
    looking: Literal["full", "thrifty"] = "full"
    seen: float = 0.0
    skipped: float = 0.0
    dropped: float = 0.0
    unreadable: float = 0.0
    absent: float = 0.0
    reconnects: dict[str, int] = {}
    error: str | None = None


class _Reader:
    def __init__(self, name: str, url: str, guard: Guard) -> None:
        self.name, self.url, self._guard = name, url, guard
        self.error: str | None = None
        self.heard: float | None = None
        self._source: Source | None = None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"facewarden-{name}", daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.ended.set()
        if self._source:
            self._source.close()

    def _run(self) -> None:
        try:
            with open_source(self.url, self.name) as self._source:
                for frame in self._source:
                    if self.ended.is_set():
                        return
                    self.heard = time.monotonic()
                    self._guard.observe(frame)
        except SourceError as error:
            self.error = str(error)
        finally:
            self.ended.set()


class Cameras:
    """Reads live sources and hands their pictures to the guard.

    Args:
        guard: looks at them.
        note: told of what happens to a source.
    """

    def __init__(self, guard: Guard, note: Callable[[Event], None]) -> None:
        self._guard, self._note = guard, note
        self._readers: dict[str, _Reader] = {}

    def set(self, addresses: Mapping[str, str]) -> None:
        """Read these, URL by name: what is new is opened, what is gone is closed, the rest goes on. Never raises."""
        for name, reader in tuple(self._readers.items()):
            if addresses.get(name) != reader.url:
                self._readers.pop(name).close()
        for name, url in addresses.items():
            if name not in self._readers:
                self._readers[name] = _Reader(name, url, self._guard)

    def status(self, name: str) -> CameraStatus:
        """How it stands with a source; raises `KeyError` where none has that name."""
        reader = self._readers[name]
        age = None if reader.heard is None else time.monotonic() - reader.heard
        if reader.ended.is_set():
            state: State = "gone"
        else:
            state = "connecting" if age is None else "stale" if age > _STALE_S else "live"
        return CameraStatus(name=name, state=state, last_picture=age, error=reader.error)

    def statuses(self) -> tuple[CameraStatus, ...]:
        """The same of all."""
        return tuple(self.status(name) for name in tuple(self._readers))

    def close(self, timeout: float = 5.0) -> None:
        """End the reading, and wait for it that long, seconds, all together."""
        until = time.monotonic() + timeout
        for reader in self._readers.values():
            reader.close()
        for reader in self._readers.values():
            reader.thread.join(max(0.0, until - time.monotonic()))
