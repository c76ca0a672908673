"""Measures pictures as they come, and sums up twice a second."""

from typing import Final, Self, cast

import numpy as np

from ...streams.frame import Image
from .average import Averages, noise_left
from .blocks import CELLS, Comparison, Grid, Measures, compare, describe, faint, reach
from .landmarks import Landmarks
from .overlay import Overlay
from .path import describe_path
from .steps import Steps
from .view import BLOCK, Floats, View, block_sums

# Seconds: the short base line, and the long ones.
_SHORT: Final = 0.5
_LONG: Final = (1.0, 2.0, 4.0)
# Seconds between the views that are kept for comparison, and how long they are.
_KEY_STEP: Final = 0.24
_KEY_SPAN: Final = 4.3
# Seconds between two sums, and before the first.
TICK: Final = 0.5
_FIRST: Final = 0.7
# The share of a tick that the averages may be compared ahead of its end: on the picture before, as it mostly is.
_AHEAD: Final = 0.3
# Grey levels^2: structure has to exceed the noise of codecs and dithering, which is at least this and at most that.
_NOISE: Final = (4.0, 80.0)
# Stamps are rounded; a moment this close has come.
_ROUNDING: Final = 0.01


class Meter:
    """Compares each view with older ones, follows the camera's steps, and gives the means of all that at each tick.

    No picture does everything: the averages are compared ahead of the tick's end, new corners are found on neither
    picture, and both leave out what would be compared in place. So the dearest costs little more than the others.

    Names begin with what they compare: `short_` with the view of half a second ago, `long_` with one of up to four,
    `aligned_` and `aligned_long_` with those brought to where the camera is now, `revisited_` with an older one that
    the camera has come back to, `mean_` the averages of two seconds; the rest are the camera's steps and way.
    """

    def __init__(self, first: View) -> None:
        self._grid = Grid((first.energy.shape[0], first.energy.shape[1]))
        self._overlay = Overlay(self._grid.shape)
        self._steps = Steps()
        self._keys: list[View] = []
        self._sums: dict[str, tuple[float, int]] = {}
        self._start = self._mark = self._averaged = first.time
        self._turn = 0
        self._noise = _NOISE[0]
        self._stands = False
        self._held = np.zeros((CELLS, CELLS), np.intp)
        self._averages = Averages()
        self._landmarks = Landmarks()

    @classmethod
    def of(cls, luma: Image, time: float) -> Self:
        """A meter for pictures like this one."""
        return cls(View(luma, time))

    def update(self, luma: Image, time: float, tick: float = TICK) -> Measures | None:
        """Take in a picture; the means since the last tick, where the next one has come."""
        view = View(luma, time)
        self._measure_noise(view)
        self._turn += 1
        due = self._due(time, tick)
        averaging = self._averaged <= self._mark and self._due(time, tick, ahead=_AHEAD * tick)
        averaging &= due or not self._in_register
        steps = self._steps.update(view, self._overlay.persistent, busy=averaging or due)
        self._add("", steps)
        self._keep(view)
        if averaging:
            self._compare_averages(view)
        if not (averaging or due) or self._in_register:
            self._compare(view, steps)
        return self._sum_up(view) if due else None

    def _keep(self, view: View) -> None:
        self._landmarks.add(view)
        if not self._keys or view.time - self._keys[-1].time >= _KEY_STEP:
            self._keys = [key for key in self._keys if view.time - key.time <= _KEY_SPAN] + [view]
        self._averages.add(view)

    @property
    def _in_register(self) -> bool:
        """Whether it is the turn of a comparison that is never left out."""
        return self._turn % 3 == 2 and not self._stands

    def _due(self, time: float, tick: float, ahead: float = _ROUNDING) -> bool:
        return time - self._mark >= tick - ahead and time - self._start >= _FIRST - ahead

    def _measure_noise(self, view: View) -> None:
        """The energy of the flattest blocks, or the least change since the last picture, whichever is less."""
        last = self._steps.last
        if last is None or self._turn % 3:
            return
        change = cast(Floats, view.detail - last.detail)
        changed = block_sums(change * change, 1)[0] * 0.5
        self._overlay.find_bars(view.grey)
        open_ = ~self._overlay.mask
        level = min(_least(view.energy[open_], 20), _least(changed[open_], 5))
        self._noise += 0.3 * (float(np.clip(3 * level / BLOCK**2, *_NOISE)) - self._noise)

    def _compare_averages(self, view: View) -> None:
        self._averaged = view.time
        if (views := self._averages.close(view)) is not None:
            self._describe("mean_", compare(*views, noise_left(self._noise)))

    def _compare(self, view: View, steps: Measures) -> None:
        """One comparison, in turn: a long base line, one brought into register, the short base line."""
        age = view.time - self._start + 0.05
        spans = [span for span in _LONG if span <= age]
        if self._turn % 3 == 1 and spans:
            span = spans[-1] if self._turn % 2 else spans[self._turn // 6 % len(spans)]
            self._compare_in_place(view, "long_", span, steps)
        elif self._in_register:
            self._compare_in_register(view, _SHORT if self._turn % 2 or not spans else spans[-1])
        else:
            self._compare_in_place(view, "short_", _SHORT, steps)

    def _compare_in_place(self, view: View, name: str, span: float, steps: Measures) -> None:
        if (key := self._key(view, span)) is None:
            return
        pair, masked = compare(view, key, self._noise), self._overlay.mask
        measures, held = describe(pair, self._grid, masked)
        if measures.get("cells", 0.0) < 0.8:
            measures["faint"] = faint(pair, self._grid, masked)
        if span > _SHORT:
            self._held += held
        else:
            self._stands = measures["cover"] > 0.3
        self._add(name, measures)
        self._watch_overlay(pair, measures, steps)

    def _compare_in_register(self, view: View, span: float) -> None:
        if (old := self._landmarks.revisited(view)) is not None:
            self._describe("revisited_", compare(view, old, self._noise))
        elif (key := self._key(view, span)) is not None and key.chain == view.chain:
            name = "aligned_" if span == _SHORT else "aligned_long_"
            self._describe(name, compare(view, key.warped_onto(view), self._noise))

    def _describe(self, name: str, pair: Comparison) -> None:
        self._add(name, describe(pair, self._grid, self._overlay.mask)[0])

    def _key(self, view: View, span: float) -> View | None:
        return next((key for key in reversed(self._keys) if view.time - key.time >= span - 0.06), None)

    def _watch_overlay(self, pair: Comparison, measures: Measures, steps: Measures) -> None:
        moving = steps.get("speed", 0.0) + steps.get("zoom", 0.0) > 2 and steps.get("agreeing_cells", 0.0) > 0.3
        if moving and measures.get("gone", 0.0) > 0.55:
            self._overlay.rest_moved(pair.still & (pair.alike > 0.9))

    def _add(self, prefix: str, measures: Measures) -> None:
        for name, value in measures.items():
            total, count = self._sums.get(prefix + name, (0.0, 0))
            self._sums[prefix + name] = total + value, count + 1

    def _sum_up(self, view: View) -> Measures:
        means = {name: float(total / count) for name, (total, count) in self._sums.items()}
        self._sums, self._mark = {}, view.time
        path = describe_path(view, self._keys)
        return {**means, **self._steps.tremor(), **path, "ever_sides": float(reach(self._held >= 2))}


def _least(values: Floats, share: int) -> float:
    """The value below which one in `share` lies."""
    position = values.size // share
    return float(np.partition(values, position)[position]) if values.size else 0.0
