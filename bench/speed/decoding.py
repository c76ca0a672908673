"""What watching costs beside decoding the same pictures: `python -m facewarden.bench.speed.decoding [CLIP...]`.

Everyone has a decoder of its own for a 1920x1080 H.264 recording, on one thread, and is given each picture as soon as
it is decoded; in turns of a second, forward and back (ABBA). Processor time of this thread: what watching takes is set
beside what decoding took in the same turns.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import thread_time_ns
from typing import Annotated, Any, Final

import av
import numpy as np
import typer
from av.codec.context import Flags2
from numpy.typing import NDArray

from ...detector.guard import Guard
from ...streams.frame import Frame, Image
from ...streams.push import PushSource
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table
from ..tools.rivals import MotionVectors, Norfair, PlainFlow, vectors_of
from .calls import has_opentelemetry, spanned
from .costs import FRAMES, RATE, film, render

_NOTE: Final = """\
{frames} pictures of 1920x1080, 30 a second by their clock, from a new source on; milliseconds of processor time on one
core, by the picture, in one run. Motion vectors: what their rule adds, and of what the decoder exports the reading. The
span is around nothing, sampled, ended, and exported nowhere."""

Watching = Callable[[Any, float], object]


class Times:
    """Nanoseconds by the picture.

    Attributes:
        decoding, watching: of the same pictures.
    """

    def __init__(self) -> None:
        self.decoding: list[int] = []
        self.watching: list[int] = []

    def share(self, since: int = 0) -> float:
        """What watching took of what decoding took, from a picture on."""
        return sum(self.watching[since:]) / sum(self.decoding[since:])


def measure(clip: Path, frames: int = FRAMES) -> dict[str, Times]:
    """Watch a recording over and over, everyone so many pictures."""
    everyone = _everyone(frames)
    times = {name: Times() for name in everyone}
    pictures = {name: _decoded(clip, exporting=name == MotionVectors.name) for name in everyone}
    names = list(everyone)
    for start in range(0, frames, RATE):
        for name in names:
            for index in range(start, min(start + RATE, frames)):
                begun = thread_time_ns()
                picture = next(pictures[name])
                decoded = thread_time_ns()
                everyone[name](picture, index / RATE)
                times[name].decoding.append(decoded - begun)
                times[name].watching.append(thread_time_ns() - decoded)
        names.reverse()
    return times


def _everyone(frames: int) -> Mapping[str, Watching]:
    guard, source = Guard(live=False), PushSource("bench", step=1 / RATE)
    rule = MotionVectors(2 * frames / RATE)  # it looks at half of a clip; here it is to look all the time
    found: dict[str, Watching] = {
        "facewarden": lambda picture, at: guard.observe(source.frame(_luma(picture), at, "gray")),
        PlainFlow.name: _looking(PlainFlow()),
        MotionVectors.name: lambda picture, at: rule.take(vectors_of(picture, at)),
    }
    if has_opentelemetry():
        span = spanned(lambda: None)
        found["an OpenTelemetry span"] = lambda *_: span()  # pyright: ignore[reportUnknownLambdaType]
    with suppress(ImportError):
        found[Norfair.name] = _looking(Norfair())
    return found


def _looking(rival: PlainFlow | Norfair) -> Watching:
    source = PushSource("rival", step=1 / RATE)

    def frame(picture: Any, at: float) -> Frame:
        if isinstance(rival, Norfair):
            return source.frame(picture.to_ndarray(format="bgr24"), at, "bgr")
        return source.frame(_luma(picture), at, "gray")

    return lambda picture, at: rival.take(frame(picture, at))


def _luma(picture: Any) -> Image:
    """The plane as it lies in the decoder's picture: nothing is copied."""
    plane = picture.planes[0]
    rows: NDArray[np.uint8] = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: picture.height, : picture.width]


def _decoded(clip: Path, *, exporting: bool) -> Iterator[Any]:
    """Its pictures, over and over."""
    while True:
        with av.open(str(clip)) as container:
            stream = container.streams.video[0]
            stream.thread_type, stream.codec_context.thread_count = "NONE", 1
            if exporting:
                stream.codec_context.flags2 |= Flags2.export_mvs
            yield from container.decode(stream)


def report(name: str, times: Mapping[str, Times]) -> str:
    """A table, in shares of decoding."""
    rows = [
        (
            who,
            f"{np.mean(one.decoding) / 1e6:.2f}",
            f"{np.mean(one.watching) / 1e6:.3f}",
            f"{one.share():.1%}",
            f"{one.share(len(one.watching) // 2):.1%}",
        )
        for who, one in times.items()
    ]
    header = ("", "decoding, ms", "watching, ms", "of decoding", "of decoding, second half")
    return join(f"### {name}", table(header, rows))


def main(
    clips: Annotated[
        list[Path] | None, typer.Argument(help="Recordings of 1920x1080 in H.264; by default a rendered one.")
    ] = None,
    scene: Annotated[str, typer.Option(help="What is rendered: body, fixed, ...")] = "body",
    frames: Annotated[int, typer.Option(help="Pictures of each.")] = FRAMES,
    out: Out = None,
) -> None:
    """Measure what watching costs beside decoding."""
    blocks = [_NOTE.format(frames=frames)]
    blocks += [report(clip.stem, measure(clip, frames)) for clip in clips or ()]
    if not clips:
        with TemporaryDirectory() as folder:
            clip = Path(folder, "rendered.mp4")
            clip.write_bytes(film(render(scene)).getvalue())
            blocks.append(report(f"Rendered (scene {scene}), libx264", measure(clip, frames)))
    deliver(join("# Beside decoding", *blocks), out)


if __name__ == "__main__":
    run(main)
