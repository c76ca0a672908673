"""ONNX models: read with `onnx`, run with ONNX Runtime on one thread."""

# The library's stubs leave its generated messages open, and ONNX Runtime has none.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from math import prod
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from onnx.external_data_helper import load_external_data_for_tensor

from ...layout import may_take_picture
from ...model import MOST_OUTPUTS, WORDS, Array, Layer, Run, Slot, Unrunnable, first_line, is_vector, worth_tapping
from .pictures import take_decoded
from .session import Apart, session_of
from .types import as_float32
from .weights import taken_out

_LARGEST = 1 << 30  # bytes that weights beside the model may have
_WIDTH = 8  # bytes of a number, at most
_DTYPES: dict[int, str] = {
    onnx.TensorProto.FLOAT: "float32",
    onnx.TensorProto.FLOAT16: "float16",
    onnx.TensorProto.DOUBLE: "float64",
    onnx.TensorProto.UINT8: "uint8",
    onnx.TensorProto.INT8: "int8",
    onnx.TensorProto.UINT16: "uint16",
    onnx.TensorProto.INT16: "int16",
    onnx.TensorProto.INT32: "int32",
    onnx.TensorProto.INT64: "int64",
    onnx.TensorProto.BOOL: "bool",
}
_LEARNED = ("Conv", "ConvInteger", "QLinearConv", "Gemm", "MatMul", "MatMulInteger")
# Libraries of operators that take words as words: none of theirs makes a picture of what a text holds.
_TAKE_WORDS = frozenset(("", "ai.onnx", "ai.onnx.ml", "com.microsoft"))
_BLOCKS = ("PRelu", "LpNormalization", "ConvInteger", "QLinearConv")


class OnnxModel:
    """An ONNX model; see `Model`."""

    format = "onnx"

    def __init__(self, content: bytes, folder: Path | None, _path: Path | None) -> None:
        try:
            rest, self._taken = taken_out(content)
            self._proto = onnx.load_model_from_string(rest)
        except DecodeError as error:
            raise ValueError("no ONNX model: its protocol buffer is broken") from error
        if not self._proto.graph.node:
            raise ValueError("no ONNX model: it has no graph")
        self._open(folder)

    @classmethod
    def of(cls, proto: onnx.ModelProto, weights: dict[str, Array]) -> "OnnxModel":
        """A graph that was made here; of these initializers, by name, it holds no numbers."""
        made = cls.__new__(cls)
        made._proto, made._taken = proto, weights
        made._open(None)
        return made

    def _open(self, folder: Path | None) -> None:
        self._apart = Apart()  # for all its sessions: of a thread that ended nobody knows how long it waited
        if len(self._proto.graph.output) > MOST_OUTPUTS:
            raise Unrunnable(f"it has {len(self._proto.graph.output)} outputs, which nobody looks at")
        try:
            self._read(folder)
        except TypeError as error:  # a name that is no UTF-8 comes as bytes
            raise ValueError("no ONNX model: it has names that are no text") from error

    def _read(self, folder: Path | None) -> None:
        self._missing = _load_beside(self._proto, folder)
        take_decoded(self._proto)
        as_float32(self._proto, self._taken)
        graph = self._proto.graph
        self._used = self._taken.keys() & _asked_for(graph)
        for tensor in list(graph.initializer):
            if tensor.name in self._used:
                tensor.data_location = onnx.TensorProto.EXTERNAL
                tensor.external_data.add(key="location", value="taken out")
            elif tensor.name in self._taken:
                graph.initializer.remove(tensor)
        stored = {tensor.name for tensor in graph.initializer}
        self._given = [value for value in graph.input if value.name not in stored]
        self.inputs = tuple(map(_slot, self._given))
        if {node.domain for node in _every_node(graph.node)} <= _TAKE_WORDS:
            self.inputs = tuple(map(_of_words, self._given, self.inputs))
        makers = {name: node.op_type for node in graph.node for name in node.output}
        self.outputs = tuple(Layer(_maker(self._proto, makers, value.name), _slot(value)) for value in graph.output)
        self.notes = tuple(_notes(self._proto))
        self.stored = None if self._missing or self._proto.functions else _count(self._proto)
        pictures = may_take_picture(self.inputs)
        self.rest = "it has a branch that may not have been taken" if pictures and _branches(self._proto) else ""

    def weights(self) -> Iterator[Array]:
        for tensor in _every_tensor(self._proto.graph):
            if tensor.name in self._taken:
                yield self._taken[tensor.name]
            elif tensor.data_type in _DTYPES and not tensor.external_data:
                with suppress(ValueError):  # its values do not fill its shape: the runtime will refuse it
                    yield numpy_helper.to_array(tensor)

    @property
    def unread(self) -> int:
        """Those in functions of the file are not counted."""
        return _LARGEST if self.stored is None else _WIDTH * (self.stored - sum(one.size for one in self.weights()))

    def runner(self, inputs: Sequence[Slot]) -> Run:
        if self._missing:
            raise Unrunnable(self._missing)
        try:
            return self._ready(inputs)
        except Unrunnable:
            if not self._proto.graph.value_info:
                raise
        del self._proto.graph.value_info[:]  # what is noted of shapes inside may be about pictures of another size
        return self._ready(inputs)

    def _ready(self, inputs: Sequence[Slot]) -> Run:
        tapped = self._proto  # changed in place: a copy of a large model is large
        del tapped.graph.output[len(self.outputs) :]
        _fix_shapes(tapped, dict(zip((value.name for value in self._given), inputs, strict=True)))
        tapped.graph.output.extend(_vectors_inside(tapped))
        apart = self._apart
        weights = {name: self._taken[name] for name in self._used}
        session = apart.do(lambda: session_of(tapped.SerializeToString(), weights))
        names = [value.name for value in self._given]

        def run(arrays: Sequence[Array]) -> list[Array]:
            fed = dict(zip(names, arrays, strict=True))
            return [np.asarray(one) for one in apart.do(lambda: session.run(None, fed))]

        return run


def _load_beside(proto: onnx.ModelProto, folder: Path | None) -> str:
    """Take in weights that lie beside the model, never outside its folder; what is amiss, or nothing."""
    beside = [tensor for tensor in _every_tensor(proto.graph) if tensor.external_data]
    if not beside:
        return ""
    if folder is None:
        return "its weights lie in another file, and only its own content was given"
    try:
        sizes = [_size_beside(tensor, folder) for tensor in beside]
        if sum(sizes) > _LARGEST:
            return "its weights are larger than 1 GiB"
        for tensor in beside:
            load_external_data_for_tensor(tensor, str(folder))
            tensor.data_location = onnx.TensorProto.DEFAULT
            del tensor.external_data[:]
    except Unrunnable as reason:
        return str(reason)
    except (OSError, ValueError, RuntimeError, onnx.checker.ValidationError) as error:
        return f"its weights cannot be read: {first_line(error)}"
    return ""


def _size_beside(tensor: onnx.TensorProto, folder: Path) -> int:
    """Bytes that a tensor asks for of the file beside the model; raises `Unrunnable` where that may not be read."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    path = (folder / entries.get("location", "")).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Unrunnable("its weights lie outside its folder, where nothing is read")
    if not path.is_file():
        raise Unrunnable("the file beside it that holds its weights is missing")
    return int(entries.get("length") or path.stat().st_size)


def _every_tensor(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """Of a graph and of the graphs in its nodes: weights and constants."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t,) if attribute.HasField("t") else ()
            yield from attribute.tensors
            for inner in (*((attribute.g,) if attribute.HasField("g") else ()), *attribute.graphs):
                yield from _every_tensor(inner)


def _asked_for(graph: onnx.GraphProto) -> set[str]:
    """Names of what its steps take, and of what it gives."""
    return {value.name for value in graph.output}.union(*(node.input for node in _every_node(graph.node)))


def _branches(proto: onnx.ModelProto) -> bool:
    """Whether there is a choice, and in a branch of it a step that is mostly learned, or a function of the file's."""
    called = {(one.domain, one.name) for one in proto.functions}
    steps = (node for one in (proto.graph, *proto.functions) for node in _every_node(one.node))
    chosen = (attribute.g for node in steps if node.op_type == "If" for attribute in node.attribute)
    inside = (node for one in chosen for node in _every_node(one.node))
    return any(node.op_type in _LEARNED or (node.domain, node.op_type) in called for node in inside)


def _every_node(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    for node in nodes:
        yield node
        for attribute in node.attribute:
            yield from _every_node(attribute.g.node)


def _slot(value: onnx.ValueInfoProto) -> Slot:
    tensor = value.type.tensor_type
    shape = tuple(side.dim_value if side.dim_value > 0 else None for side in tensor.shape.dim)
    return Slot(shape, _DTYPES.get(int(tensor.elem_type), "other"))


def _of_words(value: onnx.ValueInfoProto, slot: Slot) -> Slot:
    return Slot(slot.shape, WORDS) if value.type.tensor_type.elem_type == onnx.TensorProto.STRING else slot


def _maker(proto: onnx.ModelProto, makers: dict[str, str], name: str) -> str:
    """The operator that decides what an output is: the last that does more than move values about."""
    inputs = {output: node.input[0] for node in proto.graph.node if node.input for output in node.output}
    for _ in range(8):
        if makers.get(name) not in ("Reshape", "Flatten", "Identity", "Transpose", "Cast", "Squeeze", "QuantizeLinear"):
            break
        name = inputs.get(name, "")
    return makers.get(name, "")


def _notes(proto: onnx.ModelProto) -> Iterator[str]:
    operators = Counter(node.op_type for node in proto.graph.node)
    count = _count(proto)
    sizes = {tensor.name: tensor.dims for tensor in proto.graph.initializer}
    depthwise = sum(_is_depthwise(node, sizes) for node in proto.graph.node)
    blocks = [f"{operators[name]} {name}" for name in _BLOCKS if operators[name]]
    blocks += [f"{depthwise} depthwise convolutions"] * bool(depthwise)
    yield ", ".join([f"{count / 1e6:.2f} million weights", f"{sum(operators.values())} nodes", *blocks])


def _count(proto: onnx.ModelProto) -> int:
    """Numbers that are stored; of sparse tensors those that are not zero."""
    given = [one for node in _every_node(proto.graph.node) for one in node.attribute]
    sparse = [*proto.graph.sparse_initializer, *(one.sparse_tensor for one in given)]
    tensors = [*_every_tensor(proto.graph), *(one.values for one in sparse if one.values.dims)]
    held = sum(max(prod(tensor.dims), 0) for tensor in tensors)
    return held + sum(len(one.floats) + len(one.ints) + len(one.s) for one in given)


def _is_depthwise(node: onnx.NodeProto, sizes: Mapping[str, Sequence[int]]) -> bool:
    shape = sizes.get(node.input[1]) if len(node.input) > 1 else None
    return "Conv" in node.op_type and bool(shape) and len(shape or ()) == 4 and (shape or (0, 0))[1] == 1


def _fix_shapes(proto: onnx.ModelProto, slots: dict[str, Slot]) -> None:
    """Write full shapes into the inputs, so that the shapes inside can be worked out."""
    for value in proto.graph.input:
        if value.name in slots:
            dims = value.type.tensor_type.shape
            dims.ClearField("dim")
            for side in slots[value.name].shape:
                dims.dim.add().dim_value = side or 1


def _vectors_inside(proto: onnx.ModelProto) -> Iterable[onnx.ValueInfoProto]:
    """The last tensors inside that are one vector, as outputs."""
    try:
        known = onnx.shape_inference.infer_shapes(proto).graph
    except Exception:  # noqa: BLE001 - of a graph that breaks the rules only the outputs are looked at
        return []
    shapes = {value.name: value for value in known.value_info}
    outputs = {value.name for value in proto.graph.output}
    made = [name for node in proto.graph.node for name in node.output if name in shapes and name not in outputs]
    return worth_tapping(
        [shapes[name] for name in made if is_vector(_slot(shapes[name]))], lambda one: _slot(one).shape
    )
