"""Quality of a face picture after ISO/IEC 29794-5:2025, by the formulas of its reference implementation OFIQ.

Each raw measure is mapped to 0..100, 100 best; what cannot be assessed is None. Two measures are our own, because
OFIQ's of the same falls with the darkness of a skin (fewer of 256 levels are left of it) or finds no light even across
a small face: natural logarithms of linear light, which the reflectance of a skin and the strength of a lamp only shift.
We have brightness only, and small faces, so this differs from OFIQ: luminance is the luma made linear (IEC 61966-2-1)
and not a sum of linear colours, which is the same for greys; natural colour is left out; a face is cut out round its
landmarks and not along its contour; the cheeks' histograms have 32 bins, not 256, because a cheek has few pixels; the
background is what lies beside the head, and its gradient is brought from our 32 pixels between the eyes to OFIQ's 81;
sharpness is the share of the face's contrast that is fine, where OFIQ asks a forest. Compression, occlusion, expression
and the unified score need models and are left out.
"""

from collections.abc import Callable
from typing import Final, TypeAlias, cast

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from ...streams.frame import Image
from .pose import Landmarks, Pose

Floats: TypeAlias = NDArray[np.float32]

# Pixels between the eyes to which a face is brought, and the patch's side about it: head and something beside it.
EYES: Final = 32
_SIDE: Final = 4 * EYES
# The same in the picture of which OFIQ takes the background's gradient: 113 in its aligned face, of which 492 pixels
# across become 354.
_OFIQ_EYES: Final = 113 * 354 / 492
# A cheek of fewer pixels across, before it is brought to size, says nothing of its light.
_CHEEK: Final = 0.3
_FEWEST: Final = 16.0
_BINS: Final = 32
# From the eyes to the mouth, in eye distances: beyond this the points are no face.
_LONGEST: Final = 3
_SHARE: Final = np.array([v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in np.arange(256) / 255])
_LINEAR: Final[Image] = np.rint(255 * _SHARE).astype(np.uint8)
# The logarithm; so little is added that it shows in what is nearly black alone.
_LOG: Final[Floats] = np.log(_SHARE + 2e-4).astype(np.float32)
# The shares of a face between which its contrast lies: beyond are pupils and glints.
_DARKEST, _BRIGHTEST = 0.1, 0.9


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """Quality of one face picture, each 0..100, 100 best; None where it could not be assessed.

    Attributes:
        contrast: natural logarithm of linear light, 90th percentile of the face against the 10th; at least 0.
        side_light: the same, one side of the nose against the other, medians; at least 0.
    """

    contrast: float | None = None
    side_light: float | None = None
    illumination_uniformity: float | None = None
    luminance_mean: float | None = None
    luminance_variance: float | None = None
    under_exposure: float | None = None
    over_exposure: float | None = None
    dynamic_range: float | None = None
    background_uniformity: float | None = None
    sharpness: float | None = None
    eye_distance: float | None = None
    head_yaw: float | None = None
    head_pitch: float | None = None


# As `assess`.
Assess: TypeAlias = Callable[[Image, Landmarks, Pose | None], Quality]


def assess(patch: Image, landmarks: Landmarks, pose: Pose | None) -> Quality:
    """The quality of the face at `landmarks`, shape (5, 2), pixels of `patch`, luma of shape (h, w), uint8."""
    eyes = landmarks[:2].mean(axis=0)
    distance, drop = float(np.hypot(*(landmarks[1] - landmarks[0]))), float(landmarks[3:, 1].mean() - eyes[1])
    if distance < _FEWEST / 4 or not 0 < drop < _LONGEST * distance or min(patch.shape) < 8:
        return Quality()
    luma, down = _brought_to_size(patch, eyes, distance), drop * EYES / distance
    light = cast(Image, cv2.LUT(luma, _LINEAR))
    face = _face(light, down)
    contrast, side_light = _relief(_face(luma, down))
    return Quality(
        contrast=contrast,
        side_light=side_light,
        illumination_uniformity=_illumination(light, down) if distance >= _FEWEST else None,
        sharpness=_sharpness(face) if distance >= _FEWEST else None,
        background_uniformity=_background(light),
        eye_distance=_eye_distance(distance, pose),
        head_yaw=None if pose is None else _angle(pose.yaw),
        head_pitch=None if pose is None else _angle(pose.pitch),
        **_luminance(face),
    )


def _brought_to_size(patch: Image, eyes: Floats, distance: float) -> Image:
    """The patch's part round the face, the eyes level in its upper half; edges are repeated beyond the picture."""
    scale = EYES / distance
    x, y = eyes * scale
    shift = np.array([(scale, 0, _SIDE / 2 - x), (0, scale, _SIDE / 2 - EYES / 2 - y)])
    if scale < 0.5:  # average, lest fine structure becomes noise
        patch = cast(Image, cv2.blur(patch, (int(1 / scale),) * 2))
    size = (_SIDE, _SIDE)
    return cast(Image, cv2.warpAffine(patch, shift, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _face(light: Image, drop: float) -> Image:
    top, left = _SIDE // 2 - EYES // 2, _SIDE // 2
    return light[top - EYES // 4 : int(top + 1.2 * drop), left - EYES : left + EYES]


def _relief(face: Image) -> tuple[float, float]:
    """Contrast and side light of a face's luma."""
    middle, reach = face.shape[1] // 2, EYES // 2
    one, other = (_light_at(side, 0.5) for side in (face[:, middle - reach : middle], face[:, middle : middle + reach]))
    return _light_at(face, _BRIGHTEST) - _light_at(face, _DARKEST), abs(one - other)


def _light_at(part: Image, share: float) -> float:
    """The logarithm of the light that this share of the pixels stays below."""
    position = int(share * part.size)
    return float(_LOG[np.partition(part, position, axis=None)[position]])


def _illumination(light: Image, drop: float) -> float:
    side, y = int(_CHEEK * EYES), int(_SIDE / 2 - EYES / 2 + drop / 2)
    cheeks = (
        light[y : y + side, x - side // 2 : x - side // 2 + side]
        for x in (_SIDE // 2 - EYES // 2, _SIDE // 2 + EYES // 2)
    )
    one, other = (np.bincount(cheek.ravel() >> 3, minlength=_BINS) / cheek.size for cheek in cheeks)
    return _score(100 * float(np.minimum(one, other).sum()) ** 0.3)


def _luminance(face: Image) -> dict[str, float]:
    histogram = np.bincount(face.ravel(), minlength=256) / face.size
    mean, variance = face.mean() / 255, float((face / 255).var())
    used = histogram[histogram > 0]
    dark, bright = float(histogram[:26].sum()), float(histogram[247:].sum())
    return {
        "luminance_mean": _score(100 * _sigmoid(mean, 0.2, 0.05) * (1 - _sigmoid(mean, 0.8, 0.05))),
        "luminance_variance": _score(100 * np.sin(np.pi * 60 * variance / (60 * variance + 1))),
        "under_exposure": _score(120 * (0.832 - _sigmoid(dark, 0.92, 0.05))),
        "over_exposure": _score(1 / (bright + 0.01)),
        "dynamic_range": _score(12.5 * float(-(used * np.log2(used)).sum())),
    }


def _background(light: Image) -> float:
    """Mean gradient beside and above the head: of the upper half, what lies more than 1.2 eye distances aside."""
    upper, far = light[: _SIDE // 2], int(1.2 * EYES)
    sides = upper[:, : _SIDE // 2 - far], upper[:, _SIDE // 2 + far :]
    gradient = float(np.mean([_gradient(side) for side in sides])) * EYES / _OFIQ_EYES
    return _score(190 * (1 - _sigmoid(gradient, 10, 100)))


def _gradient(light: Image) -> float:
    across, down = (cv2.Sobel(light, cv2.CV_32F, *way, ksize=3) for way in ((1, 0), (0, 1)))
    return float(cv2.magnitude(across, down).mean())


def _sharpness(face: Image) -> float:
    fine = float(cv2.Laplacian(face, cv2.CV_32F).std())
    return _score(100 * fine / (fine + float(face.std()) + 1e-3))


def _eye_distance(distance: float, pose: Pose | None) -> float | None:
    return None if pose is None else _score(100 * _sigmoid(distance / np.cos(np.radians(pose.yaw)), 70, 20))


def _angle(degrees: float) -> float:
    return _score(100 * max(0.0, np.cos(np.radians(degrees))) ** 2)


def _sigmoid(x: float, middle: float, width: float) -> float:
    return float(1 / (1 + np.exp((middle - x) / width)))


def _score(value: float) -> float:
    return float(min(100, max(0, round(value))))
