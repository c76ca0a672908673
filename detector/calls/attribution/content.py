"""Whose picture is it? What a call is given, matched against what each source has shown in the last seconds."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from .attribution import Attribution
from .pictures import MOST, Plane, pictures
from .recent import Showing, Shown, Thumb, detail, normalised, squeezed
from .search import Place, find, fitted, fitted_part, is_distinct, rolled

# How well a whole picture has to fit, -1 to 1, and a part that is compared at so many pixels a side: the fewer there
# are, the better an accident fits.
_WHOLE = 0.75
_PART = (24, 40), (0.83, 0.74)
# What does not fit has to be this many times as much for every other source.
_MARGIN = 1.6
# So many sources are looked at in all their views where the newest ones do not decide, at so many places each.
_AGAIN, _TRIED = 2, 5
# Degrees; the fit makes up for half as much more to either side. The ways upright and rolled are the likely ones.
_ROLL, _LIKELY = 25.0, (0, 1, 2, 3)
# A picture whose one side is this many times the other has kept its shape.
_SQUARE = 1.2
# The score of a picture of which no place is known.
_NOWHERE = -10.0
# A part with less than this is of no view of the source: so are nearly all faces of other cameras, and few of its own,
# most of which were turned or moved meanwhile.
_REFUTED = -0.6
# A row or column that varies by less than this share of the picture's range is a border of a letterbox.
_BORDER = 0.02


class Match(NamedTuple):
    """How well a source's picture fits: 1 perfectly, 0 just well enough."""

    score: float
    source: str
    at: float


class _Closest(NamedTuple):
    fit: float
    source: str
    picture: Plane
    thumb: Thumb


def match(inputs: Iterable[object], recents: Mapping[str, Showing]) -> Attribution | None:
    """The source that the pictures in a call were taken from; None where that is not sure of each of them.

    Pictures are found up to scale, crop, alignment, mirroring, quarter turns, colour order and normalisation: in a
    millisecond where they show all of what a source did, in about ten a source where they show a part, and in tens more
    where they are found nowhere. There may be no more than `MOST` of them; where they are of several sources, the one
    that is least sure is named first.

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
    looked = [_look(picture, recents) for picture in given]
    sources = {read.source, *read.others}
    return _together(looked) or (read if all(_fits(one, sources, recents) for one in looked) else None)


def planes(inputs: Iterable[object]) -> list[Plane]:
    """The pictures in what a call is given."""
    return [picture for value in inputs for picture in pictures(value)]


def match_planes(given: Sequence[Plane], recents: Mapping[str, Showing]) -> Attribution | None:
    """As `match`, of pictures."""
    return _together([_look(picture, recents) for picture in given]) if 0 < len(given) <= MOST else None


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


def _look(picture: Plane, recents: Mapping[str, Showing]) -> _Looked:
    if found := _whole(picture, recents):
        return _Looked(found)
    picture = _within_borders(picture)
    matches = _parts(picture, recents)
    return _Looked(_sure(matches), matches, is_distinct(picture))


def _together(looked: Sequence[_Looked]) -> Attribution | None:
    """Whose pictures they are, if all were found."""
    found = [one.sure for one in looked if one.sure]
    if len(found) < len(looked):
        return None
    least = min(found, key=lambda one: one.confidence)
    others = tuple(dict.fromkeys(one.source for one in found if one.source != least.source))
    return replace(least, others=others) if others else least


def _turned(picture: Plane) -> list[Plane]:
    """As it is, mirrored, and both as a camera sees it that is mounted upside down or on its side."""
    quarters = [np.rot90(picture, turns) for turns in range(4)]
    return [np.ascontiguousarray(way) for one in quarters for way in (one, one[:, ::-1])]


def _ways(picture: Plane) -> tuple[list[Plane], int]:
    """All in which a part is looked for, and how many of them are near upright: as it is, without its margin (a warp
    leaves corners empty), rolled as heads are that are brought upright, and mirrored; then those of `_turned`. Of one
    that is no square, its middle: borders keep its shape.
    """
    square = _middle(picture)
    upright, mirrored, *turned = _turned(square)
    near = [upright, _inner(upright), *(rolled(upright, roll) for roll in (-_ROLL, _ROLL)), mirrored]
    near += [rolled(mirrored, roll) for roll in (-_ROLL, _ROLL)]
    near += [picture] if square.shape != picture.shape else []
    return [*near, *turned], len(near)


def _inner(picture: Plane) -> Plane:
    height, width = picture.shape
    return np.ascontiguousarray(picture[height // 8 : -(height // 8), width // 8 : -(width // 8)])


def _middle(picture: Plane) -> Plane:
    height, width = picture.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[top : top + side, left : left + side] if max(height, width) > _SQUARE * side else picture


def _fits(one: _Looked, sources: Collection[str], recents: Mapping[str, Showing]) -> bool:
    """Whether a picture that was not found is more likely of these sources than of any other; one without detail may be
    anybody's, and one of files, of which nothing is kept, is like nothing that a camera has shown."""
    shown = {name for name, recent in recents.items() if recent.views}
    if not one.distinct:
        return shown <= {*sources} or not shown.issuperset(sources)
    best = max(one.matches, default=Match(_NOWHERE, "", 0.0))
    return best.source in sources if best.score >= _REFUTED else not shown.issuperset(sources)


def _sure(matches: Iterable[Match]) -> Attribution | None:
    """The best match, where it is good enough and no other comes near it."""
    best, *others = sorted(matches, reverse=True) or [Match(-1.0, "", 0.0)]
    if best.score < 0 or any(1 - other.score < _MARGIN * (1 - best.score) for other in others):
        return None
    return Attribution(best.source, "content", round(0.5 + 0.4 * best.score, 3), best.at)


def _score(fit: float, least: float) -> float:
    return (fit - least) / (1 - least)


# --- the whole of a picture -------------------------------------------------------------------------------------------


def _whole(picture: Plane, recents: Mapping[str, Showing]) -> Attribution | None:
    shapes = [squeezed(way) for one in (picture, _within_borders(picture)) for way in _turned(one)]
    closest = sorted(_closest(shapes, recents), key=lambda one: one.fit, reverse=True)
    found = _sure(_as_match(one, one.fit) for one in closest)
    if found or not closest:
        return found
    # A camera that moves has moved since: only the two best are worth a fit.
    fits = [max(one.fit, fitted(one.picture, one.thumb.luma)) for one in closest[:2]]
    return _sure(_as_match(one, fit) for one, fit in zip(closest, fits, strict=False))


def _closest(shapes: Sequence[Plane], recents: Mapping[str, Showing]) -> Iterator[_Closest]:
    """For each source the thumb that is most like one of the shapes."""
    details = np.stack([normalised(detail(shape)).ravel() for shape in shapes])
    for source, recent in recents.items():
        if thumbs := recent.thumbs:
            fits = np.stack([thumb.detail.ravel() for thumb in thumbs]) @ details.T
            row, column = divmod(int(fits.argmax()), len(shapes))
            yield _Closest(float(fits[row, column]), source, shapes[column], thumbs[row])


def _as_match(one: _Closest, fit: float) -> Match:
    return Match(_score(fit, _WHOLE), one.source, one.thumb.at)


def _within_borders(picture: Plane) -> Plane:
    least = _BORDER * float(np.ptp(picture))
    rows = np.flatnonzero(np.ptp(picture, axis=1) > least)
    columns = np.flatnonzero(np.ptp(picture, axis=0) > least)
    if not (rows.size and columns.size):
        return picture
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


# --- a part of it -----------------------------------------------------------------------------------------------------


class _Part(NamedTuple):
    match: Match
    turn: int


def _parts(picture: Plane, recents: Mapping[str, Showing]) -> list[Match]:
    """How well a part fits each source, the best first."""
    ways, near = _ways(picture)
    parts = [_best(ways, near, range(len(ways)), source, recent.newest) for source, recent in recents.items()]
    parts.sort(reverse=True)
    if _sure(part.match for part in parts):
        return [part.match for part in parts]
    # It may be of a moment before, when what it shows was elsewhere: the likeliest sources are looked at again.
    for at, part in enumerate(parts[:_AGAIN]):
        source = part.match.source
        parts[at] = max(part, _best(ways, near, {*_LIKELY, part.turn}, source, recents[source].views))
    return sorted((part.match for part in parts), reverse=True)


def _best(ways: Sequence[Plane], near: int, turns: Collection[int], source: str, views: Iterable[Shown]) -> _Part:
    """The best place of a picture in some views of a source, turned in some of the ways."""
    places: dict[bool, list[tuple[Place, int, Shown]]] = {False: [], True: []}
    for view in views:
        for turn, found in zip(turns, find([ways[turn] for turn in turns], view.luma), strict=False):
            places[turn >= near] += [(place, turn, view) for place in found]
    likeliest = [one for some in places.values() for one in sorted(some, key=_by_place, reverse=True)[:_TRIED]]
    parts = [_Part(_at(ways[turn], source, view, place), turn) for place, turn, view in likeliest]
    # What is turned has to fit: of so many ways one nearly does by accident.
    known = [part for part in parts if part.turn < near or part.match.score >= 0]
    return max(known, default=_Part(Match(_NOWHERE, source, 0.0), 0))


def _at(picture: Plane, source: str, view: Shown, place: Place) -> Match:
    fit, side = fitted_part(picture, view.luma, place)
    return Match(_score(fit, float(np.interp(side, *_PART))), source, view.at)


def _by_place(one: tuple[Place, int, Shown]) -> float:
    return one[0].score
