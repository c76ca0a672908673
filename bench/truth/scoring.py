"""What verdicts are worth: pure functions over rows, one row a clip.

Clips of one repository show the same street, made by the same hands, so intervals come from resampling repositories
and not clips: the cluster bootstrap (Davison & Hinkley, Bootstrap Methods and their Application, 1997, section 3.8).
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple, TypeAlias

import msgspec
import numpy as np

from ..material.corpus import TRUTHS, Truth

Outcome = Literal["right", "wrong", "abstained"]

DRAWS = 2000
_TAIL = 0.025  # on each side: 95 %
BINS = 10


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One clip and the verdict on it.

    Attributes:
        name: the clip.
        repo: the repository it is from, the unit of resampling.
        label: the truth, in the corpus's words (`TRUTHS`).
        verdict: `mobile`, `fixed` or `unknown`.
        mount: the mount that was named.
        confidence: 0..1, of a verdict being right.
        decided_at: media time of the verdict, seconds; None while unknown.
        error: the kind of the error that ended the clip early.
    """

    name: str
    repo: str
    label: str
    verdict: str
    mount: str = "unknown"
    confidence: float = 0.0
    decided_at: float | None = None
    error: str | None = None

    @property
    def truth(self) -> Truth:
        return TRUTHS[self.label][0]

    @property
    def true_mount(self) -> str:
        return TRUTHS[self.label][1]

    @property
    def outcome(self) -> Outcome:
        if self.verdict == "unknown":
            return "abstained"
        return "right" if self.verdict == self.truth else "wrong"


Rows: TypeAlias = Sequence[Row]
Statistic: TypeAlias = Callable[[Rows], float | None]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of rows: those that `hit`, `among` those that count."""

    name: str
    hit: Callable[[Row], bool]
    among: Callable[[Row], bool]

    def __call__(self, rows: Rows) -> float | None:
        hits = [self.hit(row) for row in rows if self.among(row)]
        return sum(hits) / len(hits) if hits else None


class Estimate(NamedTuple):
    """A number with its 95 % interval; `hits` of `of` where it is a rate. None where there is nothing to count."""

    value: float | None
    low: float | None
    high: float | None
    hits: int | None = None
    of: int | None = None


RATES = (
    Rate("accuracy, of those decided", lambda row: row.outcome == "right", lambda row: row.outcome != "abstained"),
    Rate("misses: mobile called fixed", lambda row: row.outcome == "wrong", lambda row: row.truth == "mobile"),
    Rate("false alarms: fixed called mobile", lambda row: row.outcome == "wrong", lambda row: row.truth == "fixed"),
    Rate("abstentions", lambda row: row.outcome == "abstained", lambda _: True),
    Rate(
        "mount right, of mobile ones found",
        lambda row: row.mount == row.true_mount,
        lambda row: row.truth == row.verdict == "mobile",
    ),
    Rate(
        "mount named, of mobile ones found",
        lambda row: row.mount != "unknown",
        lambda row: row.truth == row.verdict == "mobile",
    ),
)
ACCURACY, MISSES, FALSE_ALARMS, ABSTENTIONS = RATES[:4]


def estimate(rows: Rows, statistic: Statistic, draws: int = DRAWS, seed: int = 0) -> Estimate:
    """A statistic with its 95 % interval, by resampling repositories.

    Where every repository agrees (a rate of 0 or 1) resampling shows no spread at all; there the interval is the exact
    binomial one (Clopper & Pearson, Biometrika 26, 1934), taking each repository as one trial.
    """
    value = statistic(rows)
    counted = [row for row in rows if statistic.among(row)] if isinstance(statistic, Rate) else None
    of = None if counted is None else len(counted)
    if value is None:
        return Estimate(None, None, None, 0, of)
    hits = None if of is None else round(value * of)
    if counted and value in (0.0, 1.0):
        slack = 1 - _TAIL ** (1 / len({row.repo for row in counted}))
        return Estimate(value, max(0.0, value - slack), min(1.0, value + slack), hits, of)
    drawn = [number for sample in resamples(rows, draws, seed) if (number := statistic(sample)) is not None]
    low, high = (float(bound) for bound in np.quantile(drawn, [_TAIL, 1 - _TAIL]))
    return Estimate(value, low, high, hits, of)


def resamples(rows: Rows, draws: int, seed: int) -> list[list[Row]]:
    """As many repositories as there are, drawn with replacement, each with all of its rows; the same for each seed."""
    clusters: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        clusters[row.repo].append(row)
    groups = list(clusters.values())
    picks: list[list[int]] = np.random.default_rng(seed).integers(len(groups), size=(draws, len(groups))).tolist()
    return [[row for pick in draw for row in groups[pick]] for draw in picks]


def time_to_verdict(share: float, rows: Rows) -> float | None:
    """Seconds of video within which `share` of the verdicts were reached; clips without a verdict do not count."""
    times = [row.decided_at for row in rows if row.decided_at is not None]
    return float(np.quantile(times, share)) if times else None


TIMES: dict[str, Statistic] = {
    "seconds to the verdict, median": partial(time_to_verdict, 0.5),
    "seconds to the verdict, p95": partial(time_to_verdict, 0.95),
}

# --- calibration: whether a confidence of 0.8 is right four times of five ---------------------------------------------


class Bin(NamedTuple):
    """Verdicts of about the same confidence: how many, their mean confidence, and the share that is right."""

    low: float
    high: float
    verdicts: int
    confidence: float
    accuracy: float


def reliability(rows: Rows, bins: int = BINS) -> list[Bin]:
    """The verdicts by confidence, in bins of equal width; empty ones are left out."""
    binned: defaultdict[int, list[Row]] = defaultdict(list)
    for row in _decided(rows):
        binned[min(bins - 1, int(row.confidence * bins))].append(row)
    return [_bin(number / bins, (number + 1) / bins, binned[number]) for number in sorted(binned)]


def brier(rows: Rows) -> float | None:
    """Mean squared distance of confidence and outcome, 0 at best (Brier, Monthly Weather Review 78, 1950)."""
    squares = [(row.confidence - (row.outcome == "right")) ** 2 for row in _decided(rows)]
    return sum(squares) / len(squares) if squares else None


def calibration_error(rows: Rows) -> float | None:
    """Expected calibration error: |accuracy - confidence| over the bins, weighted (Naeini et al., AAAI 2015)."""
    bins = reliability(rows)
    total = sum(one.verdicts for one in bins)
    return sum(one.verdicts * abs(one.accuracy - one.confidence) for one in bins) / total if total else None


CALIBRATION: dict[str, Statistic] = {"Brier score": brier, "expected calibration error": calibration_error}


def _decided(rows: Rows) -> list[Row]:
    return [row for row in rows if row.outcome != "abstained"]


def _bin(low: float, high: float, rows: Rows) -> Bin:
    confidence = sum(row.confidence for row in rows) / len(rows)
    return Bin(low, high, len(rows), confidence, sum(row.outcome == "right" for row in rows) / len(rows))


def confusion(rows: Rows, answers: Sequence[str], answer: Callable[[Row], str]) -> dict[str, list[int]]:
    """By label, how often each of `answers` was given; only labels that occur."""
    counted = {label: [0] * len(answers) for label in TRUTHS if any(row.label == label for row in rows)}
    for row in rows:
        counted[row.label][answers.index(answer(row))] += 1
    return counted
