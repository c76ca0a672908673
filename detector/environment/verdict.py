"""Signs added up over time to a verdict.

Nothing that is seen makes a place controlled: what lasts without a sign against it, before a face that came to be
recognised, is *consistent* with a controlled place, and no more. It takes one sign to withdraw that, and two causes
that last to call a place uncontrolled.
"""

from collections import deque
from collections.abc import Set
from typing import Final, Literal

from .signs import CAUSES, Sign

# Seconds without a sign before a place is consistent: at first, longer while the camera may still turn out to be
# carried, and after the place was not.
_CLEAR: Final = 1.0
_CLEAR_UNKNOWN: Final = 1.5
_CLEAR_AGAIN: Final = 3.0
# A sign in this share of the last half second withdraws that: an arm in one picture does not.
_WITHDRAWS: Final = (0.5, 0.6)
# Causes that last: in this share of the last three seconds, two of them; and for how long after that it is said.
_LASTS: Final = (3.0, 0.75)
_CAUSES: Final = 2
_SAID_FOR: Final = 30.0
# Seconds without a face that came to be recognised, and without a picture, after which nothing is consistent.
_ALONE: Final = 30.0
BLIND: Final = 1.5
_ROUNDING: Final = 1e-3


class Verdict:
    """What the signs of one source have come to.

    Attributes:
        value: `uncontrolled` while two causes last and for half a minute after, else `unknown`.
        consistent: whether what is seen is what a controlled place looks like.
        decided_at: when `value` was reached, seconds; None while unknown. consistent_at: the same for `consistent`.
        causes: how many lasted when it was last found uncontrolled.
    """

    def __init__(self) -> None:
        self.value: Literal["uncontrolled", "unknown"] = "unknown"
        self.consistent = False
        self.decided_at: float | None = None
        self.consistent_at: float | None = None
        self.causes = 0
        self._past: deque[tuple[float, frozenset[Sign]]] = deque()
        self._since = self._clear_since = self._faced = self._lasted = -1e9
        self._withdrawn = False

    def update(self, time: float, signs: Set[Sign], looked_at: float, faced: bool, camera: str) -> None:
        """Take in a picture's signs.

        Args:
            time: of the picture, seconds.
            signs: what speaks against a controlled place.
            looked_at: when faces were last looked for, seconds.
            faced: whether that was now, and found a face that came to be recognised.
            camera: what is believed of it, `mobile | fixed | unknown`.
        """
        if not self._past:
            self._since = self._clear_since = time
        elif time - min(looked_at, self._past[-1][0]) > BLIND:
            self._clear_since = time
            self._withdraw()
        self._past.append((time, frozenset(signs)))
        while time - self._past[0][0] > _LASTS[0] + _ROUNDING:
            self._past.popleft()
        if signs:
            self._clear_since = time
        if faced:
            self._faced = time
        self._judge_consistent(time, _CLEAR if camera == "fixed" else _CLEAR_UNKNOWN)
        self._judge_uncontrolled(time)

    @property
    def progress(self) -> float:
        """How far the evidence has come towards `uncontrolled`, 0..1."""
        return min(1.0, sum(sorted(self._shares())[-_CAUSES:]) / (_CAUSES * _LASTS[1]))

    def _judge_consistent(self, time: float, clear_first: float) -> None:
        seconds, share = _WITHDRAWS
        recent = [signs for at, signs in self._past if time - at < seconds + _ROUNDING]
        withdrawn = sum(map(bool, recent)) >= share * len(recent)
        if withdrawn or time - self._faced > _ALONE or self.value == "uncontrolled":
            self._withdraw()
            return
        clear = time - self._clear_since
        needed = _CLEAR_AGAIN if self._withdrawn else clear_first
        if not self.consistent and self._faced == time and clear >= needed - _ROUNDING:
            self.consistent, self.consistent_at = True, time

    def _withdraw(self) -> None:
        if self.consistent:
            self.consistent, self.consistent_at, self._withdrawn = False, None, True

    def _judge_uncontrolled(self, time: float) -> None:
        seconds, share = _LASTS
        causes = sum(one >= share for one in self._shares())
        if causes >= _CAUSES and time - self._since >= seconds - _ROUNDING:
            self._lasted, self.causes = time, causes
            if self.value == "unknown":
                self.value, self.decided_at = "uncontrolled", time
            self._withdraw()
        elif self.value == "uncontrolled" and time - self._lasted > _SAID_FOR:
            self.value, self.decided_at = "unknown", None

    def _shares(self) -> list[float]:
        return [sum(bool(signs & cause) for _, signs in self._past) / max(1, len(self._past)) for cause in CAUSES]
