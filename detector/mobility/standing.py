"""Evidence of a mount that stands: its background is where it was, or comes back there."""

from typing import Final

from .moving import drives, pan
from .tick import UNFOLLOWED, Tick, measured, ramp

# Pixels of 160 that the view of a shaking pole stays within: 1.6 % of the width.
_POLE: Final = 2.6
# Averages are of more, but fewer.
_AVERAGED: Final = 0.8


def still(tick: Tick) -> float:
    """The background stands exactly, in single views or in averaged ones; forward motion round it makes it a hood."""
    return max(_stands(tick), _AVERAGED * _stands_on_average(tick)) * (1 - drives(tick))


def _stands(tick: Tick) -> float:
    roam, middle, exact = tick.roam(2.0), tick.least.middle, tick.mean.exact
    spread = ramp(tick.least.cover, 0.18, 0.5) * (0.3 + 0.7 * ramp(middle, 0, 0.3))
    sides = 0.5 + 0.5 * ramp(max(tick.long.sides, measured(tick.all.kept.sides)), 0.5, 0.8)
    calm = max(1 - ramp(roam, 1, 3), 0.8 * ramp(tick.long.still, 0.28, 0.45))
    travelled = 0.5 * ramp(roam, 4, 10) * (1 - ramp(exact, 0.3, 0.5))
    # A frame that stands round a scene that goes may be captions on a mobile camera, or a crowd before a fixed one.
    framed = (1 - ramp(middle, 0, 0.25)) * ramp(tick.mean.middle_gone, 0.3, 0.6)
    doubt = (1 - travelled) * (1 - framed) * (1.0 if tick.compared_long else 0.6)
    return spread * sides * ramp(exact, 0.06, 0.25) * max(ramp(middle, 0.25, 0.5), calm) * doubt


def _stands_on_average(tick: Tick) -> float:
    """A crowd is gone from the mean, and what stands comes out between and behind it; more has to hold than goes."""
    mean = tick.all.mean
    cover, middle, gone, sides = (measured(share) for share in (mean.cover, mean.middle, mean.gone, mean.sides))
    exact = ramp(measured(mean.exact), 0.15, 0.35) * ramp(tick.mean.exact, 0.03, 0.15)
    spread = ramp(cover, 0.25, 0.55) * ramp(middle, 0.05, 0.4) * (0.5 + 0.5 * ramp(sides, 0.5, 0.8))
    around = ramp(sides, 0.75, 1) * ramp(middle, 0.1, 0.5)
    return spread * exact * max(1 - ramp(gone / (gone + cover + 1e-6), 0.25, 0.5), around)


def wall(tick: Tick) -> float:
    """Few corners, but the faint structure of a wall keeps its place over the picture."""
    return (1 - tick.textured) * ramp(tick.long.faint, 0.35, 0.65)


def returns(tick: Tick) -> float:
    """The view sways about one pose, or turns away and comes back: the scene's, in its middle, and not a caption's."""
    return max(_sways(tick), _swings(tick), _revisits(tick))


def _sways(tick: Tick) -> float:
    near, far = tick.all.aligned, tick.all.aligned_long
    matches = measured(far.cover, measured(near.cover))
    if tick.followed < 2.5 or tick.long.cells < 0.4 or matches < 0.15:
        return 0.0
    scene = ramp(measured(far.middle, measured(near.middle)), 0.05, 0.2)
    return ramp(_POLE - measured(tick.all.way.roam, UNFOLLOWED), 0, 1) * ramp(tick.followed, 2, 4) * scene


def _swings(tick: Tick) -> float:
    """The camera's own steps explain what changes, and yet its mean stands: a wearer's sway wanders off its place."""
    mean = tick.all.mean
    same = ramp(measured(mean.exact), 0.08, 0.25) * ramp(measured(mean.cover), 0.3, 0.6)
    same *= ramp(measured(mean.middle), 0.2, 0.5)
    return same * ramp(measured(tick.all.step.agreeing), 0.65, 0.85) * (1 - ramp(tick.roam(UNFOLLOWED), 6, 9))


def _revisits(tick: Tick) -> float:
    """An even pan came back to an old view, and the turning alone brings that into register: there is no parallax.

    Not only a thing that filled the view and was followed: there has to be structure nearly everywhere.
    """
    back = tick.all.revisited
    return ramp(measured(back.near), 0.25, 0.5) * ramp(measured(back.cells), 0.75, 0.85) * pan(tick)
