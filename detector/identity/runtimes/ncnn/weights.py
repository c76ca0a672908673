"""What the layers of ncnn hold, in which order, and their settings, which have numbers for names
(github.com/Tencent/ncnn, docs/developer-guide/operators.md).
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Final, Protocol

import numpy as np

from ...model import Array, Unrunnable

NONE: Final = -233  # a number that is not given


class Weights(Protocol):
    """Where a layer takes its weights from, in order."""

    def plain(self, count: int) -> Array: ...

    def tagged(self, count: int) -> Array: ...


class Numbers:
    """The settings of a layer: words of a text, or four bytes each."""

    def __init__(self, held: Mapping[int, Sequence[str | bytes]]) -> None:
        self._held = held

    def has(self, place: int) -> bool:
        return place in self._held

    def wholes(self, place: int) -> list[int]:
        return [
            int(struct.unpack("<i", one)[0]) if isinstance(one, bytes) else int(_real(one))
            for one in self._held.get(place, ())
        ]

    def whole(self, place: int, otherwise: int = 0) -> int:
        return next(iter(self.wholes(place)), otherwise)

    def reals(self, place: int) -> list[float]:
        """Raises `Unrunnable` where some are no numbers."""
        return [_real(one) for one in self._held.get(place, ())]

    def real(self, place: int, otherwise: float = 0.0) -> float:
        return next(iter(self.reals(place)), otherwise)

    def pair(self, wide: int, high: int, otherwise: int = 0) -> tuple[int, int]:
        """Height and width; the former as the latter where it is not there."""
        width = self.whole(wide, otherwise)
        return self.whole(high, width), width


def _real(held: str | bytes) -> float:
    try:
        found = float(struct.unpack("<f", held)[0]) if isinstance(held, bytes) else float(held)
    except ValueError:
        found = np.nan
    if not np.isfinite(found):
        raise Unrunnable("it has a setting that is no number")
    return found


def _slid(settings: Numbers, weights: Weights, *, deep: bool = False, back: bool = False) -> Iterator[Array]:
    """Kernels, [output, input of a group, height, width] or the other way round, and a bias."""
    count, groups = settings.whole(0), settings.whole(7, 1) if deep else 1
    if settings.whole(28 if back else 19):
        return
    kernel = settings.pair(1, 11)
    raw, shift, scaled = weights.tagged(settings.whole(6)), None, settings.whole(8)
    if settings.whole(5):
        shift = weights.plain(count)
    if scaled:
        each = (1 if scaled in (2, 102) else groups) if deep else count
        raw = _unscaled(raw, weights.plain(each))
        weights.plain(1)
        if scaled > 100:
            weights.plain(1)
    if min(count, groups, *kernel) <= 0 or count % groups or raw.size % (count // groups * prod(kernel) * groups):
        raise Unrunnable("it has a convolution with weights that do not fit it")
    if back:  # of each group: outputs, inputs
        taken = raw.size // (count * prod(kernel)) * groups
        yield raw.reshape(groups, count // groups, taken // groups, *kernel).swapaxes(1, 2).reshape(taken, -1, *kernel)
    else:
        yield raw.reshape(count, -1, *kernel)
    if shift is not None:
        yield shift


def _unscaled(raw: Array, scales: Array) -> Array:
    """Whole numbers times what they stand for; real ones are as they were."""
    if raw.dtype != np.int8:
        return raw
    if raw.size % scales.size:
        raise Unrunnable("it has weights in 8 bits that do not fit their scales")
    with np.errstate(all="ignore"):
        return (raw.reshape(scales.size, -1) / scales[:, None]).astype(np.float32)


def _matrix(settings: Numbers, weights: Weights) -> Iterator[Array]:
    count = settings.whole(0)
    raw = weights.tagged(settings.whole(2))
    shift = weights.plain(count) if settings.whole(1) else None
    if settings.whole(8):
        raw = _unscaled(raw, weights.plain(count))
        weights.plain(1)
    if count <= 0 or raw.size % count:
        raise Unrunnable("it has a matrix that does not fit its outputs")
    yield raw.reshape(count, -1)
    if shift is not None:
        yield shift


def _rows(place: int, count: int, switch: int | None = None) -> Callable[[Numbers, Weights], Iterator[Array]]:
    """Several rows of numbers, as many as a setting says; none where a switch is off."""

    def load(settings: Numbers, weights: Weights) -> Iterator[Array]:
        if switch is None or settings.whole(switch, 1):
            yield from (weights.plain(settings.whole(place)) for _ in range(count))

    return load


def _scales(settings: Numbers, weights: Weights) -> Iterator[Array]:
    count = settings.whole(0)
    if count != NONE:
        yield from (weights.plain(count) for _ in range(1 + bool(settings.whole(1))))


def _memory(settings: Numbers, weights: Weights) -> Iterator[Array]:
    sides = [side for side in (settings.whole(place) for place in (2, 11, 1, 0)) if side > 0]
    yield weights.plain(prod(sides)).reshape(sides)


def _factors(settings: Numbers, weights: Weights) -> Iterator[Array]:
    """Constant parts of a product: M, N, K are its sides."""
    high, wide, between = (settings.whole(place) for place in (7, 8, 9))
    if settings.whole(4):
        yield weights.tagged(high * between).reshape((between, high) if settings.whole(2) else (high, between))
    if settings.whole(5):
        yield weights.tagged(wide * between).reshape((wide, between) if settings.whole(3) else (between, wide))
    kind = settings.whole(10)
    if settings.whole(6) and kind != -1:
        shape = {0: (1, 1), 1: (high, 1), 2: (high, 1), 3: (high, wide), 4: (1, wide)}.get(kind)
        if shape is None:
            raise Unrunnable("it has a Gemm that is not known here")
        yield weights.tagged(prod(shape)).reshape(shape)


LOADS: Final[dict[str, Callable[[Numbers, Weights], Iterator[Array]]]] = {
    "Convolution": _slid,
    "ConvolutionDepthWise": lambda settings, weights: _slid(settings, weights, deep=True),
    "Deconvolution": lambda settings, weights: _slid(settings, weights, back=True),
    "DeconvolutionDepthWise": lambda settings, weights: _slid(settings, weights, deep=True, back=True),
    "InnerProduct": _matrix,
    "BatchNorm": _rows(0, 4),
    "Bias": _rows(0, 1),
    "PReLU": _rows(0, 1),
    "Scale": _scales,
    "Normalize": lambda settings, weights: iter((weights.plain(settings.whole(3)),)),
    "InstanceNorm": _rows(0, 2, 2),
    "LayerNorm": _rows(0, 2, 2),
    "GroupNorm": _rows(1, 2, 3),
    "MemoryData": _memory,
    "Gemm": _factors,
}
