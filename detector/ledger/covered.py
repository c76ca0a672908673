"""Of what a ledger can speak, and of what not: how long it was watched, what was lost, whose pictures calls had."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from ..records import Decided, Ended, Entry, Event, Looked, Started, Terms, Verdict
from ..words import many
from .reading import entries

# Seconds without any entry that are silence: a process that is watched says something every ten.
_SILENCE: Final = 30.0
# Kinds of events that say that something was not watched, or not looked at.
_GAPS: Final = ("lost", "tap", "process", "source", "stream", "clock", "faces", "failure")
# What becomes of seconds, in words.
_FATES: Final = {
    "seen": "looked at",
    "skipped": "skipped on purpose",
    "dropped": "shed",
    "unreadable": "unreadable",
    "absent": "not there",
}
NOBODY: Final = "nobody's"


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What a record says of one source.

    Attributes:
        verdict_at: media time of the first picture by which the camera or its environment was known, seconds; None
            where that never was.
        calls: how many there were on it.
        before: how many of them before that verdict.
        gaps: how many events say that something of it was not looked at, by kind.
        seconds, pictures: what became of them, see `Looked`; of several processes that watched it all together.
    """

    verdict_at: float | None = None
    calls: int = 0
    before: int = 0
    gaps: dict[str, int] = {}
    seconds: dict[str, float] = {}
    pictures: dict[str, int] = {}

    def __str__(self) -> str:
        """As a line of an answer."""
        since = "never judged" if self.verdict_at is None else f"judged from {self.verdict_at:.1f} s on"
        gaps = "".join(f", {kind} {count}" for kind, count in self.gaps.items())
        spent = "".join(f", {word} {self.seconds.get(fate, 0):.0f} s" for fate, word in _FATES.items())
        became = f"; {spent[2:]}" if self.seconds else "; what became of its seconds was not recorded"
        return f"{since}; {self.calls} calls, {self.before} of them before{gaps}{became}"


class Witnessed(msgspec.Struct, frozen=True, kw_only=True):
    """What a record covers.

    Attributes:
        first, last: when its first and its last entry were recorded; None where it has none.
        seconds: between these.
        silent: those of them in which no process said that it was still watched.
        processes: how many were watched.
        unended: those that did not say that they ended: they were killed, or watch still.
        gaps: how many events say that something was not watched or not looked at, by kind.
        calls: how many there were, by how it is known whose picture was in them (`Attribution.how`), or `nobody's`.
        packs: sha256 of the packs that were in force, by name; of one that changed, all of them.
        software: the versions of facewarden that watched.
        declared: sha256 of what was declared, see `Terms`; where that changed, all of them.
        sources: what is said of each source that is named.
    """

    first: datetime | None
    last: datetime | None
    seconds: float
    silent: float
    processes: int
    unended: tuple[int, ...]
    gaps: dict[str, int]
    calls: dict[str, int]
    packs: dict[str, tuple[str, ...]]
    software: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    sources: dict[str, Watched] = {}

    @property
    def attributed(self) -> int:
        """Calls of which it is known whose picture was in them."""
        return sum(self.calls.values()) - self.calls.get(NOBODY, 0)

    def lines(self) -> Iterator[str]:
        """The same in words."""
        if self.first is None:
            yield "nothing was recorded"
            return
        yield (
            f"{self.first:%Y-%m-%d %H:%M:%S} to {self.last:%Y-%m-%d %H:%M:%S} UTC: {self.seconds:.0f} s, of which "
            f"nobody said anything for {self.silent:.0f} s; {many(self.processes, 'process', 'es')} watched"
            + (f", {len(self.unended)} of them without an end" if self.unended else "")
        )
        yield self._by_what()
        if self.gaps:
            yield "what may not have been seen: " + ", ".join(f"{kind} {count}" for kind, count in self.gaps.items())
        total = sum(self.calls.values())
        ways = ", ".join(f"{how} {count}" for how, count in self.calls.items())
        yield f"{many(total, 'call')}, {self.attributed} of them of a known source" + (f" ({ways})" if ways else "")
        yield from (f"{name}: {watched}" for name, watched in self.sources.items())

    def _by_what(self) -> str:
        software = f"by facewarden {', '.join(self.software)}" if self.software else "by which version is not recorded"
        packs = ", ".join(f"{name} {' and '.join(one[:12] for one in those)}" for name, those in self.packs.items())
        declared = ", ".join(one[:12] for one in self.declared)
        return f"{software}; packs: {packs or 'none'}" + (f"; declared: {declared}" if declared else "")


class Witness:
    """Adds up the entries of a ledger, in their order."""

    def __init__(self) -> None:
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._silent = 0.0
        self._started = Counter[int]()
        self._processes = 0
        self._gaps, self._calls = Counter[str](), Counter[str]()
        self._packs: dict[str, dict[str, None]] = {}
        self._software, self._declared = dict[str, None](), dict[str, None]()
        self._sources: dict[str, Watched] = {}

    def add(self, entry: Entry) -> None:
        """One more."""
        self._pass(entry.time)
        match entry:
            case Started():
                self._processes += 1
                self._started[entry.pid] += 1
            case Ended():
                self._started[entry.pid] -= 1
            case Event() if entry.kind in _GAPS:
                self._gaps[entry.kind] += 1
                self._miss(entry)
            case Verdict():
                self._judge(entry)
            case Looked():
                self._look(entry)
            case Terms():
                self._software[entry.release] = self._declared[entry.site] = None
                self._ruled_by(entry.packs)
            case Decided():
                self._ask(entry)
                self._calls[entry.attributed_by or NOBODY] += 1
                self._ruled_by(entry.packs)
            case _:
                pass

    def answer(self) -> Witnessed:
        """What they cover."""
        first, last = self._first, self._last
        return Witnessed(
            first=first,
            last=last,
            seconds=(last - first).total_seconds() if first and last else 0.0,
            silent=round(self._silent, 3),
            processes=self._processes,
            unended=tuple(sorted(pid for pid, count in self._started.items() if count > 0)),
            gaps=dict(self._gaps),
            calls=dict(self._calls),
            packs={name: tuple(digests) for name, digests in self._packs.items()},
            software=tuple(self._software),
            declared=tuple(self._declared),
            sources=dict(self._sources),
        )

    def _ruled_by(self, packs: Mapping[str, str]) -> None:
        for name, digest in packs.items():
            self._packs.setdefault(name, {})[digest] = None

    def _of(self, source: str) -> Watched:
        return self._sources.get(source) or Watched()

    def _judge(self, verdict: Verdict) -> None:
        watched = self._of(verdict.source)
        if watched.verdict_at is None and (verdict.mobility.value, verdict.environment.value) != ("unknown", "unknown"):
            watched = replace(watched, verdict_at=verdict.at)
        self._sources[verdict.source] = watched

    def _look(self, looked: Looked) -> None:
        watched = self._of(looked.source)
        seconds = {**watched.seconds, **_sum(watched.seconds, looked.seconds)}
        pictures = {**watched.pictures, **_sum(watched.pictures, looked.pictures)}
        pictures = {name: int(count) for name, count in pictures.items()}
        self._sources[looked.source] = replace(watched, seconds=seconds, pictures=pictures)

    def _ask(self, call: Decided) -> None:
        if call.source is not None:
            watched = self._of(call.source)
            before = watched.before + (watched.verdict_at is None)
            self._sources[call.source] = replace(watched, calls=watched.calls + 1, before=before)

    def _miss(self, event: Event) -> None:
        if event.source is not None:
            watched = self._of(event.source)
            gaps = {**watched.gaps, event.kind: watched.gaps.get(event.kind, 0) + 1}
            self._sources[event.source] = replace(watched, gaps=gaps)

    def _pass(self, time: datetime | None) -> None:
        if time is None:
            return
        if self._last is not None:
            gap = (time - self._last).total_seconds()
            self._silent += gap if gap > _SILENCE else 0.0
        self._first = time if self._first is None else min(self._first, time)
        self._last = time if self._last is None else max(self._last, time)


def _sum(before: Mapping[str, float], more: Mapping[str, float]) -> dict[str, float]:
    return {name: round(before.get(name, 0) + value, 3) for name, value in more.items()}


def covered(ledger: Path) -> Witnessed:
    """What a ledger covers; nothing is verified.

    Raises:
        RecordError: a line is no entry, or cannot be read.
    """
    witness = Witness()
    for _, entry in entries(ledger):
        witness.add(entry)
    return witness.answer()
