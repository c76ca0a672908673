"""What is seen of sources, as entries of a record: verdicts that turn, what contradicts what was believed before, and
what became of every second."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from msgspec.structs import asdict

from ...streams.frame import Frame
from ...streams.seconds import Fate, Seconds
from ..belief import EnvironmentBelief, MobilityBelief
from ..clock import Clock
from ..records import Entry, Event
from ..records.here import event, looked, verdict
from .seen import NOTHING, Seen
from .state import Coverage, SourceState

# Seconds between two entries of what became of a source.
PERIOD_S: Final = 60.0
Put = Callable[[Entry], None]


class Believed(Protocol):
    """A source of which something is believed: here, or as another process has told."""

    @property
    def name(self) -> str: ...

    @property
    def last(self) -> Seen: ...

    @property
    def beliefs(self) -> tuple[MobilityBelief, EnvironmentBelief]: ...

    @property
    def events(self) -> Sequence[Event]: ...


class Verdicts:
    """Tells what is believed of sources, whenever that has changed.

    Args:
        put: keeps it.
    """

    def __init__(self, put: Put) -> None:
        self._put = put
        self._shown: dict[str, tuple[str, str]] = {}
        self._told: dict[str, Event] = {}

    def look(self, state: Believed) -> None:
        """Tell what has changed since the last look."""
        if state.events:
            self._tell_events(state)
        shown = (state.last.camera, state.last.environment)
        if shown != self._shown.get(state.name, NOTHING):
            self._shown[state.name] = shown
            self._put(verdict(state.name, state.last.at or 0.0, *state.beliefs))

    def _tell_events(self, state: Believed) -> None:
        told, new = self._told.get(state.name), list[Event]()
        for one in reversed(state.events):
            if one == told:
                break
            new.append(one)
        self._told[state.name] = state.events[-1]
        for one in reversed(new):
            now = event(one.kind, one.text)
            self._put(Event(one.kind, one.at, one.text, one.source, now.time, now.pid))


class Sums:
    """Tells what was added to running totals since they were told last.

    Args:
        put: keeps it.
    """

    def __init__(self, put: Put) -> None:
        self._put = put
        self._told: dict[str, tuple[dict[str, float], dict[str, int]]] = {}

    def tell(self, source: str, seconds: Mapping[str, float], coverage: Coverage) -> None:
        """Tell what became of a source, by its totals: seconds by what became of them, and the counts of its pictures.
        Where there is nothing new, nothing is told; totals that are smaller than before have begun anew."""
        pictures = counts(coverage)
        told_seconds, told_pictures = self._told.get(source, ({}, {}))
        more_seconds, more_pictures = _more(seconds, told_seconds), _more(pictures, told_pictures)
        if any(more_seconds.values()) or any(more_pictures.values()):
            self._put(looked(source, more_seconds, {name: int(count) for name, count in more_pictures.items()}))
        self._told[source] = dict(seconds), pictures

    def forget(self, source: str) -> None:
        """Its totals begin anew."""
        self._told.pop(source, None)


def counts(coverage: Coverage) -> dict[str, int]:
    """The pictures by what became of them, as entries have them."""
    return {name: count for name, count in asdict(coverage).items() if name not in ("frames", "seconds")}


def _more(now: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    if any(now[name] < before.get(name, 0) for name in now):
        before = {}
    return {name: round(value - before.get(name, 0), 3) for name, value in now.items()}


class Account:
    """The same of sources whose pictures a program hands over. Any thread may; one of the same source at a time.

    A second without a picture counts as `absent` from the first picture on. A forked child begins anew.

    Args:
        put: keeps it.
        clock: the one that pictures are received by.
    """

    def __init__(self, put: Put, clock: Clock) -> None:
        self._put, self._clock = put, clock
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._verdicts, self._sums = Verdicts(self._put), Sums(self._put)
        self._sources: dict[str, tuple[Seconds, SourceState]] = {}
        self._counts: dict[str, Coverage] = {}

    def seen(self, frame: Frame, state: SourceState) -> None:
        """A picture was taken in."""
        if self._pid != os.getpid():
            self._begin()
        seconds, known = self._sources.get(frame.source) or (Seconds(frame.received_at), state)
        if known is not state or frame.source not in self._sources:
            self._sources[frame.source] = seconds, state
        before, now = self._counts.get(frame.source), state.coverage()
        self._counts[frame.source] = now
        seconds.mark(_fate(before, now), frame.received_at)
        self._verdicts.look(state)

    def tell(self) -> None:
        """Tell what became of all sources since the last time."""
        if self._pid != os.getpid():
            self._begin()
        now = self._clock.now()
        for name, (seconds, state) in tuple(self._sources.items()):
            fates: dict[str, float] = {**seconds.counts(now), "absent": sum(seconds.absent(now).values())}
            self._sums.tell(name, fates, state.coverage())


def _fate(before: Coverage | None, now: Coverage) -> Fate:
    if before is None or now.analysed > before.analysed:
        return "seen"
    return "dropped" if now.dropped > before.dropped else "skipped"
