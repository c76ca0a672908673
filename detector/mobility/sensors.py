"""What a camera's own motion sensors say of its mount, where the stream carries them."""

from typing import Final

import numpy as np

from ...streams.telemetry import Motion

# m/s^2: a sensor's own noise is a tenth of this, a hand's tremor twice it; a mast in the wind stays below.
_SHAKEN: Final = 0.25
# m/s: satellites give a camera that stands a few tenths.
_TRAVELS: Final = 1.0


def travels(motion: Motion) -> bool:
    """Whether the camera was shaken as no fixed mount is, or travelled, over about a second.

    That it was not says nothing: a dash camera in a parked car is as still as one on a wall. Where a file was recorded
    and by which device is no evidence either: a phone can stand on a tripod.
    """
    shaken = float(np.linalg.norm(motion.acceleration.std(axis=0))) if len(motion.acceleration) > 1 else 0.0
    speed = float(np.median(motion.speed)) if motion.speed.size else 0.0
    return shaken > _SHAKEN or speed > _TRAVELS
