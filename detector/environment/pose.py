"""Head pose from five landmarks.

Pose from orthography (D. DeMenthon and L. Davis, Model-Based Object Pose in 25 Lines of Code, IJCV 15, 1995, its first
step): a face is small against its distance, so that no focal length has to be known, and none is. The mean face is the
frontal template that recognisers align to (J. Deng et al., ArcFace, CVPR 2019), in millimetres for 63 mm between the
pupils (N. Dodgson, Variation and extrema of human interpupillary distance, SPIE 5291, 2004); its depth, a nose tip
30 mm before the pupils and mouth corners 5 mm behind them, is our reading of facial anthropometry.
"""

from typing import Final, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

Landmarks: TypeAlias = NDArray[np.float32]
Matrix: TypeAlias = NDArray[np.float64]

_FACE: Final[Matrix] = np.array(
    [(-31.5, 0, 0), (31.5, 0, 0), (0.2, 35.8, -30), (-25.7, 72.7, 5), (26.5, 72.4, 5)], np.float64
)
_CENTRED: Final[Matrix] = _FACE - _FACE.mean(axis=0)
_INVERSE: Final = cast(Matrix, np.linalg.pinv(_CENTRED))
# Beyond this share of the eye distance the points are no face seen from anywhere: the fit is refused.
_MISFIT: Final = 0.25


class Pose(NamedTuple):
    """Degrees, 0 facing the camera: yaw to the picture's right and pitch up, -180..180 and -90..90, roll clockwise."""

    yaw: float
    pitch: float
    roll: float


def pose_of(landmarks: Landmarks) -> Pose | None:
    """The pose of a head, from its landmarks, shape (5, 2), pixels; None where they are those of no rigid face."""
    points = np.asarray(landmarks, np.float64)
    if not np.isfinite(points).all():
        return None
    points = points - points.mean(axis=0)
    affine = (_INVERSE @ points).T
    first, scales, second = np.linalg.svd(affine, full_matrices=False)
    scale = float(scales.mean())
    if not scale > 1e-6:
        return None
    rows = first @ second
    if np.abs(points - scale * _CENTRED @ rows.T).max() > _MISFIT * scale * 63:
        return None
    (_, _, x), (_, _, y), z = rows[0], rows[1], np.cross(rows[0], rows[1])[2]
    return Pose(_degrees(-x, z), _degrees(y, np.hypot(x, z)), _degrees(rows[1, 0], rows[0, 0]))


def _degrees(opposite: float, adjacent: float) -> float:
    return float(np.degrees(np.arctan2(opposite, adjacent)))
