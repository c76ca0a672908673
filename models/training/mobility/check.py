"""How often the verdict is right on repositories that the trees were not learned from."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from ....bench.markdown import table
from ....detector.belief import Mount
from ....detector.mobility.evidence import Evidence
from ....detector.mobility.head import Head, Learned
from ....detector.mobility.mount import MountGuess
from ....detector.mobility.tally import Tally, Verdict, shipped_rates
from .examples import Example, features


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
    tally, asked = Tally(shipped_rates()), features(example)
    kinds = len(Evidence.__struct_fields__)
    for number, (time, row) in enumerate(zip(example.times, example.table(), strict=True)):
        if example.begun[number] == number and tally.value != "mobile":
            tally.forget()
        tally.weigh(Evidence(*row[-kinds:].tolist()), time, head.log_odds(asked[number]), doubt.log_odds(asked[number]))
    mount = mounts.named(tally.value, tally.confidence, asked[-1]).mount
    return Judged(example, tally.value, mount, tally.decided_at)


def report(examples: Sequence[Example], parts: Sequence[tuple[set[str], Learned]]) -> str:
    """A line for every kind and truth, and one for the mounts named."""
    grouped: defaultdict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in judged([example for example in examples if not example.doubtful], parts):
        grouped[one.example.kind, one.example.truth].append(one)
    lines = [(*key, *_counts(some)) for key, some in sorted(grouped.items())]
    found = [one for one in grouped["plain", "mobile"] if one.verdict == "mobile"]
    named = [one for one in found if one.mount != "unknown"]
    right = sum(one.mount == one.example.mount for one in named)
    head = ("kind", "truth", "clips", "mobile", "fixed", "unknown")
    return f"{table(head, lines)}\n\nmounts: {len(found)} mobile found, {len(named)} named, {right} right"


def _counts(some: Sequence[Judged]) -> tuple[str, ...]:
    return str(len(some)), *(
        str(sum(one.verdict == verdict for one in some)) for verdict in ("mobile", "fixed", "unknown")
    )
