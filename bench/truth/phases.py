"""How far the verdict hangs on which pictures are looked at: `python -m facewarden.bench.truth.phases FOLDER`.

Ten pictures a second are looked at, the first one included; a stream that is joined a picture later shows the same
scene by others. What is near the edge of a verdict falls on either side then.
"""

from collections.abc import Iterable, Sequence

import typer

from ...detector.mobility import MobilityEstimator
from ...detector.sight.state import ANALYSIS_SIDE
from ...streams.errors import SourceError
from ...streams.frame import Frame, Image
from ...streams.source import open_source
from ..material.corpus import Clip, read_corpus
from ..tools.command import Folder, Out, deliver, run
from ..tools.markdown import join, table
from ..tools.paced import Paced
from .accuracy import EstimatorFor
from .scoring import Row

SKIPPED = (0, 1, 2, 3, 5)
_NOTE = """\
Each clip is judged again without its first pictures, so that others of it are looked at. A verdict that is right from
every beginning rests on the scene; one that changes was near the edge."""


def measure(clips: Sequence[Clip], estimator_for: EstimatorFor | None = None) -> dict[int, list[Row]]:
    """The rows of every beginning, by the number of pictures left out."""
    rows: dict[int, list[Row]] = {skipped: [] for skipped in SKIPPED}
    with typer.progressbar(clips, label="phases", file=typer.get_text_stream("stderr")) as some:
        for clip in some:
            watches = {skipped: Paced(_estimator(clip, estimator_for), skipped) for skipped in SKIPPED}
            _play(clip, watches.values())
            for skipped, watch in watches.items():
                belief = watch.estimator.belief
                row = Row(name=clip.name, repo=clip.repo, label=clip.label, verdict=belief.value)
                rows[skipped].append(row)
    return rows


def _estimator(clip: Clip, estimator_for: EstimatorFor | None) -> MobilityEstimator:
    return estimator_for(clip.repo) if estimator_for else MobilityEstimator()


def _play(clip: Clip, watches: Iterable[Paced]) -> None:
    try:
        with open_source(str(clip.path), clip.name) as source:
            for frame in source:
                _show(frame, watches)
    except SourceError:
        return  # what could be read of it has been shown


def _show(frame: Frame, watches: Iterable[Paced]) -> None:
    thumbnail: Image | None = None
    for watch in watches:
        if (time := watch.wants(frame)) is not None:
            thumbnail = frame.thumbnail(ANALYSIS_SIDE) if thumbnail is None else thumbnail
            watch.estimator.update(thumbnail, time, frame.motion)


def report(rows: dict[int, list[Row]]) -> str:
    """A line a beginning, and one of all together."""
    header = ("begun at picture", "right, of those decided", "mobile called fixed", "fixed called mobile", "undecided")
    every = [row for some in rows.values() for row in some]
    lines = [_line(str(skipped + 1), some, rows[0]) for skipped, some in rows.items()]
    from_first = [row for _ in rows for row in rows[0]]
    return join(_NOTE, table((*header, "changed", "reversed"), [*lines, _line("all of these", every, from_first)]))


def _line(name: str, rows: Sequence[Row], from_first: Sequence[Row]) -> tuple[str, ...]:
    wrong = {truth: sum(row.outcome == "wrong" and row.truth == truth for row in rows) for truth in ("mobile", "fixed")}
    right, undecided = (sum(row.outcome == outcome for row in rows) for outcome in ("right", "abstained"))
    decided = f"{right / max(1, len(rows) - undecided):.1%} ({right} of {len(rows) - undecided})"
    changed = [(row, first) for row, first in zip(rows, from_first, strict=True) if row.verdict != first.verdict]
    reversed_ = sum("unknown" not in (row.verdict, first.verdict) for row, first in changed)
    shares = (f"{count / max(1, len(rows)):.1%}" for count in (undecided, len(changed), reversed_))
    return name, decided, str(wrong["mobile"]), str(wrong["fixed"]), *shares


def main(folder: Folder, out: Out = None) -> None:
    """Judge labelled clips from several beginnings, and say how often the verdict is right."""
    deliver(join("# From other pictures", report(measure(read_corpus(folder)))), out)


if __name__ == "__main__":
    run(main)
