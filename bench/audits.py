"""How fast recordings are audited, and whether few pictures do: `python -m facewarden.bench.audits FILE...`.

Each recording is audited on one core as `facewarden audit` does it, and again with every picture of it decoded.
Processor time counts, with hashing and analysis, against how long the recording plays.
"""

import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from ..detector.audit import Answer
from ..detector.audit.engines import Silent
from ..detector.audit.sparing import Span, spans_of
from ..detector.audit.unit import Played, Unit, play
from ..detector.errors import InputError
from ..detector.sight.seen import Shown
from .command import Out, deliver, run
from .markdown import join, table

_NOTE = "Times faster than it plays, by processor time on one core; calls are evenly spread."


class Result(NamedTuple):
    """One recording, both ways.

    Attributes:
        seconds: that it plays.
        few, every: times faster than it plays, where few pictures will do, and with all of them.
        left_out: the share of the analysed pictures that few did without.
        same: whether the camera's verdict and mount are the same.
        calls: of so many calls so many found the same camera and place, as known by then and by now.
        megabytes: largest resident size of the process until then.
    """

    name: str
    seconds: float
    few: float
    every: float
    left_out: float
    same: bool
    calls: tuple[int, int]
    megabytes: float


def measure(path: Path, every: float) -> Result:
    """Audit a recording both ways, with a call each `every` seconds; 0 is none.

    Raises:
        InputError: it cannot be read.
    """
    whole, spent = _played(path, None)
    seconds = _answer(whole, path).coverage.seconds
    moments = [every * number for number in range(1, int(seconds / every) + 1)] if every else []
    few, spent_few = _played(path, spans_of(moments))
    one, other = _answer(few, path), _answer(whole, path)
    same = sum(_shown(few, moment) == _shown(whole, moment) for moment in moments)
    return Result(
        name=path.name,
        seconds=seconds,
        few=seconds / spent_few,
        every=seconds / spent,
        left_out=1 - one.coverage.analysed / other.coverage.analysed,
        same=(one.mobility.value, one.mobility.mount) == (other.mobility.value, other.mobility.mount),
        calls=(same, len(moments)),
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def _played(path: Path, spans: tuple[Span, ...] | None) -> tuple[Played, float]:
    began = time.process_time()
    return play(Unit(name=path.stem, url=str(path), spans=spans), Silent()), time.process_time() - began


def _answer(played: Played, path: Path) -> Answer:
    if not isinstance(played.answer, Answer):
        raise InputError(f"{path}: {played.answer.error['message']}")
    return played.answer


def _shown(played: Played, moment: float) -> tuple[Shown, Shown]:
    return played.history.at(moment), played.history.since(moment)


def report(paths: Sequence[Path], every: float = 0.0) -> str:
    """The table of several recordings."""
    head = ("recording", "seconds", "few do", "every picture", "not analysed", "verdict", "calls", "MB")
    lines = [
        (
            one.name,
            f"{one.seconds:.0f}",
            f"{one.few:.1f}",
            f"{one.every:.1f}",
            f"{one.left_out:.0%}",
            "the same" if one.same else "another",
            f"{one.calls[0]} of {one.calls[1]}",
            f"{one.megabytes:.0f}",
        )
        for one in (measure(path, every) for path in paths)
    ]
    return join(_NOTE, table(head, lines))


def main(
    recordings: Annotated[list[Path], typer.Argument(help="Video files.", show_default=False)],
    every: Annotated[float, typer.Option("--calls-every", help="Seconds between calls; 0 is none.")] = 0.0,
    out: Out = None,
) -> None:
    """Measure how fast recordings are audited."""
    deliver(report(recordings, every), out)


if __name__ == "__main__":
    run(main)
