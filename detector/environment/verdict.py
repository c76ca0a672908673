"""Signs added up over time to a verdict.

Nothing that is seen makes a place controlled: what lasts without a sign against it, before a face that came to be
recognised, is *consistent* with a controlled place, and no more. It takes one sign to withdraw that, and two causes
that last to call a place uncontrolled.
"""

from collections import deque
from collections.abc import Set
from typing import Final, Literal

from .limits import Limits, shipped_limits
from .signs import CAUSES, Sign

# Seconds without a picture, a look for faces, or anything told of the background, after which nothing is as it was.
BLIND: Final = shipped_limits().blind
_ROUNDING: Final = 1e-3


class Verdict:
    """What the signs of one source have come to.

    Args:
        limits: how long what has to last, and in what share of the pictures.

    Attributes:
        value: `uncontrolled` while two causes last and for half a minute after, without what was not looked at; else
            `unknown`.
        consistent: whether what is seen is what a controlled place looks like.
        decided_at: when `value` was reached, seconds; None while unknown.
        progress: how far the evidence has come towards `uncontrolled`, 0..1.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.value: Literal["uncontrolled", "unknown"] = "unknown"
        self.consistent = False
        self.decided_at: float | None = None
        self.progress = 0.0
        self._past: deque[tuple[float, bool, tuple[bool, ...]]] = deque()
        self._since = self._clear_since = self._told_at = self._faced = self._lasted = -1e9
        self._spoken = False

    def update(self, time: float, signs: Set[Sign], looked_at: float, told: bool, faced: bool, camera: str) -> None:
        """Take in a picture's signs.

        Args:
            time: of the picture, seconds.
            signs: what speaks against a controlled place.
            looked_at: when faces were last looked for, seconds.
            told: whether the background could be assessed.
            faced: whether they were just looked for, and found a face that came to be recognised.
            camera: what is believed of it, `mobile | fixed | unknown`.
        """
        if not self._past:
            self._since = self._clear_since = self._told_at = time
        elif time - min(looked_at, self._past[-1][0], self._told_at) > self._limits.blind:
            self._clear_since = time
            self._withdraw()
        if self._past and (unseen := time - self._past[-1][0]) > self._limits.blind:
            self._lasted += unseen
        self._past.append((time, bool(signs), tuple(not cause.isdisjoint(signs) for cause in CAUSES)))
        while time - self._past[0][0] > self._limits.lasts + _ROUNDING:
            self._past.popleft()
        if signs:
            self._clear_since = time
        if told:
            self._told_at = time
        if faced:
            self._faced = time
        self._judge_consistent(time, camera)
        self._judge_uncontrolled(time)

    def _judge_consistent(self, time: float, camera: str) -> None:
        limits = self._limits
        recent = [signed for at, signed, _ in self._past if time - at < limits.withdraws + _ROUNDING]
        signed = sum(recent) >= limits.withdraws_share * len(recent)
        if signed or time - self._faced > limits.alone or self.value == "uncontrolled":
            self._withdraw()
            self._spoken |= signed and time - self._since >= limits.withdraws - _ROUNDING
            return
        clear = time - self._clear_since
        first = limits.clear if camera == "fixed" else limits.clear_unknown
        needed = limits.clear_again if self._spoken else first
        if not self.consistent and self._faced == time and clear >= needed - _ROUNDING:
            self.consistent = True

    def _withdraw(self) -> None:
        if self.consistent:
            self.consistent, self._spoken = False, True

    def _judge_uncontrolled(self, time: float) -> None:
        limits, shares = self._limits, self._shares()
        most, share = int(limits.causes), limits.lasts_share
        self.progress = min(1.0, sum(sorted(shares)[-most:]) / (most * share))
        causes = sum(one >= share for one in shares)
        if causes >= most and time - self._since >= limits.lasts - _ROUNDING:
            self._lasted = time
            if self.value == "unknown":
                self.value, self.decided_at = "uncontrolled", time
            self._withdraw()
        elif self.value == "uncontrolled" and time - self._lasted > limits.said_for:
            self.value, self.decided_at = "unknown", None

    def _shares(self) -> list[float]:
        causes = zip(*(causes for _, _, causes in self._past), strict=True)
        return [sum(seen) / len(self._past) for seen in causes]
