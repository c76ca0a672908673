"""What a frame costs: `python -m facewarden.bench.speed.costs`; and others beside us on the same pictures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from time import perf_counter_ns
from typing import Any, Literal, TypeAlias, cast

import av
import cv2

from ...detector.budget import Cost, Latency
from ...detector.guard import Guard
from ...detector.mobility import MobilityEstimator
from ...detector.sight.state import ANALYSIS_SIDE
from ...streams.frame import Image
from ...streams.push import PushSource
from ...streams.synthetic import SyntheticSource
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table
from ..tools.paced import Paced
from ..tools.rivals import Vectors, read_vectors

Layout = Literal["gray", "bgr"]
Contestant: TypeAlias = Callable[[int], None]
"""Does its work on the picture of that index; made once, so that it may remember."""

RATE = 30
FULL_HD = (1920, 1080)
_SECONDS, _SEED = 2, 1
FRAMES = 600
_NOTE = """\
Milliseconds per picture of 1920x1080 that a host hands over, {frames} of them at 30 a second from a new source on
(scene `body`), by the guard's own count. About one in three is looked at; decoding is not counted. "On the way" starts
over at each verdict: it is what a camera costs that has not been told yet. "Mobility alone" is without the environment
and its search for faces."""


@dataclass(frozen=True, slots=True)
class Footage:
    """Rendered 1080p pictures of a camera, 30 a second, played to and fro: motion without a cut.

    Attributes:
        luma: brightness, shape (1080, 1920), uint8.
        bgr: the same in colour, shape (1080, 1920, 3).
    """

    luma: list[Image]
    bgr: list[Image]

    def picture(self, index: int, layout: Layout) -> Image:
        pictures = self.luma if layout == "gray" else self.bgr
        return pictures[to_and_fro(index, len(pictures))]


def render(scene: str = "body") -> Footage:
    """Two seconds of a scene; about half a gigabyte, and ten seconds of work."""
    source = SyntheticSource(scene, seed=_SEED, seconds=_SECONDS, fps=RATE, size=FULL_HD, layout="bgr")
    colour = [frame.bgr() for frame in source]
    return Footage([cast(Image, cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)) for picture in colour], colour)


def to_and_fro(index: int, count: int) -> int:
    """0, 1, ... count - 1, count - 2, ... 0, 1, ..."""
    within = index % max(1, 2 * count - 2)
    return min(within, 2 * count - 2 - within)


class Ours:
    """The guard, as a host uses it that hands over its pictures.

    Args:
        footage: what it sees.
        layout: how the pictures are handed over.
        undecided: start with a fresh guard at each verdict, so that only the way there is paid for.
    """

    def __init__(self, footage: Footage, layout: Layout, *, undecided: bool = False) -> None:
        self._footage, self._restarts = footage, undecided
        self._layout: Layout = layout
        self._latency = Latency()
        self._begin(0)

    def __call__(self, index: int) -> None:
        picture = self._footage.picture(index, self._layout)
        self._guard.observe(self._source.frame(picture, (index - self._first) / RATE, self._layout))
        if self._restarts and self.decided_at is not None:
            self._begin(index + 1)

    @property
    def decided_at(self) -> float | None:
        """Media time of the verdict, seconds; None while there is none."""
        return self._guard.watch("bench").beliefs[0].decided_at

    @property
    def cost(self) -> Cost:
        """The guard's own account of the pictures it has seen."""
        return self._latency.summary()

    def _begin(self, first: int) -> None:
        self._first = first
        self._guard, self._source = Guard(live=False), PushSource("bench", step=1 / RATE)
        self._guard.watch("bench").cost = self._latency


def guard_cost(footage: Footage, layout: Layout, frames: int, *, undecided: bool = False) -> Ours:
    """The guard after `frames` pictures: of a new source, or of one after the other, each up to its verdict."""
    ours = Ours(footage, layout, undecided=undecided)
    for index in range(frames):
        ours(index)
    return ours


def mobility_cost(footage: Footage, layout: Layout, frames: int) -> Cost:
    """Mobility alone, of a new source, for every picture handed over."""
    paced, source, latency = Paced(MobilityEstimator()), PushSource("bench", step=1 / RATE), Latency()
    for index in range(frames):
        frame = source.frame(footage.picture(index, layout), index / RATE, layout)
        started = perf_counter_ns()
        if (time := paced.wants(frame)) is not None:
            paced.estimator.update(frame.thumbnail(ANALYSIS_SIDE), time)
        latency.add(perf_counter_ns() - started)
    return latency.summary()


def interleaved(contestants: Mapping[str, Contestant], frames: int, turn: int = RATE) -> dict[str, Cost]:
    """Each contestant's cost per picture, all on the same pictures, in turns of a second: ABBA.

    Reversing the order each time keeps a machine that warms up or slows down from favouring one of them.
    """
    latencies = {name: Latency() for name in contestants}
    order = list(contestants)
    for start in range(0, frames, turn):
        for name in order:
            _take_turn(contestants[name], latencies[name], range(start, min(start + turn, frames)))
        order.reverse()
    return {name: latency.summary() for name, latency in latencies.items()}


def _take_turn(contestant: Contestant, latency: Latency, indices: range) -> None:
    for index in indices:
        started = perf_counter_ns()
        contestant(index)
        latency.add(perf_counter_ns() - started)


def encoded(footage: Footage) -> list[Vectors]:
    """The motion vectors of one pass to and fro, as a decoder hands them out."""
    return list(read_vectors(film(footage)))


def film(footage: Footage) -> BytesIO:
    """One pass to and fro, in H.264 (libx264, its defaults), as an mp4 file."""
    file = BytesIO()
    container: Any = av.open(file, "w", format="mp4")
    with container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *FULL_HD, "yuv420p"
        for index in range(2 * len(footage.bgr) - 2):
            picture = av.VideoFrame.from_ndarray(footage.picture(index, "bgr"), format="bgr24")
            picture.pts, picture.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    file.seek(0)
    return file


# --- the report -------------------------------------------------------------------------------------------------------


def report(footage: Footage) -> str:
    """What the guard costs a host, for both layouts: over all, on the way to the verdict, and for mobility alone."""
    header = ("", "mean, ms", "p50, ms", "p99, ms", "max, ms", "verdict at, s")
    return join(_NOTE.format(frames=FRAMES), table(header, _lines(footage)))


def _lines(footage: Footage) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    layouts: tuple[tuple[str, Layout], ...] = (("luma", "gray"), ("BGR", "bgr"))
    for name, layout in layouts:
        whole, way = (guard_cost(footage, layout, FRAMES, undecided=one) for one in (False, True))
        at = "none" if whole.decided_at is None else f"{whole.decided_at:.1f}"
        alone = mobility_cost(footage, layout, FRAMES)
        three = ((name, whole.cost, at), (f"{name}, on the way", way.cost, ""), (f"{name}, mobility alone", alone, ""))
        for label, cost, when in three:
            lines.append((label, *(f"{ms:.3f}" for ms in (cost.mean, cost.p50, cost.p99, cost.max)), when))
    return lines


def main(out: Out = None) -> None:
    """Hand over rendered 1080p pictures, and say what they cost."""
    deliver(join("# Cost", report(render())), out)


if __name__ == "__main__":
    run(main)
