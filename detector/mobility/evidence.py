"""What half a second of measurements says, as kinds of evidence: each 0 (none) to 1 (all there can be).

For a fixed mount: `still`, `wall`, `returns`; for a mobile one: `moves`. A `pan` is for neither; it weakens `moves`.
"""

import msgspec

from .blocks import Measures

# Pixels of 160 that the view of a shaking pole stays within: 1.6 % of the width.
_POLE = 2.6
_UNFOLLOWED = 9.0


class Evidence(msgspec.Struct, frozen=True):
    """The kinds, each 0..1.

    Attributes:
        still: the background stands exactly, spread over the picture, and not only hood, bars or captions.
        wall: few corners, but the faint structure of a wall keeps its place over the picture.
        returns: the view sways about one pose for seconds, as on a shaking pole, and matches older views.
        moves: all is gone or displaced, nothing stands, the camera's own steps explain it and lead beyond a sway.
        pan: the steps are as even as a motor's: no roll, no jerk across, no change of scale.
    """

    still: float
    wall: float
    returns: float
    moves: float
    pan: float


NO_EVIDENCE = Evidence(0.0, 0.0, 0.0, 0.0, 0.0)


def weigh(measures: Measures) -> Evidence:
    """The evidence in the means that a `Meter` gave for one tick."""
    tick = _Tick(measures)
    return Evidence(max(_still(tick), 0.8*_stands(tick)), _wall(tick), _returns(tick), _moves(tick), _pan(tick))


class _Tick:
    """One tick's measures, where one base line stands in for another that was not compared."""

    def __init__(self, measures: Measures) -> None:
        self.get = measures.get
        self.all = measures
        self.compared_long = "long_cover" in measures
        self.followed = measures.get("followed", 0.0)
        self.motion = sum(measures.get(name, _UNFOLLOWED) for name in ("speed", "zoom", "roll"))
        # Where the camera has structure to be judged by: not a plain wall behind a person.
        self.textured = ramp(self.long("cells"), 0.5, 0.8)

    def long(self, name: str, default: float = 0.0) -> float:
        return self.get("long_" + name, self.get("short_" + name, default))

    def short(self, name: str, default: float = 0.0) -> float:
        return self.get("short_" + name, self.get("long_" + name, default))

    def least(self, name: str) -> float:
        return min(self.short(name), self.long(name))

    def mean(self, name: str) -> float:
        return 0.5 * (self.short(name) + self.long(name))

    def roam(self, default: float) -> float:
        return self.get("roam", default) if self.followed > 0.3 else default


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, straight between."""
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _still(tick: _Tick) -> float:
    roam, middle, exact = tick.roam(2.0), tick.least("middle"), tick.mean("exact")
    spread = ramp(tick.least("cover"), 0.18, 0.5) * (0.3 + 0.7 * ramp(middle, 0, 0.3))
    sides = 0.5 + 0.5 * ramp(max(tick.long("sides"), tick.get("ever_sides", 0.0)), 0.5, 0.8)
    calm = max(1 - ramp(roam, 1, 3), 0.8 * ramp(tick.long("still"), 0.28, 0.45))
    travelled = 0.5 * ramp(roam, 4, 10) * (1 - ramp(exact, 0.3, 0.5))
    # A frame that stands round a scene that goes may be captions on a mobile camera, or a crowd before a fixed one.
    framed = (1 - ramp(middle, 0, 0.25)) * ramp(tick.mean("middle_gone"), 0.3, 0.6)
    doubt = (1 - travelled) * (1 - framed) * (1.0 if tick.compared_long else 0.6)
    return spread * sides * ramp(exact, 0.06, 0.25) * max(ramp(middle, 0.25, 0.5), calm) * doubt


def _stands(tick: _Tick) -> float:
    """The averaged views: what moves is gone from them, so that what stands comes out between and behind it."""
    cover, middle, exact, gone = (tick.get("mean_" + name, 0.0) for name in ("cover", "middle", "exact", "gone"))
    spread = ramp(cover, 0.25, 0.55) * ramp(middle, 0.05, 0.4)
    reach = tick.get("mean_sides", 0.0)
    sides = 0.5 + 0.5 * ramp(reach, 0.5, 0.8)
    most = max(1 - ramp(gone / (gone + cover + 1e-6), 0.25, 0.5), ramp(reach, 0.75, 1) * ramp(middle, 0.1, 0.5))
    return spread * sides * ramp(exact, 0.15, 0.35) * ramp(tick.mean("exact"), 0.03, 0.15) * most


def _wall(tick: _Tick) -> float:
    return (1 - tick.textured) * ramp(tick.long("faint"), 0.35, 0.65)


def _returns(tick: _Tick) -> float:
    return max(_sways(tick), _swings(tick), _revisits(tick))


def _revisits(tick: _Tick) -> float:
    return ramp(tick.get("revisited_near", 0.0), 0.15, 0.4) * _pan(tick)


def _sways(tick: _Tick) -> float:
    matches = tick.get("aligned_long_cover", tick.get("aligned_cover", 0.0))
    if tick.followed < 2.5 or tick.long("cells") < 0.4 or matches < 0.15:
        return 0.0
    return ramp(_POLE - tick.get("roam", _UNFOLLOWED), 0, 1) * ramp(tick.followed, 2, 4)


def _swings(tick: _Tick) -> float:
    """What shakes but stands on average: a pole swings about a place, a wearer's sway wanders off it."""
    same = ramp(tick.get("mean_exact", 0.0), 0.08, 0.25) * ramp(tick.get("mean_cover", 0.0), 0.3, 0.6)
    return same * ramp(tick.get("agreeing", 0.0), 0.65, 0.85) * (1 - ramp(tick.roam(_UNFOLLOWED), 6, 9))


def _bounded(tick: _Tick) -> float:
    if tick.followed < 2 or "drift" not in tick.all:
        return 0.0
    ratio = tick.get("drift", 0.0) / (tick.get("swing", 0.0) + 0.1)
    return (1 - ramp(ratio, 0.3, 0.6)) * (1 - ramp(tick.roam(_UNFOLLOWED), 12, 16))


def _straight(tick: _Tick) -> float:
    """A mechanism turns about one axis: over two seconds the view's path is a line, without roll and zoom."""
    path = tick.get("path", 0.0)
    if path < 1.5:
        return 0.0
    line, roll, zoom = (tick.get(name, 0.0) / path for name in ("off_line", "off_roll", "zooms"))
    return ramp(path, 1.5, 3) * (1 - ramp(line, 0.006, 0.012)) * (1 - ramp(roll, 0.006, 0.012)) * (1 - ramp(zoom, 0.03, 0.06))


def _pan(tick: _Tick) -> float:
    return _even(tick) if tick.get("pace", 0.0) > 6 else _straight(tick)


def _even(tick: _Tick) -> float:
    if tick.get("pace", 0.0) < 6:  # too slow to tell
        return 0.0
    roll, across, zoom = (tick.get(name, 1.0) for name in ("roll_share", "across_share", "zoom_share"))
    return (1 - ramp(roll, 0.035, 0.06)) * (1 - ramp(across, 0.1, 0.15)) * (1 - ramp(zoom, 0.05, 0.09))


def _moves(tick: _Tick) -> float:
    near = max(tick.long("near"), 0.5 * tick.short("near"))
    changed = (
        (1 - ramp(near, 0.2, 0.5)) * ramp(tick.mean("gone"), 0.35, 0.7) * (1 - ramp(tick.least("cover"), 0.1, 0.3))
    )
    reach = 1 + 3 * ramp(tick.get("aligned_near", 1.0), 0.35, 0.65)
    beyond = ramp(tick.roam(_UNFOLLOWED), reach, 1.6 * reach + 0.5)
    sure = 1.0 if tick.compared_long else 0.7
    return changed * tick.textured * beyond * _coherent(tick) * ramp(tick.motion, 0.5, 1.5) * sure * (1 - _bounded(tick))


def _coherent(tick: _Tick) -> float:
    """Small steps have to explain why all changed, or else the scene itself moves: a crowd, leaves, water."""
    return _plain_coherent(tick) * _restored(tick)


def _restored(tick: _Tick) -> float:
    """Steps of a pixel or two leave nothing new in view: brought into register by them, the picture has to fit better."""
    gain = tick.get("aligned_near", 1.0) - tick.short("near")
    return max(ramp(tick.motion, 3, 5), ramp(gain, 0.0, 0.1))


def _plain_coherent(tick: _Tick) -> float:
    if tick.followed < 0.3:
        return ramp(tick.get("speed", _UNFOLLOWED), 6, 15)
    return ramp(tick.get("aligned_near", 1.0), 0.05, 0.2) if tick.motion < 16 else 1.0
