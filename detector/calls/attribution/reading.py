"""Which source a thread or task reads: a loop that takes pictures from one camera runs its models on them."""

import os
import threading
from collections.abc import Collection
from weakref import WeakKeyDictionary, WeakSet

from ...clock import Clock, SystemClock
from .attribution import Attribution
from .declared import current_job

# Seconds for which a source that was read may be the one that a model is run on.
SECONDS = 10.0
_MOST = 8


class Reading:
    """What each thread, task and job has read; it goes with them. A forked child has read nothing: it is there to do
    some other work."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self.forget()
        _READINGS.add(self)

    def forget(self) -> None:
        """Nobody has read anything."""
        self._threads = threading.local()
        self._jobs: WeakKeyDictionary[object, dict[str, float]] = WeakKeyDictionary()

    def read(self, source: str) -> None:
        """The running thread, task or job has taken a picture from `source`."""
        reads, now = self._reads(), self._clock.now()
        if source not in reads and len(reads) >= _MOST:
            del reads[min(reads, key=lambda name: reads[name])]
        reads[source] = now

    def source(self) -> Attribution | None:
        """The source that has been read here in the last seconds, the last of several first; None where none was."""
        return as_read(self.recent())

    def recent(self) -> tuple[str, ...]:
        """What has been read here in the last seconds, the newest first."""
        since = self._clock.now() - SECONDS
        found = [(at, name) for name, at in self._reads().items() if at >= since]
        return tuple(name for _, name in sorted(found, reverse=True))

    def _reads(self) -> dict[str, float]:
        job = current_job()
        if job is None:
            return self._threads.__dict__.setdefault("reads", {})
        return self._jobs.setdefault(job, {})


def as_read(sources: Collection[str]) -> Attribution | None:
    """A call on what was read; None where nothing was."""
    first, *others = sources or ("",)
    return Attribution(first, "thread", 0.8, others=tuple(others)) if first else None


_READINGS: WeakSet[Reading] = WeakSet()


def _forget_all() -> None:
    for reading in tuple(_READINGS):
        reading.forget()


os.register_at_fork(after_in_child=_forget_all)
