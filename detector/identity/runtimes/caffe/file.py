"""Caffe, `.caffemodel`: a protocol buffer of layers with their settings and weights; a `.prototxt` beside it may say
for which size of picture.

Fields are numbered as in caffe.proto (github.com/BVLC/caffe, src/caffe/proto), those of 16 bits as NVIDIA's Caffe and
OpenCV number them. Networks of before 2015 have theirs in `layers`, with numbers for kinds.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import Final

import numpy as np

from ....protobuf import by_number, signed
from ...model import Array, Unrunnable
from ..layered.layer_list import Listed, ListedModel, Shape, Step
from ..layered.settings import Settings
from .steps import SETTINGS, WAYS, ends

_NET: Final = {"name": 1, "layers": 2, "input": 3, "input_dim": 4, "input_shape": 8, "layer": 100}
_LAYER: Final = {"name": 1, "type": 2, "bottom": 3, "top": 4, "blobs": 7, "transform": 100, "input": 143}
_OLDER: Final = {"bottom": 2, "top": 3, "name": 4, "type": 5, "blobs": 6, "transform": 36, "input": 1 << 28, "layer": 1}
_BLOB: Final = {"data": 5, "shape": 7, "double_data": 8, "raw_data_type": 10, "raw_data": 12}
_SIDES: Final = (1, 2, 3, 4)  # of a blob of before its shape was written down
_RAW: Final = {0: "<f8", 1: "<f4", 2: "<f2"}
_KINDS: Final = {
    1: "Accuracy", 2: "BNLL", 3: "Concat", 4: "Convolution", 5: "Data", 6: "Dropout", 7: "EuclideanLoss", 8: "Flatten",
    9: "HDF5Data", 10: "HDF5Output", 12: "ImageData", 13: "InfogainLoss", 14: "InnerProduct", 15: "LRN",
    16: "MultinomialLogisticLoss", 17: "Pooling", 18: "ReLU", 19: "Sigmoid", 20: "Softmax", 21: "SoftmaxWithLoss",
    22: "Split", 23: "TanH", 24: "WindowData", 25: "Eltwise", 26: "Power", 27: "SigmoidCrossEntropyLoss",
    28: "HingeLoss", 29: "MemoryData", 30: "ArgMax", 31: "Threshold", 32: "DummyData", 33: "Slice", 34: "MVN",
    35: "AbsVal", 36: "Silence", 37: "ContrastiveLoss", 38: "Exp", 39: "Deconvolution",
}  # fmt: skip
_LOSS: Final = 101  # the last field of a layer of which every kind may have one; those of its own kind come after
_CROP: Final = {"crop_size": 3}
_SHAPE: Final = {"dim": 1}
_DATA: Final = ("Data", "ImageData", "MemoryData", "HDF5Data", "WindowData", "AnnotatedData")
_LONGEST_TEXT, _MOST_TEXTS = 1 << 20, 32  # bytes of a .prototxt, and of how many
_GIVEN_SHAPE: Final = re.compile(rb"\b(?:input_shape|shape)\s*(?::\s*)?\{((?:\s*dim\s*:\s*\d{1,5})+)\s*\}")
_GIVEN_SIDES: Final = re.compile(rb"((?:\binput_dim\s*:\s*\d{1,5}\s*){4})")
_WHOLE: Final = re.compile(rb"\d+")
_A_PICTURE: Final = 4  # axes, the batch among them


class CaffeModel(ListedModel):
    """A network of Caffe; see `Model`."""

    format = "caffe"

    def __init__(self, content: bytes, _folder: Path | None, path: Path | None) -> None:
        super().__init__()
        try:
            network = _read(memoryview(content), path)
        except (LookupError, ArithmeticError, UnicodeDecodeError) as error:
            raise ValueError(f"no network of Caffe ({type(error).__name__})") from error
        self.open(network)


def _read(content: memoryview, path: Path | None) -> Listed:
    net = Settings(content, _NET)
    newer = net.messages("layer")
    read = [_layer(one, _LAYER) for one in newer] or [_layer(one, _OLDER) for one in net.messages("layers")]
    steps, unseen = list[Step](), set[str]()
    inputs = dict(_declared(net))
    for raw, step in read:
        if step.kind in _DATA and step.gives:
            inputs.setdefault(step.gives[0], (None, *_cropped(raw)))
            unseen |= set(step.gives[1:])
        elif step.kind == "Input":
            inputs |= dict(zip(step.gives, _shapes_of(raw.inner("input", {"shape": 1}), len(step.gives)), strict=True))
        else:
            steps.append(step)
    if not inputs and steps:
        inputs |= dict.fromkeys(steps[0].takes, (None, None, None))
    texts = _texts_beside(path)
    known = dict(_known(inputs, steps, [one for one in texts if path and one.stem == path.stem]))
    sizes = _sizes_in(texts, next(iter(known.values()))[0]) if known else []
    return Listed(steps, known, WAYS, ends, frozenset(unseen - inputs.keys()), sizes=sizes, bound=False)


def _declared(net: Settings) -> Iterator[tuple[str, Shape]]:
    """What the network says that it takes: names, and a shape or four numbers for each."""
    names, sides = net.words("input"), net.wholes("input_dim")
    shapes = [Settings(one, _SHAPE).wholes("dim") for one in net.messages("input_shape")]
    shapes = shapes or [sides[at : at + _A_PICTURE] for at in range(0, len(sides), _A_PICTURE)]
    for place, name in enumerate(names):
        yield name, tuple(shapes[place][1:]) if place < len(shapes) else (None, None, None)


def _shapes_of(given: Settings, count: int) -> list[Shape]:
    """Of an input layer: one for all, or one each."""
    shapes: list[Shape] = [tuple(Settings(one, _SHAPE).wholes("dim")[1:]) for one in given.messages("shape")]
    shapes = shapes or [(None, None, None)]
    return shapes if len(shapes) == count else shapes[:1] * count


def _cropped(raw: Settings) -> Shape:
    side = raw.inner("transform", _CROP).whole("crop_size") or None
    return side, side


def _known(inputs: dict[str, Shape], steps: list[Step], texts: list[Path]) -> Iterator[tuple[str, Shape]]:
    """With the channels that the first convolution takes, and with the size that the text of the file's name names."""
    for place, (name, shape) in enumerate(inputs.items()):
        if None not in shape:
            yield name, tuple(side if side and side > 0 else None for side in shape)
            continue
        channels = next((_channels(step) for step in steps if name in step.takes and step.kind == "Convolution"), 3)
        named = _sizes_in(texts, channels) if place == 0 and None in shape[1:] else []
        yield name, (channels, *(named[0] if len(named) == 1 else shape[1:]))


def _channels(step: Step) -> int:
    groups = step.settings.whole("group", 1)
    return step.weights[0].shape[1] * groups if step.weights and step.weights[0].ndim == _A_PICTURE else 3


def _texts_beside(path: Path | None) -> list[Path]:
    """Those in the folder of a file, the one of its name first; others may be of other networks."""
    texts = path.parent.glob("*.prototxt") if path else ()
    return sorted(texts, key=lambda one: (path is None or one.stem != path.stem, one))[:_MOST_TEXTS]


def _sizes_in(texts: list[Path], channels: int | None) -> list[tuple[int, int]]:
    """Heights and widths that they name."""
    return list(dict.fromkeys(size for one in texts if (size := _size_in(one, channels))))


def _size_in(place: Path, channels: int | None) -> tuple[int, int] | None:
    with suppress(OSError):
        if place.is_symlink() or not place.is_file() or place.stat().st_size > _LONGEST_TEXT:
            return None
        content = place.read_bytes()
        found = _GIVEN_SHAPE.search(content) or _GIVEN_SIDES.search(content)
        sides = [int(one) for one in _WHOLE.findall(found[1])] if found else []
        if len(sides) == _A_PICTURE and sides[1] == channels and min(sides) > 0:
            return sides[2], sides[3]
    return None


def _layer(raw: memoryview, names: dict[str, int]) -> tuple[Settings, Step]:
    held = Settings(raw, names)
    if names is _OLDER and held.has("layer"):
        raise Unrunnable("a network of Caffe of before 2014; upgrade_net_proto_binary makes a newer one of it")
    kind = held.word("type") if names is _LAYER else _KINDS.get(held.whole("type"), "of no known kind")
    settings = Settings(None, {})
    if message := SETTINGS.get(kind):
        settings = Settings(_own(raw, message.place if names is _LAYER else message.older), message.names).apart()
    weights = tuple(map(_blob, held.messages("blobs")))
    return held, Step(kind, held.word("name"), tuple(held.words("bottom")), tuple(held.words("top")), settings, weights)


def _own(raw: memoryview, place: int) -> memoryview | None:
    """The settings of a layer; where they are not at their place, those at another, as other Caffes number them."""
    held = by_number(raw)
    others = [number for number in held if number > _LOSS]
    return held[place][0] if held[place] else held[others[0]][0] if len(others) == 1 else None


def _blob(raw: memoryview) -> Array:
    """Its numbers, in 32 bits; the shape as the file has it, of four sides in older ones."""
    held = by_number(raw)
    if held[_BLOB["data"]]:
        flat = np.concatenate([np.frombuffer(one, "<f4") for one in held[_BLOB["data"]]])
    elif held[_BLOB["double_data"]]:
        flat = np.concatenate([np.frombuffer(one, "<f8") for one in held[_BLOB["double_data"]]])
    elif held[_BLOB["raw_data"]]:
        kind = next(iter(signed(held[_BLOB["raw_data_type"]][0])), 1)
        if kind not in _RAW:
            raise Unrunnable("it holds whole numbers for weights, which are not read here")
        flat = np.concatenate([np.frombuffer(one, _RAW[kind]) for one in held[_BLOB["raw_data"]]])
    else:
        flat = np.zeros(0, np.float32)
    shape = Settings(held[_BLOB["shape"]][0], _SHAPE).wholes("dim") if held[_BLOB["shape"]] else []
    if not held[_BLOB["shape"]]:
        shape = [next(iter(signed(held[number][0])), 0) if held[number] else 0 for number in _SIDES]
        shape = shape[2:] if shape[:2] == [1, 1] else shape  # a matrix, or a row
    if min(shape, default=1) < 0 or prod(shape) != flat.size:
        raise ValueError("a network of Caffe with weights that do not fill their shapes")
    return flat.astype(np.float32).reshape(shape)
