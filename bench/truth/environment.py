"""What becomes of clips declared controlled: `python -m facewarden.bench.truth.environment FOLDER... [--tricks]`."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, Literal, TypeAlias

import msgspec
import typer

from ...detector.audit import Watcher
from ...detector.audit.tables import ProgressWatcher
from ...detector.environment import FaceDetector, load_detector
from ...detector.guard import Guard
from ...streams.errors import SourceError
from ...streams.frame import Frame
from ...streams.source import open_source
from ..material.corpus import Clip, read_corpus
from ..material.tricks import TRICKS, composed, tricked
from ..tools.command import Detector, Folders, Out, deliver, run
from ..tools.markdown import join, table

Outcome: TypeAlias = Literal["confirmed", "contradicted", "held"]
FindFaces: TypeAlias = Callable[[], FaceDetector]

# Seconds within which a controlled place has to be confirmed.
IN_TIME = 10.0
_OUTCOMES: tuple[Outcome, ...] = ("confirmed", "contradicted", "held")
_TRICK = "trick: "
_NOTE = """\
Each clip is replayed as if its place were declared controlled. It is *confirmed* where what is seen was consistent with
that at any moment, else *contradicted* where it was found uncontrolled, else *held*. A clip that is not controlled may
never be confirmed, nor may one into which a face was laid (`bench/material/tricks.py`). The thresholds
(`detector/environment/thresholds.toml`) were chosen with these clips in sight."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A clip that was declared controlled, and what became of that.

    Attributes:
        label: the corpus's word for its environment, and whether it has faces.
        at: when that was first so, seconds; None for a clip that was held.
        looks: pictures that were looked at for faces, and in how many of them there was one.
        error: the kind of error that ended it early, if one did.
    """

    name: str
    label: str
    outcome: Outcome
    at: float | None = None
    looks: int = 0
    with_faces: int = 0
    error: str | None = None


def measure(clips: Sequence[Clip], watcher: Watcher, find_faces: FindFaces = load_detector) -> list[Row]:
    """What becomes of each clip that has a label for its environment."""
    return [_measure(clip, watcher, find_faces) for clip in clips if clip.environment]


def measure_tricks(clips: Sequence[Clip], find_faces: FindFaces = load_detector) -> list[Row]:
    """What becomes of the places that nobody controls when a face is shown to their cameras."""
    return [
        replay(place.name, f"{_TRICK}{name}", composed(place, person, trick), find_faces)
        for place, person in tricked(clips, find_faces())
        for name, trick in TRICKS.items()
    ]


def _measure(clip: Clip, watcher: Watcher, find_faces: FindFaces) -> Row:
    label = f"{clip.environment}, {'without' if clip.faces == 'none' else 'with'} faces"
    try:
        with open_source(str(clip.path), clip.name) as source:
            watcher.begin(source.name, source.length)
            return replay(clip.name, label, source, find_faces)
    except SourceError as problem:
        return Row(name=clip.name, label=label, outcome="held", error=problem.as_json()["kind"])


def replay(name: str, label: str, frames: Iterable[Frame], find_faces: FindFaces) -> Row:
    """What becomes of pictures that are declared controlled; an error of theirs ends them."""
    guard = Guard(live=False, find_faces=find_faces)
    state, first, error = guard.watch(name), dict[str, float](), None
    try:
        for frame in frames:
            guard.observe(frame)
            first.setdefault(state.last.environment, frame.media_time)
    except SourceError as problem:
        error = problem.as_json()["kind"]
    outcome: Outcome = "confirmed" if "consistent" in first else "contradicted" if "uncontrolled" in first else "held"
    return Row(
        name=name,
        label=label,
        outcome=outcome,
        at=first.get("consistent", first.get("uncontrolled")),
        looks=state.faces.looked_at,
        with_faces=state.faces.frames_with,
        error=error,
    )


def report(rows: Sequence[Row]) -> str:
    """How many of each label were confirmed, contradicted and held, and clip by clip."""
    header = ("truth", "clips", *_OUTCOMES, f"confirmed within {IN_TIME:g} s", "seconds to it, median")
    by_label = [
        _summary(label, [row for row in rows if row.label == label]) for label in sorted({r.label for r in rows})
    ]
    lines = [(r.name, r.label, r.outcome, r.at, f"{r.with_faces} of {r.looks}", r.error or "") for r in rows]
    return join(
        _NOTE,
        table(header, by_label),
        _sureness(rows),
        "### Clip by clip, declared controlled",
        table(("clip", "truth", "outcome", "at, s", "looks with a face", ""), lines),
    )


def _sureness(rows: Sequence[Row]) -> str:
    """The confidence in `uncontrolled`, after Laplace; `thresholds.toml` has it as `sure`."""
    found = [row for row in rows if row.outcome == "contradicted" and not row.label.startswith(_TRICK)]
    right = sum(not row.label.startswith("controlled") for row in found)
    share = (right + 1) / (len(found) + 2)
    return (
        f"Found uncontrolled: {len(found)}, rightly {right}; by Laplace's rule the next is so with {share:.2f}, where "
        "as many places are controlled as here."
    )


def _summary(label: str, rows: Sequence[Row]) -> tuple[str | int | float | None, ...]:
    counts = Counter(row.outcome for row in rows)
    times = [row.at for row in rows if row.outcome == "confirmed" and row.at is not None]
    in_time = sum(at <= IN_TIME for at in times)
    return (label, len(rows), *(counts[name] for name in _OUTCOMES), in_time, median(times) if times else None)


def main(
    folders: Folders,
    out: Out = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the rows there, as JSON.")] = None,
    detector: Detector = None,
    tricks: Annotated[bool, typer.Option("--tricks", help="Lay people over clips of streets as well.")] = False,
) -> None:
    """Declare every clip of some folders controlled, replay it, and say what becomes of that."""
    find_faces = partial(load_detector, detector)
    clips = [clip for folder in folders for clip in read_corpus(folder)]
    with ProgressWatcher() as watcher:
        rows = measure(clips, watcher, find_faces)
        rows += measure_tricks(clips, find_faces) if tricks else []
    if json:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=1))
    deliver(join("# Environment", report(rows)), out)


if __name__ == "__main__":
    run(main)
