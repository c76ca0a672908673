"""Whether live sources may be looked at thriftily: `python -m facewarden.bench.truth.thrift CORPUS [--nth 1]`.

Each clip is played there and back for a minute, and then another camera's for a quarter of one, as a stream with a key
picture every two seconds; once decoded in full, and once as `facewarden serve` reads it: key pictures alone while a
verdict stands and nothing stirs. At the end of each second the two are compared. What counts is that few pictures never
call a camera fixed that all of them do not, but for the seconds until the next key picture shows it.
"""

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import cv2
import numpy as np
import typer

from ...detector.guard import Guard
from ...detector.sight.thrift import Thrift
from ...streams.errors import SourceError
from ...streams.frame import Image
from ...streams.source import open_source
from ..material.corpus import TRUTHS, Clip, read_corpus
from ..tools.command import Folder, Out, deliver, run
from ..tools.markdown import join, table
from .audits import film, there_and_back

RATE, KEYS_S = 10, 2.0
FIRST_S, THEN_S = 60, 15


class Played(NamedTuple):
    """A stream that was played: what the camera was taken for at the end of each second, and what of it was decoded.

    Attributes:
        decoded: pictures.
        thrifty: the share of the time in which few pictures did.
    """

    cameras: list[str]
    decoded: int
    thrifty: float


class Result(NamedTuple):
    """One clip, and what followed it, in full and by few pictures.

    Attributes:
        changes: whether what follows is of a camera that moves, after one that stands.
    """

    name: str
    truth: str
    changes: bool
    full: Played
    few: Played

    @property
    def bold(self) -> int:
        """Seconds of the first part in which few pictures call it fixed, and all of them do not."""
        return sum(few == "fixed" != full for few, full in self._first)

    @property
    def lost(self) -> int:
        """Seconds of the first part in which few have no verdict, and all of them do."""
        return sum(few == "unknown" != full for few, full in self._first)

    @property
    def late(self) -> tuple[int | None, int | None]:
        """Seconds after the change at whose end it is no longer called fixed: in full, by few; None: never."""
        return _until(self.full.cameras), _until(self.few.cameras)

    @property
    def _first(self) -> Iterator[tuple[str, str]]:
        return islice(zip(self.few.cameras, self.full.cameras, strict=False), FIRST_S)


def _until(cameras: Sequence[str]) -> int | None:
    after = cameras[FIRST_S:]
    return next((second + 1 for second, camera in enumerate(after) if camera != "fixed"), None)


def play(stream: Path, *, thrifty: bool) -> Played:
    """Play a stream as a live one, nothing shed."""
    guard, cameras, decoded = Guard(live=False), list[str](), 0
    state = guard.watch("cam")
    thrift = Thrift(state, 0.0)
    with open_source(str(stream), "cam") as source:
        if thrifty:
            source.thrift = thrift.allows
        for frame in source:
            while frame.media_time >= len(cameras) + 1:
                cameras.append(state.last.camera)
            guard.observe(frame)
            decoded += 1
    spent = thrift.seconds
    return Played([*cameras, state.last.camera], decoded, spent["thrifty"] / max(1e-9, sum(spent.values())))


def measure(clip: Clip, after: Clip) -> Result:
    """Play a clip, and another after it, in full and by few pictures.

    Raises:
        SourceError: one cannot be read.
    """
    truth, follows = TRUTHS[clip.label][0], TRUTHS[after.label][0]
    with TemporaryDirectory() as folder:
        stream = Path(folder, "stream.mp4")
        first = list(islice(there_and_back(clip.path), FIRST_S * RATE))
        then = islice(there_and_back(after.path), THEN_S * RATE)
        film([*first, *(_sized(picture, first[0]) for picture in then)], stream, KEYS_S)
        full, few = play(stream, thrifty=False), play(stream, thrifty=True)
    return Result(clip.name, truth, truth == "fixed" and follows == "mobile", full, few)


def _sized(picture: Image, like: Image) -> Image:
    return np.asarray(cv2.resize(picture, like.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def report(results: Sequence[Result]) -> str:
    """The tables of all clips."""
    head = (
        "clips",
        "number",
        "thrifty",
        "decoded",
        "called fixed by few alone, s",
        "verdict lost by few, s",
        "same at the end",
    )
    rows = [_row(truth, [one for one in results if one.truth == truth]) for truth in ("fixed", "mobile")]
    odd = [one for one in results if one.bold or one.lost]
    listed = table(
        ("clip", "is", "fixed by few alone, s", "lost by few, s"),
        [(one.name, one.truth, one.bold, one.lost) for one in odd],
    )
    return join(
        f"{FIRST_S} s of each clip, pictures {RATE} a second, key pictures every {KEYS_S:g} s.",
        table(head, [row for row in rows if row[1]]),
        *([listed] if odd else []),
        _changes([one for one in results if one.changes]),
    )


def _row(truth: str, results: Sequence[Result]) -> tuple[str | int | float, ...]:
    number = len(results)
    return (
        truth,
        number,
        f"{sum(one.few.thrifty for one in results) / max(1, number):.0%}",
        f"{sum(one.few.decoded for one in results) / max(1, sum(one.full.decoded for one in results)):.0%}",
        sum(one.bold for one in results),
        sum(one.lost for one in results),
        sum(one.few.cameras[FIRST_S - 1] == one.full.cameras[FIRST_S - 1] for one in results),
    )


def _changes(results: Sequence[Result]) -> str:
    """How soon a camera that was fixed is no longer, once it shows what one sees that moves."""
    stood = [one for one in results if one.full.cameras[FIRST_S - 1] == one.few.cameras[FIRST_S - 1] == "fixed"]
    rows = [
        (
            f"within {limit} s",
            *(sum((late := one.late[way]) is not None and late <= limit for one in stood) for way in (0, 1)),
        )
        for limit in (1, 2, 3, 5, 10)
    ]
    return join(f"Of {len(stood)} that then move:", table(("no longer fixed", "in full", "by few"), rows))


def main(
    folder: Folder,
    nth: Annotated[int, typer.Option("--nth", help="Take every so manieth clip.")] = 1,
    out: Out = None,
) -> None:
    """Compare verdicts by few pictures of a live stream with those by all."""
    clips = [clip for clip in read_corpus(folder) if not clip.doubtful][::nth]
    moving = cycle([clip for clip in clips if TRUTHS[clip.label][0] == "mobile"])
    deliver(report([*_measured(clips, moving)]), out)


def _measured(clips: Sequence[Clip], moving: Iterator[Clip]) -> Iterator[Result]:
    for clip in clips:
        try:
            yield measure(clip, next(moving))
        except SourceError as error:
            typer.echo(f"{clip.name}: {error}", err=True)


if __name__ == "__main__":
    run(main)
