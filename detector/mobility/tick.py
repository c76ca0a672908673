"""One tick's measures, as the kinds of evidence ask for them."""

import math
from collections.abc import Callable
from typing import Final

from .measures import Compared, Measures

# Pixels of 160: further than any view that was followed.
UNFOLLOWED: Final = 9.0


class Tick:
    """Measures where one base line stands in for another that was not compared.

    Attributes:
        all: every measure as it was taken.
        short, long: compared over half a second, and over more; each where needed from the other.
        least, mean: the lesser of both, and their mean.
        compared_long: there was a view of a second ago or more.
        followed: seconds that the camera's way is known for.
        motion: speed, zoom and roll together, pixels of 160 a second.
        textured: 0..1, whether the camera has structure to be judged by: not a plain wall behind a person.
    """

    def __init__(self, measures: Measures) -> None:
        self.all = measures
        self.short = _of_both(measures.short, measures.long, measured)
        self.long = _of_both(measures.long, measures.short, measured)
        self.least = _of_both(self.short, self.long, min)
        self.mean = _of_both(self.short, self.long, lambda one, other: 0.5 * (one + other))
        self.compared_long = not math.isnan(measures.long.cover)
        self.followed = measured(measures.way.followed)
        step = measures.step
        self.motion = sum(measured(speed, UNFOLLOWED) for speed in (step.speed, step.zoom, step.roll))
        self.textured = ramp(self.long.cells, 0.5, 0.8)

    def roam(self, default: float) -> float:
        """How far the view went, where it was followed."""
        return measured(self.all.way.roam, default) if self.followed > 0.3 else default


def measured(number: float, default: float = 0.0) -> float:
    """The number, or what stands for one that was not measured."""
    return default if math.isnan(number) else number


def _of_both(one: Compared, other: Compared, rule: Callable[[float, float], float]) -> Compared:
    return Compared(*(measured(rule(a, b)) for a, b in zip(one, other, strict=True)))


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, straight between."""
    return min(max((value - low) / (high - low), 0.0), 1.0)
