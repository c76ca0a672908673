"""Looking for a part of what sources have shown: a face, upright or turned, just now or a moment before."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from .matches import Match, scored, sure
from .pictures import Plane
from .recent import Showing, Shown
from .search import Level, Place, Sought, find, fitted_part, levels, rolled

# How well a part has to fit, -1 to 1, that is compared at so many pixels a side: the fewer there are, the better an
# accident fits.
_PART = (24, 40), (0.83, 0.74)
# So many places are looked at closely, and so many before it is asked whether they fit unmistakably.
_TRIED, _GLANCED, _UNMISTAKABLE = 5, 4, 0.8
# So many places of each source are looked at in what it has shown before, where a part has to fit so much better: of
# many one nearly does by accident.
_BEFORE, _BETTER = 3, 0.02
# So many sources are looked at in earlier views in the way, turned or rolled, that fits best; none that is less alike.
_AGAIN, _ALIKE = 2, -2.0
# Of these, the latest so many, and every second before: most calls are on a picture of just now.
_LATEST = 3
# Degrees; the fit makes up for half as much more to either side.
_ROLL = 25.0
# The share of a picture's side that may be margin.
_MARGIN = 1 / 8
# A picture whose one side is this many times the other has kept its shape; one that was squeezed to a square had a side
# about so many times the other.
_SQUARE, _SQUEEZED = 1.2, 1.6
_CUT = (1 - 1 / _SQUEEZED) / 2  # off either end, for the rest to be a square again


class _Scene(NamedTuple):
    """A view of a source at every scale."""

    source: str
    view: Shown
    levels: Sequence[Level]


# Scales are made once for all calls, and go with their view.
_LEVELS: WeakKeyDictionary[Shown, Sequence[Level]] = WeakKeyDictionary()


class Scenes:
    """What the sources have shown, brought to all scales."""

    def __init__(self, recents: Mapping[str, Showing]) -> None:
        self._recents = recents
        self._before: dict[str, list[_Scene]] = {}

    @cached_property
    def newest(self) -> list[_Scene]:
        return [_scene(source, view) for source, recent in self._recents.items() for view in recent.newest]

    @property
    def sources(self) -> Iterable[str]:
        """All of them."""
        return self._recents

    def before(self, source: str) -> list[_Scene]:
        """What one has shown in the last seconds."""
        if source not in self._before:
            views = self._recents[source].views[::-1]
            self._before[source] = [_scene(source, view) for view in (*views[:_LATEST], *views[_LATEST + 1 :: 2])]
        return self._before[source]


def _scene(source: str, view: Shown) -> _Scene:
    made = _LEVELS.get(view)
    if made is None:
        made = _LEVELS[view] = levels(view.luma)
    return _Scene(source, view, made)


class _Ways(NamedTuple):
    """All in which a part is looked for.

    Attributes:
        plain: as it is, and without its margin (a warp leaves corners empty); of one that is no square its middle, as
            borders keep its shape.
        near: mirrored, rolled as heads are that are brought upright, and not squeezed to a square.
        turned: the others of `turned`.
    """

    plain: Sequence[Sought]
    near: Sequence[Sought]
    turned: Sequence[Sought]


def _ways(picture: Plane) -> _Ways:
    square = _middle(picture)
    upright, mirrored, *others = turned(square)
    plain = [upright, _within(upright, _MARGIN, _MARGIN), *([picture] if square.shape != picture.shape else [])]
    rolls = [rolled(way, roll) for way in (upright, mirrored) for roll in (-_ROLL, _ROLL)]
    shapes = [_within(picture, *cut) for cut in ((_CUT, 0), (0, _CUT))] if square.shape == picture.shape else []
    return _Ways(*([Sought(way) for way in some] for some in (plain, [mirrored, *rolls, *shapes], others)))


def _within(picture: Plane, above: float, beside: float) -> Plane:
    """It without these shares of its height, above and below, and of its width."""
    height, width = picture.shape
    top, left = int(above * height), int(beside * width)
    return np.ascontiguousarray(picture[top : height - top, left : width - left])


def _middle(picture: Plane) -> Plane:
    height, width = picture.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[top : top + side, left : left + side] if max(height, width) > _SQUARE * side else picture


def turned(picture: Plane) -> list[Plane]:
    """As it is, mirrored, and both as a camera sees it that is mounted upside down or on its side."""
    quarters = [np.rot90(picture, turns) for turns in range(4)]
    return [np.ascontiguousarray(way) for one in quarters for way in (one, one[:, ::-1])]


class _Part(NamedTuple):
    match: Match
    sought: Sought


class _Candidate(NamedTuple):
    sought: Sought
    scene: _Scene
    place: Place


def parts(picture: Plane, scenes: Scenes) -> list[Match]:
    """How well a part fits each source, the best first: as it is, then at a moment before, when what it shows was
    elsewhere or looked otherwise, then in every other way."""
    ways = _ways(picture)
    best, likely = _plain(ways.plain, scenes.newest), [*ways.plain, ways.near[0]]
    if not _is_sure(best):
        best = _best([*best, *(one for source in scenes.sources for one in _before(likely, source, scenes))])
    if not _is_sure(best):
        best = _best([*best, *_unlikely(ways, scenes.newest)])
    if not _is_sure(best):
        alike = [part for part in best[:_AGAIN] if part.match.score >= _ALIKE and part.sought not in likely]
        best = _best([*best, *(one for part in alike for one in _before([part.sought], part.match.source, scenes))])
    return [part.match for part in best]


def _plain(plain: Sequence[Sought], scenes: Iterable[_Scene]) -> list[_Part]:
    """Where the likeliest place fits unmistakably, others are looked at no closer: who shows the same looks the same
    at a glance."""
    places = _likeliest(plain, scenes)
    best = _best(map(_fit, places[:_GLANCED]))
    if _is_sure(best) and best[0].match.score >= _UNMISTAKABLE:
        return best
    first = {one.scene.source: one for one in reversed(places[_GLANCED:])}
    others = {id(one): one for one in (*places[_GLANCED:_TRIED], *first.values())}
    return _best([*best, *map(_fit, others.values())])


def _unlikely(ways: _Ways, scenes: Sequence[_Scene]) -> list[_Part]:
    """In other ways; what is turned has to fit: of so many ways one nearly does by accident."""
    coarse = _coarse(scenes)
    quarters = map(_fit, _likeliest(ways.turned, coarse)[:_GLANCED])
    return [*map(_fit, _likeliest(ways.near, coarse)[:_TRIED]), *(part for part in quarters if part.match.score >= 0)]


def _before(ways: Sequence[Sought], source: str, scenes: Scenes) -> list[_Part]:
    return [_fit(one, _BETTER) for one in _likeliest(ways, _coarse(scenes.before(source)))[:_BEFORE]]


def _coarse(scenes: Iterable[_Scene]) -> list[_Scene]:
    """Without the scale of the smallest parts, which costs most."""
    return [one._replace(levels=one.levels[1:]) for one in scenes]


def _is_sure(best: Iterable[_Part]) -> bool:
    return sure(part.match for part in best) is not None


def _best(parts: Iterable[_Part]) -> list[_Part]:
    """Of each source the best one, the best first."""
    best: dict[str, _Part] = {}
    for part in sorted(parts, key=lambda part: part.match, reverse=True):
        best.setdefault(part.match.source, part)
    return list(best.values())


def _likeliest(ways: Sequence[Sought], scenes: Iterable[_Scene]) -> list[_Candidate]:
    """Where a picture may be in what was shown, the likeliest place first."""
    found = [_Candidate(way, scene, place) for scene in scenes for way, place in find(ways, scene.levels)]
    return sorted(found, key=lambda one: one.place.score, reverse=True)


def _fit(one: _Candidate, better: float = 0.0) -> _Part:
    fit, side = fitted_part(one.sought, one.scene.view.luma, one.place)
    score = scored(fit, float(np.interp(side, *_PART)) + better)
    return _Part(Match(score, one.scene.source, one.scene.view.at), one.sought)
