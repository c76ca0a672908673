"""Pictures in bytes, as JPEG has them: what decodes them in a graph of ONNX is left out, and a picture goes in.

Steps of ONNX itself, which ONNX Runtime does not do (https://onnx.ai/onnx/operators/onnx__ImageDecoder.html), and of
its extensions, which are no part of it (DecodeImage, EncodeImage,
https://github.com/microsoft/onnxruntime-extensions/blob/main/docs/custom_ops.md). They take the bytes of a file and
give [height, width, channels], uint8, or the other way round.
"""

# The library's stubs leave its generated messages open.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import onnx
from onnx import helper

_EXTENSIONS = "com.microsoft.extensions"
_DECODES = (("", "ImageDecoder"), (_EXTENSIONS, "DecodeImage"))
_SAYS_PARTS = 18  # version of the operators from which on Split does
_ENCODES = (_EXTENSIONS, "EncodeImage")


def take_decoded(proto: onnx.ModelProto) -> None:
    """Change a model in place: it takes the picture of which it took the bytes, and gives one as it is."""
    graph, opened = proto.graph, set[str]()
    for node in list(graph.node):
        kind = (node.domain, node.op_type)
        if kind in _DECODES and node.input[0] in {value.name for value in graph.input}:
            grey = any(one.name == "pixel_format" and one.s == b"Grayscale" for one in node.attribute)
            shape = ["picture height", "picture width", 1 if grey else 3]
            graph.input.append(helper.make_tensor_value_info(node.output[0], onnx.TensorProto.UINT8, shape))
            graph.node.remove(node)
            opened.add(node.input[0])
        elif kind == _ENCODES:
            node.domain, node.op_type = "", "Identity"
            del node.attribute[:]
            _forget_shape(graph, node.output[0])
    opened -= {name for node in graph.node for name in node.input}
    for value in [one for one in graph.input if one.name in opened]:
        graph.input.remove(value)
    if any(entry.domain == _EXTENSIONS for entry in proto.opset_import):
        _count_parts(proto)


def _count_parts(proto: onnx.ModelProto) -> None:
    """What the extensions' tool for preprocessing wrote before 2023 leaves out into how many parts something is split,
    which operators of version 18 have to say."""
    version = max((entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx")), default=0)
    for node in proto.graph.node:
        told = len(node.input) > 1 or any(one.name in ("split", "num_outputs") for one in node.attribute)
        if node.op_type == "Split" and version >= _SAYS_PARTS and not told:
            node.attribute.append(helper.make_attribute("num_outputs", len(node.output)))


def _forget_shape(graph: onnx.GraphProto, name: str) -> None:
    for value in graph.output:
        if value.name == name:
            value.type.tensor_type.ClearField("shape")
