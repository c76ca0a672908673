"""Evidence of a mount that travels, and what casts doubt on it."""

import math

from .tick import UNFOLLOWED, Tick, measured, ramp


def moves(tick: Tick) -> float:
    """All is gone or displaced and the camera's steps explain it, or it drives forward."""
    return max(_travels(tick), drives(tick))


def drives(tick: Tick) -> float:
    """All that moves comes out of one point, near things faster than far: however much of the picture is hood.

    Traffic, crowds and leaves never agree on one point by more than 0.45, which is what chance gives a fitted one.
    """
    forward = tick.all.forward
    away = ramp(measured(forward.outward), 0.5, 0.7) * ramp(measured(forward.astir), 0.35, 0.5)
    return away * ramp(measured(forward.depth), 0.3, 0.6)


def _travels(tick: Tick) -> float:
    near = max(tick.long.near, 0.5 * tick.short.near)
    changed = (1 - ramp(near, 0.2, 0.5)) * ramp(tick.mean.gone, 0.35, 0.7) * (1 - ramp(tick.least.cover, 0.1, 0.3))
    reach = 1 + 3 * ramp(measured(tick.all.aligned.near, 1.0), 0.35, 0.65)
    beyond = ramp(tick.roam(UNFOLLOWED), reach, 1.6 * reach + 0.5) * (1 - _stays_about(tick))
    sure = 1.0 if tick.compared_long else 0.7
    return changed * tick.textured * beyond * _coherent(tick) * ramp(tick.motion, 0.5, 1.5) * sure


def _stays_about(tick: Tick) -> float:
    """A pole swings about one place: a second later its middle is where it was, a hand's is not."""
    drift, swing = tick.all.way.drift, tick.all.way.swing
    if tick.followed < 2 or math.isnan(drift):
        return 0.0
    off = drift / (measured(swing) + 0.1)
    return (1 - ramp(off, 0.3, 0.6)) * (1 - ramp(tick.roam(UNFOLLOWED), 12, 16))


def _coherent(tick: Tick) -> float:
    """Small steps have to explain why all changed, or else the scene itself moves: a crowd, leaves, water."""
    if tick.followed < 0.3:
        return ramp(measured(tick.all.step.speed, UNFOLLOWED), 6, 15)
    if tick.motion > 16:
        return 1.0
    aligned = measured(tick.all.aligned.near, 1.0)
    # Steps of a pixel or two bring nothing new into view: they have to make the picture fit better than it did.
    restored = max(ramp(tick.motion, 3, 5), ramp(aligned - tick.short.near, 0.0, 0.1))
    return ramp(aligned, 0.05, 0.2) * restored


def pan(tick: Tick) -> float:
    """The motion is a mechanism's that stands: it turns evenly about one axis, or zooms."""
    turns = _even(tick) if measured(tick.all.tremor.pace) > 6 else _straight(tick)
    return max(turns, _zooms(tick))


def _even(tick: Tick) -> float:
    """From step to step: no roll, no jerk across, no change of scale."""
    tremor = tick.all.tremor
    roll, across, zoom = (measured(x, 1.0) for x in (tremor.roll_share, tremor.across_share, tremor.zoom_share))
    return (1 - ramp(roll, 0.035, 0.06)) * (1 - ramp(across, 0.1, 0.15)) * (1 - ramp(zoom, 0.05, 0.09))


def _straight(tick: Tick) -> float:
    """Too slow for its steps to tell, but over two seconds the way is that of one axis, to half a percent."""
    way = tick.all.way
    path = measured(way.path)
    if path < 1.5:
        return 0.0
    line, roll, zoom = (measured(number) / path for number in (way.off_line, way.off_roll, way.zooms))
    exact = (1 - ramp(line, 0.006, 0.012)) * (1 - ramp(roll, 0.006, 0.012))
    return ramp(path, 1.5, 3) * exact * (1 - ramp(zoom, 0.03, 0.06))


def _zooms(tick: Tick) -> float:
    """All comes out of one point at one rate: near and far alike, as no camera does that is carried there."""
    forward = tick.all.forward
    return ramp(measured(forward.outward), 0.7, 0.9) * (1 - ramp(measured(forward.depth), 0.15, 0.3))
