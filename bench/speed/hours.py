"""How fast long recordings are audited: `python -m facewarden.bench.speed.hours CLIP...`.

The first seconds of each clip are played there and back as H.264 of the size and rate that are asked for, for hours:
what is encoded once is repeated. Of an audit with `--key-pictures` processor time on one core counts, with hashing and
analysis, against how long the recording plays; beside it that of decoding every picture, over its first half minute.
"""

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final, NamedTuple

import av
import cv2
import numpy as np
import typer

from ...detector.audit import Answer
from ...detector.audit.engines import Silent
from ...detector.audit.replay import Watcher
from ...detector.audit.unit import Unit, play
from ...detector.errors import InputError
from ...streams.errors import SourceError
from ...streams.frame import Image
from ...streams.source import open_source
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table

_TAKEN_S: Final = 6.0
_WHOLE_S: Final = 30.0
_STATUS: Final = Path("/proc/self/status")


class Result(NamedTuple):
    """One recording.

    Attributes:
        seconds: that it plays.
        few, every: times faster than it plays, with key pictures where they do, and with every picture.
        decoded: the share of its pictures that few needed.
        verdict: of the camera.
        megabytes: resident size after a tenth of it, and at its end.
    """

    name: str
    seconds: float
    few: float
    every: float
    decoded: float
    verdict: str
    megabytes: tuple[float, float]


class _Sizes(Silent):
    """Notes how large the process is while it goes through a recording, and counts the pictures that were decoded."""

    def __init__(self, length: float) -> None:
        self._due, self._step = length / 10, length / 10
        self.sizes: list[float] = []
        self.pictures = 0

    def at(self, media_time: float) -> None:
        self.pictures += 1
        if media_time >= self._due:
            self._due += self._step
            self.sizes.append(_resident())


def _resident() -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def film(clip: Path, out: Path, shape: tuple[int, int], rate: int, keys: float) -> None:
    """Write a clip's first seconds, there and back, as H.264.

    Args:
        clip: any video.
        out: an mp4 file.
        shape: height and width in pixels, both even.
        rate: pictures a second.
        keys: seconds between key pictures.

    Raises:
        SourceError: the clip cannot be read.
    """
    pictures = list(_pictures(clip, rate))
    container: Any = av.open(str(out), "w")
    with container:
        stream = container.add_stream("libx264", rate=rate)
        (stream.height, stream.width), stream.pix_fmt = shape, "yuv420p"
        stream.options = {"g": str(round(keys * rate)), "preset": "veryfast", "sc_threshold": "0"}
        for number, picture in enumerate(chain(pictures, pictures[-2:0:-1])):
            sized = np.asarray(cv2.resize(picture, shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
            frame = av.VideoFrame.from_ndarray(sized, format="bgr24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _pictures(clip: Path, rate: int) -> Iterator[Image]:
    """Shape (h, w, 3), BGR, uint8; each as often as the rate asks for."""
    shown = 0
    with open_source(str(clip)) as source:
        for frame in source:
            until = min(frame.media_time, _TAKEN_S)
            while shown <= until * rate:
                yield frame.bgr()
                shown += 1
            if frame.media_time >= _TAKEN_S:
                return


def repeat(once: Path, out: Path, seconds: float) -> None:
    """Write a film over and over, without decoding it, until it plays so long."""
    source: Any = av.open(str(once))
    target: Any = av.open(str(out), "w")
    with source, target:
        stream = source.streams.video[0]
        packets = [packet for packet in source.demux(stream) if packet.size]
        first = min(packet.dts for packet in packets)
        period = sum(packet.duration for packet in packets)
        copy = target.add_stream_from_template(stream)
        for round_ in range(int(seconds / float(period * stream.time_base)) + 1):
            for packet in packets:
                again = av.Packet(bytes(packet))
                again.pts, again.dts = (stamp - first + round_ * period for stamp in (packet.pts, packet.dts))
                again.duration, again.time_base = packet.duration, stream.time_base
                again.stream, again.is_keyframe = copy, packet.is_keyframe
                target.mux_one(again)


def measure(name: str, long: Path, length: float) -> Result:
    """Audit a recording that plays so many seconds, and its first seconds with every picture.

    Raises:
        InputError: it cannot be read.
    """
    first, spent_first = _played(Unit(name=name, url=str(long), max_seconds=_WHOLE_S), Silent())
    watcher = _Sizes(length)
    few, spent = _played(Unit(name=name, url=str(long), spans=()), watcher)
    return Result(
        name=name,
        seconds=few.coverage.seconds,
        few=few.coverage.seconds / spent,
        every=first.coverage.seconds / spent_first,
        decoded=watcher.pictures / max(1, few.coverage.frames),
        verdict=f"{few.mobility.value}, {few.environment.value}",
        megabytes=(watcher.sizes[0], watcher.sizes[-1]),
    )


def _played(unit: Unit, watcher: Watcher) -> tuple[Answer, float]:
    began = time.process_time()
    answer = play(unit, watcher).answer
    if not isinstance(answer, Answer):
        raise InputError(f"{unit.url}: {answer.error['message']}")
    return answer, time.process_time() - began


def report(results: Sequence[Result]) -> str:
    """The table of several recordings."""
    head = (
        "recording",
        "hours",
        "key pictures",
        "every picture",
        "decoded",
        "verdict",
        "MB after a tenth",
        "at the end",
    )
    lines = [
        (
            one.name,
            f"{one.seconds / 3600:.2f}",
            f"{one.few:.1f}",
            f"{one.every:.1f}",
            f"{one.decoded:.0%}",
            one.verdict,
            *(f"{size:.0f}" for size in one.megabytes),
        )
        for one in results
    ]
    return join("Times faster than it plays, by processor time on one core.", table(head, lines))


def main(
    clips: Annotated[list[Path], typer.Argument(help="Video files.", show_default=False)],
    hours: Annotated[float, typer.Option(help="How long each plays.")] = 1.0,
    width: Annotated[int, typer.Option(help="Pixels.")] = 1920,
    height: Annotated[int, typer.Option(help="Pixels.")] = 1080,
    rate: Annotated[int, typer.Option(help="Pictures a second.")] = 30,
    keys: Annotated[float, typer.Option(help="Seconds between key pictures.")] = 2.0,
    out: Out = None,
) -> None:
    """Measure how fast long recordings are audited."""
    deliver(report([*_measured(clips, hours * 3600, (height, width), rate, keys)]), out)


def _measured(
    clips: Sequence[Path], seconds: float, shape: tuple[int, int], rate: int, keys: float
) -> Iterator[Result]:
    for clip in clips:
        with TemporaryDirectory() as folder:
            once, long = Path(folder, "once.mp4"), Path(folder, "long.mp4")
            try:
                film(clip, once, shape, rate, keys)
                repeat(once, long, seconds)
                yield measure(clip.stem, long, seconds)
            except (InputError, SourceError) as error:
                typer.echo(f"{clip.name}: {error}", err=True)


if __name__ == "__main__":
    run(main)
