"""What the sources have shown in the last seconds, kept while a program asks whose pictures its own are."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from ...streams.frame import Frame
from ...streams.source import Counters
from ..belief import Faces
from ..budget import Cost
from ..calls.attribution.recent import Recent
from ..calls.attribution.recent import Showing as Shown
from ..clock import Clock, SystemClock
from ..guard import Guard
from ..policy import Pack
from ..sight.account import Believed
from ..sight.state import Coverage
from ..site import Site

# Seconds after the last question for which it is kept on: a program that calls seldom is a program still.
_WANTED_S: Final = 600.0


class Watched(Believed, Protocol):
    """What the service asks of a source: a `SourceState`, or what another process has told of one."""

    @property
    def faces(self) -> Faces: ...

    @property
    def cost_ms(self) -> Cost: ...

    def coverage(self, counters: Counters | None = None) -> Coverage: ...

    def expect_call(self) -> None: ...


class ShowingGuard(Guard):
    """A guard that keeps what its sources show, as long as that is asked for.

    Args:
        site, packs: see `Guard`.

    Attributes:
        shown: what is kept.
        afar: sources that another process looks at, by name.
    """

    def __init__(self, site: Site, packs: Sequence[Pack], **kwargs: Any) -> None:
        super().__init__(site, packs, **kwargs)
        self.shown = Showing()
        self.afar: dict[str, Watched] = {}

    def known(self, source: str) -> Watched:
        """What is known of a source, whoever looks at it; a new one begins with nothing."""
        return self.afar.get(source) or self.watch(source)

    def observe(self, frame: Frame) -> None:
        super().observe(frame)
        self.shown.add(frame)

    def forget(self, source: str) -> None:
        super().forget(source)
        self.shown.forget(source)
        self.afar.pop(source, None)


class Showing:
    """The last pictures of all sources. Every method may be called from any thread; a source has one that adds.

    Args:
        clock: tells when it was last asked for.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._wanted_until = 0.0
        self._recents: dict[str, Shown] = {}

    @property
    def wanted(self) -> bool:
        """Whether it was asked for of late."""
        return self._clock.now() < self._wanted_until

    def want(self, seconds: float = _WANTED_S) -> Mapping[str, Shown]:
        """What each source has shown; from here on it is kept for so long."""
        self._wanted_until = self._clock.now() + seconds
        return self.kept()

    def kept(self) -> Mapping[str, Shown]:
        """What each source has shown, as far as that is kept."""
        return self._recents.copy()

    def add(self, frame: Frame) -> None:
        """Take in a frame, where that is asked for."""
        if self._still():
            recent = self._recents.get(frame.source)
            if not isinstance(recent, Recent):
                recent = self._recents[frame.source] = Recent()
            recent.add(frame)

    def put(self, source: str, shown: Shown) -> None:
        """Take in what a source has shown to somebody else, where that is asked for."""
        if self._still():
            self._recents[source] = shown

    def forget(self, source: str) -> None:
        """The source is gone."""
        self._recents.pop(source, None)

    def _still(self) -> bool:
        if not self.wanted:
            self._recents.clear()
        return self.wanted
