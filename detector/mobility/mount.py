"""What a mobile camera is mounted on, from the running means of its own steps."""

from typing import Final

from ..belief import Mount
from .blocks import Measures

_NAMES: Final = ("speed", "roll", "growth", "zooming", "quick", "quick_roll", "agreeing")


class MountGuess:
    """Body, dash, drone or handheld, by ratios of motions.

    A walker's camera rolls with the gait (Z. Meng et al., Ego-Motion Classification for Body-Worn Videos, 2018). A
    car's picture grows steadily from the focus of expansion; so does a drone's, but the ground below is one plane,
    and one similarity explains nearly all of it.
    """

    def __init__(self) -> None:
        self._sums = dict.fromkeys(_NAMES, 0.0)
        self._ticks = 0

    def update(self, measures: Measures) -> None:
        """Take in a tick's means, where the camera was followed."""
        if all(name in measures for name in _NAMES):
            self._ticks += 1
            for name in _NAMES:
                self._sums[name] += measures[name]

    @property
    def mount(self) -> Mount:
        """The likeliest mount of a mobile camera."""
        if not self._ticks:
            return "unknown"
        mean = {name: total / self._ticks for name, total in self._sums.items()}
        pace = mean["speed"] + 1
        if mean["growth"] / (mean["zooming"] + 0.3) > 0.75 and mean["zooming"] / pace > 0.5:
            if mean["agreeing"] > 0.88:
                return "drone"
            if mean["quick_roll"] / (mean["quick"] + 0.3) > 0.3:
                return "dash"
        if mean["roll"] / pace > 0.22 and mean["quick"] / pace < 0.5:
            return "body"
        return "handheld"
