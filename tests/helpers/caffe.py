"""Networks of Caffe, written as protocol buffers without Caffe."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.graphs import field, number

Weights = NDArray[Any]
FIELDS = {
    "Convolution": 106, "Deconvolution": 106, "ConvolutionDepthwise": 106, "InnerProduct": 117, "Pooling": 121,
    "ReLU": 123, "ELU": 140, "Power": 122, "Exp": 111, "Log": 134, "Scale": 142, "Bias": 141, "BatchNorm": 139,
    "LRN": 118, "Concat": 104, "Slice": 126, "Eltwise": 110, "Softmax": 125, "Normalize": 206, "Reshape": 133,
    "Flatten": 135, "Permute": 202, "Crop": 144, "Reduction": 136, "Tile": 138, "MVN": 120, "ShuffleChannel": 164,
    "Input": 143, "Data": 100, "Dropout": 108, "Upsample": 300, "Interp": 147,
}  # fmt: skip
OLDER = {"Convolution": 10, "InnerProduct": 17, "Pooling": 19, "Softmax": 39, "ReLU": 30, "Data": 36}
KINDS = {
    "Convolution": 4,
    "InnerProduct": 14,
    "Pooling": 17,
    "Softmax": 20,
    "ReLU": 18,
    "Data": 5,
    "SoftmaxWithLoss": 21,
}


def dims(*sides: int) -> bytes:
    return field(1, b"".join(map(number, sides)))


def blob(value: Weights) -> bytes:
    value = np.asarray(value)
    held = field(7, dims(*value.shape))
    if value.dtype == np.float16:
        return held + field(10, 2) + field(12, value.tobytes())
    if value.dtype == np.float64:
        return held + field(8, value.tobytes())
    return held + field(5, value.astype(np.float32).tobytes())


def older_blob(value: Weights) -> bytes:
    shape = (1,) * (4 - np.ndim(value)) + np.shape(value)
    sides = b"".join(field(place, side) for place, side in enumerate(shape, 1))
    return sides + field(5, np.asarray(value, np.float32).tobytes())


def layer(
    kind: str, name: str, takes: str = "", gives: str = "", weights: tuple[Weights, ...] = (), **settings: Any
) -> bytes:
    """A layer; settings by the numbers of their fields, `_1=3`, or several `_4=[3, 5]`."""
    held = field(1, name.encode()) + field(2, kind.encode())
    held += b"".join(field(3, one.encode()) for one in takes.split())
    held += b"".join(field(4, one.encode()) for one in (gives or name).split())
    held += b"".join(field(7, blob(one)) for one in weights)
    return field(100, held + (field(FIELDS[kind], message(settings)) if settings else b""))


def older(
    kind: str, name: str, takes: str = "", gives: str = "", weights: tuple[Weights, ...] = (), **settings: Any
) -> bytes:
    """The same as before 2015."""
    held = b"".join(field(2, one.encode()) for one in takes.split())
    held += b"".join(field(3, one.encode()) for one in (gives or name).split())
    held += field(4, name.encode()) + field(5, KINDS[kind]) + b"".join(field(6, older_blob(one)) for one in weights)
    return field(2, held + (field(OLDER[kind], message(settings)) if settings else b""))


def message(settings: dict[str, Any]) -> bytes:
    return b"".join(
        field(int(name[1:]), one)
        for name, value in settings.items()
        for one in (value if isinstance(value, list) else [value])
    )


def net(*layers: bytes, name: str = "net") -> bytes:
    return field(1, name.encode()) + b"".join(layers)


def given(*shape: int, name: str = "data") -> bytes:
    return layer("Input", name, _1=dims(*shape))
