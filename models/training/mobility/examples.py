"""What a clip shows tick by tick: measured once, and kept in a file of its own for as long as it is learned from."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import typer

from ....bench.material.corpus import TRUTHS, Clip, Truth
from ....bench.material.transforms import KINDS, Kind, Material, gather, read, thinned, variants
from ....bench.material.transforms import seen as as_seen
from ....detector.mobility.cut import CutFinder
from ....detector.mobility.evidence import weigh
from ....detector.mobility.head import FEATURES, WINDOW, shown, summary
from ....detector.mobility.meter import TICK, Meter
from ....detector.mobility.view import Matrix
from ....streams.frame import Image

# Seconds of a clip that teach, and seconds that looking begins after the first picture.
SECONDS = 20.0
BEGINNINGS = (0.0, 0.07)
# Ticks after which a clip is judged while it teaches: early ones count as much as late ones.
ENDS = (0, 1, 3, 6, 12, 20, 30)
# Spans that begin later, how many ticks they may reach over, and the ticks that it takes to draw any.
_LATER = 2
_SPANS = (1, 2, 3, 5, 8, 12, 20)
_SHORTEST = 6

# What stands over a view.
OVER = (
    "windscreen",
    "cabin",
    "hood-20",
    "hood-40",
    "banner-40",
    "display",
    "mesh",
    "captions",
    "raindrops",
    "dirt",
    "still-within",
)
# What moves before a view or befalls the sensor, and other motions of the camera. So many kinds of these are drawn for
# a clip; of what stands over the view as many for a fixed one, and all for a mobile one: it must never be called fixed.
_BEFORE = ("rain", "snow", "leaves", "crowd", "night", "infrared", "rate-8", "rate-4", "rate-2")
_MOTIONS = ("pan", "zoom", "sway", "hand", "travel", "drift", "stabilised")
_DRAWN: dict[Truth, tuple[tuple[tuple[str, ...], int], ...]] = {
    "mobile": ((OVER, len(OVER)), (_BEFORE, 3), (_MOTIONS, 2)),
    "fixed": ((OVER, 4), (_BEFORE, 3), (_MOTIONS, 3)),
}
# What the draw of kinds is seeded with beside the seed that each kind is made with.
_DRAW = 7


class Example(msgspec.Struct, frozen=True):
    """A clip as it was looked at once.

    Attributes:
        name, repo: of the clip.
        truth: of what is shown, which is not the clip's where a motion was laid on it. mount: the clip's own.
        kind: the transformation, `plain` for none.
        doubtful: its label is.
        times: media time of each tick, seconds.
        begun: for each tick the first one after the last cut.
        ticks: what each has shown, shape (n, len(SHOWN)), float32.
    """

    name: str
    repo: str
    truth: Truth
    mount: str
    kind: str
    doubtful: bool
    times: list[float]
    begun: list[int]
    ticks: list[list[float | None]]

    def table(self) -> Matrix:
        """The ticks as an array, shape (n, len(SHOWN)), NaN where nothing was measured."""
        return np.array(self.ticks, np.float64).reshape(len(self.times), -1)


def seen(clips: Sequence[Clip], seed: int = 0) -> list[Example]:
    """All clips as they are and transformed; one that cannot be read teaches nothing."""
    material = gather(clips, 25, 30)
    examples: list[Example] = []
    with typer.progressbar(clips, label="clips", file=typer.get_text_stream("stderr")) as some:
        for clip in some:
            examples += [*plain(clip), *transformed(clip, _drawn(clip, seed), material, seed)]
    return [example for example in examples if example.times]


def _drawn(clip: Clip, seed: int) -> list[Kind]:
    """Kinds for a clip: the same for the same seed and name."""
    rng, truth = np.random.default_rng([_DRAW + seed, *clip.name.encode()]), TRUTHS[clip.label][0]
    drawn: list[str] = []
    for names, count in _DRAWN[truth]:
        fitting = [name for name in names if KINDS[name].expected(truth) is not None]
        drawn += fitting if count >= len(fitting) else rng.choice(fitting, count, replace=False).tolist()
    return [KINDS[name] for name in drawn]


def plain(clip: Clip) -> Iterator[Example]:
    """The clip as it is, from several beginnings."""
    shots = read(clip, SECONDS, side=320)
    for begin in BEGINNINGS:
        pictures = [as_seen(*shot) for shot in thinned(shots, begin=begin)]
        yield _example(clip, KINDS["plain"], TRUTHS[clip.label][0], pictures)


def transformed(clip: Clip, kinds: Iterable[Kind], material: Material, seed: int) -> Iterator[Example]:
    """The clip in other kinds, where those leave it a truth."""
    for variant in variants(clip, seed, material, kinds, seconds=9.0):
        if variant.expected.best != "unknown":
            yield _example(clip, variant.kind, variant.expected.best, variant.looks)


def _example(clip: Clip, kind: Kind, truth: Truth, pictures: Sequence[tuple[Image, float]]) -> Example:
    times, begun, ticks = watched(pictures)
    return Example(clip.name, clip.repo, truth, TRUTHS[clip.label][1], kind.name, clip.doubtful, times, begun, ticks)


def watched(pictures: Sequence[tuple[Image, float]]) -> tuple[list[float], list[int], list[list[float | None]]]:
    """Times, first ticks since a cut, and what the ticks show of these pictures, each with its media time."""
    cuts, meter, first = CutFinder(), None, 0
    times: list[float] = []
    begun: list[int] = []
    ticks: list[list[float | None]] = []
    for picture, time in pictures:
        if cuts.update(picture):
            meter, first = None, len(times)
        meter = meter or Meter.of(picture, time)
        if (measures := meter.update(picture, time, TICK)) is not None:
            times.append(time)
            begun.append(first)
            numbers = shown(measures, weigh(measures)).tolist()
            ticks.append([None if number != number else round(number, 5) for number in numbers])
    return times, begun, ticks


def features(example: Example, last: int = WINDOW, ends: Iterable[int] | None = None) -> Matrix:
    """What the trees are asked by the `last` ticks until each of `ends` (all by default), shape (n, len(FEATURES))."""
    table, begun = example.table(), example.begun
    which = range(len(table)) if ends is None else [end for end in ends if end < len(table)]
    rows = [summary(list(table[max(begun[end], end - last + 1) : end + 1])) for end in which]
    return np.array(rows).reshape(len(rows), len(FEATURES))


def later(example: Example) -> Matrix:
    """The same of some spans that begin later, as after a camera that stood drives off: drawn, the same each time."""
    table, count = example.table(), len(example.times)
    rng = np.random.default_rng([len(example.kind), *example.name.encode()])
    rows: list[Matrix] = []
    for _ in range(_LATER if count >= _SHORTEST else 0):
        begin = int(rng.integers(2, count - 2))
        end = min(count - 1, begin + int(rng.choice(_SPANS)))
        rows.append(summary(list(table[max(begin, example.begun[end]) : end + 1])))
    return np.array(rows).reshape(len(rows), len(FEATURES))


def load(path: Path) -> list[Example]:
    """Examples kept by `save`."""
    return msgspec.msgpack.decode(path.read_bytes(), type=list[Example])


def save(path: Path, some: Sequence[Example]) -> None:
    """Keep examples, compactly."""
    path.write_bytes(msgspec.msgpack.encode(list(some)))
