"""Mobile or fixed, from sparse optical flow."""

from dataclasses import dataclass, field
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Image
from ..belief import MobilityBelief

_CORNERS = 120
_STILL = 0.15  # pixels between two pictures: below this a corner stands
_DECIDED = 0.85
_PER_PICTURE = 0.12


@dataclass(slots=True)
class MobilityEstimator:
    """Takes pictures of one source in order and holds what they say of its mount."""

    belief: MobilityBelief = field(default_factory=MobilityBelief)
    _previous: Image | None = None
    _score: float = 0.0

    def update(self, thumbnail: Image, media_time: float) -> None:
        """Take in one picture: luma, shape (h, w), uint8, about 320 px wide; `media_time` in seconds."""
        previous, self._previous = self._previous, thumbnail
        if previous is None or previous.shape != thumbnail.shape or self.belief.value == "mobile":
            return
        moving, standing = _shares(previous, thumbnail)
        self._score = float(np.clip(self._score + _PER_PICTURE * (2 * moving - standing), -1, 1))
        self._decide(media_time)

    def restart(self) -> None:
        """The next picture does not continue the last one: a cut, or another stream."""
        self._previous = None

    def _decide(self, media_time: float) -> None:
        value = "mobile" if self._score > _DECIDED else "fixed" if self._score < -_DECIDED else self.belief.value
        at = media_time if value != self.belief.value else self.belief.decided_at
        self.belief = MobilityBelief(value=value, confidence=abs(self._score), decided_at=at)


def _shares(previous: Image, current: Image) -> tuple[float, float]:
    corners = cast(NDArray[np.float32] | None, cv2.goodFeaturesToTrack(previous, _CORNERS, 0.01, 8))
    if corners is None or len(corners) < 8:
        return 0.0, 0.0
    moved, found, _ = cv2.calcOpticalFlowPyrLK(previous, current, corners, corners.copy())
    good = found.ravel() == 1
    _, inliers = cv2.estimateAffinePartial2D(corners[good], moved[good])
    flow = np.linalg.norm((moved - corners)[good].reshape(-1, 2), axis=1)
    standing = float((flow < _STILL).mean()) if len(flow) else 0.0
    together = float(inliers.mean()) if inliers is not None and len(inliers) else 0.0
    return together * (1 - standing), standing
