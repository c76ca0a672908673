"""Latency budgets: what analysis may cost, what it did cost, and what is shed when it costs too much."""

import math
from dataclasses import dataclass, field

import msgspec

# Sixteen buckets an octave: percentiles are right to 4.4 %, in constant memory.
_PER_OCTAVE = 16
_BUCKETS = 32 * _PER_OCTAVE


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


@dataclass(slots=True)
class Budget:
    """Time that analysis may take, earned as the stream goes on and spent by its stages.

    A stage runs while at least its reserve is left, so that stages are shed in a fixed order: the one with the
    largest reserve first. At most one second's worth can be saved up, and a stage that overran is made up for by
    those that follow.

    Args:
        ms_per_second: milliseconds of analysis a second of the stream; None never sheds, as a replay must not:
            its verdicts may not depend on how fast the machine is.
    """

    ms_per_second: float | None
    _left: float = field(init=False)

    def __post_init__(self) -> None:
        self._left = self.ms_per_second or 0.0

    def earn(self, seconds: float) -> None:
        if self.ms_per_second is not None:
            self._left = min(self.ms_per_second, self._left + seconds * self.ms_per_second)

    def allows(self, reserve: float) -> bool:
        """Whether a stage may run that leaves the share `reserve` (0..1) of the budget to those before it."""
        return self.ms_per_second is None or self._left >= reserve * self.ms_per_second

    def spend(self, ms: float) -> None:
        self._left -= ms
