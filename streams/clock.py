"""Media time: seconds since a source's first picture, never running backwards."""

import math
from dataclasses import dataclass

# Pictures in decoding order can be stamped a little out of order; a step back beyond this is a reset or a jump.
_JITTER = 1.0
# A longer step forward is worth a word: a camera that slept, a recording that was cut, or a clock that was set.
_SILENCE = 10.0
# Seconds of pictures under one stamp after which the stamps are taken to stand still.
_STUCK = 1.0
_ROUNDING = 1e-9
# RTP counts 32 bits and MPEG transport streams 33, both at 90 kHz: 13 h 15 min and 26 h 31 min.
_WRAPS = (2**32 / 90_000, 2**33 / 90_000)


@dataclass(slots=True)
class MediaClock:
    """Turns a stream's own time stamps into media time, re-basing it where they reset, wrap or jump back.

    `step` is the expected time between pictures in seconds: it stands in where a stamp is missing or useless.
    """

    step: float
    _offset: float | None = None
    _last: float = 0.0
    _repeats: int = 0
    _gap: float | None = None

    def reconnected(self, gap: float | None = None) -> None:
        """The stream was lost and begins anew: whatever the next stamp is, it has nothing to do with the last.

        Args:
            gap: seconds between the last picture and the next, by the receiver's clock; media time takes them. One step
                where it is not known.
        """
        if self._offset is not None:
            self._gap = self.step if gap is None else max(0.0, gap)

    def stamp(self, seconds: float | None) -> tuple[float, str | None]:
        """Media time of the next picture, and what happened to the stamps, in words, where something did."""
        if seconds is None or not math.isfinite(seconds):
            seconds = 0.0 if self._offset is None else self._last + self.step - self._offset
        if self._offset is None:
            self._offset = -seconds
        if self._gap is not None:
            return self._begin_anew(seconds, self._gap)
        moved = seconds + self._offset - self._last
        event = self._event(moved) or self._stuck(moved)
        if moved < -_JITTER or self._repeats * self.step > _STUCK:
            self._offset += self.step - moved
            moved = self.step
        self._last += max(0.0, moved)
        return self._last, event

    def _begin_anew(self, seconds: float, gap: float) -> tuple[float, str]:
        self._last += gap
        self._offset, self._gap, self._repeats = self._last - seconds, None, 0
        return self._last, f"the stream was lost, and began anew after {gap:.3f} s"

    def _stuck(self, moved: float) -> str | None:
        """A camera whose clock has died still shows something: its pictures must not all be one moment."""
        before = self._repeats
        self._repeats = before + 1 if abs(moved) < _ROUNDING else 0
        begins = before * self.step <= _STUCK < self._repeats * self.step
        return f"time stamps stand still (for {self._repeats} pictures)" if begins else None

    @staticmethod
    def _event(moved: float) -> str | None:
        if -_JITTER <= moved <= _SILENCE:
            return None
        if any(abs(moved + wrap) < _SILENCE for wrap in _WRAPS):
            return f"time stamps wrapped around ({moved:+.3f} s)"
        return f"time stamps jumped {'back' if moved < 0 else 'ahead'} ({moved:+.3f} s)"
