"""Whether audits by key pictures find what all pictures show: `python -m facewarden.bench.truth.spared CLIPS...`.

Each clip is played there and back as one recording with a key picture every two seconds, and audited with every picture
of it decoded, and as `facewarden audit --key-pictures` does it. Set beside each other are the verdicts at the end, and
what is known of each second: by then, and by now. With `--between` another camera that moves comes in the middle. What
counts is that few pictures call no camera fixed that all of them call mobile, and miss no place that is uncontrolled.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import cv2
import numpy as np
import typer

from ...detector.audit import Answer
from ...detector.audit.engines import Silent
from ...detector.audit.unit import Played, Unit, play
from ...detector.errors import InputError
from ...detector.sight.seen import Shown
from ...streams.errors import SourceError
from ...streams.frame import Image
from ..material.corpus import TRUTHS, Clip, read_corpus
from ..tools.command import Folders, Out, deliver, run
from ..tools.markdown import Cell, join, table
from .audits import film, there_and_back

RATE, KEYS_S = 10, 2.0

Verdict = tuple[str, str, str]  # camera, mount, environment


class Result(NamedTuple):
    """One recording, by few pictures and by all.

    Attributes:
        truth: what its camera is.
        left_out: the share of the analysed pictures that few did without.
        few, every: the verdicts at its end.
        seconds: what was known of each second by then and by now, by few and by all.
    """

    name: str
    truth: str
    left_out: float
    few: Verdict
    every: Verdict
    seconds: list[tuple[Shown, Shown]]

    @property
    def ends(self) -> tuple[Shown, Shown]:
        """The verdicts at its end, without what it is mounted on."""
        return Shown(self.few[0], self.few[2]), Shown(self.every[0], self.every[2])  # type: ignore[arg-type]


def _fixed(few: Shown, every: Shown) -> bool:
    return few.camera == "fixed" != every.camera


def _missed(few: Shown, every: Shown) -> bool:
    return few.environment != "uncontrolled" == every.environment


def _consistent(few: Shown, every: Shown) -> bool:
    return few.environment == "consistent" != every.environment


# What few pictures alone let through, worst first.
_BOLD: dict[str, Callable[[Shown, Shown], bool]] = {
    "consistent with a controlled place by few alone": _consistent,
    "fixed by few alone": _fixed,
    "uncontrolled by all alone": _missed,
}


def measure(clip: Clip, other: Clip, last: float, between: float) -> Result:
    """Audit a clip both ways, `last` seconds of it, with so many of another in the middle.

    Raises:
        SourceError: one cannot be read.
        InputError: the recording made of them cannot be.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder, "recording.mp4")
        film(_pictures(clip, other, last, between), path, KEYS_S)
        few, every = (play(Unit(name="it", url=str(path), spans=spans), Silent()) for spans in ((), None))
    one, all_of_it = _answer(few), _answer(every)
    return Result(
        name=clip.name,
        truth=TRUTHS[clip.label][0],
        left_out=1 - one.coverage.analysed / all_of_it.coverage.analysed,
        few=_verdict(one),
        every=_verdict(all_of_it),
        seconds=[
            (by_few(at), by_all(at))
            for by_few, by_all in zip(_known_of(few), _known_of(every), strict=True)
            for at in range(int(all_of_it.coverage.seconds))
        ],
    )


def _pictures(clip: Clip, other: Clip, last: float, between: float) -> Iterator[Image]:
    first = there_and_back(clip.path)
    picture = next(first)
    yield picture
    yield from islice(first, round(last / 2 * RATE) - 1)
    for one in islice(there_and_back(other.path), round(between * RATE)):
        yield np.asarray(cv2.resize(one, picture.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    yield from islice(first, round(last / 2 * RATE))


def _answer(played: Played) -> Answer:
    if not isinstance(played.answer, Answer):
        raise InputError(played.answer.error["message"])
    return played.answer


def _verdict(answer: Answer) -> Verdict:
    place = answer.environment
    return (
        answer.mobility.value,
        answer.mobility.mount,
        "consistent" if place.consistent_with_controlled else place.value,
    )


def _known_of(played: Played) -> tuple[Callable[[float], Shown], ...]:
    """What was known of a moment by then, and is by now."""
    return played.history.at, played.history.since


def report(results: Sequence[Result], last: float, between: float) -> str:
    """What differs, by what the cameras are, and each recording that ends otherwise."""
    middle = f" and {between:g} s of another camera, that moves, in the middle" * bool(between)
    note = f"{last:g} s of each clip{middle}, {RATE} pictures a second, a key picture every {KEYS_S:g} s."
    groups = [[one for one in results if one.truth == truth] for truth in ("fixed", "mobile")]
    ends = table(
        ("cameras", "recordings", "not analysed", "same verdicts", *_BOLD), [_ended(own) for own in groups if own]
    )
    seconds = table(("cameras", "seconds, by then and by now", "alike", *_BOLD), [_known(own) for own in groups if own])
    odd = [one for one in results if one.few != one.every]
    listed = table(
        ("recording", "is", "by few", "by all", "worse"),
        [(one.name, one.truth, ", ".join(one.few), ", ".join(one.every), ", ".join(_worse(one))) for one in odd],
    )
    return join(
        note, "Verdicts at the end:", ends, "What was known of each second:", seconds, *([listed] if odd else [])
    )


def _ended(results: Sequence[Result]) -> tuple[Cell, ...]:
    left_out = sum(one.left_out for one in results) / len(results)
    same = sum(one.few == one.every for one in results)
    counts = (sum(bold(*one.ends) for one in results) for bold in _BOLD.values())
    return results[0].truth, len(results), f"{left_out:.0%}", same, *counts


def _known(results: Sequence[Result]) -> tuple[Cell, ...]:
    pairs = [pair for one in results for pair in one.seconds]
    alike = sum(few == every for few, every in pairs)
    counts = (sum(bold(*pair) for pair in pairs) for bold in _BOLD.values())
    return results[0].truth, len(pairs), f"{alike / len(pairs):.1%}", *counts


def _worse(one: Result) -> list[str]:
    return [name for name, bold in _BOLD.items() if bold(*one.ends)]


def every_nth(clips: Sequence[Clip], nth: int, from_: int = 0) -> list[Clip]:
    """The clips of every so manieth repository, in the order in which these come first."""
    repositories = list(dict.fromkeys(clip.repo for clip in clips))[from_::nth]
    return [clip for clip in clips if clip.repo in repositories]


def main(
    folders: Folders,
    nth: Annotated[int, typer.Option("--nth", help="Take every so manieth repository.")] = 1,
    begin: Annotated[int, typer.Option("--from", help="The first of them.")] = 0,
    last: Annotated[float, typer.Option(help="Play each clip so many seconds.")] = 150.0,
    between: Annotated[float, typer.Option(help="Seconds of another camera in the middle.")] = 0.0,
    out: Out = None,
) -> None:
    """Compare the verdicts of audits by key pictures with those of every picture."""
    clips = [clip for folder in folders for clip in read_corpus(folder)]
    moving = cycle([clip for clip in clips if TRUTHS[clip.label][0] == "mobile" and not clip.doubtful])
    with typer.progressbar(every_nth(clips, nth, begin), file=typer.get_text_stream("stderr")) as watched:
        results = [*_measured(watched, moving, last, between)]
    deliver(report(results, last, between), out)


def _measured(clips: Iterable[Clip], moving: Iterator[Clip], last: float, between: float) -> Iterator[Result]:
    for clip in clips:
        try:
            yield measure(clip, next(moving), last, between)
        except (InputError, SourceError) as error:
            typer.echo(f"{clip.name}: {error}", err=True)


if __name__ == "__main__":
    run(main)
