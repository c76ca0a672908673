"""How often the verdict is right: `python -m facewarden.bench.truth.accuracy FOLDER`."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, TypeAlias, cast, get_args

import msgspec
import typer

from ...detector.audit import Answer, Replay, Unread, Watcher
from ...detector.audit.tables import ProgressWatcher
from ...detector.belief import Mount
from ...detector.errors import InputError
from ...detector.guard import Guard
from ...detector.mobility import MobilityEstimator
from ..material.corpus import Clip, read_corpus
from ..tools.command import EstimatorName, Folder, Out, deliver, run
from ..tools.markdown import join, table
from . import scoring
from .scoring import Estimate, Row, Rows

EstimatorFor: TypeAlias = Callable[[str], MobilityEstimator]
"""A fresh estimator for a clip, by the repository that the clip is from: one that was not fitted on it."""

_VERDICTS = ("mobile", "fixed", "unknown")
_MOUNTS: tuple[str, ...] = get_args(Mount)
_NOTE = (
    "Intervals are 95 %, by resampling repositories ({draws} draws, seed 0); at 0 % and 100 % the exact binomial "
    "interval with each repository as one trial. An abstention is neither right nor wrong."
)


def measure(clips: list[Clip], watcher: Watcher, estimator_for: EstimatorFor | None = None) -> list[Row]:
    """The product's verdict on each clip, from a replay of all of it; by default with the estimator that ships."""
    return [_measure(clip, watcher, estimator_for) for clip in clips]


def _measure(clip: Clip, watcher: Watcher, estimator_for: EstimatorFor | None) -> Row:
    (answer,) = Replay(guard_for(clip, estimator_for), watcher).run({clip.name: str(clip.path)})
    return row_of(clip, answer)


def guard_for(clip: Clip, estimator_for: EstimatorFor | None = None) -> Guard:
    """A guard for a replay of the clip, with the estimator that ships or the one for the clip's repository."""
    guard = Guard(live=False)
    if estimator_for is not None:
        # The product has no such door: only a cross-validation needs to change what judges a source.
        guard.watch(clip.name)._mobility = estimator_for(clip.repo)  # pyright: ignore[reportPrivateUsage]
    return guard


def row_of(clip: Clip, answer: Answer | Unread) -> Row:
    """A clip and what was answered; nothing is known of one that could not be read."""
    error = answer.error["kind"] if answer.error else None
    if isinstance(answer, Unread):
        return Row(name=clip.name, repo=clip.repo, label=clip.label, verdict="unknown", error=error)
    belief = answer.mobility
    return Row(
        name=clip.name,
        repo=clip.repo,
        label=clip.label,
        verdict=belief.value,
        mount=belief.mount,
        confidence=belief.confidence,
        decided_at=belief.decided_at,
        error=error,
    )


# --- the report -------------------------------------------------------------------------------------------------------


def report(rows: Rows) -> str:
    """All that can be said of the rows, in Markdown."""
    repos, unread = len({row.repo for row in rows}), sum(row.error is not None for row in rows)
    return join(
        f"{len(rows)} clips of {repos} repositories, {unread} of them not readable to the end. "
        + _NOTE.format(draws=scoring.DRAWS),
        rates(rows),
        "### Confusion",
        _confusion(rows),
        "Mounts named, of mobile cameras found:",
        _mounts(rows),
        "### Calibration",
        calibration(rows),
        "### Clip by clip",
        _clips(rows),
    )


def rates(rows: Rows) -> str:
    """Every rate, and the seconds to the verdict, each with its interval."""
    shares = [(rate.name, *percent(scoring.estimate(rows, rate))) for rate in scoring.RATES]
    times = [(name, *plain(scoring.estimate(rows, statistic), 1)) for name, statistic in scoring.TIMES.items()]
    return table(("measure", "value", "95 % interval", "clips"), shares + times)


def percent(estimate: Estimate) -> tuple[str, str, str]:
    """Value, interval and counts of a rate, for a table."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "none", "", f"0 of {estimate.of}"
    interval = f"{estimate.low:.1%} to {estimate.high:.1%}"
    return f"{estimate.value:.1%}", interval, f"{estimate.hits} of {estimate.of}"


def plain(estimate: Estimate, decimals: int = 3) -> tuple[str, str, str]:
    """Value and interval of a number that is no rate."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "none", "", ""
    return f"{estimate.value:.{decimals}f}", f"{estimate.low:.{decimals}f} to {estimate.high:.{decimals}f}", ""


def _confusion(rows: Rows) -> str:
    counted = scoring.confusion(rows, _VERDICTS, lambda row: row.verdict)
    return table(("truth", *_VERDICTS), [(label, *counts) for label, counts in counted.items()])


def _mounts(rows: Rows) -> str:
    found = [row for row in rows if row.truth == row.verdict == "mobile"]
    counted = scoring.confusion(found, _MOUNTS, lambda row: row.mount)
    return table(("truth", *_MOUNTS), [(label, *counts) for label, counts in counted.items()])


def calibration(rows: Rows) -> str:
    """How often verdicts of about the same confidence are right, and what that comes to."""
    bins = [
        (f"{one.low:.1f} to {one.high:.1f}", one.verdicts, one.confidence, one.accuracy)
        for one in scoring.reliability(rows)
    ]
    scores = [(name, *plain(scoring.estimate(rows, statistic))[:2]) for name, statistic in scoring.CALIBRATION.items()]
    return join(
        table(("confidence", "verdicts", "mean confidence", "share right"), bins),
        table(("measure", "value", "95 % interval"), scores),
    )


def _clips(rows: Rows) -> str:
    header = ("clip", "truth", "verdict", "mount", "confidence", "decided at, s", "")
    return table(header, [(*_clip(row), " ".join(filter(None, (row.outcome, row.error)))) for row in rows])


def _clip(row: Row) -> tuple[str, str, str, str, float, float | None]:
    return row.name, row.label, row.verdict, row.mount, row.confidence, row.decided_at


# --- the command ------------------------------------------------------------------------------------------------------


def main(
    folder: Folder,
    out: Out = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the rows there, as JSON.")] = None,
    estimator: EstimatorName = None,
) -> None:
    """Replay a folder of labelled clips and say how often the verdict is right."""
    with ProgressWatcher() as watcher:
        rows = measure(read_corpus(folder), watcher, load_estimator(estimator))
    if json:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=1))
    deliver(join("# Accuracy", report(rows)), out)


def load_estimator(name: str | None) -> EstimatorFor | None:
    """What MODULE:CALLABLE names.

    Raises:
        InputError: it names nothing.
    """
    if name is None:
        return None
    module, _, attribute = name.partition(":")
    try:
        return cast(EstimatorFor, getattr(import_module(module), attribute))
    except (ImportError, AttributeError) as problem:
        raise InputError(f"--estimator {name} is no MODULE:CALLABLE: {problem}") from problem


if __name__ == "__main__":
    run(main)
