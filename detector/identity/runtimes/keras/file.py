"""Keras: an HDF5 file with layers and weights, or with weights alone; and a zip of both, as Keras 3 writes it.

Read with `h5py`. No code that a file holds is run: a layer of somebody's own ends the look.
"""

# h5py has no stubs, and settings are whatever the file says.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportMissingTypeStubs=false
# pyright: reportUnknownLambdaType=false

import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import msgspec
import numpy as np

from ...model import Array, Unrunnable, first_line
from ...shapes import hint
from ..tensorflow.model import TensorflowModel
from ..weights.known import built
from .graph import by_layer, networks_in, steps_of
from .names import as_of_torch

_LARGEST = 1 << 30  # bytes of the numbers
_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_LEARNED = ("kernel", "bias")
# What Keras 3 leaves out: which of a layer's numbers is which.
_ORDERS: dict[str, tuple[str, ...]] = {
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "SeparableConv2D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "PReLU": ("alpha",),
}
_LEFT_OUT = {"gamma": "scale", "beta": "center"}  # and the settings that say so


class HdfModel(TensorflowModel):
    """A HDF5 file; see `Model`."""

    format = "hdf5"

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        super().__init__()
        try:
            with h5py.File(BytesIO(content), "r") as file:
                self.numbers = dict(_numbers(file))
                config, order = file.attrs.get("model_config"), _order(file)
        except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
            raise ValueError(f"no HDF5 file that can be read: {first_line(error)}") from error
        held = by_layer(self.numbers)
        _look(self, config, lambda name, _kind, _settings: held.get(name, {}), order)


class KerasModel(TensorflowModel):
    """A zip of Keras 3; see `Model`."""

    format = "keras"

    def __init__(self, content: bytes, _folder: Path | None, _path: Path | None) -> None:
        super().__init__()
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                config, packed = (_member(archive, name) for name in (_CONFIG, _WEIGHTS))
            with h5py.File(BytesIO(packed), "r") as file:
                self.numbers = dict(_numbers(file))
        except (OSError, RuntimeError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
            raise ValueError(f"no Keras file that can be read: {first_line(error)}") from error
        places = dict(_places(_decoded(config)))
        _look(self, config, lambda name, kind, settings: _listed(self.numbers, places.get(name, ""), kind, settings))


def _look(model: TensorflowModel, config: Any, weights: Any, order: Sequence[str] = ()) -> None:
    """Take in the graph, where there is one; else put it together where the weights are of a known one."""
    count = sum(one.size for one in model.numbers.values())
    shapes = (
        one.shape[::-1][:2] + one.shape[:2] if one.ndim == 4 else one.shape[::-1] for one in model.numbers.values()
    )
    model.notes = (f"{count / 1e6:.2f} million weights", *hint(shapes))
    try:
        if config is not None:
            model.open(*steps_of(_decoded(config), weights))
        elif found := built(as_of_torch(model.numbers, order)):
            model.put_together(found)
        else:
            raise Unrunnable("it holds weights and no graph; convert the whole network to ONNX to have it tried")
    except Unrunnable as reason:
        model.refusal = reason


def _decoded(config: str | bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(config, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise ValueError(f"no network of Keras ({error})") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _LARGEST:
        raise ValueError("it holds more than 1 GiB of weights")
    return archive.read(name)


def _numbers(file: Any) -> Iterator[tuple[str, Array]]:
    """All arrays of real numbers in the file itself, but what an optimizer has noted."""
    found: dict[str, Any] = {}
    file.visititems(lambda name, one: found.update({name: one}) if isinstance(one, h5py.Dataset) else None)
    own = {
        name: one for name, one in found.items() if not one.external and not one.is_virtual and one.dtype.kind == "f"
    }
    if sum(one.size * one.dtype.itemsize for one in own.values()) > _LARGEST:
        raise ValueError("it holds more than 1 GiB of weights")
    for name, one in own.items():
        if not name.startswith("optimizer"):
            yield name, np.asarray(one[()], np.float32)


def _order(file: Any) -> list[str]:
    """The names of its layers, as they follow each other."""
    listed = file.get("model_weights", file).attrs.get("layer_names", ())
    return [one.decode(errors="replace") if isinstance(one, bytes) else str(one) for one in listed]


def _places(model: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Of each layer where its weights lie: by its kind, and a count of those before it."""
    counts: Counter[str] = Counter()
    for name, kind, inner in networks_in(model):
        own = _snake(kind)
        place = f"{above}layers/{own}{f'_{counts[own]}' * bool(counts[own])}/"
        counts[own] += 1
        yield name, place
        if inner:
            yield from _places(inner, place)


def _snake(kind: str) -> str:
    """As Keras writes the name of a class: `Conv2D` is conv2d, `PReLU` is p_re_lu."""
    parted = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", parted).lower()


def _listed(numbers: Mapping[str, Array], place: str, kind: str, settings: Mapping[str, Any]) -> Mapping[str, Array]:
    held = [numbers[name] for number in range(8) if (name := f"{place}vars/{number}") in numbers]
    order = [one for one in _ORDERS.get(kind, _LEARNED) if settings.get(_LEFT_OUT.get(one, ""), True)]
    return dict(zip(order, held, strict=False))
