"""What happens to an ONNX model on its way from a laboratory to a product, other than being hidden on purpose."""

# The library's stubs leave its generated messages open.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from .evasions import Change, width
from .mixtures import mixtures

_F = TensorProto.FLOAT
_MOVES = (
    "Flatten",
    "Reshape",
    "Identity",
    "BatchNormalization",
    "Squeeze",
    "LpNormalization",
    "ReduceL2",
    "Div",
    "Clip",
)


def newer(version: int) -> Change:
    """A change to operators of another age."""

    def change(proto: onnx.ModelProto) -> None:
        proto.CopyFrom(onnx.version_converter.convert_version(proto, version))

    return change


def misnamed(proto: onnx.ModelProto) -> None:
    """Names and metadata of a detector."""
    helper.set_model_props(proto, {"task": "detect", "names": "{0: 'person'}", "description": "YOLOv8n, COCO"})
    proto.producer_name, proto.graph.name = "ultralytics", "yolov8n"
    rename_ends(proto, "images", "output0")


def named_recogniser(proto: onnx.ModelProto) -> None:
    """Names and metadata of a recogniser; for what is none."""
    helper.set_model_props(proto, {"description": "ArcFace, w600k_r50", "task": "face recognition"})
    proto.graph.name = "arcface_r100"
    rename_ends(proto, "face", "embedding")


def rename_ends(proto: onnx.ModelProto, first: str, last: str) -> None:
    """Call the first input and the first output so."""
    names = {proto.graph.input[0].name: first, proto.graph.output[0].name: last}
    for node in proto.graph.node:
        node.input[:] = [names.get(one, one) for one in node.input]
        node.output[:] = [names.get(one, one) for one in node.output]
    proto.graph.input[0].name, proto.graph.output[0].name = first, last


def free_batch(proto: onnx.ModelProto) -> None:
    """Any number of pictures at once."""
    for value in (proto.graph.input[0], proto.graph.output[0]):
        if len(value.type.tensor_type.shape.dim):
            value.type.tensor_type.shape.dim[0].dim_param = "batch"
    del proto.graph.value_info[:]


def channels_last(proto: onnx.ModelProto) -> None:
    """Pictures with their channels last, turned inside."""
    value = proto.graph.input[0]
    turn = helper.make_node("Transpose", ["last"], [value.name], perm=[0, 3, 1, 2])
    sides = [side.dim_value for side in value.type.tensor_type.shape.dim]
    proto.graph.node.insert(0, turn)
    value.CopyFrom(helper.make_tensor_value_info("last", _F, [sides[0] or 1, sides[2], sides[3], sides[1]]))


def static_8_bits(proto: onnx.ModelProto) -> None:
    """Weights and activations in 8 bits, calibrated on faces, as ONNX Runtime's static quantisation makes them."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    left = _faces(proto.graph.input[0].name)

    class Faces(CalibrationDataReader):
        def get_next(self) -> Any:
            return left.pop() if left else None

    with TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.onnx", Path(folder) / "after.onnx"
        onnx.save(proto, before)
        quantize_static(
            before, after, Faces(), quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8, per_channel=True,
        )  # fmt: skip
        proto.CopyFrom(onnx.load(after))


def _faces(name: str) -> list[dict[str, Any]]:
    pictures = mixtures(12, seed=7).pictures.astype(np.float32) / 127.5 - 1
    return [{name: np.repeat(one[None, None], 3, 1)} for one in pictures]


def mirrored_besides(proto: onnx.ModelProto) -> None:
    """The template of the picture and of the mirrored picture behind one another, as evaluation code does."""
    value, flipped = proto.graph.input[0], onnx.ModelProto()
    flipped.CopyFrom(proto)
    prefixed = onnx.compose.add_prefix(flipped, "m_")
    slices = {"m_from": [-1], "m_to": [-(2**31)], "m_axis": [3], "m_step": [-1]}
    proto.graph.initializer.extend(onnx.numpy_helper.from_array(np.array(v), n) for n, v in slices.items())
    proto.graph.node.append(helper.make_node("Slice", [value.name, *slices], [prefixed.graph.input[0].name]))
    proto.graph.node.extend(prefixed.graph.node)
    proto.graph.initializer.extend(prefixed.graph.initializer)
    joined = [proto.graph.output[0].name, prefixed.graph.output[0].name]
    _joined(proto, joined, 2 * width(proto))


def attributes_besides(proto: onnx.ModelProto) -> None:
    """The template and three numbers about the picture in one vector."""
    value = proto.graph.input[0]
    proto.graph.node.append(helper.make_node("GlobalAveragePool", [value.name], ["a_mean"]))
    _joined(proto, [proto.graph.output[0].name, "a_mean"], width(proto) + 3)


def _joined(proto: onnx.ModelProto, names: list[str], size: int) -> None:
    flats = [f"{name}_f" for name in names]
    for name, flat in zip(names, flats, strict=True):
        proto.graph.node.append(helper.make_node("Flatten", [name], [flat], axis=1))
    proto.graph.node.append(helper.make_node("Concat", flats, ["joined"], axis=1))
    del proto.graph.output[:], proto.graph.value_info[:]
    proto.graph.output.append(helper.make_tensor_value_info("joined", _F, [1, size]))


def headless(proto: onnx.ModelProto) -> None:
    """The last matrix cut off, with what follows it: a map or a longer vector comes out."""
    makers = {name: node for node in proto.graph.node for name in node.output}
    name = proto.graph.output[0].name
    while makers[name].op_type in _MOVES:
        name = makers[name].input[0]
    name = makers[name].input[0]
    del proto.graph.output[:], proto.graph.value_info[:]
    proto.graph.output.append(helper.make_tensor_value_info(name, _F, None))
    _prune(proto, makers, name)


def _prune(proto: onnx.ModelProto, makers: dict[str, onnx.NodeProto], name: str) -> None:
    wanted, left = set[str](), [name]
    while left:
        one = left.pop()
        if one in makers and one not in wanted:
            left += makers[one].input
        wanted.add(one)
    nodes = [node for node in proto.graph.node if wanted & set(node.output)]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)


RESHAPED: dict[str, Change] = {
    "operators of 2023 (opset 17)": newer(17),
    "operators of 2024 (opset 21)": newer(21),
    "names of a detector": misnamed,
    "free batch": free_batch,
    "channels last": channels_last,
    "8 bits, static": static_8_bits,
    "mirrored besides, one vector": mirrored_besides,
    "attributes besides, one vector": attributes_besides,
    "last layer cut off": headless,
}
