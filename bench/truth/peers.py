"""The product beside what a user would take instead: `python -m facewarden.bench.truth.peers FOLDER`."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import cv2
import typer

from ...detector.budget import Cost
from ...detector.guard import Guard
from ...streams.errors import SourceError
from ...streams.push import PushSource
from ...streams.source import open_source
from ..material.corpus import TRUTHS, Clip, read_corpus
from ..speed import costs
from ..tools.command import EstimatorName, Folder, Out, deliver, run
from ..tools.markdown import join, table
from ..tools.rivals import INSTALL, FrameRival, MotionVectors, Norfair, PlainFlow, Rival, Vectors, read_vectors
from . import scoring
from .accuracy import EstimatorFor, guard_for, load_estimator, percent
from .scoring import Row, Rows

OURS = "facewarden"
_TIMED = 600
_NOTE = """\
Each rule sees every clip to its end; a score above the threshold is called mobile, no score is an abstention. "In
hindsight" is the threshold that gets most clips of this very corpus right: no user could know it, and it is the most
that the rule can do. Intervals are 95 %, by resampling repositories."""
_COST_NOTE = """\
{frames} pictures of 1920x1080, 30 a second, rendered (scene body), in one process and one thread, in turns of a second,
forward and back (ABBA). Decoding is not counted for anyone. {verdict}"""


class Scored(NamedTuple):
    """What a rule measured on a clip."""

    clip: Clip
    score: float | None


@dataclass(slots=True)
class Field:
    """What everyone said of the corpus.

    Attributes:
        ours: the product's rows.
        scores: by rule, what it measured of each clip.
        rules: the rules' names, thresholds and origins.
    """

    ours: list[Row] = field(default_factory=list[Row])
    scores: dict[str, list[Scored]] = field(default_factory=dict[str, list[Scored]])
    rules: dict[str, type[Rival]] = field(default_factory=dict[str, type[Rival]])

    def add(self, clip: Clip, rival: Rival) -> None:
        self.rules[rival.name] = type(rival)
        self.scores.setdefault(rival.name, []).append(Scored(clip, rival.score()))


def has_norfair() -> bool:
    """Whether norfair can be imported with what it needs."""
    try:
        Norfair()
    except ImportError:
        return False
    return True


# --- the corpus -------------------------------------------------------------------------------------------------------


def compare(clips: Sequence[Clip], with_norfair: bool, estimator_for: EstimatorFor | None = None) -> Field:
    """Show every clip to everyone, each picture decoded once."""
    all_of_them = Field()
    with typer.progressbar(clips, label="peers", file=typer.get_text_stream("stderr")) as watched:
        for clip in watched:
            rivals: list[FrameRival] = [PlainFlow(), *([Norfair()] if with_norfair else [])]
            all_of_them.ours.append(_watch(clip, guard_for(clip, estimator_for), rivals))
            for rival in (*rivals, _vectors_of(clip)):
                all_of_them.add(clip, rival)
    return all_of_them


def _watch(clip: Clip, guard: Guard, rivals: Sequence[FrameRival]) -> Row:
    error = None
    cv2.setRNGSeed(0)  # of RANSAC: what is measured of a clip may not depend on the clips before it
    try:
        with open_source(str(clip.path), clip.name) as source:
            for frame in source:
                guard.observe(frame)
                for rival in rivals:
                    rival.take(frame)
    except SourceError as problem:
        error = problem.as_json()["kind"]
    belief = guard.watch(clip.name).beliefs[0]
    return Row(name=clip.name, repo=clip.repo, label=clip.label, verdict=belief.value, error=error)


def _vectors_of(clip: Clip) -> MotionVectors:
    try:
        with open_source(str(clip.path)) as source:
            rule = MotionVectors(source.length or 0.0)
        for vectors in read_vectors(clip.path):
            rule.take(vectors)
    except SourceError:
        return MotionVectors(0.0)
    return rule


def verdicts(scores: Sequence[Scored], threshold: float) -> list[Row]:
    """What a rule says at a threshold."""
    return [
        Row(name=clip.name, repo=clip.repo, label=clip.label, verdict=_verdict(score, threshold))
        for clip, score in scores
    ]


def _verdict(score: float | None, threshold: float) -> str:
    if score is None:
        return "unknown"
    return "mobile" if score > threshold else "fixed"


def best_threshold(scores: Sequence[Scored]) -> float:
    """The threshold that gets most of these clips right: the lowest such, midway between two scores."""
    known = sorted({score for _, score in scores if score is not None})
    between = [(low + high) / 2 for low, high in pairwise(known)]
    candidates = [*(known[:1] and [known[0] - 1.0]), *between, *known[-1:]]
    return max(candidates, key=lambda threshold: _right(scores, threshold), default=0.0)


def _right(scores: Sequence[Scored], threshold: float) -> int:
    return sum(_verdict(score, threshold) == TRUTHS[clip.label][0] for clip, score in scores)


# --- the report -------------------------------------------------------------------------------------------------------


def report(everyone: Field, with_norfair: bool) -> str:
    """Accuracy of everyone, and where the thresholds come from."""
    lines = [_line(OURS, "", everyone.ours)]
    for name, scores in everyone.scores.items():
        threshold, best = everyone.rules[name].threshold, best_threshold(scores)
        lines += [
            _line(name, f"{threshold:.2g}", verdicts(scores, threshold)),
            _line(f"{name}, in hindsight", f"{best:.2g}", verdicts(scores, best)),
        ]
    origins = [f"- {name}: {rule.origin}" for name, rule in everyone.rules.items()]
    header = ("", "threshold", *(rate.name for rate in _SHOWN), "right, of all clips")
    missing = () if with_norfair else (INSTALL,)
    return join(_NOTE, *missing, table(header, lines), "Thresholds:", "\n".join(origins))


_SHOWN = (scoring.ACCURACY, scoring.MISSES, scoring.FALSE_ALARMS, scoring.ABSTENTIONS)


def _line(name: str, threshold: str, rows: Rows) -> tuple[str, ...]:
    right = sum(row.outcome == "right" for row in rows)
    shown = (percent(scoring.estimate(rows, rate)) for rate in _SHOWN)
    return name, threshold, *(f"{value} ({interval})" for value, interval, _ in shown), f"{right} of {len(rows)}"


# --- what it costs ----------------------------------------------------------------------------------------------------


def cost_report(with_norfair: bool, footage: costs.Footage) -> str:
    """Milliseconds a picture, everyone in turns, as ratios to ours."""
    ours = costs.Ours(footage, "gray")
    everyone = {f"{OURS}, luma": ours, **_contestants(footage, with_norfair)}
    measured = costs.interleaved(everyone, _TIMED)
    unit = measured[f"{OURS}, luma"]
    lines = [(name, *_cost_line(cost, unit)) for name, cost in measured.items()]
    at = ours.decided_at
    verdict = f"Ours reached its verdict at {at:.1f} s." if at is not None else "Ours reached no verdict."
    header = ("", "mean, ms", "times ours", "p99, ms", "times ours")
    return join(_COST_NOTE.format(frames=_TIMED, verdict=verdict), table(header, lines))


def _contestants(footage: costs.Footage, with_norfair: bool) -> dict[str, costs.Contestant]:
    others: dict[str, costs.Contestant] = {
        f"{OURS}, luma, once more: the noise": costs.Ours(footage, "gray"),
        f"{OURS}, luma, before its verdict": costs.Ours(footage, "gray", undecided=True),
        f"{OURS}, BGR": costs.Ours(footage, "bgr"),
        PlainFlow.name: _looking(PlainFlow(), footage, "gray"),
        MotionVectors.name: _reading(costs.encoded(footage)),
    }
    return others | ({Norfair.name: _looking(Norfair(), footage, "bgr")} if with_norfair else {})


def _looking(rival: FrameRival, footage: costs.Footage, layout: costs.Layout) -> costs.Contestant:
    source = PushSource("bench", step=1 / costs.RATE)

    def look(index: int) -> None:
        rival.take(source.frame(footage.picture(index, layout), index / costs.RATE, layout))

    return look


def _reading(vectors: Sequence[Vectors]) -> costs.Contestant:
    rule = MotionVectors(2 * _TIMED / costs.RATE)  # it looks at half of a clip; here it is to look all the time

    def read(index: int) -> None:
        rule.take(vectors[index % len(vectors)]._replace(media_time=index / costs.RATE))

    return read


def _cost_line(cost: Cost, unit: Cost) -> tuple[str, str, str, str]:
    return f"{cost.mean:.3f}", f"{cost.mean / unit.mean:.1f}", f"{cost.p99:.3f}", f"{cost.p99 / unit.p99:.1f}"


def measure(clips: Sequence[Clip], footage: costs.Footage, estimator_for: EstimatorFor | None = None) -> str:
    """Both halves of the comparison, in Markdown."""
    with ExitStack() as after:
        # norfair says on the root logger what it could not fit; that is counted here as an abstention.
        after.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.WARNING)
        with_norfair = has_norfair()
        accuracy = report(compare(clips, with_norfair, estimator_for), with_norfair)
        return join(accuracy, "### What it costs", cost_report(with_norfair, footage))


def main(
    folder: Folder,
    out: Out = None,
    estimator: EstimatorName = None,
) -> None:
    """Show a folder of labelled clips to the product and to its alternatives, and say who is right how often."""
    if not has_norfair():
        typer.echo(INSTALL, err=True)
    deliver(join("# Peers", measure(read_corpus(folder), costs.render(), load_estimator(estimator))), out)


if __name__ == "__main__":
    run(main)
