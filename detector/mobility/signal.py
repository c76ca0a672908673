"""Whether there is a camera's picture at all: not when it is noise alone, or the same to the last bit for long.

Every picture of a lens is smooth over a few pixels, and even a sensor's noise stands before something that is there
again in the next picture. A sensor, and a codec that begins anew now and then, change some of what has structure within
a second; a test card, a frozen picture and a recording that was stopped do not.
"""

from collections import deque
from typing import Final, Literal, TypeAlias, cast

import cv2
import numpy as np

from ...streams.frame import Image
from .view import Floats

Signal: TypeAlias = Literal["picture", "noise", "frozen"]

# Pixels of 80 between two that a lens makes alike, and the correlations below which nothing is.
_APART: Final = 2
_UNLIKE: Final = (0.12, 0.15)
# Looks that are asked for noise, and how many of them have to show it.
_ASKED, _NOISY = 4, 3
# Cells a side of the picture, the share of those with structure that are the same to the last bit, and for how many
# seconds: streams of one picture a second are filled up with copies.
_CELLS: Final = 20
_SAME: Final = 0.9
_LONG: Final = 2.0
# The share of pixels that change in a picture that has more than a clock on it.
_CHANGED: Final = 0.1


class SignalFinder:
    """Watches the pictures of one source.

    Attributes:
        same_for: seconds that the picture has been the same to the last bit.
        copied: whether the last picture was the one before it once more.
    """

    def __init__(self) -> None:
        self.same_for = 0.0
        self.copied = False
        self._whole: Image | None = None
        self._last: Image | None = None
        self._kept: Image | None = None
        self._since = 0.0
        self._turn = False
        self._noisy: deque[bool] = deque(maxlen=_ASKED)

    def update(self, luma: Image, time: float) -> Signal:
        """What a picture, shape (h, w), uint8, at media time `time`, seconds, is one of, together with those before."""
        self.copied, self._whole = self._whole is not None and np.array_equal(luma, self._whole), luma
        coarse = luma[::4, ::4]
        last = self._before(coarse)
        if last is None:
            self._keep(luma, time)
            return "picture"
        self._turn = not self._turn
        if self._turn:
            self._noisy.append(_is_noise(coarse, last))
        elif self._kept is None or not _same(luma, self._kept):
            self._keep(luma, time)
        self.same_for = time - self._since
        return self._signal

    def glance(self, luma: Image, time: float) -> Signal:
        """The same of a picture before which others were left out. It is asked for all at once: to wait for the next,
        seconds later, would take what was not compared for the same."""
        coarse = luma[::4, ::4]
        last = self._before(coarse)
        if last is not None:
            self._noisy.append(_is_noise(coarse, last))
        if last is None or self._kept is None or not _same(luma, self._kept):
            self._keep(luma, time)
        self.same_for = time - self._since
        return self._signal

    @property
    def _signal(self) -> Signal:
        if sum(self._noisy) >= _NOISY:
            return "noise"
        return "frozen" if self.same_for >= _LONG else "picture"

    def _before(self, coarse: Image) -> Image | None:
        """The picture before this one; None where there is none of its size, and what was seen of others counts no
        more."""
        last, self._last = self._last, coarse
        if last is None or last.shape != coarse.shape or min(coarse.shape) < _CELLS:
            self._noisy.clear()
            return None
        return last

    def _keep(self, luma: Image, time: float) -> None:
        self._kept, self._since, self.same_for = luma, time, 0.0


def _is_noise(coarse: Image, last: Image) -> bool:
    """Whether pixels are neither like their neighbours nor like those before them."""
    now, before = (_centred(one) for one in (coarse, last))
    if _correlation(now, before) >= _UNLIKE[1] or cv2.norm(now, cv2.NORM_L1) < now.size:
        return False
    return _correlation(now[:, _APART:], now[:, :-_APART]) < _UNLIKE[0]


def _centred(coarse: Image) -> Floats:
    return coarse.astype(np.float32) - np.float32(cv2.mean(coarse)[0])


def _correlation(one: Floats, other: Floats) -> float:
    return float((one * other).sum()) / (float(cv2.norm(one) * cv2.norm(other)) + 1.0)


def _same(luma: Image, kept: Image) -> bool:
    """Whether nearly all that has structure is the same to the last bit; no structure at all is the same too."""
    if luma.shape != kept.shape:
        return False
    changed = cast(Image, cv2.compare(luma, kept, cv2.CMP_NE))
    pixels = cv2.countNonZero(changed)
    if not pixels or pixels > _CHANGED * changed.size:  # as nearly always, either way
        return not pixels
    edges = cast(Image, cv2.absdiff(luma[:, 1:], luma[:, :-1]))
    stood, structured = _by_cell(changed) == 0, _by_cell(edges) > 0
    return bool(np.count_nonzero(structured & stood) >= _SAME * np.count_nonzero(structured))


def _by_cell(plane: Image) -> Image:
    """The mean by cell, shape (_CELLS, _CELLS), uint8, rounded."""
    return cast(Image, cv2.resize(plane, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA))
