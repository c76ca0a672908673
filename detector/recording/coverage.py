"""Which pictures and seconds of a recording were looked at, and which nobody saw."""

from collections import Counter

import msgspec

from ..environment import BLIND
from .messages import Picture

_NS = 1e9


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a source's pictures.

    Attributes:
        frames: how many were handed over; `analysed` (`in_part` of them for the camera's motion alone), `skipped` as
            planned and `dropped` for want of time add up to it.
        faces_shed: how often there was no time to look for faces.
        seconds: from the first picture to the last, on the clock of whoever received them.
        absent: seconds of them in which no picture came, beyond what one stands for.
        undecided: seconds before anything was known of the camera.
        first, last: when the first and the last were recorded, POSIX seconds.
    """

    source: str
    frames: int
    analysed: int
    in_part: int
    skipped: int
    dropped: int
    faces_shed: int
    seconds: float
    absent: float
    undecided: float
    first: float
    last: float


class Coverages:
    """Adds up the pictures of all sources."""

    def __init__(self) -> None:
        self._sources: dict[str, _Coverage] = {}

    def add(self, picture: Picture, at: int) -> None:
        """A picture, recorded at nanoseconds of POSIX time."""
        self._sources.setdefault(picture.source, _Coverage(picture.received_at, at)).add(picture, at)

    def answer(self) -> tuple[Covered, ...]:
        """All of them, in the order in which they came."""
        return tuple(coverage.answer(source) for source, coverage in self._sources.items())


class _Coverage:
    def __init__(self, received_at: float, at: int) -> None:
        self._fates = Counter[str]()
        self._began = self._received = received_at
        self._first = self._last = at
        self._absent = 0.0
        self._decided: float | None = None
        self._shed = 0

    def add(self, picture: Picture, at: int) -> None:
        self._fates[picture.fate] += 1
        self._shed += picture.allowed.get("faces") is False
        self._absent += max(0.0, picture.received_at - self._received - BLIND)
        self._received, self._last = picture.received_at, at
        if self._decided is None and picture.seen.camera != "unknown":
            self._decided = picture.received_at

    def answer(self, source: str) -> Covered:
        fates = self._fates
        until = self._received if self._decided is None else self._decided
        return Covered(
            source=source,
            frames=fates.total(),
            analysed=fates["analysed"] + fates["in part"],
            in_part=fates["in part"],
            skipped=fates["skipped"],
            dropped=fates["dropped"],
            faces_shed=self._shed,
            seconds=round(self._received - self._began, 3),
            absent=round(self._absent, 3),
            undecided=round(until - self._began, 3),
            first=round(self._first / _NS, 3),
            last=round(self._last / _NS, 3),
        )
