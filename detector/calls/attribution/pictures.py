"""The pictures in what a call is given: tensors of any layout and normalisation, and encoded files."""

import math
from collections.abc import Sequence
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[Any]
"""Brightness, shape (height, width), uint8, or float32 on any scale and offset."""

# A call on more pictures is not looked at: each of them may cost a search.
MOST = 32
# A picture is brought down to this on its longest side; nothing of it is compared any finer.
SIDE = 160
_SMALLEST = 16
# The same for RGB and BGR, and close to luma.
_MIX = np.array([0.25, 0.5, 0.25], np.float32)
_CHANNELS = (1, 3, 4)
# How JPEG, PNG, WebP and BMP begin.
_ENCODED = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"BM")
# A row of as many numbers as a colour picture of this side or a larger one has may be one.
_FLATTENED = 48


def pictures(value: object) -> list[Plane]:
    """The pictures in `value`, each with at most `SIDE` pixels on its longest side; no more than `MOST` + 1 of them.

    Args:
        value: an array of shape (height, width), HWC, CHW, NHWC or NCHW with 1, 3 or 4 channels, RGB or BGR, integers
            or floats under any affine normalisation; what can be made one by `numpy.asarray`; or the bytes of an
            encoded picture (JPEG, PNG, whatever OpenCV reads).
    """
    array = _decoded(value) if isinstance(value, bytes | bytearray) else _as_array(value)
    if array is None or array.dtype.kind not in "uif":
        return []
    batch = list(array) if array.ndim == 4 else [array]
    planes = (_plane(one) for one in batch[: MOST + 1])
    return [plane for plane in planes if plane is not None]


def looks_like_pictures(value: object) -> NDArray[Any] | bytes | None:
    """What of `value` a face recogniser could be given: pictures in a row, alone or encoded; None where there is none.

    Stricter than `pictures`: tokens, sound, vectors and what lies between the layers of a network are none, though they
    may have as many axes.
    """
    if isinstance(value, bytes | bytearray):
        return bytes(value) if value.startswith(_ENCODED) else None
    array = _as_array(value)
    return array if array is not None and array.dtype.kind in "uif" and _is_pictures(array) else None


def shows_nobody(values: Sequence[object]) -> bool:
    """Whether a call is given pictures that are one number over and over, as when a program warms a network up with
    zeros, and nothing else: beside a lone mask or number the picture may lie where it cannot be seen."""
    arrays = [cast(NDArray[Any], value) for value in values if isinstance(value, np.ndarray)]
    return len(arrays) == len(values) and any(map(_is_pictures, arrays)) and all(map(_is_even, arrays))


def _is_even(array: NDArray[Any]) -> bool:
    if array.dtype.kind not in "uif" or not array.size:
        return False
    first = array.item(0)
    return array.item(array.size // 2) == first and bool((array == first).all())


def _is_pictures(array: NDArray[Any]) -> bool:
    colours = _CHANNELS if array.ndim == 4 or array.dtype == np.uint8 else _CHANNELS[1:]
    if array.ndim in (3, 4):
        one = array.shape[-3:]
        return (one[0] in colours and min(one[1:]) >= _SMALLEST) or (one[2] in colours and min(one[:2]) >= _SMALLEST)
    if array.ndim == 2 and array.dtype == np.uint8:
        return min(array.shape) >= _SMALLEST
    side = math.isqrt(array.shape[-1] // 3) if array.ndim == 2 else 0
    return side >= _FLATTENED and 3 * side * side == array.shape[-1]


def _decoded(encoded: bytes | bytearray) -> Plane | None:
    try:
        return cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_GRAYSCALE)
    except (cv2.error, ValueError):
        return None


def _as_array(value: object) -> NDArray[Any] | None:
    if not hasattr(value, "__array__"):
        return None
    try:
        return np.asarray(value)
    except Exception:  # noqa: BLE001 - a tensor of the host's, maybe on a device; it can refuse as it likes
        return None


def _plane(array: NDArray[Any]) -> Plane | None:
    if array.ndim == 3 and array.shape[-1] not in _CHANNELS:
        array = np.moveaxis(array, 0, -1)
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    if array.ndim != 3 or array.shape[-1] not in _CHANNELS or min(array.shape[:2]) < _SMALLEST:
        return None
    step = max(1, max(array.shape[:2]) // (2 * SIDE))
    few = array[::step, ::step].astype(np.float32)
    plane = few[:, :, 0] if few.shape[-1] == 1 else few[:, :, :3] @ _MIX
    return _shrunk(plane) if np.isfinite(plane).all() else None


def _shrunk(plane: Plane) -> Plane:
    height, width = plane.shape
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
