"""Sources as another process has told of them."""

from msgspec import structs

from ....streams.source import Counters
from ...belief import EnvironmentBelief, Faces, MobilityBelief
from ...budget import Cost
from ...calls.attribution.recent import Showing
from ...records.entry import Event
from ...sight.seen import Seen
from ...sight.state import Coverage
from ..cameras import CameraStatus
from .messages import Pictures, Standing, as_thumb, as_view

_NEVER = Coverage(0, 0, 0, 0, 0, 0.0)


class Afar:
    """One of them; a `Watched`. Whoever hears of it writes, any thread reads.

    Args:
        name: of the source.

    Attributes:
        last: what was seen.
        calls: how many calls on it were decided on.
        standing: how it stands; None before that is told.
        told_at: when that was, monotonic seconds.
    """

    def __init__(self, name: str) -> None:
        self.name, self.last, self.calls = name, Seen(name), 0
        self.standing: Standing | None = None
        self.told_at = 0.0

    @property
    def beliefs(self) -> tuple[MobilityBelief, EnvironmentBelief]:
        """What is believed of the camera and of its environment."""
        told = self.standing
        return (MobilityBelief(), EnvironmentBelief()) if told is None else (told.mobility, told.environment)

    @property
    def faces(self) -> Faces:
        """What was seen of faces."""
        return Faces() if self.standing is None else self.standing.faces

    @property
    def events(self) -> tuple[Event, ...]:
        """What contradicts what was believed before, the latest."""
        return () if self.standing is None else self.standing.events

    @property
    def cost_ms(self) -> Cost:
        """What each picture has cost."""
        return Cost(0.0, 0.0, 0.0, 0.0) if self.standing is None else self.standing.cost_ms

    def coverage(self, counters: Counters | None = None) -> Coverage:
        """See `SourceState.coverage`."""
        return (_NEVER if self.standing is None else self.standing.coverage).beside(counters or Counters())

    def expect_call(self) -> None:
        """A call is being decided on: whoever looks is told soon."""
        self.calls += 1

    def status(self, now: float, trouble: str | None) -> CameraStatus:
        """How it stands at `now`, monotonic seconds; in `trouble` nobody looks at it, for that reason."""
        if self.standing is None:
            return CameraStatus(name=self.name, state="connecting" if trouble is None else "stale", error=trouble)
        told = self.standing.status
        last = None if told.last_picture is None else round(told.last_picture + now - self.told_at, 3)
        if trouble is None:
            return structs.replace(told, last_picture=last)
        return structs.replace(told, last_picture=last, state="stale", error=trouble)


def joined(before: Showing | None, new: Pictures) -> Showing:
    """What a source has shown, with that which was told just now."""
    views, thumbs = ((), ()) if before is None else (before.views, before.thumbs)
    return Showing(
        (*views, *map(as_view, new.views))[-new.views_kept :] if new.views_kept else (),
        (*thumbs, *map(as_thumb, new.thumbs))[-new.thumbs_kept :] if new.thumbs_kept else (),
    )
