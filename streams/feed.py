"""What comes live, whoever brings it: pictures are handed over without waiting, and every second is accounted for."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from .base import DEFAULT_RATE, Source
from .clock import MediaClock
from .errors import SourceError
from .frame import Frame, Pixels, Rotation, Size
from .handover import Handover
from .seconds import Seconds

DEPTH: Final = 2
# Seconds a picture: at 15 a second five in an hour, more than clocks drift apart.
_DRIFT: Final = 1e-4


class Feed(Source):
    """A live source: `depth` pictures wait at most, then the oldest is dropped and counted; media time takes gaps.

    One thread at a time brings pictures; another takes them, from `handover` or by iterating.

    Args:
        name: the source's name.
        depth: how many pictures may wait.
        told: called by whoever brings pictures, with (reason, error line) when they stop to come, and ("", "") when
            they are back. It must not wait.
        ready: called likewise when a picture waits. It must not wait.

    Attributes:
        handover: the pictures that wait.
        seconds: what became of each second.
        reconnects: how often the stream was lost, by reason.
        error: why no picture can be had now, without credentials; None while one can.
        heard: when the last picture came, decoded or not; monotonic seconds.
        offset: seconds by which the camera's clock is behind ours, as of the last picture; None where it has none.
        late: seconds by which the last picture came later, by its stamp, than the promptest of late did.
    """

    def __init__(
        self,
        name: str,
        *,
        depth: int = DEPTH,
        told: Callable[[str, str], None] | None = None,
        ready: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(name)
        self._told, self._ready = told, ready
        self.handover = Handover(depth)
        self.seconds = Seconds(time.monotonic())
        self.reconnects: Counter[str] = Counter()
        self.error: str | None = None
        self.heard: float | None = None
        self.offset: float | None = None
        self.late = 0.0
        self._promptest: float | None = None
        self._clock = MediaClock(step=1 / DEFAULT_RATE)
        self._size: Size | None = None
        self._missed = 0  # pictures that were overwritten before they could be taken

    def frames(self) -> Iterator[Frame]:
        for frame in self.handover:
            self.seconds.mark("seen", time.monotonic())
            yield frame

    def close(self) -> None:
        """End it."""
        self.handover.end()

    def join(self, timeout: float) -> bool:  # noqa: ARG002 - what others bring has no thread of its own
        """Wait for its thread, seconds; whether it has ended."""
        return True

    def _lost(self, error: SourceError) -> None:
        """No picture comes, for that reason."""
        self.error = str(error)
        self.reconnects[error.kind] += 1
        self.seconds.because(error.kind, time.monotonic())
        if self._told:
            self._told(error.kind, str(error))

    def _back(self, last: float | None, now: float) -> None:
        """The first picture after a loss, or of all; before it the last one came at `last`."""
        lost, self.error = self.error, None
        self.seconds.because("silent", now)
        self._clock.reconnected(None if last is None else now - last)
        if self._told and lost is not None:
            self._told("", "")

    def _hand_over(
        self,
        pixels: Pixels,
        stamp: float | None,
        captured_at: float | None = None,
        *,
        rotation: Rotation = 0,
        spared: bool = False,
    ) -> None:
        """Hand a picture over; `stamp` is the stream's own, seconds, and None where it has none."""
        media, event = self._clock.stamp(stamp)
        self.offset = None if captured_at is None else time.time() - captured_at
        frame = self._stamped(
            pixels,
            media,
            event or self._resized(pixels.size),
            captured_at=captured_at,
            rotation=rotation,
            spared=spared,
        )
        self._time(frame)
        before = self.handover.dropped
        self.handover.put(frame)
        if self.handover.dropped > before:
            self.seconds.mark("dropped", frame.received_at)
        self.counters.dropped = self._missed + self.handover.dropped
        if self._ready:
            self._ready()

    def _time(self, frame: Frame) -> None:
        """How late it is; clocks that drift apart make the promptest later bit by bit."""
        behind, promptest = frame.received_at - frame.media_time, self._promptest
        if promptest is None or frame.discontinuity:
            promptest = behind
        self._promptest = min(behind, promptest + _DRIFT)
        self.late = max(0.0, behind - self._promptest)

    def _resized(self, size: Size) -> str | None:
        before, self._size = self._size, size
        if before is None or before == size:
            return None
        return f"the picture's size changed, from {before[0]}x{before[1]} to {size[0]}x{size[1]}"
