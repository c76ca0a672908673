"""What half a second of measurements says, as kinds of evidence: each 0 (none) to 1 (all there can be).

For a fixed mount: `still`, `wall`, `returns`; for a mobile one: `moves`. A `pan` is for neither; it weakens `moves`.
"""

import msgspec

from .measures import Measures
from .moving import moves, pan
from .standing import returns, still, wall
from .tick import Tick


class Evidence(msgspec.Struct, frozen=True):
    """The kinds, each 0..1.

    Attributes:
        still: the background stands exactly, spread over the picture, and not only hood, bars or captions.
        wall: few corners, but the faint structure of a wall keeps its place over the picture.
        returns: the view swings about one place, as on a shaking pole, or an even pan came back to an old view.
        moves: all is gone or displaced, nothing stands, the camera's own steps explain it and lead beyond a swing; or
            all comes out of one point, as on a road.
        pan: the motion is as even as a motor's, about one axis, or a zoom's.
    """

    still: float
    wall: float
    returns: float
    moves: float
    pan: float


NO_EVIDENCE = Evidence(0.0, 0.0, 0.0, 0.0, 0.0)


def weigh(measures: Measures) -> Evidence:
    """The evidence in the means that a `Meter` gave for one tick."""
    tick = Tick(measures)
    return Evidence(still(tick), wall(tick), returns(tick), moves(tick), pan(tick))
