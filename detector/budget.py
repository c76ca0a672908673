"""What analysis may cost in processor time, what it did cost, and what is shed when it costs too much."""

import math
import os
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import msgspec

from .clock import Clock

# Sixteen buckets an octave: percentiles are right to 4.4 %, in constant memory.
_PER_OCTAVE = 16
_BUCKETS = 32 * _PER_OCTAVE
# Of the cores that are ours, what analysis may take; and seconds after which a source is looked at in any case.
_SHARE, _STARVED = 0.75, 1.0


class Cost(msgspec.Struct, frozen=True):
    """Milliseconds per frame handed over."""

    mean: float
    p50: float
    p99: float
    max: float


@dataclass(slots=True)
class Latency:
    """How long something took, over any number of times; from 1 ns to 4 s apart, longer counts as that."""

    count: int = 0
    total_ns: int = 0
    max_ns: int = 0
    _buckets: list[int] = field(default_factory=lambda: [0] * _BUCKETS)

    def add(self, ns: int) -> None:
        self.count += 1
        self.total_ns += ns
        if ns > self.max_ns:
            self.max_ns = ns
        self._buckets[min(_BUCKETS - 1, int(math.log2(ns or 1) * _PER_OCTAVE))] += 1

    def summary(self) -> Cost:
        mean = self.total_ns / max(1, self.count)
        values = (mean, self._percentile(0.50), self._percentile(0.99), self.max_ns)
        return Cost(*(round(ns / 1e6, 4) for ns in values))

    def _percentile(self, share: float) -> float:
        left = math.ceil(share * self.count)
        for bucket, count in enumerate(self._buckets):
            left -= count
            if left <= 0:
                return min(float(self.max_ns), 2 ** ((bucket + 0.5) / _PER_OCTAVE))
        return float(self.max_ns)


class Stage(NamedTuple):
    """A kind of work, and the share (0..1) of an allowance that it leaves to those before it.

    Attributes:
        own: of the source's own allowance.
        undecided: of the process's, for a source that has no verdict yet: those are served first.
        decided: of the process's, for the others.
    """

    own: float
    undecided: float
    decided: float


# What is shed first stands last.
MOBILITY = Stage(0.0, undecided=0.0, decided=0.4)
ENVIRONMENT = Stage(0.5, undecided=0.2, decided=0.6)
FACES = Stage(0.6, undecided=0.3, decided=0.7)


@dataclass(slots=True)
class Allowance:
    """Processor time that work may take: earned as time goes on, spent by what is done, at most a second's worth saved.

    What overran is made up for by what follows. Threads may spend at once: of two that do at the very same moment one
    may be forgotten, which a bound on the average can bear, and a lock at every picture need not.

    Args:
        ms_per_second: milliseconds of one core, a second.
    """

    ms_per_second: float
    _left: float = field(init=False)
    _at: float | None = None

    def __post_init__(self) -> None:
        self._left = self.ms_per_second

    def earn_until(self, now: float) -> None:
        """Time has come to `now`, seconds on any base."""
        if self._at is not None:
            self.earn(now - self._at)
        self._at = now

    def earn(self, seconds: float) -> None:
        """So much time has gone by."""
        self._left = min(self.ms_per_second, self._left + max(0.0, seconds) * self.ms_per_second)

    def leaves(self, reserve: float) -> bool:
        """Whether the share `reserve` (0..1) of a second's worth is left."""
        return self._left >= reserve * self.ms_per_second

    def spend(self, ms: float) -> None:
        self._left -= ms


@cache
def of_the_machine() -> Allowance:
    """What analysis may take, all sources of this process together: three quarters of the cores that are ours."""
    return Allowance(_SHARE * 1000 * available_cores())


def available_cores() -> int:
    """The cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Budget:
    """What the analysis of one live source may cost, of its own allowance and of that which all sources share.

    Stages are shed in a fixed order, and where the process is short of time, sources that have a verdict before those
    that have none. None starves: a source that was not looked at for a second is, whatever the others take.

    Args:
        ms_per_second: milliseconds of analysis a second of the stream.
        shared: the allowance of all sources of the process.
        clock: what the shared allowance is earned by.
    """

    def __init__(self, ms_per_second: float, shared: Allowance, clock: Clock) -> None:
        self._own, self._shared, self._clock = Allowance(ms_per_second), shared, clock
        self._unseen = 0.0

    def earn(self, seconds: float) -> None:
        """The stream has come so many seconds further."""
        self._own.earn(seconds)
        self._unseen += seconds

    def allows(self, stage: Stage, decided: bool) -> bool:
        """Whether a stage may run now, of a source that has a verdict or has none."""
        if not self._own.leaves(stage.own):
            return False
        self._shared.earn_until(self._clock.now())
        starved = stage is MOBILITY and self._unseen >= _STARVED
        allowed = starved or self._shared.leaves(stage.decided if decided else stage.undecided)
        if allowed and stage is MOBILITY:
            self._unseen = 0.0
        return allowed

    def spend(self, ms: float) -> None:
        """A stage has run, for so many milliseconds of processor time."""
        self._own.spend(ms)
        self._shared.spend(ms)


class Unlimited(Budget):
    """Of a replay: it sheds nothing, for its verdicts may not depend on how fast a machine is."""

    def __init__(self) -> None:
        """Nothing is counted."""

    def earn(self, seconds: float) -> None:
        pass

    def allows(self, stage: Stage, decided: bool) -> bool:  # noqa: ARG002 - whatever is asked
        return True

    def spend(self, ms: float) -> None:
        pass
