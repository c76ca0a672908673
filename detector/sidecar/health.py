"""Looks after the sources: how each stands, and what may not be relied on. On a thread of its own, for it may wait."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from ...streams.address import redacted
from ...streams.pushed import PushedFeed
from ..clock import Clock, SystemClock
from ..records.entry import Event
from ..records.here import event
from ..sight.account import PERIOD_S as ACCOUNT_S
from ..sight.account import Sums, Verdicts
from ..sight.state import Coverage
from .cameras import CameraStatus
from .gate import Gate
from .journal import Journal
from .onvif.analytics import OnvifAnswer
from .picture import Picture, Readiness, SourceAnswer
from .settings import Settings
from .shown import ShowingGuard

PERIOD_S: Final = 0.5
# Where, for so many seconds on end, more pictures were shed than looked at, nobody can say that a source was.
_BLOWN_S: Final = 30.0
_LISTED: Final = 20
# Seconds by which pictures may come late: HLS brings ten at once. What was seen holds half as long.
_LATE_S: Final = 20.0
_FATES: Final = ("seen", "skipped", "dropped", "unreadable", "absent")


class Sources(Protocol):
    """What reads the sources: `Cameras`, or `Scripted`."""

    def set(self, addresses: Mapping[str, str]) -> None: ...

    def statuses(self) -> Sequence[CameraStatus]: ...

    def pushed(self, name: str) -> PushedFeed | None: ...

    def close(self, timeout: float) -> None: ...


class Watchman:
    """Keeps the picture of the service, tells the gate what nobody looks at, and tells of verdicts that turn.

    Args:
        guard: has what was seen of the sources.
        cameras: know how each source stands.
        gate: is told what may not be relied on.
        journal: is told of what changes.
        settings: name the sources.
        onvif: what is known of what a camera recognises by itself, by its name.
        clock: for how long something has lasted.

    Attributes:
        picture: the last.
        ending: whether the service is about to stop.
        reload: why the site file could not be read again.
    """

    def __init__(
        self,
        guard: ShowingGuard,
        cameras: Sources,
        gate: Gate,
        journal: Journal,
        settings: Callable[[], Settings],
        onvif: Callable[[str], OnvifAnswer | None],
        clock: Clock | None = None,
    ) -> None:
        self._guard, self._cameras, self._gate, self._journal = guard, cameras, gate, journal
        self._settings, self._onvif, self._clock = settings, onvif, clock or SystemClock()
        self.picture = Picture()
        self.ending = False
        self.reload: str | None = None
        self._verdicts, self._sums = Verdicts(journal.put), Sums(journal.put)
        self._accounting = threading.Lock()
        self._states: dict[str, str] = {}
        self._loads: dict[str, deque[tuple[float, Coverage]]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="facewarden-watchman", daemon=True)

    def start(self) -> None:
        """Begin; the first picture is there when this returns."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.look()
        self._account()

    def look(self) -> None:
        """Make the picture anew."""
        addresses = dict(self._settings().sources)
        statuses = {status.name: status for status in self._cameras.statuses()}
        sources = {name: self._answer(name, url, statuses.get(name)) for name, url in addresses.items()}
        self._gate.tell({name: source.unseen for name, source in sources.items() if source.unseen})
        self.picture = Picture(sources, self._readiness(sources))
        for source in sources.values():
            self._tell(source)

    def _run(self) -> None:
        due = self._clock.now() + ACCOUNT_S
        while not self._stop.wait(PERIOD_S):
            try:
                self.look()
                if self._clock.now() >= due:
                    due += ACCOUNT_S
                    self._account()
            except Exception as error:  # noqa: BLE001 - the watchman goes on; the gate is told below
                self._gate.tell(dict.fromkeys(self._settings().sources, "whether anybody looks at it is not known"))
                self._journal.event(
                    "failure", f"the sources could not be looked after: {type(error).__name__}: {error}"
                )

    def _answer(self, name: str, url: str, status: CameraStatus | None) -> SourceAnswer:
        state = self._guard.known(name)
        status = status or CameraStatus(name=name, state="connecting")
        mobility, environment = state.beliefs
        late = self._late(status)
        return SourceAnswer(
            source=name,
            url=redacted(url),
            state="stale" if late and status.state == "live" else status.state,
            last_picture=None if status.last_picture is None else round(status.last_picture, 3),
            mobility=mobility,
            environment=environment,
            faces=state.faces,
            coverage=state.coverage(status.counters),
            cost_ms=state.cost_ms,
            looking=status.looking,
            seconds={fate: getattr(status, fate) for fate in _FATES},
            looked=dict(status.looked),
            late=status.late,
            reconnects=status.reconnects,
            clock_offset=status.clock_offset,
            events=tuple(map(str, list(state.events)[-_LISTED:])),
            unseen=self._unseen(status, state.coverage()) or late,
            problem=status.error,
            onvif=self._onvif(name),
        )

    def _unseen(self, status: CameraStatus, coverage: Coverage) -> str | None:
        match status.state:
            case "connecting":
                return "no picture has come yet"
            case "stale":
                return f"no picture came for {status.last_picture or 0:.0f} s"
            case "gone":
                return "its stream has ended"
            case _:
                blown = self._blown(status.name, coverage)
                return "its pictures are not looked at, for that takes too long" if blown else None

    def _late(self, status: CameraStatus) -> str | None:
        """That its pictures are old when they come, where that is known."""
        behind = status.clock_offset if status.name in self._settings().right_clocks else None
        late = max(status.late, behind or 0.0)
        return f"its pictures come {late:.0f} s late" if late > _LATE_S else None

    def _blown(self, name: str, coverage: Coverage) -> bool:
        """Whether its analysis has long been over its budget."""
        now, loads = self._clock.now(), self._loads.setdefault(name, deque())
        loads.append((now, coverage))
        while len(loads) > 1 and now - loads[1][0] >= _BLOWN_S:  # the first is the last that is old enough
            loads.popleft()
        since, before = loads[0]
        if now - since < _BLOWN_S:
            return False
        return coverage.dropped - before.dropped > coverage.analysed - before.analysed

    def _awaited(self, name: str) -> bool:
        """Whether there is nothing to try: a host hands pictures over when it likes, perhaps once we are ready."""
        source = self._gate.terms.site.sources.get(name)
        return source is not None and source.url.startswith(("push:", "shm:"))

    def _readiness(self, sources: Mapping[str, SourceAnswer]) -> Readiness:
        untried = tuple(
            name
            for name, source in sources.items()
            if source.state == "connecting" and source.problem is None and not self._awaited(name)
        )
        record = self._journal.failed
        return Readiness(
            ready=not (untried or record or self.ending),
            policy=tuple(f"{pack.name} {pack.version}" for pack in self._gate.terms.judge.packs),
            record=record,
            untried=untried,
            unseen=dict(self._gate.unseen),
            reload=self.reload,
            ending=self.ending,
        )

    def _tell(self, source: SourceAnswer) -> None:
        """Put on record what has changed: how a source stands, and what is believed of it."""
        state = self._guard.known(source.source)
        if source.state != self._states.get(source.source, "connecting"):
            text = f"{self._states.get(source.source, 'connecting')} -> {source.state}"
            self._journal.note(_happened(source, f"{text}: {source.problem}" if source.problem else text))
        self._states[source.source] = source.state
        self._verdicts.look(state)

    def leave(self, names: Iterable[str]) -> None:
        """These sources are about to go, or to be opened anew: put on record what became of them, and all others."""
        self.look()
        self._account()
        for name in names:
            self._sums.forget(name)

    def _account(self) -> None:
        with self._accounting:
            for name, source in self.picture.sources.items():
                self._sums.tell(name, source.seconds, source.coverage)


def _happened(source: SourceAnswer, text: str) -> Event:
    made = event("source", text)
    return Event(made.kind, None, text, source.source, made.time, made.pid)
