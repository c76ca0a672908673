"""How often the verdict is right on repositories that the trees were not learned from."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from ....bench.material.corpus import TRUTHS
from ....bench.tools.markdown import join, table
from ....bench.truth.accuracy import percent
from ....bench.truth.scoring import RATES, Row, estimate
from ....detector.belief import Mount
from ....detector.mobility.evidence import Evidence
from ....detector.mobility.head import Head, Learned
from ....detector.mobility.mount import MountGuess
from ....detector.mobility.tally import Tally, Verdict, shipped_rates
from .examples import Example, features

_NOTE: Final = """\
Each clip from each of its beginnings, judged by trees learned without its repository; what is measured, the size of the
trees and the thresholds were chosen with these clips in sight. Intervals are 95 %, by resampling repositories."""


class Judged(NamedTuple):
    """An example, and the verdict and mount at its end; `decided_at` in seconds, None without a verdict."""

    example: Example
    verdict: Verdict
    mount: Mount
    decided_at: float | None


def judged(examples: Sequence[Example], parts: Sequence[tuple[set[str], Learned]]) -> list[Judged]:
    """Every example by what was learned without its repository."""
    every: list[Judged] = []
    for repos, trees in parts:
        head, doubt = Head(trees.mobile), Head(trees.doubt)
        mounts = MountGuess({mount: Head(some) for mount, some in trees.mounts.items()})
        every += [_judged(example, head, doubt, mounts) for example in examples if example.repo in repos]
    return every


def _judged(example: Example, head: Head, doubt: Head, mounts: MountGuess) -> Judged:
    tally, asked, table = Tally(shipped_rates()), features(example), example.table()
    kinds = len(Evidence.__struct_fields__)
    for number, (time, row) in enumerate(zip(example.times, table, strict=True)):
        if example.begun[number] == number and tally.value != "mobile":
            tally.forget()
        tally.weigh(Evidence(*row[-kinds:].tolist()), time, head.log_odds(asked[number]), doubt.log_odds(asked[number]))
    mount = mounts.named(tally.value, tally.confidence, asked[-1]).mount
    return Judged(example, tally.value, mount, tally.decided_at)


def report(examples: Sequence[Example], parts: Sequence[tuple[set[str], Learned]]) -> str:
    """How often clips as they are were judged rightly, and a line for every kind and truth."""
    grouped: defaultdict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in judged([example for example in examples if not example.doubtful], parts):
        grouped[one.example.kind, one.example.truth].append(one)
    lines = [(*key, *_counts(some)) for key, some in sorted(grouped.items())]
    head = ("kind", "truth", "clips", "mobile", "fixed", "unknown")
    return join(_NOTE, _rates([*grouped["plain", "mobile"], *grouped["plain", "fixed"]]), table(head, lines))


def _rates(plain: Sequence[Judged]) -> str:
    """What is true of the clips as they are, each with its interval."""
    rows = [_row(one) for one in plain]
    return table(
        ("of clips as they are", "share", "95 % interval", "clips"),
        [(rate.name, *percent(estimate(rows, rate))) for rate in RATES],
    )


def _row(one: Judged) -> Row:
    example = one.example
    return Row(
        name=example.name,
        repo=example.repo,
        label=next(label for label, truth in TRUTHS.items() if truth == (example.truth, example.mount)),
        verdict=one.verdict,
        mount=one.mount,
        decided_at=one.decided_at,
    )


def _counts(some: Sequence[Judged]) -> tuple[str, ...]:
    return str(len(some)), *(
        str(sum(one.verdict == verdict for one in some)) for verdict in ("mobile", "fixed", "unknown")
    )
