"""Learn how much each kind of evidence weighs: `python -m facewarden.models.training.rates FOLDER`.

The measuring is fixed; what is learned are the log-odds that half a second of full evidence adds, by kind: four
numbers, by a full grid, from the labelled clips and the rendered scenes. So few can be told apart by so few clips, and
read by a person. A fifth turns the log-odds of a verdict into its confidence (Platt's scaling, 1999, with no offset).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ...bench.command import Folder, run
from ...bench.corpus import TRUTHS, Clip, Truth, read_corpus
from ...detector.mobility import MobilityEstimator
from ...detector.mobility.evidence import Evidence
from ...detector.mobility.tally import Rates, Tally, shipped_rates
from ...detector.sight.state import ANALYSIS_SIDE
from ...streams.errors import SourceError
from ...streams.source import Source, open_source
from ...streams.synthetic import SCENES, SyntheticSource

_GRID = {"still": (1.7, 2.0, 2.4), "wall": (0.6, 0.9, 1.2), "returns": (0.4, 0.6, 0.9), "moves": (1.5, 1.7, 2.0)}
_CERTAINTIES = tuple(step / 20 for step in range(4, 31))
# What a clip costs: a mobile camera called fixed at any time, a wrong verdict in the end, none, and a second until one.
_MISSED, _WRONG, _NONE, _SECOND = 12.0, 8.0, 1.0, 0.4
_UNDECIDED_SECONDS = 3.0
# Rendered scenes are many and alike: each counts for an eighth of a real clip.
_RENDERED, _RENDERED_WEIGHT, _RENDERED_SEEDS = "rendered", 0.12, range(3)
_PERIOD = 0.1


class Example(msgspec.Struct, frozen=True):
    """A clip as the tally sees it: its ticks, each a media time and the evidence."""

    repo: str
    truth: Truth
    ticks: tuple[tuple[float, Evidence], ...]

    @property
    def weight(self) -> float:
        """How much it counts."""
        return _RENDERED_WEIGHT if self.repo == _RENDERED else 1.0


class _Recorder(Tally):
    def __init__(self) -> None:
        super().__init__(shipped_rates())
        self.ticks: list[tuple[float, Evidence]] = []

    def weigh(self, evidence: Evidence, time: float) -> None:
        self.ticks.append((time, evidence))
        super().weigh(evidence, time)


class Training:
    """Examples, and what they teach with and without those of one repository."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples

    @cached_property
    def _costs(self) -> list[tuple[Rates, list[float]]]:
        base = msgspec.structs.asdict(shipped_rates())
        grid = [Rates(**{**base, **dict(zip(_GRID, values, strict=True))}) for values in product(*_GRID.values())]
        return [(rates, [_cost(example, rates) for example in self.examples]) for rates in grid]

    def rates(self, without: str | None = None) -> Rates:
        """The rates that cost least on all examples but those of the repository `without`."""
        used = [position for position, example in enumerate(self.examples) if example.repo != without]
        best, _ = min(self._costs, key=lambda entry: sum(entry[1][position] for position in used))
        return msgspec.structs.replace(best, certainty=_certainty(best, [self.examples[one] for one in used]))


def left_out(clips: Iterable[Clip]) -> Callable[[str], MobilityEstimator]:
    """What makes an estimator for a clip of a repository: with rates learned without that repository."""
    training = Training(examples(clips))
    return lambda repo: MobilityEstimator(Tally(training.rates(without=repo)))


def examples(clips: Iterable[Clip]) -> list[Example]:
    """Measure the clips and the rendered scenes; clips that cannot be read teach nothing."""
    real: list[Example] = []
    for clip in clips:
        with suppress(SourceError):
            real.append(_measure(open_source(str(clip.path)), clip.repo, TRUTHS[clip.label][0]))
    scenes = [SyntheticSource(scene, seed=seed, fps=10) for scene in SCENES for seed in _RENDERED_SEEDS]
    return real + [_measure(scene, _RENDERED, "mobile" if scene.mobile else "fixed") for scene in scenes]


def _measure(source: Source, repo: str, truth: Truth) -> Example:
    recorder, due = _Recorder(), 0.0
    estimator = MobilityEstimator(recorder)
    with source, suppress(SourceError):
        for frame in source:
            if frame.media_time >= due - 1e-3:
                due = max(due, frame.media_time - _PERIOD) + _PERIOD
                estimator.update(frame.thumbnail(ANALYSIS_SIDE), frame.media_time)
    return Example(repo, truth, tuple(recorder.ticks))


def _told(example: Example, rates: Rates) -> tuple[Tally, bool]:
    """The tally after all of it, and whether it ever said `fixed`."""
    tally, ever_fixed = Tally(rates), False
    for time, evidence in example.ticks:
        tally.weigh(evidence, time)
        ever_fixed |= tally.value == "fixed"
    return tally, ever_fixed


def _cost(example: Example, rates: Rates) -> float:
    tally, ever_fixed = _told(example, rates)
    missed = example.truth == "mobile" and ever_fixed
    wrong = tally.value not in ("unknown", example.truth)
    seconds = _UNDECIDED_SECONDS if tally.decided_at is None else tally.decided_at
    cost = _MISSED * missed + _WRONG * wrong + _NONE * (tally.value == "unknown") + _SECOND * seconds
    return cost * example.weight


def _certainty(rates: Rates, used: Iterable[Example]) -> float:
    """The certainty under which the verdicts that were right and wrong are likeliest.

    As Platt does, one more of either is thought to be there: that none was wrong does not make the next one sure.
    """
    tallies = [(_told(example, rates)[0], example) for example in used if example.repo != _RENDERED]
    decided = [(tally, tally.value == example.truth) for tally, example in tallies if tally.value != "unknown"]
    rights = sum(right for _, right in decided)
    hoped = {True: (rights + 1) / (rights + 2), False: 1 / (len(decided) - rights + 2)}

    def surprise(certainty: float) -> float:
        scaled = msgspec.structs.replace(rates, certainty=certainty)
        total = 0.0
        for tally, right in decided:
            tally.rates = scaled
            total -= hoped[right] * math.log(tally.confidence) + (1 - hoped[right]) * math.log(1 - tally.confidence)
        return total

    return min(_CERTAINTIES, key=surprise)


def main(
    folder: Folder,
    write: Annotated[
        Path | None, typer.Option("--write", help="Where the rates go, for example models/mobility.json.")
    ] = None,
) -> None:
    """Learn the rates from a folder of labelled clips, and say what leaving out each repository changes."""
    training = Training(examples(read_corpus(folder)))
    rates = training.rates()
    typer.echo(f"all: {rates}")
    for repo in sorted({example.repo for example in training.examples}):
        typer.echo(f"without {repo}: {training.rates(repo)}")
    if write:
        write.write_bytes(msgspec.json.encode(rates) + b"\n")


if __name__ == "__main__":
    run(main)
