"""Measures pictures as they come, and sums up twice a second."""

from typing import Final, Literal, Self, TypeAlias, cast, get_args

import cv2
import numpy as np

from ...streams.frame import Image
from .average import Averages, noise_left
from .before import Before
from .blocks import Comparison, Grid, compare, describe, faint, share
from .kept import Keeping
from .landmarks import Landmarks
from .layers import Layers, Told
from .measures import Apart, Compared, Expansion, Measures, Picture, Stepped, mean_of
from .overlay import Overlay
from .path import describe_path
from .steps import Steps
from .view import BLOCK, Floats, Mask, View, block_sums
from .zoom import zoomed

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
# The share of a tick that layers are told apart ahead of its end, on another picture.
_LAYERED_AHEAD: Final = 0.7
# Grey levels^2: structure has to exceed the noise of codecs and dithering, which is at least this and at most that.
_NOISE: Final = (4.0, 80.0)
# The share of cells with texture up to which a plain wall is worth looking at.
_TEXTURED: Final = 0.8
# Stamps are rounded; a moment this close has come.
_ROUNDING: Final = 0.01

_Kind: TypeAlias = Literal["short", "long", "aligned", "aligned_long", "revisited", "mean"]
_KINDS: tuple[_Kind, ...] = get_args(_Kind)


class Meter:
    """Compares each view with older ones, follows the camera's steps, and gives the means of all that at each tick.

    No picture does everything: the averages are compared ahead of the tick's end, new corners are found on neither
    picture, and both leave out what would be compared in place. So the dearest costs little more than the others.
    """

    def __init__(self, first: View) -> None:
        self._grid = Grid((first.energy.shape[0], first.energy.shape[1]))
        self._overlay = Overlay(self._grid.shape)
        self._steps = Steps()
        self._keys: list[View] = []
        self._compared = _empty()
        self._stepped: list[Stepped] = []
        self._start = self._mark = self._averaged = first.time
        self._turn = 0
        self._noise = _NOISE[0]
        self._stands = False
        self._keeping = Keeping(self._grid)
        self._averages = Averages()
        self._landmarks = Landmarks()
        self._layers = Layers(self._grid)
        self._told: Told | None = None
        self._before = Before(first.detail.shape, self._grid)
        self._mean: tuple[View, Mask] | None = None

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
        self._stepped.append(steps)
        self._keep(view)
        if averaging:
            self._compare_averages(view)
        elif self._told is None and self._due(view.time, tick, ahead=_LAYERED_AHEAD * tick):
            self._told = self._layers.measure(self._noise)
        if not (averaging or due) or self._in_register:
            self._compare(view, steps)
        return self._sum_up(view) if due else None

    def remember(self) -> None:
        """Keep what stood until this tick, as the scene from before whatever comes."""
        if self._mean is not None:
            self._before.keep(*self._mean, noise_left(self._noise))

    def stands_again(self) -> bool:
        """Whether until this tick all stood exactly as it was when it was last kept."""
        return self._mean is not None and self._before.stands_again(*self._mean, noise_left(self._noise))

    def zoomed(self) -> bool:
        """Whether the camera did nothing but zoom in the last seconds, and clearly did."""
        return self._steps.last is not None and zoomed(self._steps.last, self._keys)

    def _keep(self, view: View) -> None:
        self._landmarks.add(view)
        if not self._keys or view.time - self._keys[-1].time >= _KEY_STEP:
            self._keys = [key for key in self._keys if view.time - key.time <= _KEY_SPAN] + [view]
        self._averages.add(view)
        self._layers.add(view)

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
            pair = compare(*views, noise_left(self._noise))
            self._mean = views[0], pair.still
            self._describe("mean", pair)

    def _compare(self, view: View, steps: Stepped) -> None:
        """One comparison, in turn: a long base line, one brought into register, the short base line."""
        age = view.time - self._start + 0.05
        spans = [span for span in _LONG if span <= age]
        if self._turn % 3 == 1 and spans:
            span = spans[-1] if self._turn % 2 else spans[self._turn // 6 % len(spans)]
            self._compare_in_place(view, "long", span, steps)
        elif self._in_register:
            self._compare_in_register(view, _SHORT if self._turn % 2 or not spans else spans[-1])
        else:
            self._compare_in_place(view, "short", _SHORT, steps)

    def _compare_in_place(self, view: View, kind: Literal["short", "long"], span: float, steps: Stepped) -> None:
        if (key := self._key(view, span)) is None:
            return
        pair, masked = compare(view, key, self._noise), self._overlay.mask
        measures = describe(pair, self._grid, masked)
        if not measures.cells > _TEXTURED:
            measures = measures._replace(faint=faint(pair, self._grid, masked))
        if kind == "long":
            self._keeping.add(pair, masked)
        else:
            self._stands = measures.cover > 0.3
        self._compared[kind].append(measures)
        self._watch_overlay(pair, measures, steps)

    def _compare_in_register(self, view: View, span: float) -> None:
        if (old := self._landmarks.revisited(view)) is not None:
            self._describe("revisited", compare(view, old, self._noise))
        elif (key := self._key(view, span)) is not None and key.chain == view.chain:
            self._describe(
                "aligned" if span == _SHORT else "aligned_long", compare(view, key.warped_onto(view), self._noise)
            )

    def _describe(self, kind: _Kind, pair: Comparison) -> None:
        self._compared[kind].append(describe(pair, self._grid, self._overlay.mask))

    def _key(self, view: View, span: float) -> View | None:
        return next((key for key in reversed(self._keys) if view.time - key.time >= span - 0.06), None)

    def _watch_overlay(self, pair: Comparison, measures: Compared, steps: Stepped) -> None:
        moving = steps.speed + steps.zoom > 2 and steps.agreeing_cells > 0.3
        if moving and measures.gone > 0.55:
            self._overlay.rest_moved(pair.still & (pair.alike > 0.9))

    def _sum_up(self, view: View) -> Measures:
        self._mark = view.time
        stepped, self._stepped = self._stepped, []
        compared, self._compared = self._compared, _empty()
        travelled, parted = self._steps.take_ways()
        told, self._told = self._told or Told(), None
        return Measures(
            **{kind: mean_of(Compared, some) for kind, some in compared.items()},
            step=mean_of(Stepped, stepped),
            forward=mean_of(Expansion, travelled),
            apart=mean_of(Apart, parted),
            tremor=self._steps.tremor(),
            way=describe_path(view, self._keys),
            kept=self._keeping.measures(),
            picture=self._picture(view),
            **told._asdict(),
        )

    def _picture(self, view: View) -> Picture:
        mean, deviation = cv2.meanStdDev(view.grey)
        return Picture(self._noise, float(np.ravel(mean)[0]), float(np.ravel(deviation)[0]), share(self._overlay.mask))


def _empty() -> dict[_Kind, list[Compared]]:
    return {kind: [] for kind in _KINDS}


def _least(values: Floats, share: int) -> float:
    """The value below which one in `share` lies."""
    position = values.size // share
    return float(np.partition(values, position)[position]) if values.size else 0.0
