"""dlib's own files of networks: layers in their order, each with its name and its numbers, read without dlib.

How dlib writes numbers, tensors and layers stands in its dlib/serialize.h, dlib/cuda/tensor_tools.cpp and
dlib/dnn/layers.h (http://dlib.net). What is added to what is not in the file: it is taken to be a residual network as
dlib's examples have it, of blocks of two convolutions (dnn_face_recognition_ex.cpp).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from math import ldexp, prod
from pathlib import Path
from typing import Final

import numpy as np

from ...model import Array, Layer, NoTemplate, Run, Slot, Unrunnable
from ..layered.graph import Graph, Mismatch, Value, agree
from ..onnx.file import OnnxModel

_NAME: Final = re.compile(rb"\x01([\x03-\x20])(?=([a-z][a-z0-9]*_[a-z0-9_]*))")
_SIGN, _LENGTH = 0x80, 0x0F
_LARGEST_EXPONENT, _LARGEST_PLAIN = 1000, 1 << 62
_WITH_RAW_NUMBERS = 2  # the version of a tensor
_BLOCK = 2  # convolutions of a block


class DlibModel:
    """A network of dlib; see `Model`."""

    format = "dlib"
    inputs: tuple[Slot, ...] = ()
    outputs: tuple[Layer, ...] = ()

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        reader = _Reader(content)
        self._kernels: list[Array] = []
        self._model: OnnxModel | None = None
        loss = next(reader.names(), "")
        self._refusal = Unrunnable(f"a network of dlib for {loss[:40]}, not of the form that is known here")
        if loss.startswith("loss_mmod"):
            self._refusal = NoTemplate("a network of dlib that looks for things, at each place of a picture")
        else:
            self._build(_Residual(reader, self._kernels))
        count = sum(one.size for one in self._kernels)
        self.notes = (f"{count / 1e6:.2f} million weights of convolutions, for {loss[:40]}",)

    def _build(self, network: "_Residual") -> None:
        try:
            self._model = network.model()
        except Unrunnable as reason:
            self._refusal = reason
        except Mismatch:
            return
        else:
            self.inputs, self.outputs = self._model.inputs, self._model.outputs
        # What is added to what was supposed, so that it may do more than what is tried.
        self.rest = "what is added to what in it is not in the file"

    def weights(self) -> Iterator[Array]:
        return iter(self._kernels)

    def runner(self, inputs: Sequence[Slot]) -> Run:
        if self._model is None:
            raise self._refusal
        return self._model.runner(inputs)


class _Reader:
    """A stream of dlib's; raises `ValueError` where it ends too soon, or holds no such thing."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def names(self) -> Iterator[str]:
        """The names of the layers, one after another, each with what follows it to be read."""
        while found := _NAME.search(self._content, self._at):
            length = found[1][0]
            self._at = found.end() + length
            if len(found[2]) >= length:
                yield found[2][:length].decode("ascii")
            else:
                self._at = found.end()

    def number(self) -> int:
        """A whole number: sign and count of bytes, then these, the lowest first."""
        head = self._take(1)[0]
        value = int.from_bytes(self._take(head & _LENGTH), "little")
        return -value if head & _SIGN else value

    def peek(self) -> int:
        """The next whole number, which stays to be read."""
        at, value = self._at, self.number()
        self._at = at
        return value

    def numbers(self, count: int) -> list[int]:
        return [self.number() for _ in range(count)]

    def real(self) -> float:
        value, exponent = self.number(), self.number()
        if abs(exponent) > _LARGEST_EXPONENT or abs(value) > _LARGEST_PLAIN:
            raise ValueError("a number of no size that a network has")
        return ldexp(value, exponent)

    def tensor(self) -> Array:
        """All its numbers, float32, in one axis."""
        version, *sides = self.numbers(5)
        if version != _WITH_RAW_NUMBERS or min(sides) < 0:
            raise ValueError("a tensor as it is not known here")
        return np.frombuffer(self._take(4 * prod(sides)), "<f4")

    def _take(self, count: int) -> bytes:
        self._at += count
        if self._at > len(self._content):
            raise ValueError("a network of dlib that is cut short")
        return self._content[self._at - count : self._at]


class _Residual:
    """Follows the layers of a residual network."""

    def __init__(self, reader: _Reader, kernels: list[Array]) -> None:
        self._reader, self._kernels = reader, kernels
        self._graph, self._value = Graph(), Value("", ())
        self._given = self._value
        self._before: list[Value] = []  # what went into each convolution
        self._aside: Value | None = None  # what came out of a block that is made smaller

    def model(self) -> OnnxModel:
        """Raises `Mismatch`, `Unrunnable` or `ValueError`."""
        for name in self._reader.names():
            if name not in _LAYERS:
                raise Unrunnable(f"it has a layer {name[:40]} of dlib's, which is not known here")
            _LAYERS[name](self)
        agree(len(self._value.shape) == 1)
        return self._graph.model(self._given, [self._value])

    def start(self) -> None:
        means = [self._reader.real() for _ in "RGB"]
        sides = self._reader.numbers(2)
        self._given = Value("picture", (3, *sides))
        self._value = self._graph.centred(self._given, means, sides)

    def conv(self) -> None:
        numbers = self._reader.tensor()
        wide, height, width, *strides, high, wise = self._reader.numbers(7)
        shape = (wide, self._value.shape[0], height, width) if self._value.shape else (0,)
        size = prod(shape)
        agree(min(shape) > 0 and numbers.size in (size, size + wide) and len(set(strides)) == 1 and strides[0] > 0)
        kernel = numbers[:size].reshape(shape)
        self._kernels.append(kernel)
        self._before.append(self._value)
        bias = numbers[size:] if numbers.size > size else None
        self._value = self._graph.conv(self._value, kernel, bias, strides[0], (max(high, 0), max(wise, 0)))

    def affine(self) -> None:
        gains, shifts = np.split(self._reader.tensor()[: 2 * self._channels], 2)
        ones = np.ones(self._channels, np.float32)
        held = {"weight": gains, "bias": shifts, "running_mean": 0 * ones, "running_var": ones}
        self._value = self._graph.norm(self._value, held, 0.0)

    @property
    def _channels(self) -> int:
        agree(bool(self._value.shape))
        return self._value.shape[0]

    def relu(self) -> None:
        self._value = self._graph.each(self._value, "Relu")

    def largest(self) -> None:
        self._value = self._pooled("Max", self._value)

    def mean(self) -> None:
        """Over all places; or of what went into a block, to be added to what came out of it."""
        if len(self._before) < _BLOCK or self._reader.peek() == 0:
            self._reader.numbers(6)
            self._value = self._graph.mean(self._value)
            return
        self._aside, self._value = self._value, self._pooled("Average", self._before[-_BLOCK])

    def _pooled(self, kind: str, value: Value) -> Value:
        side, other, stride, same, pad, _ = self._reader.numbers(6)
        agree(side == other > 0 and stride == same > 0 and pad >= 0)
        return self._graph.pool(value, kind, side, stride, pad)

    def add(self) -> None:
        """What is smaller is taken to be zero where it is not."""
        agree(len(self._before) >= _BLOCK)
        self._value = self._graph.plus_all(self._value, self._aside or self._before[-_BLOCK])
        self._aside = None

    def matrix(self) -> None:
        wide, taken = self._reader.numbers(2)
        numbers = self._reader.tensor()
        size = wide * taken
        agree(min(wide, taken) > 0 and numbers.size in (size, size + wide))
        weight = np.ascontiguousarray(numbers[:size].reshape(taken, wide).T)
        self._value = self._graph.matrix(self._value, weight, numbers[size:] if numbers.size > size else None)


_LAYERS: Final[dict[str, Callable[[_Residual], None]]] = {
    "input_rgb_image_sized": _Residual.start,
    **dict.fromkeys(("con_4", "con_5"), _Residual.conv),
    "affine_": _Residual.affine,
    "relu_": _Residual.relu,
    "max_pool_2": _Residual.largest,
    "avg_pool_2": _Residual.mean,
    "add_prev_": _Residual.add,
    **dict.fromkeys(("fc_2", "fc_3"), _Residual.matrix),
}
