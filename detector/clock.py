"""What time it is: one object, handed in at the top; nothing below it reads the machine's clocks."""

import math
import time
from dataclasses import dataclass
from typing import Protocol

from .facts import day_of


class Clock(Protocol):
    """The two clocks that a verdict may depend on. What work costs is processor time, and no business of theirs."""

    def now(self) -> float:
        """Seconds on a base of its own, never running backwards: when pictures are received, and how old they are."""
        ...

    def wall(self) -> float:
        """POSIX seconds: on which day a call is made."""
        ...


def today(clock: Clock) -> str:
    """The day it is on a clock, UTC, YYYY-MM-DD."""
    return day_of(clock.wall())


class SystemClock:
    """The machine's: for live sources. `now` is `CLOCK_MONOTONIC`, which all processes of a machine share."""

    now = staticmethod(time.monotonic)  # without a call of ours around it: every admitted call asks
    wall = staticmethod(time.time)


@dataclass(slots=True)
class ManualClock:
    """Stands where it was put: for a replay of a live run, which puts it to each recorded moment, and for tests.

    Attributes:
        seconds: what `now` answers; put it ahead, never back.
        posix: what `wall` answers.
    """

    seconds: float = 0.0
    posix: float = 0.0

    def now(self) -> float:
        return self.seconds

    def wall(self) -> float:
        return self.posix

    def advance(self, seconds: float) -> None:
        """Let time go by on both clocks."""
        self.seconds += seconds
        self.posix += seconds


class Recorded(SystemClock):
    """For recordings that do not know when their pictures were received: to them no picture is ever stale."""

    def now(self) -> float:
        return -math.inf
