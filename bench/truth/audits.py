"""How fast recordings are audited, and whether few pictures do: `python -m facewarden.bench.truth.audits FILE...`.

Each recording is audited on one core as `facewarden audit` does it, and again with every picture of it decoded.
Processor time counts, with hashing and analysis, against how long the recording plays. Most clips are too short for
any of their pictures to be left out: with `--last` each is played there and back until it lasts as long.
"""

import resource
import time
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, NamedTuple

import av
import numpy as np
import typer

from ...detector.audit import Answer
from ...detector.audit.engines import Silent
from ...detector.audit.sparing import Span, spans_of
from ...detector.audit.unit import Played, Unit, play
from ...detector.errors import InputError
from ...streams.errors import SourceError
from ...streams.frame import Image
from ...streams.source import open_source
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table

_NOTE = (
    "Times faster than it plays, by processor time on one core; seconds with the same camera, and the same verdicts."
)
# What is played there and back: pictures a second, their longest side, and seconds of the clip that are taken.
_RATE, _SIDE, _TAKEN_S = 10, 320, 20.0
_ROUNDING_S = 1e-3


class Result(NamedTuple):
    """One recording, both ways.

    Attributes:
        seconds: that it plays.
        few, every: times faster than it plays, where few pictures will do, and with all of them.
        left_out: the share of the analysed pictures that few did without.
        alike: seconds at whose end the same was believed of the camera.
        verdicts: those of few pictures and of all: camera, mount, environment.
        calls: of so many calls so many found the same camera and place, as known by then and by now.
        megabytes: largest resident size of the process until then.
    """

    name: str
    seconds: float
    few: float
    every: float
    left_out: float
    alike: int
    verdicts: tuple[tuple[str, ...], tuple[str, ...]]
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
    return Result(
        name=path.name,
        seconds=seconds,
        few=seconds / spent_few,
        every=seconds / spent,
        left_out=1 - one.coverage.analysed / other.coverage.analysed,
        alike=sum(few.history.at(at).camera == whole.history.at(at).camera for at in range(int(seconds))),
        verdicts=(_verdicts(one), _verdicts(other)),
        calls=(sum(_shown(few, moment) == _shown(whole, moment) for moment in moments), len(moments)),
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def _played(path: Path, spans: tuple[Span, ...] | None) -> tuple[Played, float]:
    began = time.process_time()
    return play(Unit(name=path.stem, url=str(path), spans=spans), Silent()), time.process_time() - began


def _answer(played: Played, path: Path) -> Answer:
    if not isinstance(played.answer, Answer):
        raise InputError(f"{path}: {played.answer.error['message']}")
    return played.answer


def _verdicts(answer: Answer) -> tuple[str, ...]:
    return answer.mobility.value, answer.mobility.mount, answer.environment.value


def _shown(played: Played, moment: float) -> tuple[object, object]:
    return played.history.at(moment), played.history.since(moment)


def there_and_back(clip: Path) -> Iterator[Image]:
    """A clip's first seconds there and back without end: luma, shape (h, w), uint8, `_RATE` a second.

    Raises:
        SourceError: it cannot be read.
    """
    pictures = list(_pictures(clip))
    return cycle([*pictures, *pictures[-2:0:-1]])


def film(pictures: Iterable[Image], out: Path, keys: float) -> None:
    """Write pictures as H.264 with a key picture each `keys` seconds."""
    container: Any = av.open(str(out), "w")
    with container:
        stream = container.add_stream("libx264", rate=_RATE)
        stream.options = {"g": str(round(keys * _RATE)), "preset": "ultrafast", "sc_threshold": "0", "crf": "20"}
        for number, picture in enumerate(pictures):
            if not number:
                (stream.height, stream.width), stream.pix_fmt = picture.shape, "yuv420p"
            frame = av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, _RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _pictures(clip: Path) -> Iterator[Image]:
    due = 0.0
    with open_source(str(clip)) as source:
        for frame in source:
            if frame.media_time >= _TAKEN_S:
                return
            if frame.media_time >= due - _ROUNDING_S:
                due += 1 / _RATE
                luma = frame.thumbnail(_SIDE)
                yield np.ascontiguousarray(luma[: luma.shape[0] // 2 * 2, : luma.shape[1] // 2 * 2])


def report(results: Sequence[Result]) -> str:
    """The table of several recordings, and how many have the same verdicts both ways."""
    head = (
        "recording",
        "seconds",
        "few do",
        "every picture",
        "not analysed",
        "camera alike",
        "verdicts",
        "calls",
        "MB",
    )
    lines = [
        (
            one.name,
            f"{one.seconds:.0f}",
            f"{one.few:.1f}",
            f"{one.every:.1f}",
            f"{one.left_out:.0%}",
            f"{one.alike} of {int(one.seconds)} s",
            _told(one),
            f"{one.calls[0]} of {one.calls[1]}",
            f"{one.megabytes:.0f}",
        )
        for one in results
    ]
    same = sum(one.verdicts[0] == one.verdicts[1] for one in results)
    return join(_NOTE, f"{same} of {len(results)} recordings have the verdicts of full decoding.", table(head, lines))


def _told(one: Result) -> str:
    few, whole = (", ".join(verdicts) for verdicts in one.verdicts)
    return f"the same: {few}" if few == whole else f"{few}; of all pictures {whole}"


def main(
    recordings: Annotated[list[Path], typer.Argument(help="Video files.", show_default=False)],
    every: Annotated[float, typer.Option("--calls-every", help="Seconds between calls; 0 is none.")] = 0.0,
    last: Annotated[float, typer.Option(help="Play each there and back for so many seconds; 0 is as it is.")] = 0.0,
    keys: Annotated[float, typer.Option(help="Seconds between key pictures of such.")] = 1.0,
    out: Out = None,
) -> None:
    """Measure how fast recordings are audited."""
    deliver(report([*_measured(recordings, every, last, keys)]), out)


def _measured(recordings: Sequence[Path], every: float, last: float, keys: float) -> Iterator[Result]:
    for path in recordings:
        with TemporaryDirectory() as folder:
            played = Path(folder, f"{path.stem}.mp4") if last else path
            try:
                if last:
                    film(islice(there_and_back(path), round(last * _RATE)), played, keys)
                yield measure(played, every)
            except (InputError, SourceError) as error:
                typer.echo(f"{path.name}: {error}", err=True)


if __name__ == "__main__":
    run(main)
