"""How well pictures fit sources, and when that is sure."""

from collections.abc import Iterable
from typing import NamedTuple

from .attribution import Attribution

# What does not fit has to be this many times as much for every other source.
_MARGIN = 1.6


class Match(NamedTuple):
    """How well a source's picture fits: 1 perfectly, 0 just well enough."""

    score: float
    source: str
    at: float


def sure(matches: Iterable[Match]) -> Attribution | None:
    """The best match, where it is good enough and no other comes near it."""
    best, *others = sorted(matches, reverse=True) or [Match(-1.0, "", 0.0)]
    if best.score < 0 or any(1 - other.score < _MARGIN * (1 - best.score) for other in others):
        return None
    return Attribution(best.source, "content", round(0.5 + 0.4 * best.score, 3), best.at)


def scored(fit: float, least: float) -> float:
    """How well it fits, 1 perfectly, 0 just well enough, where it has to fit as well as `least`."""
    return (fit - least) / (1 - least)
