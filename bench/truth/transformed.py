"""How the verdict stands real clips under what cameras meet: `python -m facewarden.bench.truth.transformed FOLDER`.

Each clip is shown to the whole guard in every kind of `transforms`: overlays, glass, weather, poor links, and motion
laid on or taken away. What may be answered depends on the kind and on the clip: a mobile camera behind an overlay may
be `unknown`, and must not be `fixed`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
import typer

from ...detector.errors import InputError
from ...detector.guard import Guard
from ..material.corpus import TRUTHS, Clip, Truth, read_corpus
from ..material.transforms import KINDS, Expected, Kind, Material, Shot, as_frame, gather, read, seed_of, to_and_fro
from ..tools.command import EstimatorName, Out, deliver, run
from ..tools.markdown import join, table
from . import scoring
from .accuracy import EstimatorFor, guard_for, load_estimator, percent
from .scoring import Rate, Row, Rows

CLIPS, SECONDS = 12, 16.0
_NOTE = """\
{clips} clips of {repos} repositories, each {seconds:g} s long (a shorter one runs forwards and backwards). *Wrong* is
all but what *may be* answered in the end. *Settled* is the fact that calls are decided by, *ever* what was believed at
any time, also while a camera that drives later stood. *Seconds* are media time from the clip's own first picture to the
verdict that is true, median and 95th percentile of those that have it. Intervals are 95 %, by resampling repositories;
at 0 % and 100 % the exact binomial interval with each repository as one trial."""


class Trial(msgspec.Struct, frozen=True):
    """One clip in one kind.

    Attributes:
        kind: the name of the transformation.
        expected: what may be answered.
        row: the clip and what was answered at the end; `decided_at` from the clip's own beginning.
        settled: the fact of the camera at the end.
        ever: all that was believed in between.
    """

    kind: str
    expected: Expected
    row: Row
    settled: str
    ever: frozenset[str]


def measure(
    clips: Sequence[Clip],
    kinds: Sequence[Kind],
    material: Material | None = None,
    seconds: float = SECONDS,
    estimator_for: EstimatorFor | None = None,
) -> list[Trial]:
    """Every clip in every kind that is laid over such; clips that cannot be read at all are left out."""
    with typer.progressbar(clips, label="clips", file=typer.get_text_stream("stderr")) as some:
        return [
            trial for clip in some for trial in _trials(clip, kinds, material or Material(), seconds, estimator_for)
        ]


def _trials(
    clip: Clip, kinds: Sequence[Kind], material: Material, seconds: float, estimator_for: EstimatorFor | None
) -> Iterator[Trial]:
    shots = list(to_and_fro(read(clip, seconds), seconds))
    for kind in kinds:
        expected = kind.expected(TRUTHS[clip.label][0])
        if expected is not None and shots:
            rng = np.random.default_rng(seed_of(kind, clip, 0))
            guard = guard_for(clip, estimator_for)
            outcome = _outcome(guard, clip.name, kind.transform(shots, rng, material))
            length = shots[-1][0] - shots[0][0]
            yield _trial(clip, kind, expected, outcome, max(0.0, outcome.length - length))


class _Outcome(NamedTuple):
    """What a guard believes in the end, and has believed; and how many seconds it was shown."""

    verdict: str
    decided_at: float | None
    confidence: float
    settled: str
    ever: frozenset[str]
    length: float


def _outcome(guard: Guard, name: str, shots: Iterable[Shot]) -> _Outcome:
    watch, ever = guard.watch(name), {"unknown"}
    begun, time = None, 0.0
    for index, (time, picture) in enumerate(shots):
        begun = time if begun is None else begun
        guard.observe(as_frame(picture, time - begun, index, name))
        ever.add(watch.beliefs[0].value)
    belief = watch.beliefs[0]
    length = time - (begun or 0.0)
    return _Outcome(belief.value, belief.decided_at, belief.confidence, watch.last.camera, frozenset(ever), length)


def _trial(clip: Clip, kind: Kind, expected: Expected, outcome: _Outcome, before: float) -> Trial:
    decided_at = None if outcome.decided_at is None else outcome.decided_at - before
    row = Row(
        name=clip.name,
        repo=clip.repo,
        label=clip.label,
        verdict=outcome.verdict,
        confidence=outcome.confidence,
        decided_at=decided_at,
    )
    return Trial(kind.name, expected, row, outcome.settled, outcome.ever)


# --- the report -------------------------------------------------------------------------------------------------------


def report(trials: Sequence[Trial], seconds: float = SECONDS) -> str:
    """A line for every kind and truth, and one for all kinds of a truth."""
    grouped: defaultdict[tuple[str, Truth], list[Trial]] = defaultdict(list)
    for trial in trials:
        grouped[trial.kind, trial.row.truth].append(trial)
    header = ("kind", "over", "may be", "wrong", "95 % interval", "clips", "mobile", "fixed", "unknown")
    lines = [_line(kind, truth, some) for (kind, truth), some in grouped.items()]
    rows = [trial.row for trial in trials]
    note = _NOTE.format(
        clips=len({(row.repo, row.name) for row in rows}), repos=len({row.repo for row in rows}), seconds=seconds
    )
    return join(note, table((*header, "settled wrong", "ever wrong", "seconds"), lines))


def _line(kind: str, truth: str, trials: Sequence[Trial]) -> tuple[str, ...]:
    accepted = trials[0].expected.accepted
    rows = [trial.row for trial in trials]
    wrong = Rate("wrong", lambda row: row.verdict not in accepted, lambda _: True)
    given = [str(sum(row.verdict == verdict for row in rows)) for verdict in ("mobile", "fixed", "unknown")]
    settled = sum(trial.settled not in (*accepted, "unknown") for trial in trials)
    ever = sum(not trial.ever <= accepted | {"unknown"} for trial in trials)
    name, may_be = f"`{kind}`", " or ".join(sorted(accepted))
    shares = percent(scoring.estimate(rows, wrong))
    return name, truth, may_be, *shares, *given, str(settled), str(ever), _seconds(rows, trials[0].expected)


def _seconds(rows: Rows, expected: Expected) -> str:
    times = [row.decided_at for row in rows if row.decided_at is not None and row.verdict == expected.best]
    return " / ".join(f"{time:.1f}" for time in np.quantile(times, [0.5, 0.95])) if times else ""


# --- the command ------------------------------------------------------------------------------------------------------


def spread(clips: Iterable[Clip], count: int) -> list[Clip]:
    """So many clips of each truth, from as many repositories as there are: one of each in turn, in a drawn order."""
    chosen: list[Clip] = []
    some = list(clips)
    for truth in ("mobile", "fixed"):
        repos: defaultdict[str, list[Clip]] = defaultdict(list)
        for clip in some:
            if TRUTHS[clip.label][0] == truth:
                repos[clip.repo].append(clip)
        order: list[int] = np.random.default_rng(0).permutation(len(repos)).tolist()
        piles = list(repos.values())
        turns = range(max((len(pile) for pile in piles), default=0))
        chosen += [piles[index][turn] for turn in turns for index in order if turn < len(piles[index])][:count]
    return chosen


def choose(names: str) -> list[Kind]:
    """The kinds of these names, separated by commas; all of them where none is given.

    Raises:
        InputError: there is no kind of a name.
    """
    wanted = [name for name in names.split(",") if name] or list(KINDS)
    if unknown := [name for name in wanted if name not in KINDS]:
        raise InputError(f"--kinds: no kind {', '.join(unknown)}; known are {', '.join(KINDS)}")
    return [KINDS[name] for name in wanted]


def main(
    folders: Annotated[
        list[Path], typer.Argument(help="Labelled clips: the files, and INDEX.tsv.", metavar="FOLDER...")
    ],
    kinds: Annotated[str, typer.Option(help="Names of transformations, separated by commas; by default all.")] = "",
    clips: Annotated[int, typer.Option(min=1, help="How many mobile and how many fixed ones.")] = CLIPS,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long each is made.")] = SECONDS,
    out: Out = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the trials there, as JSON.")] = None,
    estimator: EstimatorName = None,
) -> None:
    """Lay every transformation over labelled clips, and say how often the verdict is then wrong."""
    wanted = choose(kinds)
    chosen = spread((clip for folder in folders for clip in read_corpus(folder)), clips)
    trials = measure(chosen, wanted, gather(chosen), seconds, load_estimator(estimator))
    if json:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(trials), indent=1))
    deliver(join("# Transformed clips", report(trials, seconds)), out)


if __name__ == "__main__":
    run(main)
