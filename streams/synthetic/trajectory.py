"""How a scene's camera moves."""

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

import numpy as np

from .scenes import Pose, Route, Scene, Wave

_NEVER: Final = (2.0, 1.0)  # a stop that begins after the scene has ended


class Trajectory:
    """A scene's motion with its phases drawn and its times fixed: a pose for every moment, without history."""

    def __init__(self, scene: Scene, rng: np.random.Generator, seconds: float) -> None:
        self._motion, self._seconds = scene.motion, seconds
        self._waves = [part for wave in scene.motion.waves for part in _sines(wave, rng)]
        self._gust = math.pi * float(rng.random())
        begin, length = (share * seconds for share in scene.motion.stop or _NEVER)
        self._brake, self._go = begin, begin + min(length, 10.0)
        self._ramp = max(1e-3, min(2.0, 0.3 * length))

    def pose(self, t: float) -> Pose:
        """The pose at media time t, seconds."""
        pace = 1 - _ease((t - self._brake) / self._ramp) + _ease((t - self._go) / self._ramp)
        gust = math.sin(math.pi * t / 6.5 + self._gust) ** 2
        scale = {"always": 1.0, "moving": pace, "resting": 1 - pace, "gusts": gust}
        moved = asdict(self._preset(t))
        moved["z"] += self._travelled(t)
        for axis, when, amplitude, hertz, phase in self._waves:
            moved[axis] += scale[when] * amplitude * math.sin(math.tau * (hertz * t + phase))
        return Pose(**moved)

    def route(self) -> Route:
        """How far it goes, and where and when it stands."""
        standing = self._brake + self._ramp
        return Route(self._travelled(self._seconds), self._travelled(standing), standing)

    def _travelled(self, t: float) -> float:
        lost = _eased((t - self._brake) / self._ramp) - _eased((t - self._go) / self._ramp)
        return self._motion.speed * (t - self._ramp * lost)

    def _preset(self, t: float) -> Pose:
        """The tour: 1.5 s at a preset, 1.3 s on the way to the next; in long scenes up to four times slower."""
        presets = self._motion.presets
        if not presets:
            return self._motion.start
        leg, within = divmod(t / min(max(self._seconds / 10, 1), 4), 2.8)
        here, there = presets[int(leg) % len(presets)], presets[(int(leg) + 1) % len(presets)]
        share = _ease((within - 1.5) / 1.3)
        goal = asdict(there)
        return Pose(**{axis: start + share * (goal[axis] - start) for axis, start in asdict(here).items()})


def _sines(wave: Wave, rng: np.random.Generator) -> Iterator[tuple[str, str, float, float, float]]:
    """Axis, occasion, amplitude, hertz and phase in turns of all that a wave is made of."""
    # A drift's frequencies are related by the golden ratio, so that it hardly ever repeats.
    parts = ((1.0, 0.55), (1.618, 0.3), (0.618, 0.15)) if wave.drift else ((1.0, 1.0),)
    for axis, amplitude in wave.amplitudes.items():
        for pitch, share in parts:
            yield axis, wave.when, amplitude * share, wave.hertz * pitch, float(rng.random())


def _ease(x: float) -> float:
    """From 0 to 1 for x in 0..1, level at both ends."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def _eased(x: float) -> float:
    """The integral of `_ease` from 0 to x."""
    bounded = min(max(x, 0.0), 1.0)
    return bounded**3 - bounded**4 / 2 + max(x - 1, 0.0)
