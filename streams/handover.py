"""Frames from one thread to another, for live sources: bounded, and it never makes the giver wait."""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from threading import Condition

from .frame import Frame


class Handover:
    """Between a thread that receives frames and one that takes them.

    When `depth` frames wait the oldest is dropped and counted: what is newest matters. What was said of its time stamps
    goes on with the next one. It ends with `end`; with an error, that reaches the taker after the frames that wait.

    Args:
        depth: how many frames may wait, at least 1.

    Attributes:
        dropped: frames thrown away because the taker was too slow, or had left.
    """

    def __init__(self, depth: int) -> None:
        self.dropped = 0
        self._waiting: deque[Frame] = deque(maxlen=depth)
        self._changed = Condition()
        self._newest: float | None = None
        self._ended = False
        self._error: Exception | None = None

    def __len__(self) -> int:
        """How many frames wait."""
        return len(self._waiting)

    def age(self, now: float | None = None) -> float | None:
        """Seconds since the newest frame was received, `now` on the monotonic clock; None before the first one."""
        newest = self._newest
        if newest is None:
            return None
        return (time.monotonic() if now is None else now) - newest

    def put(self, frame: Frame) -> None:
        """Hand a frame over; never waits. After the end it is dropped."""
        with self._changed:
            self._newest = frame.received_at
            if self._ended:
                self.dropped += 1
                return
            if len(self._waiting) == self._waiting.maxlen:
                self.dropped += 1
                lost = self._waiting.popleft().discontinuity
                frame = _told(frame, lost)
            self._waiting.append(frame)
            self._changed.notify()

    def end(self, error: Exception | None = None) -> None:
        """Nothing more comes, because of `error` where there is one; the first end counts."""
        with self._changed:
            if not self._ended:
                self._ended, self._error = True, error
            self._changed.notify_all()

    def take(self) -> Frame | None:
        """The oldest that waits; None where none does. Never waits itself."""
        with self._changed:
            return self._waiting.popleft() if self._waiting else None

    def __iter__(self) -> Iterator[Frame]:
        """The frames as they come, until the end; raises what it ended with."""
        while (frame := self._next()) is not None:
            yield frame
        if self._error is not None:
            raise self._error

    def _next(self) -> Frame | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            return self._waiting.popleft() if self._waiting else None


def _told(frame: Frame, lost: str | None) -> Frame:
    """What was said of a dropped frame is said of the next that will wait, after it in time."""
    return replace(frame, discontinuity=frame.discontinuity or lost) if lost else frame
