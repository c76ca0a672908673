"""What it takes to decide: thresholds that cost least, and what they are worth where they were not chosen.

A random search (J. Bergstra and Y. Bengio, Random Search for Hyper-Parameter Optimization, JMLR 13, 2012): all that is
drawn is tried once on what trees say of repositories left out. The same trials choose thresholds for each part of the
repositories by the others alone, so that those can be judged which nobody chose by.
"""

from collections.abc import Container, Iterable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from ....detector.mobility.tally import Limits, Rates
from ....detector.mobility.view import Mask, Matrix
from .answers import Answers, tallied
from .examples import OVER, Example

TRIALS: Final = 100
# Thresholds that the others are drawn around; by how much each is changed, one standard deviation, and how often.
_MIDDLE: Final = Limits(
    motion=0.494,
    stillness=0.405,
    stood=-2.0,
    fixed=-0.85,
    mobile=2.934,
    first=1.103,
    doubted=-0.046,
    given_up=0.971,
    late_fixed=0.183,
    late_mobile=0.3,
    late_doubted=0.083,
    left=0.8,
    shown=0.1,
)
_SPREAD: Final = Limits(
    motion=0.04,
    stillness=0.04,
    stood=0.15,
    fixed=0.1,
    mobile=0.2,
    first=0.1,
    doubted=0.15,
    given_up=0.1,
    late_fixed=0.05,
    late_mobile=0.1,
    late_doubted=0.1,
)
_CHANGED: Final = 0.6
# What a hundred in a hundred would cost. A mobile camera called fixed opens the gate.
_MISS, _FALSE_ALARM, _UNDECIDED = 1200.0, 600.0, 250.0
# The same of mobile cameras called fixed behind something, and beyond a share of them.
_OVERLAY, _TOO_MANY, _BEYOND = 60.0, 0.05, 600.0
# Seconds to a right verdict, median and 95th percentile, beyond which each second costs so much.
_SECONDS: Final = ((0.5, 1.5, 20.0), (0.95, 5.0, 5.0))


class Trials(NamedTuple):
    """What was tried, and what came of it.

    Attributes:
        limits: the thresholds of each trial. examples: what they were tried on.
        verdicts: shape (trials, examples), 1 for mobile, -1 for fixed, 0 for unknown. seconds: the same shape, from the
            first tick, NaN without a verdict.
    """

    limits: list[Limits]
    examples: list[Example]
    verdicts: NDArray[np.int8]
    seconds: Matrix

    def share(self, among: Mask, verdict: int) -> Matrix:
        """How many of some examples came to a verdict, one share a trial; 0 where there are none."""
        return np.sum(self.verdicts[:, among] == verdict, axis=1) / max(1, np.count_nonzero(among))


def counts(example: Example) -> bool:
    """Whether thresholds are chosen by it: a clip as it is, or a mobile one behind what stands over it."""
    return example.kind == "plain" or (example.kind in OVER and example.truth == "mobile")


def drawn(count: int = TRIALS, seed: int = 0, around: Limits = _MIDDLE) -> list[Limits]:
    """Thresholds around some, which come first."""
    rng, middle, spread = np.random.default_rng(seed), _numbers(around), _numbers(_SPREAD)
    shape = count - 1, len(middle)
    changes = spread * rng.normal(size=shape) * (rng.random(shape) < _CHANGED)
    return [around, *(Limits(*row) for row in np.round(middle + changes, 3).tolist())]


def _numbers(limits: Limits) -> Matrix:
    return np.array(msgspec.structs.astuple(limits))


def tried(every: Sequence[Answers], rates: Rates, limits: Sequence[Limits]) -> Trials:
    """What comes of all the answers under each of the thresholds."""
    shape = len(limits), len(every)
    verdicts, seconds = np.zeros(shape, np.int8), np.full(shape, np.nan)
    for trial, some in enumerate(limits):
        given = msgspec.structs.replace(rates, limits=some)
        for place, answers in enumerate(every):
            tally = tallied(answers, given)
            if tally.decided_at is not None:
                verdicts[trial, place] = 1 if tally.value == "mobile" else -1
                seconds[trial, place] = tally.decided_at - answers.example.times[0]
    return Trials(list(limits), [answers.example for answers in every], verdicts, seconds)


def cheapest(trials: Trials, without: Container[str] = ()) -> int:
    """The trial that costs least, by the examples of the other repositories."""
    among = np.array([example.repo not in without for example in trials.examples])
    mobile = np.array([example.truth == "mobile" for example in trials.examples])
    kinds = np.array([example.kind for example in trials.examples])
    plain, share = among & (kinds == "plain"), trials.share
    cost = _MISS * share(plain & mobile, -1) + _FALSE_ALARM * share(plain & ~mobile, 1) + _UNDECIDED * share(plain, 0)
    behind = np.mean([share(among & (kinds == kind), -1) for kind in OVER], axis=0)
    cost += _OVERLAY * behind + _BEYOND * np.maximum(0.0, behind - _TOO_MANY)
    right = trials.verdicts == np.where(mobile, 1, -1)
    return int(np.argmin(cost + _late(np.where(right, trials.seconds, np.nan)[:, plain])))


def _late(seconds: Matrix) -> Matrix:
    """What it costs that a right verdict takes long."""
    cost = np.zeros(len(seconds))
    for share, limit, slope in _SECONDS:
        cost += slope * np.maximum(0.0, np.nanquantile(seconds, share, axis=1) - limit)
    return cost


def nested(trials: Trials, parts: Iterable[set[str]]) -> list[tuple[set[str], Limits]]:
    """Each part of the repositories, and the thresholds that cost least by all the others."""
    return [(part, trials.limits[cheapest(trials, part)]) for part in parts]
