"""A clip in every kind, as an estimator of mobility is shown it: for learning and for the bench."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias
from zlib import crc32

import msgspec
import numpy as np

from ....streams.frame import Image
from ..corpus import TRUTHS, Clip
from .kinds import KINDS, Expected, Kind
from .paths import Path, follow
from .pictures import Material, Pictures, Shot, looked_at, read, seen, thinned

Choice: TypeAlias = Callable[[Pictures], Iterable[Shot]]
"""Some of the pictures, in order."""

_PATH_PERIOD = 1 / 15  # seconds: what a hand does is slower than half of that
_LEAST_WAY = 0.03  # picture widths


class Variant(msgspec.Struct, frozen=True):
    """A clip in a kind.

    Attributes:
        kind: of the transformation.
        clip: what it is made from; its repository is the one to leave out.
        expected: what may be answered.
        looks: luma of 320 pixels on its longest side, shape (h, w), uint8, and media time in seconds.
    """

    kind: Kind
    clip: Clip
    expected: Expected
    looks: list[tuple[Image, float]]


def variants(
    clip: Clip,
    seed: int,
    material: Material | None = None,
    kinds: Iterable[Kind] = KINDS.values(),
    *,
    choose: Choice = looked_at,
    seconds: float = 12.0,
) -> Iterator[Variant]:
    """A clip in every kind that is laid over such; the same for the same seed, whatever other kinds are asked for.

    Args:
        clip: is read once.
        seed: of all that is drawn at random, together with the clip's name and the kind's.
        material: what is taken from other clips; leave out the repositories that must not be seen.
        kinds: which to make.
        choose: which pictures are looked at; by default those that a guard looks at. A `dense` kind is laid over all,
            and the chosen ones are of what comes out; else the chosen ones are all that it is laid over.
        seconds: of the clip, from its beginning.
    """
    shots = read(clip, seconds)
    due = list(choose(shots))
    for kind in kinds:
        expected = kind.expected(TRUTHS[clip.label][0])
        if expected is not None and due:
            shown = _transformed(kind, clip, shots if kind.dense else due, seed, material)
            yield Variant(kind, clip, expected, [seen(*shot) for shot in (choose(shown) if kind.dense else shown)])


def _transformed(kind: Kind, clip: Clip, shots: Sequence[Shot], seed: int, material: Material | None) -> Iterator[Shot]:
    rng = np.random.default_rng(seed_of(kind, clip, seed))
    return kind.transform(shots, rng, material or Material())


def seed_of(kind: Kind, clip: Clip, seed: int) -> list[int]:
    """The seed of one kind over one clip."""
    return [seed, crc32(kind.name.encode()), crc32(clip.name.encode())]


def gather(clips: Iterable[Clip], stills: int = 40, paths: int = 40) -> Material:
    """Stills of fixed clips and ways of mobile ones, at most so many of each; of clips that can be read.

    A mobile camera that stood all the time gives no way: laid on a fixed clip, that would show nothing mobile.
    """
    places: list[Image] = []
    ways: list[Path] = []
    for clip in clips:
        mobile = TRUTHS[clip.label][0] == "mobile"
        if len(ways) >= paths if mobile else len(places) >= stills:
            continue
        shots = list(thinned(read(clip, 12.0 if mobile else 1.0), _PATH_PERIOD))
        if mobile and (way := follow(shots)) is not None and way.extent >= _LEAST_WAY:
            ways.append(way)
        elif shots and not mobile:
            places.append(shots[len(shots) // 2][1])
    return Material(tuple(places), tuple(ways))
