"""ncnn: a list of layers, `.param`, as text or in binary numbers, with their weights in a `.bin` beside it.

As its param-and-model-file-structure.md and modelbin.cpp say (github.com/Tencent/ncnn). Weights follow one another
without names, so that each layer has to take what is its own; where some are left at the end, nothing is believed.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from ...model import Array, Unrunnable, first_line
from ..beside import read_beside
from ..layered.layer_list import Listed, ListedModel, Shape, Step
from .steps import WAYS
from .weights import LOADS, Numbers

MAGIC: Final = 7767517
# Kinds of layers as binary lists number them (src/CMakeLists.txt).
_KINDS: Final = """
AbsVal ArgMax BatchNorm Bias BNLL Concat Convolution Crop Deconvolution Dropout Eltwise ELU Embed Exp Flatten
InnerProduct Input Log LRN MemoryData MVN Pooling Power PReLU Proposal Reduction ReLU Reshape ROIPooling Scale
Sigmoid Slice Softmax Split SPP TanH Threshold Tile RNN LSTM BinaryOp UnaryOp ConvolutionDepthWise Padding
Squeeze ExpandDims Normalize Permute PriorBox DetectionOutput Interp DeconvolutionDepthWise ShuffleChannel
InstanceNorm Clip Reorg YoloDetectionOutput Quantize Dequantize Yolov3DetectionOutput PSROIPooling ROIAlign
Packing Requantize Cast HardSigmoid SELU HardSwish Noop PixelShuffle DeepCopy Mish StatisticsPooling Swish Gemm
GroupNorm LayerNorm Softplus GRU MultiHeadAttention GELU Convolution1D Pooling1D ConvolutionDepthWise1D
Convolution3D ConvolutionDepthWise3D Pooling3D MatMul Deconvolution1D DeconvolutionDepthWise1D Deconvolution3D
DeconvolutionDepthWise3D Einsum DeformableConv2D GLU Fold Unfold GridSample CumulativeSum
""".split()  # noqa: SIM905 - so that it can be read
_ARRAY, _END = -23300, -233
_HALF, _EIGHT, _PLAIN, _SHORT = 0x01306B47, 0x000D4B38, 0x0002C056, 0x01348B83
_CODED: Final = 1 << 30  # bytes of weights that may show nothing of how they were drawn
_TABLE: Final = 256  # values that bytes stand for
_MOST, _MOST_ENDS, _MOST_VALUES = 16384, 4096, 4096  # layers; what one takes or gives; of a setting


class NcnnModel(ListedModel):
    """A network of ncnn; see `Model`."""

    format = "ncnn"

    def __init__(self, content: bytes, _folder: Path | None, path: Path | None) -> None:
        super().__init__()
        binary = content[:4] == struct.pack("<i", MAGIC)
        try:
            read = list(_binary(content) if binary else _text(content))
        except (IndexError, ValueError, struct.error, OverflowError) as error:
            raise ValueError(f"no network of ncnn ({first_line(error)})") from error
        name = path.name if path else ""
        whole = name.removesuffix(".param.bin") if name.endswith(".param.bin") else name.rpartition(".")[0]
        self.notes = (f"{len(read)} layers",)
        try:
            weights = _Weights(read_beside(path, f"{whole}.bin"))
            steps = [step._replace(weights=_loaded(step, weights)) for step in read]
            weights.end()
            self.open(_network(steps))
            self.unread = _CODED if weights.coded else 0
        except Unrunnable as reason:
            self.refuse(reason)


def _network(steps: list[Step]) -> Listed:
    inputs = {name: _given(step, steps) for step in steps if step.kind == "Input" for name in step.gives}
    return Listed([step for step in steps if step.kind != "Input"], inputs, WAYS, bound=False)


def _given(step: Step, steps: list[Step]) -> Shape:
    """What an input layer says, and the channels that the first convolution takes where it does not."""
    sides = [step.settings.whole(place) for place in (2, 1, 0)]
    if sides[0] <= 0 and max(sides) > 0:
        return tuple(side for side in sides if side > 0)
    found = (one.weights[0].shape for one in steps if one.kind == "Convolution" and one.takes == step.gives[:1])
    channels = next((shape[1] for shape in found if len(shape) > 1), 3)
    return tuple(side if side > 0 else other for side, other in zip(sides, (channels, None, None), strict=True))


def _text(content: bytes) -> Iterator[Step]:
    lines = [line.split() for line in str(content, "latin-1").split("\n")[2:]]
    if len(lines) > _MOST:
        raise Unrunnable(f"it has more than {_MOST} layers")
    for kind, name, *rest in filter(None, lines):
        taken, given = int(rest[0]), int(rest[1])
        if min(taken, given) < 0 or 2 + taken + given > len(rest):
            raise ValueError("it has a layer that takes more than it names")
        names = tuple(rest[2 : 2 + taken + given])
        settings = dict(map(_setting, rest[2 + taken + given :]))
        yield Step(kind, name, names[:taken], names[taken:], Numbers(settings), ())


def _setting(pair: str) -> tuple[int, list[str]]:
    """`0=8`, `3=1.0,2.0`, or as older ones have such, `-23303=2,1.0,2.0`."""
    number, _, value = pair.partition("=")
    place, values = int(number), value.split(",")
    return (_ARRAY - place, values[1:]) if place <= _ARRAY else (place, values)


def _binary(content: bytes) -> Iterator[Step]:
    reader = _Reader(content)
    _, count, _ = (reader.whole() for _ in range(3))
    if not 0 <= count <= _MOST:
        raise Unrunnable(f"it has more than {_MOST} layers")
    for number in range(count):
        kind, taken, given = (reader.whole() for _ in range(3))
        if not (0 <= taken <= _MOST_ENDS and 0 <= given <= _MOST_ENDS):
            raise ValueError("it has a layer that takes more than it names")
        names = [str(reader.whole()) for _ in range(taken + given)]
        named = _KINDS[kind] if 0 <= kind < len(_KINDS) else f"of number {kind}"
        settings = Numbers(dict(_settings(reader)))
        yield Step(named, str(number), tuple(names[:taken]), tuple(names[taken:]), settings, ())


def _settings(reader: "_Reader") -> Iterator[tuple[int, list[bytes]]]:
    while (place := reader.whole()) != _END:
        if place > _ARRAY:
            yield place, [reader.take(4)]
            continue
        count = reader.whole()
        if not 0 <= count <= _MOST_VALUES:
            raise ValueError("it has a setting of more values than any layer has")
        yield _ARRAY - place, [reader.take(4) for _ in range(count)]


class _Reader:
    """Bytes one after another."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    @property
    def left(self) -> int:
        return len(self._content) - self._at

    def take(self, count: int) -> bytes:
        """So many; raises `IndexError` where there are fewer."""
        if not 0 <= count <= self.left:
            raise IndexError
        self._at += count
        return self._content[self._at - count : self._at]

    def whole(self) -> int:
        return int(struct.unpack("<i", self.take(4))[0])


class _Weights:
    """The `.bin`.

    Attributes:
        coded: whether some of it is no real numbers.
    """

    def __init__(self, content: bytes) -> None:
        self._reader, self.coded = _Reader(content), False

    def end(self) -> None:
        """Raises `Unrunnable` where there are more than were taken."""
        if self._reader.left:
            raise Unrunnable("the file beside it holds other weights than its layers take")

    def plain(self, count: int) -> Array:
        """So many numbers of 32 bits."""
        return self._numbers("<f4", count)

    def tagged(self, count: int) -> Array:
        """So many, in whichever form they say: float32, or int8 where they are scaled later."""
        tag = struct.unpack("<I", self._take(4))[0]
        if tag == _HALF:
            return self._numbers("<f2", count).astype(np.float32)
        if tag == _SHORT:
            return (self._numbers("<u2", count).astype(np.uint32) << 16).view(np.float32)
        if tag in (0, _PLAIN):
            return self._numbers("<f4", count)
        self.coded = True
        if tag == _EIGHT:
            return self._numbers("i1", count)
        table = self._numbers("<f4", _TABLE)
        return table[self._numbers("u1", count)]

    def _numbers(self, kind: str, count: int) -> Array:
        if count <= 0:
            raise Unrunnable("it has a layer that says that it holds nothing")
        size = count * np.dtype(kind).itemsize
        return np.frombuffer(self._take(-(-size // 4) * 4)[:size], kind)

    def _take(self, count: int) -> bytes:
        try:
            return self._reader.take(count)
        except IndexError as error:
            raise Unrunnable("the file beside it holds fewer weights than its layers take") from error


def _loaded(step: Step, weights: _Weights) -> tuple[Array, ...]:
    """What a layer holds; of one that is not known here, nothing."""
    return tuple(LOADS[step.kind](step.settings, weights)) if step.kind in LOADS else ()
