"""TensorFlow.js: a JSON file with the graph, or with nothing but a list of weights, and their numbers beside it."""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ...model import Array, NoTemplate, Unrunnable
from ...shapes import hint
from ..keras.graph import by_layer, steps_of
from ..weights.known import built
from .model import TensorflowModel
from .node import Node

_LARGEST = 1 << 30  # bytes of numbers beside the model
_KINDS = {"float32": "<f4", "int32": "<i4", "bool": "|b1", "float16": "<f2", "uint8": "|u1", "uint16": "<u2"}


class _Quantised(msgspec.Struct, frozen=True):
    dtype: str
    scale: float = 1.0
    min: float = 0.0


class _Weight(msgspec.Struct, frozen=True):
    name: str
    shape: tuple[int, ...]
    dtype: str
    quantization: _Quantised | None = None

    @property
    def stored(self) -> str:
        return _KINDS[self.quantization.dtype if self.quantization else self.dtype]

    @property
    def torch_shape(self) -> tuple[int, ...]:
        return (*self.shape[::-1][:2], *self.shape[:2]) if len(self.shape) == 4 else self.shape[::-1]


class _Group(msgspec.Struct, frozen=True):
    weights: tuple[_Weight, ...]
    paths: tuple[str, ...] = ()


class _Output(msgspec.Struct, frozen=True):
    name: str = ""


class _Signature(msgspec.Struct, frozen=True):
    outputs: dict[str, _Output] = {}


class _Metadata(msgspec.Struct, frozen=True):
    signature: _Signature | None = None


class _Whole(msgspec.Struct, frozen=True, rename="camel"):
    weights_manifest: tuple[_Group, ...] = ()
    model_topology: dict[str, Any] = {}
    signature: _Signature | None = None
    user_defined_metadata: _Metadata | None = None  # where older converters put it

    @property
    def named(self) -> list[str]:
        """What it says that it gives."""
        metadata = self.user_defined_metadata or _Metadata()
        signature = self.signature or metadata.signature or _Signature()
        return [one.name or key for key, one in signature.outputs.items()]


class TfjsModel(TensorflowModel):
    """A model of TensorFlow.js; see `Model`."""

    format = "tfjs"

    def __init__(self, content: bytes, folder: Path | None, _path: Path | None) -> None:
        super().__init__()
        whole = _read(content)
        listed = [one for group in whole.weights_manifest for one in group.weights]
        count = sum(prod(one.shape) for one in listed)
        self.notes = (f"{count / 1e6:.2f} million weights", *hint(one.torch_shape for one in listed))
        try:
            graph = _graph(whole.model_topology)
            if _takes_words(graph) and not whole.model_topology.get("library"):
                raise NoTemplate("it takes words alone, and no step of it makes pictures of them")
            self.numbers = _load(whole.weights_manifest, folder)
            if not whole.model_topology and (found := built(dict(_as_of_torch(self.numbers)))):
                self.put_together(found)
                return
            self.open(*self._steps(graph, whole.model_topology), whole.named)
        except Unrunnable as reason:
            self.refusal = reason

    def _steps(self, graph: list[Node], topology: dict[str, Any]) -> tuple[list[Node], Mapping[str, Array]]:
        """Of a graph, or of layers of Keras."""
        if network := topology.get("model_config") or (topology if "class_name" in topology else None):
            held = by_layer(self.numbers)
            return steps_of(network, lambda name, _kind, _settings: held.get(name, {}))
        if not graph:
            raise Unrunnable("it holds weights and no graph that is run here; convert it to ONNX to have it tried")
        return graph, self.numbers


def _as_of_torch(numbers: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    """The weights of face-api.js, by the names and in the order of axes that PyTorch has for such."""
    for name, one in numbers.items():
        path, _, last = name.replace("/", ".").rpartition(".")
        if one.ndim == len("HWIO"):
            yield f"{path}.weight", one.transpose(3, 2, 0, 1).astype(np.float32)
        elif one.ndim == len("IO"):
            yield f"{path}.{last}.weight".lstrip("."), one.T.astype(np.float32)
        else:
            yield f"{path}.{last.replace('weights', 'weight').replace('biases', 'bias')}", one.astype(np.float32)
        if last == "weights":  # of a factor and a summand for each channel
            yield f"{path}.running_mean", np.zeros(one.shape, np.float32)
            yield f"{path}.running_var", np.ones(one.shape, np.float32)


# Steps that read what words hold.
_READS = ("Decode", "Parse", "StringTo", "PyFunc")


def _graph(topology: dict[str, Any]) -> list[Node]:
    try:
        return msgspec.convert(topology.get("node", []), list[Node])
    except msgspec.ValidationError as error:
        raise ValueError(f"no model of TensorFlow.js ({error})") from error


def _takes_words(graph: list[Node]) -> bool:
    """Whether all inputs are words, and no step reads numbers or pictures out of them."""
    given = [node.attr.get("dtype", {}).get("type") for node in graph if node.op == "Placeholder"]
    return set(given) == {"DT_STRING"} and not any(node.op.startswith(_READS) for node in graph)


def _read(content: bytes) -> _Whole:
    """`model.json`, or the list of weights that face-api.js has in its place."""
    try:
        if content.lstrip().startswith(b"["):
            return _Whole(msgspec.json.decode(content, type=tuple[_Group, ...]))
        return msgspec.json.decode(content, type=_Whole)
    except msgspec.MsgspecError:
        try:
            loose: dict[str, Any] = msgspec.json.decode(content)  # a model of layers has another topology
            return _Whole(msgspec.convert(loose["weightsManifest"], tuple[_Group, ...]))
        except (msgspec.MsgspecError, KeyError, TypeError) as error:
            raise ValueError(f"no model of TensorFlow.js ({error})") from error


def _load(groups: Sequence[_Group], folder: Path | None) -> dict[str, Array]:
    """The numbers of every weight; raises `Unrunnable` where they are not there."""
    if folder is None:
        raise Unrunnable("its weights lie in other files, and only its own content was given")
    found: dict[str, Array] = {}
    for group in groups:
        data, place = b"".join(_part(folder, path) for path in group.paths), 0
        for one in group.weights:
            if one.dtype not in _KINDS or (one.quantization and one.quantization.dtype not in _KINDS):
                raise Unrunnable(f"it has weights of {one.dtype[:20]}, which are not read here")
            size = prod(one.shape) * np.dtype(one.stored).itemsize
            if place + size > len(data) or min(one.shape, default=0) < 0:
                raise Unrunnable("the files beside it hold fewer weights than it names")
            found[one.name] = _numbers(one, data[place : place + size])
            place += size
    return found


def _numbers(one: _Weight, data: bytes) -> Array:
    stored = np.frombuffer(data, one.stored).reshape(one.shape)
    if one.quantization is None:
        return stored
    real = stored.astype(np.float32)
    if one.quantization.dtype != "float16":
        real = real * np.float32(one.quantization.scale) + np.float32(one.quantization.min)
    return real if one.dtype == "float32" else np.rint(real).astype(_KINDS[one.dtype])


def _part(folder: Path, name: str) -> bytes:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Unrunnable("its weights lie outside its folder, where nothing is read")
    if not path.is_file():
        raise Unrunnable("the files beside it that hold its weights are missing")
    if path.stat().st_size > _LARGEST:
        raise Unrunnable("its weights are larger than 1 GiB")
    return path.read_bytes()
