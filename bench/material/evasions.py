"""Ways to hide a face recogniser in an ONNX file, each made from a good model; and one near-miss."""

# The library's stubs leave its generated messages open.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ...detector.identity.model import Array

Change = Callable[[onnx.ModelProto], None]
_GALLERY = 16
_SHARPNESS = 16.0


def evade(content: bytes, change: Change) -> bytes:
    """A changed copy of a model with one picture in and one vector out."""
    proto = onnx.load_model_from_string(content)
    stored = {tensor.name for tensor in proto.graph.initializer}
    inputs = [value for value in proto.graph.input if value.name not in stored]  # older files list weights as well
    del proto.graph.input[:]
    proto.graph.input.extend(inputs)
    _newer(proto)
    change(proto)
    return proto.SerializeToString()


def _newer(proto: onnx.ModelProto) -> None:
    """Operators of one known age, so that what is added fits."""
    if proto.opset_import[0].version < 13:
        proto.CopyFrom(onnx.version_converter.convert_version(proto, 13))


def width(proto: onnx.ModelProto) -> int:
    return max(side.dim_value for side in proto.graph.output[0].type.tensor_type.shape.dim)


def rename(proto: onnx.ModelProto) -> None:
    """Every name and every word taken out."""
    names: dict[str, str] = {}

    def new(name: str) -> str:
        return names.setdefault(name, f"t{len(names)}") if name else ""

    for node in proto.graph.node:
        node.name = node.doc_string = ""
        node.input[:], node.output[:] = [new(one) for one in node.input], [new(one) for one in node.output]
    for one in (*proto.graph.input, *proto.graph.output, *proto.graph.initializer):
        one.name = new(one.name)
    del proto.graph.value_info[:], proto.metadata_props[:]
    proto.graph.name, proto.producer_name, proto.doc_string = "g", "", ""


def free_axes(proto: onnx.ModelProto) -> None:
    """The size of the picture, and the batch, left open."""
    for place, side in enumerate(proto.graph.input[0].type.tensor_type.shape.dim):
        if place != 1:
            side.dim_param = f"d{place}"
    del proto.graph.value_info[:]
    del proto.graph.output[0].type.tensor_type.shape.dim[:]


def half(proto: onnx.ModelProto) -> None:
    """Weights, inputs and outputs in 16 bits."""
    for tensor in proto.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name))
    for node in proto.graph.node:
        for one in node.attribute:
            if one.name == "value" and one.t.data_type == TensorProto.FLOAT:
                one.t.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(one.t).astype(np.float16)))
    for value in (*proto.graph.input, *proto.graph.output):
        value.type.tensor_type.elem_type = TensorProto.FLOAT16
    del proto.graph.value_info[:]


def quantise(proto: onnx.ModelProto) -> None:
    """Weights in 8 bits, as ONNX Runtime's dynamic quantisation makes them."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.onnx", Path(folder) / "after.onnx"
        onnx.save(proto, before)
        quantize_dynamic(before, after, weight_type=QuantType.QUInt8)
        proto.CopyFrom(onnx.load(after))


def normalise(proto: onnx.ModelProto) -> None:
    """Templates of unit length."""
    _append(proto, [width(proto)], helper.make_node("LpNormalization", ["in"], ["out"], axis=1))


def to_four_axes(proto: onnx.ModelProto) -> None:
    """The template as a map of one place."""
    shape = [-1, width(proto), 1, 1]
    _append(proto, shape[1:], helper.make_node("Reshape", ["in", "c"], ["out"]), c=np.array(shape))


def project(size: int) -> Change:
    """A change that mixes the template into fewer values."""

    def change(proto: onnx.ModelProto) -> None:
        mixer = np.random.default_rng(size).standard_normal((width(proto), size)).astype(np.float32)
        _append(proto, [size], helper.make_node("MatMul", ["in", "c"], ["out"]), c=mixer)

    return change


def squash(proto: onnx.ModelProto) -> None:
    """A softmax over the template."""
    _append(proto, [width(proto)], helper.make_node("Softmax", ["in"], ["out"], axis=1))


def take_raw_pictures(proto: onnx.ModelProto) -> None:
    """Whole pictures in, uint8, channels last, 224x224: resized and scaled inside."""
    value = proto.graph.input[0]
    height, wide = (side.dim_value for side in value.type.tensor_type.shape.dim[2:])
    inner = value.name
    constants = {"raw_scales": np.array([1, 1, height / 224, wide / 224], np.float32), "raw_mean": np.float32(127.5)}
    proto.graph.initializer.extend(numpy_helper.from_array(np.asarray(one), name) for name, one in constants.items())
    steps = [
        helper.make_node("Cast", ["raw"], ["raw_f"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["raw_f"], ["raw_t"], perm=[0, 3, 1, 2]),
        helper.make_node("Resize", ["raw_t", "", "raw_scales"], ["raw_r"], mode="linear"),
        helper.make_node("Sub", ["raw_r", "raw_mean"], ["raw_s"]),
        helper.make_node("Div", ["raw_s", "raw_mean"], [inner]),
    ]
    nodes = [*steps, *proto.graph.node]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
    value.CopyFrom(helper.make_tensor_value_info("raw", TensorProto.UINT8, [1, 224, 224, 3]))


def decompose(proto: onnx.ModelProto) -> None:
    """Each PReLU written as what it computes."""
    nodes: list[onnx.NodeProto] = []
    for node in proto.graph.node:
        if node.op_type != "PRelu":
            nodes.append(node)
            continue
        (value, slope), (out,) = node.input, node.output
        nodes += [
            helper.make_node("Relu", [value], [f"{out}_p"]),
            helper.make_node("Sub", [value, f"{out}_p"], [f"{out}_n"]),
            helper.make_node("Mul", [f"{out}_n", slope], [f"{out}_s"]),
            helper.make_node("Add", [f"{out}_p", f"{out}_s"], [out]),
        ]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)


def add_score(proto: onnx.ModelProto) -> None:
    """A score as the first output, the template as the second."""
    template = proto.graph.output[0]
    keep = onnx.ValueInfoProto()
    keep.CopyFrom(template)
    score_only(proto, unit=False)
    proto.graph.output.append(keep)


def gallery(proto: onnx.ModelProto) -> None:
    """Who it is, out of sixteen enrolled people: template, compared with theirs, softmax."""
    enrolled = _enrolled(width(proto), _GALLERY)
    _append(
        proto,
        [_GALLERY],
        helper.make_node("LpNormalization", ["in"], ["u"], axis=1),
        helper.make_node("MatMul", ["u", "c"], ["m"]),
        helper.make_node("Softmax", ["m"], ["out"], axis=1),
        c=enrolled * _SHARPNESS,
    )


def verify(proto: onnx.ModelProto) -> None:
    """How alike to one enrolled person: a single number."""
    score_only(proto, unit=True)


def score_only(proto: onnx.ModelProto, *, unit: bool) -> None:
    """A single number made from the template; of its direction alone where `unit`, as a comparison is."""
    steps = [helper.make_node("LpNormalization", ["in"], ["u"], axis=1)] if unit else []
    steps += [helper.make_node("MatMul", ["u" if unit else "in", "c"], ["m"])]
    _append(proto, [1], *steps, helper.make_node("Sigmoid", ["m"], ["out"]), c=_enrolled(width(proto), 1))


def judge_quality(proto: onnx.ModelProto) -> None:
    """Near-miss: a quality score on top of a recogniser's body, which a graph cannot tell from anything else."""
    score_only(proto, unit=False)


EVASIONS: dict[str, Change] = {
    "renamed, stripped": rename,
    "free axes": free_axes,
    "16 bits": half,
    "8 bits": quantise,
    "unit length": normalise,
    "four axes": to_four_axes,
    "projected to 100": project(100),
    "projected to 32": project(32),
    "softmax": squash,
    "uint8 pictures, 224x224": take_raw_pictures,
    "PReLU written out": decompose,
    "score besides": add_score,
    "gallery of 16, softmax": gallery,
    "score of one person": verify,
}


def _enrolled(size: int, people: int) -> Array:
    templates = np.random.default_rng(people).standard_normal((size, people)).astype(np.float32)
    return templates / np.linalg.norm(templates, axis=0)


def _append(proto: onnx.ModelProto, shape: list[int], *steps: onnx.NodeProto, **constants: Array) -> None:
    """Put steps behind the first output: they start from `in` and end in `out`."""
    output = proto.graph.output[0]
    old, flat = output.name, f"{output.name}_flat"
    names = {"in": flat, "out": "changed", **{one: f"added_{one}" for one in (*constants, "u", "m")}}
    flatten = helper.make_node("Flatten", [old], [flat], axis=1)
    for step in steps:
        step.input[:] = [names[one] for one in step.input]
        step.output[:] = [names[one] for one in step.output]
    proto.graph.node.extend([flatten, *steps])
    proto.graph.initializer.extend(numpy_helper.from_array(value, names[name]) for name, value in constants.items())
    changed = helper.make_tensor_value_info("changed", output.type.tensor_type.elem_type, [1, *shape])
    del proto.graph.output[:]
    proto.graph.output.append(changed)
