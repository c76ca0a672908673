"""What a clip shows tick by tick: measured once, and kept in a file of its own for as long as it is learned from."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec
import numpy as np
import typer

from ....bench.material.corpus import TRUTHS, Clip, Truth
from ....bench.material.transforms import KINDS, Kind, Material, gather, looked_at, read, variants
from ....bench.material.transforms import seen as as_seen
from ....detector.mobility.cut import CutFinder
from ....detector.mobility.evidence import Evidence, weigh
from ....detector.mobility.head import FEATURES, WINDOW, shown, summary
from ....detector.mobility.meter import TICK, Meter
from ....detector.mobility.view import Matrix
from ....detector.mobility.witness import Looks, Witness
from ....streams.frame import Image

# The witnesses that have not learned from a repository.
WitnessesFor: TypeAlias = Callable[[str], Sequence[Witness]]

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
# A fixed one turns, zooms and sways, each: most of those called mobile did.
TURNS = ("pan", "zoom", "sway")
_DRAWN: dict[Truth, tuple[tuple[tuple[str, ...], int], ...]] = {
    "mobile": ((OVER, len(OVER)), (_BEFORE, 3), (_MOTIONS, 2)),
    "fixed": ((OVER, 4), (_BEFORE, 3), (_MOTIONS, 3), (TURNS, len(TURNS))),
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
        ticks: what each has shown but for the witness, shape (n, len(SHOWN) - 1).
        heard: what a witness that has not learned from the repository said at each, by turns; nothing where none was
            asked.
        zoomed: whether at each the camera had done nothing but zoom; nothing where that was not asked.
        wary: looked at as by a guard that was shown something else between its looks, each at a drawn moment.
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
    heard: list[float] = msgspec.field(default_factory=list[float])
    zoomed: list[bool] = msgspec.field(default_factory=list[bool])
    wary: bool = False

    def table(self) -> Matrix:
        """The ticks as an array, shape (n, len(SHOWN)), NaN where nothing was measured."""
        ticks = np.array(self.ticks, np.float64).reshape(len(self.times), -1)
        return np.column_stack((ticks, self.heard or np.full(len(ticks), np.nan)))

    def evidence(self) -> list[Evidence]:
        """What each tick was evidence of."""
        kinds = len(Evidence.__struct_fields__)
        return [Evidence(*row[-kinds - 1 : -1].tolist()) for row in self.table()]


def seen(
    clips: Sequence[Clip], seed: int = 0, witnesses_for: WitnessesFor | None = None, workers: int = 1
) -> list[Example]:
    """All clips as they are and transformed, looked at evenly and then warily, as so many processes see them; one that
    cannot be read teaches nothing."""
    looking = _Looking(gather(clips, 25, 30), seed, witnesses_for)
    jobs = [(clip, wary) for wary in (False, True) for clip in clips]
    label, err = "clips", typer.get_text_stream("stderr")
    with (
        get_context("fork").Pool(workers, _begin, (looking,)) as pool,
        typer.progressbar(pool.imap(_look, jobs), len(jobs), label, file=err) as some,
    ):
        return [example for examples in some for example in examples if example.times]


class _Looking(NamedTuple):
    """What a process looks at clips with."""

    material: Material
    seed: int
    witnesses_for: WitnessesFor | None


_looking: _Looking  # a process has one, inherited when it is forked: networks cannot be sent


def _begin(looking: _Looking) -> None:
    global _looking
    _looking = looking


def _look(job: tuple[Clip, bool]) -> list[Example]:
    clip, wary = job
    material, seed, witnesses_for = _looking
    witnesses = witnesses_for(clip.repo) if witnesses_for else ()
    laid = transformed(clip, _drawn(clip, seed), material, seed, witnesses, wary=wary)
    return [*plain(clip, witnesses, wary=wary), *laid]


def _drawn(clip: Clip, seed: int) -> list[Kind]:
    """Kinds for a clip: the same for the same seed and name."""
    rng, truth = np.random.default_rng([_DRAW + seed, *clip.name.encode()]), TRUTHS[clip.label][0]
    drawn: list[str] = []
    for names, count in _DRAWN[truth]:
        fitting = [name for name in names if KINDS[name].expected(truth) is not None]
        drawn += fitting if count >= len(fitting) else rng.choice(fitting, count, replace=False).tolist()
    return [KINDS[name] for name in dict.fromkeys(drawn)]


def plain(clip: Clip, witnesses: Sequence[Witness] = (), *, wary: bool = False) -> Iterator[Example]:
    """The clip as it is, from several beginnings."""
    shots = read(clip, SECONDS, side=320)
    for begin in BEGINNINGS:
        chosen = looked_at(shots, begin=begin, seed=f"{clip.name}/{begin}", wary=wary)
        pictures = [as_seen(*shot) for shot in chosen]
        yield _example(clip, KINDS["plain"], TRUTHS[clip.label][0], watched(pictures, witnesses), wary)


def transformed(
    clip: Clip,
    kinds: Iterable[Kind],
    material: Material,
    seed: int,
    witnesses: Sequence[Witness] = (),
    *,
    wary: bool = False,
) -> Iterator[Example]:
    """The clip in other kinds, where those leave it a truth."""
    choose = partial(looked_at, seed=clip.name, wary=wary)
    for variant in variants(clip, seed, material, kinds, choose=choose, seconds=9.0):
        if variant.expected.best != "unknown":
            yield _example(clip, variant.kind, variant.expected.best, watched(variant.looks, witnesses), wary)


def _example(clip: Clip, kind: Kind, truth: Truth, watched: "Watched", wary: bool) -> Example:
    mount = TRUTHS[clip.label][1]
    return Example(clip.name, clip.repo, truth, mount, kind.name, clip.doubtful, *watched, wary=wary)


class Watched(NamedTuple):
    """As in `Example`."""

    times: list[float]
    begun: list[int]
    ticks: list[list[float | None]]
    heard: list[float]
    zoomed: list[bool]


def watched(pictures: Sequence[tuple[Image, float]], witnesses: Sequence[Witness] = ()) -> Watched:
    """What the ticks show of these pictures, each with its media time, and what the witnesses say of them by turns."""
    cuts, meter, looks, seen = CutFinder(), None, Looks(), Watched([], [], [], [], [])
    first = 0
    for picture, time in pictures:
        if cuts.update(picture):
            meter, first = None, len(seen.times)
            looks.clear()
        meter = meter or Meter.of(picture, time)
        looks.add(picture, time)
        if (measures := meter.update(picture, time, TICK)) is not None:
            seen.times.append(time)
            seen.begun.append(first)
            seen.zoomed.append(meter.zoomed())
            numbers = shown(measures, weigh(measures))[:-1].tolist()
            seen.ticks.append([None if number != number else round(number, 5) for number in numbers])
            if witnesses:
                witness = witnesses[len(seen.heard) % len(witnesses)]
                seen.heard.append(round(witness.log_odds(looks.stacked()), 4))
    return seen


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
