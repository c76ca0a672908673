"""Whose picture is it? What a call is given, matched against what each source has shown in the last seconds."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from msgspec.structs import replace

from .attribution import Attribution
from .matches import Match, scored, sure
from .parts import Scenes, parts, turned
from .pictures import MOST, Plane, pictures
from .recent import Showing, Thumb, detail, normalised, squeezed
from .search import fitted, is_distinct

# How well a whole picture has to fit, -1 to 1.
_WHOLE = 0.75
# The score of a picture of which no place is known.
_NOWHERE = -10.0
# A part with less than this is of no view of the source: so are nearly all faces of other cameras, and few of its own,
# most of which were turned or moved meanwhile.
_REFUTED = -0.6
# A row or column that varies by less than this share of the picture's range is a border of a letterbox.
_BORDER = 0.02
# A warp fills corners with black: so near the darkest, as a share of the range. So much of an edge may be left to it,
# and a side has to be longer than so many pixels.
_BLACK, _FILLED, _LEAST = 0.004, 0.08, 24


class _Closest(NamedTuple):
    fit: float
    source: str
    picture: Plane
    thumb: Thumb


def match(inputs: Iterable[object], recents: Mapping[str, Showing]) -> Attribution | None:
    """The source that the pictures in a call were taken from; None where that is not sure of each of them.

    Pictures are found up to scale, crop, alignment, mirroring, quarter turns, colour order and normalisation: in
    milliseconds where they show all of what a source did, in about two a source where they show a part, and in about
    twenty a source where that was a moment ago, or they are found nowhere. There may be no more than `MOST` of them;
    where they are of several sources, the one that is least sure is named first.

    Args:
        inputs: what the call is given; see `pictures`. What holds no picture counts for nothing.
        recents: what each source has shown.
    """
    return match_planes(planes(inputs), recents)


def check(read: Attribution, inputs: Iterable[object], recents: Mapping[str, Showing]) -> Attribution | None:
    """What a thread has read, held against the pictures in the call: they go before it where they are found, and
    refute it where they look like nothing that its sources have shown; None then.

    Args:
        read: what it has read.
        inputs, recents: as for `match`. Without a picture in them there is nothing to refute it.
    """
    given = planes(inputs)
    if not given or len(given) > MOST:
        return read
    scenes = Scenes(recents)
    looked = [_look(picture, recents, scenes) for picture in given]
    sources = {read.source, *read.others}
    return _together(looked) or (read if all(_fits(one, sources, recents) for one in looked) else None)


def planes(inputs: Iterable[object]) -> list[Plane]:
    """The pictures in what a call is given."""
    return [picture for value in inputs for picture in pictures(value)]


def match_planes(given: Sequence[Plane], recents: Mapping[str, Showing]) -> Attribution | None:
    """As `match`, of pictures."""
    scenes = Scenes(recents)
    return _together([_look(picture, recents, scenes) for picture in given]) if 0 < len(given) <= MOST else None


class _Looked(NamedTuple):
    """What came of looking for one picture.

    Attributes:
        sure: whose it is.
        matches: else how well it fits each source, the best first.
        distinct: whether there is enough in it to tell.
    """

    sure: Attribution | None
    matches: Sequence[Match] = ()
    distinct: bool = True


def _look(picture: Plane, recents: Mapping[str, Showing], scenes: Scenes) -> _Looked:
    if found := _whole(picture, recents):
        return _Looked(found)
    picture = _within_borders(_without_corners(picture))
    matches = parts(picture, scenes)
    return _Looked(sure(matches), matches, is_distinct(picture))


def _together(looked: Sequence[_Looked]) -> Attribution | None:
    """Whose pictures they are, if all were found."""
    found = [one.sure for one in looked if one.sure]
    if len(found) < len(looked):
        return None
    least = min(found, key=lambda one: one.confidence)
    others = tuple(dict.fromkeys(one.source for one in found if one.source != least.source))
    return replace(least, others=others) if others else least


def _fits(one: _Looked, sources: Collection[str], recents: Mapping[str, Showing]) -> bool:
    """Whether a picture that was not found is more likely of these sources than of any other; one without detail may be
    anybody's, and one of files, of which nothing is kept, is like nothing that a camera has shown."""
    shown = {name for name, recent in recents.items() if recent.views}
    if not one.distinct:
        return shown <= {*sources} or not shown.issuperset(sources)
    best = max(one.matches, default=Match(_NOWHERE, "", 0.0))
    return best.source in sources if best.score >= _REFUTED else not shown.issuperset(sources)


def _whole(picture: Plane, recents: Mapping[str, Showing]) -> Attribution | None:
    shapes = [squeezed(way) for one in (picture, _within_borders(picture)) for way in turned(one)]
    closest = sorted(_closest(shapes, recents), key=lambda one: one.fit, reverse=True)
    found = sure(_as_match(one, one.fit) for one in closest)
    if found or not closest:
        return found
    # A camera that moves has moved since: only the two best are worth a fit.
    fits = [max(one.fit, fitted(one.picture, one.thumb.luma)) for one in closest[:2]]
    return sure(_as_match(one, fit) for one, fit in zip(closest, fits, strict=False))


def _closest(shapes: Sequence[Plane], recents: Mapping[str, Showing]) -> Iterator[_Closest]:
    """For each source the thumb that is most like one of the shapes."""
    details = np.stack([normalised(detail(shape)).ravel() for shape in shapes])
    for source, recent in recents.items():
        if thumbs := recent.thumbs:
            fits = np.stack([thumb.detail.ravel() for thumb in thumbs]) @ details.T
            row, column = divmod(int(fits.argmax()), len(shapes))
            yield _Closest(float(fits[row, column]), source, shapes[column], thumbs[row])


def _as_match(one: _Closest, fit: float) -> Match:
    return Match(scored(fit, _WHOLE), one.source, one.thumb.at)


def _without_corners(picture: Plane) -> Plane:
    """A part in which next to nothing is left of the black that a warp has filled corners with."""
    black = (picture - picture.min() <= _BLACK * np.ptp(picture)).astype(np.uint8)
    if not black[[0, 0, -1, -1], [0, -1, 0, -1]].any():
        return picture
    black = cv2.dilate(black, np.ones((3, 3), np.uint8))  # where it begins it is mixed with the picture
    rows, columns = [0, black.shape[0]], [0, black.shape[1]]
    while min(rows[1] - rows[0], columns[1] - columns[0]) > _LEAST:
        part = black[slice(*rows), slice(*columns)]
        edges = [float(edge.mean()) for edge in (part[0], part[-1], part[:, 0], part[:, -1])]
        worst = int(np.argmax(edges))
        if edges[worst] <= _FILLED:
            return np.ascontiguousarray(picture[slice(*rows), slice(*columns)])
        (rows if worst < 2 else columns)[worst % 2] += -1 if worst % 2 else 1
    return picture  # black all over is no corner


def _within_borders(picture: Plane) -> Plane:
    least = _BORDER * float(np.ptp(picture))
    rows = np.flatnonzero(np.ptp(picture, axis=1) > least)
    columns = np.flatnonzero(np.ptp(picture, axis=0) > least)
    if not (rows.size and columns.size):
        return picture
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
