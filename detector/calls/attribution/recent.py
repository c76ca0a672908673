"""What a source has shown in the last two seconds, to match calls against."""

from dataclasses import dataclass
from typing import NamedTuple, cast

import cv2
import numpy as np

from ....streams.frame import Frame, Image, Size
from ...pace import Pace
from .pictures import Plane

# 230 kB a view: a face of 60 pixels in a picture of 1920x1080 still has 20 there.
SIDE, AREA = 640, 640 * 360
VIEW_PERIOD, VIEWS = 0.2, 10
THUMB: Size = (64, 36)
THUMB_PERIOD, THUMBS = 0.15, 14
# A thumb is averaged from this many pixels; to average them all would cost more than all else here.
_SAMPLED: Size = (192, 108)
# The share of a picture that is detail is what a blur of this many pixels takes away.
_BLUR = 2.5


@dataclass(frozen=True, eq=False)
class Shown:
    """One picture, to find parts in.

    Attributes:
        at: its media time, seconds.
        luma: brightness, uint8, upright, at most `SIDE` pixels a side and `AREA` in all.
    """

    at: float
    luma: Image


class Thumb(NamedTuple):
    """One picture as a whole, squeezed to one size.

    Attributes:
        at: its media time, seconds.
        luma: brightness, shape (36, 64), uint8.
        detail: the fine detail of it, float32, norm 1; see `detail`.
    """

    at: float
    luma: Image
    detail: Plane


class Showing:
    """Pictures of one source.

    Attributes:
        views, thumbs: them, of each reader the newest last.
        newest: of each reader the newest view.
    """

    def __init__(
        self,
        views: tuple[Shown, ...] = (),
        thumbs: tuple[Thumb, ...] = (),
        newest: tuple[Shown, ...] | None = None,
    ) -> None:
        self.views: tuple[Shown, ...] = views
        self.thumbs: tuple[Thumb, ...] = thumbs
        self._newest = newest

    @property
    def newest(self) -> tuple[Shown, ...]:
        return self.views[-1:] if self._newest is None else self._newest

    def beside(self, other: "Showing") -> "Showing":
        """Both, where two readers show the same source, each at its own time."""
        return Showing((*other.views, *self.views), (*other.thumbs, *self.thumbs), (*other.newest, *self.newest))


class Recent(Showing):
    """The last pictures of one source as one reader shows it, in less than 2.7 MB beside the very last one, which is
    the host's own until it is asked for; those that parts are looked for in take twice as much again.

    `add` is called by the thread that has the source's frames; the rest may be read by any.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._last: Frame | Shown | None = None
        self._views_pace, self._thumbs_pace = Pace(), Pace()

    def add(self, frame: Frame) -> None:
        """Take in a frame, where one is due; of the others nothing is kept."""
        at = frame.media_time
        if at < self._now:  # the host opened its camera anew
            self.views, self.thumbs = (), ()
            self._views_pace, self._thumbs_pace = Pace(at), Pace(at)
        self._now, self._last = at, frame
        if self._thumbs_pace.takes(at, THUMB_PERIOD):
            self.thumbs = (*self.thumbs[1 - THUMBS :], _thumb(frame))
        if self._views_pace.takes(at, VIEW_PERIOD):
            self.views = (*self.views[1 - VIEWS :], _view(frame))
            self._last = self.views[-1]

    @property
    def newest(self) -> tuple[Shown, ...]:
        last = self._last
        if isinstance(last, Frame):  # a view of every picture would cost too much
            last = self._last = _view(last)
        return (last,) if last else ()


def detail(plane: Plane) -> Plane:
    """What of a plane is finer than a few pixels, about mean 0: light and shade of two scenes, or of two faces, are
    often alike, their fine detail is not."""
    fine = plane.astype(np.float32)
    return fine - cv2.GaussianBlur(fine, (13, 13), _BLUR)


def normalised(plane: Plane) -> Plane:
    """With mean 0 and norm 1; 0 where it is flat."""
    centred = plane.astype(np.float32)
    centred -= centred.mean()
    return centred / max(float(np.linalg.norm(centred)), 1e-3)


def squeezed(plane: Plane) -> Plane:
    """A plane as a whole at the size of all thumbs."""
    return cv2.resize(plane, THUMB, interpolation=cv2.INTER_AREA)


def thumb_of(at: float, luma: Image) -> Thumb:
    """The thumb of a picture that has been squeezed already."""
    return Thumb(at, luma, normalised(detail(luma)))


def _thumb(frame: Frame) -> Thumb:
    stored = frame.pixels.luma()
    if stored.shape[1] > _SAMPLED[0] and stored.shape[0] > _SAMPLED[1]:
        stored = cv2.resize(stored, _SAMPLED, interpolation=cv2.INTER_NEAREST)
    return thumb_of(frame.media_time, cast(Image, squeezed(_upright(stored, frame))))


def _view(frame: Frame) -> Shown:
    stored = frame.pixels.luma()
    height, width = stored.shape
    scale = min(1.0, SIDE / max(height, width), (AREA / (height * width)) ** 0.5)
    size = max(1, int(width * scale)), max(1, int(height * scale))
    small = stored.copy() if scale == 1.0 else cv2.resize(stored, size, interpolation=cv2.INTER_LINEAR)
    return Shown(frame.media_time, _upright(small, frame))


def _upright(stored: Plane, frame: Frame) -> Image:
    return cast(Image, np.ascontiguousarray(np.rot90(stored, -frame.rotation // 90)))
