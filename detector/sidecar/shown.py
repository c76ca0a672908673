"""What the sources have shown in the last seconds, kept while a program asks whose pictures its own are."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...streams.frame import Frame
from ..calls.attribution import Recent
from ..clock import Clock, SystemClock
from ..guard import Guard
from ..policy import Pack
from ..site import Site

# Seconds after the last question for which it is kept on: a program that calls seldom is a program still.
_WANTED_S: Final = 600.0


class ShowingGuard(Guard):
    """A guard that keeps what its sources show, as long as that is asked for.

    Args:
        site, packs: see `Guard`.

    Attributes:
        shown: what is kept.
    """

    def __init__(self, site: Site, packs: Sequence[Pack], **kwargs: Any) -> None:
        super().__init__(site, packs, **kwargs)
        self.shown = Showing()

    def observe(self, frame: Frame) -> None:
        super().observe(frame)
        self.shown.add(frame)

    def forget(self, source: str) -> None:
        super().forget(source)
        self.shown.forget(source)


class Showing:
    """The last pictures of all sources. Every method may be called from any thread; a source has one that adds.

    Args:
        clock: tells when it was last asked for.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._wanted_until = 0.0
        self._recents: dict[str, Recent] = {}

    def want(self) -> Mapping[str, Recent]:
        """What each source has shown; from here on it is kept for a while."""
        self._wanted_until = self._clock.now() + _WANTED_S
        return self._recents.copy()

    def add(self, frame: Frame) -> None:
        """Take in a frame, where that is asked for."""
        if self._clock.now() < self._wanted_until:
            recent = self._recents.get(frame.source) or self._recents.setdefault(frame.source, Recent())
            recent.add(frame)
        elif self._recents:
            self._recents.clear()

    def forget(self, source: str) -> None:
        """The source is gone."""
        self._recents.pop(source, None)
