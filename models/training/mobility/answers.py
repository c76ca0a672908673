"""What trees say, tick by tick, of clips of repositories that they were not learned from; and what that comes to."""

from collections.abc import Sequence
from typing import NamedTuple

from ....detector.mobility.estimator import RECENT
from ....detector.mobility.evidence import Evidence
from ....detector.mobility.head import WINDOW, Head, Learned
from ....detector.mobility.mount import MountGuess, Named
from ....detector.mobility.tally import Rates, Tally
from .examples import Example, features


class Answers(NamedTuple):
    """An example, and what was said of it.

    Attributes:
        evidence: of each tick. opinion, lately, doubt: log-odds after each tick: of all that was seen, of the last few
            ticks, and of there being only something that stands over a view that moves.
        named: its mount at the end, should it be mobile.
    """

    example: Example
    evidence: list[Evidence]
    opinion: list[float]
    lately: list[float]
    doubt: list[float]
    named: Named


def answered(examples: Sequence[Example], parts: Sequence[tuple[set[str], Learned]]) -> list[Answers]:
    """What was learned without its repository says of every example."""
    every: list[Answers] = []
    for repos, trees in parts:
        head, doubt = Head(trees.mobile), Head(trees.doubt)
        mounts = MountGuess({mount: Head(some) for mount, some in trees.mounts.items()})
        every += [_answers(example, head, doubt, mounts) for example in examples if example.repo in repos]
    return every


def _answers(example: Example, head: Head, doubt: Head, mounts: MountGuess) -> Answers:
    asked, lately = features(example, WINDOW), features(example, RECENT)
    return Answers(
        example,
        example.evidence(),
        [head.bounded(row) for row in asked],
        [head.bounded(row) for row in lately],
        [doubt.log_odds(row) for row in asked],
        mounts.named("mobile", 1.0, asked[-1]),
    )


def tallied(answers: Answers, rates: Rates) -> Tally:
    """What the estimator makes of the answers in the end."""
    tally, example = Tally(rates), answers.example
    heard = zip(answers.evidence, answers.opinion, answers.lately, answers.doubt, strict=True)
    for tick, (evidence, opinion, lately, doubt) in enumerate(heard):
        if example.begun[tick] == tick and tally.value != "mobile":
            tally.forget()
        opinion = max(opinion, lately) if tally.stood else opinion
        zoomed = bool(example.zoomed) and example.zoomed[tick]
        tally.weigh(evidence, example.times[tick], opinion, doubt, zoomed=zoomed)
    return tally
