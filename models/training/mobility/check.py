"""How often the verdict is right on repositories that the trees were not learned from."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from ....bench.material.corpus import TRUTHS
from ....bench.tools.markdown import join, table
from ....bench.truth.accuracy import calibration, percent, plain
from ....bench.truth.scoring import RATES, TIMES, Row, estimate
from ....detector.belief import Mount
from ....detector.mobility.tally import Rates, Verdict
from .answers import Answers, tallied
from .examples import Example

_NOTE: Final = """\
Each clip from each of its beginnings, judged by trees learned without its repository; what is measured and the size of
the trees were chosen with these clips in sight. Intervals are 95 %, by resampling repositories."""
# Media seconds from a beginning to the first tick.
_FIRST_TICK: Final = 0.7


class Judged(NamedTuple):
    """An example, and verdict, confidence and mount at its end; `decided_at` in seconds, None without a verdict."""

    example: Example
    verdict: Verdict
    confidence: float
    mount: Mount
    decided_at: float | None


def judged(answers: Answers, rates: Rates) -> Judged:
    """What the estimator makes of the answers in the end."""
    tally, example = tallied(answers, rates), answers.example
    mount = answers.named.mount if tally.value == "mobile" else "unknown"
    since = None if tally.decided_at is None else tally.decided_at - example.times[0] + _FIRST_TICK
    return Judged(example, tally.value, tally.confidence, mount, since)


def report(every: Sequence[Judged]) -> str:
    """How often clips as they are were judged rightly, how surely, and a line for every kind and truth."""
    grouped: defaultdict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in every:
        grouped[one.example.kind, one.example.truth].append(one)
    lines = [(*key, *_counts(some)) for key, some in sorted(grouped.items())]
    head = ("kind", "truth", "clips", "mobile", "fixed", "unknown")
    rows = [_row(one) for one in (*grouped["plain", "mobile"], *grouped["plain", "fixed"])]
    return join(_NOTE, _rates(rows), calibration(rows), table(head, lines))


def _rates(rows: Sequence[Row]) -> str:
    """What is true of the clips as they are, each with its interval."""
    right = [row for row in rows if row.outcome == "right"]
    return table(
        ("of clips as they are", "share", "95 % interval", "clips"),
        [
            *((rate.name, *percent(estimate(rows, rate))) for rate in RATES),
            *((name, *plain(estimate(right, seconds), 1)) for name, seconds in TIMES.items()),
        ],
    )


def _row(one: Judged) -> Row:
    example = one.example
    return Row(
        name=example.name,
        repo=example.repo,
        label=next(label for label, truth in TRUTHS.items() if truth == (example.truth, example.mount)),
        verdict=one.verdict,
        confidence=one.confidence,
        mount=one.mount,
        decided_at=one.decided_at,
    )


def _counts(some: Sequence[Judged]) -> tuple[str, ...]:
    return str(len(some)), *(
        str(sum(one.verdict == verdict for one in some)) for verdict in ("mobile", "fixed", "unknown")
    )
