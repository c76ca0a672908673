"""What a camera is mounted on: a mobile one by the running means of its own steps, a fixed one by how it turned."""

import math
from typing import Final

from ..belief import Mount
from .evidence import Evidence
from .measures import Measures
from .tally import Verdict

# Ticks of a motor's full motion before a fixed camera is one that turns: not a lorry that passes.
_TURNED: Final = 3.0
_NAMES: Final = ("speed", "roll", "growth", "zooming", "quick", "quick_roll", "agreeing")


def _named(measures: Measures) -> dict[str, float]:
    step, tremor = measures.step, measures.tremor
    return dict(
        zip(
            _NAMES,
            (step.speed, step.roll, tremor.growth, tremor.zooming, tremor.quick, tremor.quick_roll, step.agreeing),
        )
    )


class MountGuess:
    """Body, dash, drone or handheld, by ratios of motions; fixed, or ptz where it turned.

    A walker's camera rolls with the gait (Z. Meng et al., Ego-Motion Classification for Body-Worn Videos, 2018). A
    car's picture grows steadily from the focus of expansion; so does a drone's, but the ground below is one plane,
    and one similarity explains nearly all of it. `vehicle` is never named: rigid in a cabin or a cockpit, a camera sees
    its own picture stand and a window that is too small to tell a road from a street.
    """

    def __init__(self) -> None:
        self._sums = dict.fromkeys(_NAMES, 0.0)
        self._ticks = 0
        self._turned = 0.0

    def update(self, measures: Measures) -> None:
        """Take in a tick's means, where the camera was followed."""
        named = _named(measures)
        if not any(math.isnan(x) for x in named.values()):
            self._ticks += 1
            for name in _NAMES:
                self._sums[name] += named[name]

    def turned(self, evidence: Evidence) -> None:
        """Take in a tick's evidence: all moved, and evenly about one axis."""
        self._turned += evidence.moves * evidence.pan

    def named(self, verdict: Verdict) -> Mount:
        """The likeliest mount under a verdict."""
        if verdict == "fixed":
            return "ptz" if self._turned >= _TURNED else "fixed"
        return self._mobile() if verdict == "mobile" else "unknown"

    def _mobile(self) -> Mount:
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
