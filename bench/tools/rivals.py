"""What a user would take instead to tell a moving camera: one published estimator, and two rules of thumb.

None of them answers "mobile or fixed?"; each measures motion. So each is given the same kind of rule here: how much
the picture moved over the clip, as one number, against one threshold.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeAlias, cast

import av
import cv2
import numpy as np
from av.codec.context import Flags2
from av.error import FFmpegError
from numpy.typing import NDArray

from ...detector.pace import Pace
from ...streams.base import DEFAULT_RATE
from ...streams.frame import Frame, Image, Size

Floats: TypeAlias = NDArray[np.float32]

INSTALL = "norfair is left out: pip install --no-deps norfair filterpy scipy, then run again"


class Rival(ABC):
    """Watches one clip and puts a number on its motion.

    Attributes:
        name: as the tables have it.
        threshold: a clip whose score lies above it is called mobile.
        origin: where the rule and its threshold come from.
    """

    name: str
    threshold: float
    origin: str

    @abstractmethod
    def score(self) -> float | None:
        """How much the picture moved; None where the rule had nothing to go by."""


class FrameRival(Rival):
    """One that looks at pictures."""

    @abstractmethod
    def take(self, frame: Frame) -> None:
        """Look at the next picture."""


# --- norfair ----------------------------------------------------------------------------------------------------------


class Norfair(FrameRival):
    """norfair 2.3, `MotionEstimator()` as it comes: a homography to the first picture, from every full picture.

    It keeps a reference picture until fewer than 90 % of the points agree. A picture counts as moved where that
    homography carries its centre or a corner farther than the threshold.

    Raises:
        ImportError: norfair is not installed; `INSTALL` says how to.
    """

    name = "norfair MotionEstimator"
    threshold = 0.02
    origin = "ours: half of the pictures lie more than 2 % of the width from the first"

    def __init__(self) -> None:
        self._estimator: Any = import_module("norfair.camera_motion").MotionEstimator()
        self._moved: list[float] = []
        self._pictures = 0

    def take(self, frame: Frame) -> None:
        self._pictures += 1
        transformation = self._estimator.update(frame.bgr())
        if transformation is not None:
            self._moved.append(_displacement(transformation, frame.size))

    def score(self) -> float | None:
        """The median over the pictures, in picture widths; None where most pictures gave no homography."""
        return float(np.median(self._moved)) if 2 * len(self._moved) > self._pictures else None


def _displacement(transformation: Any, size: Size) -> float:
    width, height = size
    points = np.array([(width / 2, height / 2), (0, 0), (width, 0), (0, height), (width, height)])
    farthest = float(np.linalg.norm(transformation.abs_to_rel(points) - points, axis=1).max()) / width
    return farthest if math.isfinite(farthest) else math.inf


# --- plain flow -------------------------------------------------------------------------------------------------------


class PlainFlow(FrameRival):
    """Corners followed from picture to picture, 320 px wide, ten a second: how far the median corner goes."""

    name = "median flow"
    threshold = 0.5
    origin = "ours: the median corner moves more than 0.5 px in 0.1 s in half of the pictures"

    _WIDTH, _PERIOD, _CORNERS, _FEWEST = 320, 0.1, 200, 8

    def __init__(self) -> None:
        self._previous: Image | None = None
        self._pace = Pace()
        self._medians: list[float] = []

    def take(self, frame: Frame) -> None:
        if not self._pace.takes(frame.media_time, self._PERIOD):
            return
        picture = frame.thumbnail(self._WIDTH)
        previous, self._previous = self._previous, picture
        if previous is not None and (median := self._median(previous, picture)) is not None:
            self._medians.append(median)

    def score(self) -> float | None:
        """Pixels between two pictures, median of the medians; None where there were no corners."""
        return float(np.median(self._medians)) if self._medians else None

    def _median(self, previous: Image, picture: Image) -> float | None:
        corners = cast(Floats | None, cv2.goodFeaturesToTrack(previous, self._CORNERS, 0.01, 8))
        if corners is None or len(corners) < self._FEWEST:
            return None
        moved, found, _ = cv2.calcOpticalFlowPyrLK(previous, picture, corners, corners.copy())
        flow = (moved - corners)[found.ravel() == 1].reshape(-1, 2)
        return float(np.median(np.linalg.norm(flow, axis=1))) if len(flow) else None


# --- motion vectors ---------------------------------------------------------------------------------------------------


class Vectors(NamedTuple):
    """What a codec says of one picture's motion: FFmpeg's AVMotionVector records; None where it says nothing."""

    media_time: float
    size: Size
    records: NDArray[np.void] | None


class MotionVectors(Rival):
    """The rule by which NeMo Curator (Apache-2.0) tells clips that hardly move, read the other way.

    Twice a second, over the first half of the clip or ten pictures, vectors are painted where their blocks are;
    lengths are in units of width plus height. A clip moves where the mean is at least 0.00098 and no patch of
    256 px stands (mean at least 1e-6): if every patch moves, the camera does.
    """

    name = "codec motion vectors (NeMo Curator's rule)"
    threshold = 0.00098
    origin = "published: mean of 0.00098 of width plus height, and no 256 px patch below 1e-6"

    _PERIOD, _FEWEST, _PATCH, _STANDS = 0.5, 10, 256, 1e-6

    def __init__(self, seconds: float) -> None:
        self._most = max(self._FEWEST, round(seconds / 2 / self._PERIOD))
        self._due = 0.0
        self._sum: Floats | None = None
        self._pictures = 0

    def take(self, vectors: Vectors) -> None:
        """Take in the next picture's vectors. One without any (an I-frame, another codec) is waited out."""
        if vectors.media_time < self._due - 1e-3 or vectors.records is None or self._pictures >= self._most:
            return
        self._due = vectors.media_time + self._PERIOD
        self._pictures += 1
        field = _lengths(vectors.records, vectors.size) / np.float32(sum(vectors.size))
        self._sum = field if self._sum is None else self._sum + field

    def score(self) -> float | None:
        """The mean length, 0 where a patch stands; None where the codec gives no vectors or a side is below 256 px."""
        if self._sum is None or min(self._sum.shape) < self._PATCH:
            return None
        mean = self._sum / self._pictures
        patches = max(1, mean.shape[1] // self._PATCH), max(1, mean.shape[0] // self._PATCH)
        least = float(cv2.resize(mean, patches, interpolation=cv2.INTER_AREA).min())
        return float(mean.mean()) if least >= self._STANDS else 0.0


def _lengths(records: NDArray[np.void], size: Size) -> Floats:
    """The length of motion in pixels at every pixel: shape (height, width); 0 where there is no vector."""
    field = np.zeros((size[1], size[0]), np.float32)
    scale = np.maximum(records["motion_scale"], 1)
    lengths = np.hypot(records["motion_x"] / scale, records["motion_y"] / scale)
    left, top = (records[f"dst_{axis}"] - records[side] // 2 for axis, side in (("x", "w"), ("y", "h")))
    right, bottom = left + records["w"], top + records["h"]
    boxes = np.maximum(np.stack([left, top, right, bottom], axis=1).astype(np.int64), 0)
    for (x0, y0, x1, y1), length in zip(boxes.tolist(), lengths.tolist(), strict=True):
        field[y0:y1, x0:x1] = length
    return field


def read_vectors(file: Path | IO[bytes]) -> Iterator[Vectors]:
    """The motion vectors of a video file, picture by picture, up to where it can be read."""
    with av.open(str(file) if isinstance(file, Path) else file, mode="r") as container:
        stream = container.streams.video[0]
        stream.codec_context.flags2 |= Flags2.export_mvs
        stream.thread_type = "AUTO"
        rate = float(stream.guessed_rate or DEFAULT_RATE)
        try:
            for index, picture in enumerate(container.decode(stream)):
                yield vectors_of(picture, index / rate if picture.pts is None else picture.time)
        except FFmpegError:
            return


def vectors_of(picture: av.VideoFrame, at: float) -> Vectors:
    """What a decoder that exports motion vectors says of a picture."""
    side = cast(Any, picture.side_data.get("MOTION_VECTORS"))
    return Vectors(at, (picture.width, picture.height), None if side is None else side.to_ndarray())
