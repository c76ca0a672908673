"""Whose picture is it? What a call is given, matched against what each source has shown in the last seconds."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from .attribution import Attribution
from .pictures import MOST, Plane, pictures
from .recent import Showing, Shown, Thumb, detail, normalised, squeezed
from .search import Place, find, fitted, fitted_part, is_distinct

# How well a whole picture has to fit, -1 to 1, and a part that is compared at so many pixels a side: the fewer there
# are, the better an accident fits.
_WHOLE = 0.75
_PART = (24, 40), (0.8, 0.7)
# What does not fit has to be this many times as much for every other source.
_MARGIN = 1.6
# A part with this score at least may have moved since: the views before are looked at as well.
_PROMISING = -1.5
# A part with less than this is of no view of the source: so are nearly all faces of other cameras, and few of its own,
# most of which were turned or moved meanwhile.
_REFUTED = -0.8
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

    Pictures are found up to scale, crop, alignment, mirroring, colour order and normalisation: in about a millisecond
    where they show all of what a source did, in about four a source where they show a part. There may be no more than
    `MOST` of them; where they are of several sources, the one that is least sure is named first.

    Args:
        inputs: what the call is given; see `pictures`. What holds no picture counts for nothing.
        recents: what each source has shown.
    """
    return match_planes(planes(inputs), recents)


def check(read: Attribution, inputs: Iterable[object], recents: Mapping[str, Showing]) -> Attribution | None:
    """What a thread has read, held against the pictures in the call: they go before it where they are found, and
    refute it where they look like nothing that its source has shown; None then.

    Args:
        read: what it has read.
        inputs, recents: as for `match`. Without a picture in them there is nothing to refute it.
    """
    given = planes(inputs)
    if not given or len(given) > MOST:
        return read
    return match_planes(given, recents) or (read if all(_fits(one, read.source, recents) for one in given) else None)


def planes(inputs: Iterable[object]) -> list[Plane]:
    """The pictures in what a call is given."""
    return [picture for value in inputs for picture in pictures(value)]


def match_planes(given: Sequence[Plane], recents: Mapping[str, Showing]) -> Attribution | None:
    """As `match`, of pictures."""
    found: list[Attribution] = []
    for picture in given if len(given) <= MOST else ():
        one = _matched(picture, recents) or _matched(_mirrored(picture), recents)
        if one is None:
            return None
        found.append(one)
    least = min(found, key=lambda one: one.confidence, default=None)
    others = tuple(dict.fromkeys(one.source for one in found if least and one.source != least.source))
    return replace(least, others=others) if least and others else least


def _matched(picture: Plane, recents: Mapping[str, Showing]) -> Attribution | None:
    return _whole(picture, recents) or _part(picture, recents)


def _mirrored(picture: Plane) -> Plane:
    return np.ascontiguousarray(picture[:, ::-1])


def _fits(picture: Plane, source: str, recents: Mapping[str, Showing]) -> bool:
    """Whether the picture is more likely the source's than any other's; one without detail may be anybody's."""
    shown = {name: recent for name, recent in recents.items() if recent.views}
    if source not in shown:  # such as files, of which nothing is kept
        return True
    picture = _within_borders(picture)
    if not is_distinct(picture):
        return [*shown] == [source]
    parts = [part for one in (picture, _mirrored(picture)) for part in _parts(one, shown)]
    best = max((part.match for part in parts), default=Match(-math.inf, "", 0.0))
    return best.source == source and best.score >= _REFUTED


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
    shapes = [squeezed(picture), squeezed(_within_borders(picture))]
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
    place: Place


def _part(picture: Plane, recents: Mapping[str, Showing]) -> Attribution | None:
    picture = _within_borders(picture)
    parts = sorted(_parts(picture, recents), key=_by_match, reverse=True)
    matches = [part.match for part in parts]
    found = _sure(matches)
    if found or not parts or matches[0].score < _PROMISING:
        return found
    best = parts[0]
    views = recents[best.match.source].views[::-1]
    matches[0] = max(_at(picture, best.match.source, view, best.place).match for view in views)
    return _sure(matches)


def _parts(picture: Plane, recents: Mapping[str, Showing]) -> Iterator[_Part]:
    """For each source the best place in its newest view, or views where it has several readers."""
    for source, recent in recents.items():
        tried = [_at(picture, source, view, place) for view in recent.newest for place in find(picture, view.luma)]
        yield from sorted(tried, key=_by_match, reverse=True)[:1]


def _at(picture: Plane, source: str, view: Shown, place: Place) -> _Part:
    fit, side = fitted_part(picture, view.luma, place)
    return _Part(Match(_score(fit, float(np.interp(side, *_PART))), source, view.at), place)


def _by_match(part: _Part) -> Match:
    return part.match
