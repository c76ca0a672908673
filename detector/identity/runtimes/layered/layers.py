"""Layers of Caffe and of what came after it, written as ONNX: channels first, and every shape known.

A value has no batch here: its first axis is the channels. Each method raises `Mismatch` where shapes do not fit.
"""

from collections.abc import Sequence
from math import ceil, floor, prod
from typing import Any, Final, NamedTuple

import numpy as np

from ...model import Array
from .graph import Graph, Value, agree

_MOST: Final = 1 << 27  # numbers of one value: half a gigabyte
_LARGEST_STEP: Final = 4096  # of a window: no kernel, stride or rim is wider


class Window(NamedTuple):
    """How a kernel goes over a map: height before width.

    Attributes:
        kernel: places under it.
        stride: from one place to the next.
        pads: zeros above, to the left, below, to the right.
        dilation: from one place under it to the next.
    """

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)

    @property
    def spans(self) -> list[int]:
        """Of a kernel with its holes."""
        return [(side - 1) * hole + 1 for side, hole in zip(self.kernel, self.dilation, strict=True)]

    def check(self) -> None:
        """Raises `Mismatch` where no map can be gone over so."""
        agree(min(*self.kernel, *self.stride, *self.dilation) > 0 and min(self.pads) >= 0)
        agree(max(*self.spans, *self.stride, *self.pads) <= _LARGEST_STEP)


class Layers(Graph):
    """Writes one layer after another, as `Graph` does, for one size of picture."""

    def __init__(self) -> None:
        super().__init__()
        self.sized = True

    def constant(self, numbers: Array) -> Value:
        """What is in the file; its first axis is no batch."""
        held = np.ascontiguousarray(numbers[None], np.float32)
        return Value(self._keep(held).name, numbers.shape)

    def slide(self, value: Value, weight: Array, bias: Array | None, window: Window, groups: int) -> Value:
        """A convolution; `weight` is [output, input channels of a group, height, width]."""
        window.check()
        agree(len(value.shape) == 3 and weight.ndim == 4 and weight.shape[2:] == window.kernel)
        agree(groups > 0 and value.shape[0] == weight.shape[1] * groups and weight.shape[0] % groups == 0)
        sides = [
            floor((side + sum(window.pads[way::2]) - window.spans[way]) / window.stride[way]) + 1
            for way, side in enumerate(value.shape[1:])
        ]
        how = {"strides": window.stride, "dilations": window.dilation, "pads": window.pads, "group": groups}
        return self._add("Conv", [value, *self._learned(weight, bias)], (weight.shape[0], *sides), **how)

    def slide_back(
        self, value: Value, weight: Array, bias: Array | None, window: Window, groups: int, more: Sequence[int] = (0, 0)
    ) -> Value:
        """A convolution the other way round; `weight` is [input, output channels of a group, height, width]; `more`
        places are given below and to the right."""
        window.check()
        agree(len(value.shape) == 3 and weight.ndim == 4 and weight.shape[2:] == window.kernel)
        agree(groups > 0 and value.shape[0] == weight.shape[0] and value.shape[0] % groups == 0)
        wide = weight.shape[1] * groups
        agree(bias is None or bias.shape == (wide,))
        sides = [
            (side - 1) * window.stride[way] + window.spans[way] - sum(window.pads[way::2]) + more[way]
            for way, side in enumerate(value.shape[1:])
        ]
        how = {"strides": window.stride, "dilations": window.dilation, "pads": window.pads, "group": groups}
        learned = [self._keep(one) for one in (weight, bias) if one is not None]
        return self._add("ConvTranspose", [value, *learned], (wide, *sides), output_padding=list(more), **how)

    def pooled(
        self, value: Value, kind: str, window: Window, *, last: bool = True, rim: bool = True, clipped: bool = True
    ) -> Value:
        """The largest (`Max`) or the mean (`Average`) of the places under a window.

        Args:
            value: a map.
            kind: which.
            window: what goes over it.
            last: whether a window that lies partly beyond the end counts as well.
            rim: whether the zeros around count in a mean; what lies beyond them never does.
            clipped: whether a window that would begin behind the map is left out.
        """
        window.check()
        agree(len(value.shape) == 3 and window.dilation == (1, 1))
        sides, ends = list[int](), list[int]()
        for way, side in enumerate(value.shape[1:]):
            before, behind = window.pads[way], window.pads[way + 2]
            kernel, stride = window.kernel[way], window.stride[way]
            count = (ceil if last else floor)((side + before + behind - kernel) / stride) + 1
            count -= clipped and last and count > 1 and (count - 1) * stride >= side + before
            agree(count > 0)
            sides.append(count)
            ends.append((count - 1) * stride + kernel - side - before)
        pads, shape = list(window.pads[:2]), (value.shape[0], *sides)
        how: dict[str, Any] = {"kernel_shape": window.kernel, "strides": window.stride}
        if kind == "Max":
            return self._under("MaxPool", value, shape, [*pads, *ends], how)
        if rim and any(window.pads):
            value = self.padded(value, window.pads)
            ends = [end - window.pads[way + 2] for way, end in enumerate(ends)]
            pads = [0, 0]
        return self._under("AveragePool", value, shape, [*pads, *ends], how)

    def _under(self, op: str, value: Value, shape: Sequence[int], pads: list[int], how: dict[str, Any]) -> Value:
        """A pooling; what no window comes to is cut off before."""
        ways = list(zip(value.shape[1:], pads[2:], strict=True))
        cut = [side + min(end, 0) for side, end in ways]
        for way, (side, _) in enumerate(ways):
            if cut[way] < side:
                value = self.sliced(value, way + 1, 0, cut[way])
        agree(all(pad < side for pad, side in zip(pads, (*how["kernel_shape"],) * 2, strict=True)))
        return self._add(op, [value], shape, pads=[max(pad, 0) for pad in pads], **how)

    def over_all(self, value: Value, kind: str) -> Value:
        """The largest (`Max`) or the mean (`Average`) of all places."""
        agree(len(value.shape) == 3)
        return self._add(f"Global{kind}Pool", [value], (value.shape[0], 1, 1))

    def padded(self, value: Value, pads: Sequence[int], number: float = 0.0, mode: str = "constant") -> Value:
        """With more places above, to the left, below and to the right of a map."""
        agree(len(value.shape) == 3 and all(0 <= pad <= _LARGEST_STEP for pad in pads))
        top, left, below, right = pads
        sides = self._keep(np.array([0, 0, top, left, 0, 0, below, right], np.int64))
        shape = (value.shape[0], value.shape[1] + top + below, value.shape[2] + left + right)
        inputs = [value, sides, self._keep(np.array(number, np.float32))]
        return self._add("Pad", inputs[: 3 if mode == "constant" else 2], shape, mode=mode)

    def function(self, value: Value, op: str, **attributes: Any) -> Value:
        """An operator of ONNX on each number alone."""
        return self._add(op, [value], value.shape, **attributes)

    def bounded(self, value: Value, low: float, high: float) -> Value:
        ends = [self._keep(np.array(end, np.float32)) for end in (low, high)]
        return self._add("Clip", [value, *ends], value.shape)

    def both(self, op: str, value: Value, other: Value) -> Value:
        """An operator of ONNX on two values, of which one may have sides of 1 where the other has more."""
        shape = _common(value.shape, other.shape)
        return self._add(op, [self._as_wide(one, len(shape)) for one in (value, other)], shape)

    def with_number(self, op: str, value: Value, number: float, *, first: bool = False) -> Value:
        """The same with a number, which may come first."""
        held = self._keep(np.array(number, np.float32))
        return self._add(op, [held, value] if first else [value, held], value.shape)

    def _as_wide(self, value: Value, axes: int) -> Value:
        """With sides of 1 in front, as ONNX would have them before the batch."""
        return (
            self.shaped(value, (*[1] * (axes - len(value.shape)), *value.shape)) if len(value.shape) < axes else value
        )

    def scaled_along(self, value: Value, gain: Array | None, shift: Array | None, axis: int = 0) -> Value:
        """Times and plus numbers that lie along its axes from this one on."""
        for op, numbers in (("Mul", gain), ("Add", shift)):
            if numbers is None:
                continue
            covered = value.shape[axis : axis + numbers.ndim]
            agree(numbers.size == 1 or tuple(covered) == numbers.shape)
            wide = numbers.reshape(*numbers.shape, *[1] * (len(value.shape) - axis - numbers.ndim))
            value = self._add(op, [value, self._keep(np.ascontiguousarray(wide, np.float32))], value.shape)
        return value

    def shaped(self, value: Value, shape: Sequence[int]) -> Value:
        """The same numbers in another shape."""
        agree(min(shape, default=1) > 0 and prod(shape) == prod(value.shape))
        if tuple(shape) == value.shape:
            return value
        return self._add("Reshape", [value, self._keep(np.array([1, *shape], np.int64))], shape)

    def permuted(self, value: Value, order: Sequence[int]) -> Value:
        agree(sorted(order) == list(range(len(value.shape))))
        shape = [value.shape[axis] for axis in order]
        return self._add("Transpose", [value], shape, perm=[0, *(axis + 1 for axis in order)])

    def sliced(self, value: Value, axis: int, start: int, end: int) -> Value:
        """From one place on an axis to before another."""
        agree(0 <= axis < len(value.shape) and 0 <= start < end <= value.shape[axis])
        if (start, end) == (0, value.shape[axis]):
            return value
        lists = [self._keep(np.array([one], np.int64)) for one in (start, end, axis + 1)]
        shape = (*value.shape[:axis], end - start, *value.shape[axis + 1 :])
        return self._add("Slice", [value, *lists], shape)

    def parted(self, value: Value, axis: int, ends: Sequence[int]) -> list[Value]:
        """In parts that end before these places on an axis."""
        return [self.sliced(value, axis, *ways) for ways in zip((0, *ends[:-1]), ends, strict=True)]

    def in_row(self, values: Sequence[Value], axis: int) -> Value:
        """One behind the other on an axis."""
        first = values[0].shape
        agree(0 <= axis < len(first))
        agree(all(one.shape[:axis] + one.shape[axis + 1 :] == first[:axis] + first[axis + 1 :] for one in values))
        shape = (*first[:axis], sum(one.shape[axis] for one in values), *first[axis + 1 :])
        return values[0] if len(values) == 1 else self._add("Concat", values, shape, axis=axis + 1)

    def along(self, value: Value, op: str, axis: int, **attributes: Any) -> Value:
        """An operator of ONNX that goes along one axis and keeps the shape, as Softmax."""
        agree(0 <= axis < len(value.shape))
        return self._add(op, [value], value.shape, axis=axis + 1, **attributes)

    def reduced(self, value: Value, op: str, axes: Sequence[int], *, keep: bool = True) -> Value:
        """One number for all along these axes; `op` as ONNX has it, such as `ReduceMean`."""
        agree(len(axes) > 0 and all(0 <= axis < len(value.shape) for axis in axes))
        shape = [1 if axis in axes else side for axis, side in enumerate(value.shape)]
        given = [] if keep else list(axes)
        left = tuple(side for axis, side in enumerate(shape) if axis not in given)
        places = [axis + 1 for axis in axes]
        if op == "ReduceSum":
            return self._add(op, [value, self._keep(np.array(places, np.int64))], left, keepdims=int(keep))
        return self._add(op, [value], left, axes=places, keepdims=int(keep))

    def divided_by_length(self, value: Value, axes: Sequence[int], tiny: float) -> Value:
        """Of unit length along these axes."""
        length = self.reduced(value, "ReduceL2", axes)
        return self.both("Div", value, self.bounded(length, max(tiny, 1e-12), 3e38))

    def standardised(self, value: Value, axes: Sequence[int], tiny: float, *, scaled: bool = True) -> Value:
        """Without its mean along these axes, and with a variance of 1."""
        rest = self.both("Sub", value, self.reduced(value, "ReduceMean", axes))
        if not scaled:
            return rest
        variance = self.reduced(self.both("Mul", rest, rest), "ReduceMean", axes)
        return self.both("Div", rest, self.function(self.with_number("Add", variance, tiny), "Sqrt"))

    def resized(self, value: Value, sides: Sequence[int], mode: str, where: str) -> Value:
        """A map of another height and width; `mode` and `where` as ONNX's Resize has them."""
        agree(len(value.shape) == 3 and min(sides) > 0)
        size = self._keep(np.array([1, value.shape[0], *sides], np.int64))
        how: dict[str, Any] = {"mode": mode, "coordinate_transformation_mode": where}
        if mode == "nearest":
            how["nearest_mode"] = "floor"
        nothing = Value("", ())
        return self._add("Resize", [value, nothing, nothing, size], (value.shape[0], *sides), **how)

    def normed_around(self, value: Value, size: int, alpha: float, beta: float, bias: float) -> Value:
        """Divided by what the channels around come to (LRN, Krizhevsky et al., 2012)."""
        agree(len(value.shape) == 3 and 0 < size <= _LARGEST_STEP)
        return self._add("LRN", [value], value.shape, size=size, alpha=alpha, beta=beta, bias=bias)

    def repeated(self, value: Value, axis: int, times: int) -> Value:
        agree(0 <= axis < len(value.shape) and 0 < times <= _LARGEST_STEP)
        counts = self._keep(np.array([1, *(times if place == axis else 1 for place in range(len(value.shape)))]))
        shape = (*value.shape[:axis], value.shape[axis] * times, *value.shape[axis + 1 :])
        return self._add("Tile", [value, counts], shape)

    def shuffled(self, value: Value, groups: int) -> Value:
        """The channels of several groups in turn (Zhang et al., ShuffleNet, 2018)."""
        agree(len(value.shape) == 3 and groups > 0 and value.shape[0] % groups == 0)
        channels, *sides = value.shape
        apart = self.shaped(value, (groups, channels // groups, *sides))
        return self.shaped(self.permuted(apart, (1, 0, 2, 3)), value.shape)

    def multiplied(self, value: Value, other: Value, *, turned: bool = False) -> Value:
        """Two matrices, or rows of them; the second with its axes the other way round."""
        if turned:
            order = list(range(len(other.shape)))
            other = self.permuted(other, [*order[:-2], order[-1], order[-2]])
        agree(len(value.shape) == len(other.shape) >= 2 and value.shape[-1] == other.shape[-2])
        shape = (*_common(value.shape[:-2], other.shape[:-2]), value.shape[-2], other.shape[-1])
        return self._add("MatMul", [value, other], shape)

    def _add(self, op: str, inputs: Sequence[Value], shape: Sequence[int], **attributes: Any) -> Value:
        agree(min(shape, default=1) > 0 and prod(shape) <= _MOST)
        return super()._add(op, inputs, shape, **attributes)


def _common(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    """The shape that comes of two, where sides of 1 are as long as asked for."""
    axes = max(len(one), len(other))
    wide = [(*[1] * (axes - len(shape)), *shape) for shape in (one, other)]
    agree(all(a == b or 1 in (a, b) for a, b in zip(*wide, strict=True)))
    return tuple(max(sides) for sides in zip(*wide, strict=True))
