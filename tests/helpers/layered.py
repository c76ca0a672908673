"""ONNX networks of plain layers, written as lists of layers: as Caffe has them, and as ncnn does."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from helpers import caffe

Weights = NDArray[Any]


class Plain:
    """An ONNX network of one picture, [1, c, h, w], its constants worked out.

    Attributes:
        nodes: its steps.
        constants: by name.
        shape: what it takes.
    """

    def __init__(self, content: bytes) -> None:
        proto = _folded(content)
        graph = proto.graph
        self.nodes = list(graph.node)
        self.constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        given = next(one for one in graph.input if one.name not in self.constants)
        self.given = given.name
        self.shape = [side.dim_value or 1 for side in given.type.tensor_type.shape.dim]
        self.outputs = [one.name for one in graph.output]

    def held(self, node: onnx.NodeProto) -> list[Weights]:
        return [self.constants[name] for name in node.input if name in self.constants]

    def takes(self, node: onnx.NodeProto) -> list[str]:
        return [name for name in node.input if name and name not in self.constants]


def _folded(content: bytes) -> onnx.ModelProto:
    with TemporaryDirectory() as folder:
        place = Path(folder) / "plain.onnx"
        options = onnxruntime.SessionOptions()
        options.optimized_model_filepath = str(place)
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        proto = onnx.load_model_from_string(content)
        for one in proto.graph.input:
            for side in one.type.tensor_type.shape.dim:
                side.dim_value = side.dim_value or 1
        onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return onnx.load(place)


def settings(node: onnx.NodeProto) -> dict[str, Any]:
    return {one.name: helper.get_attribute_value(one) for one in node.attribute}


def as_caffe(content: bytes) -> bytes:
    """Raises `KeyError` where there is a step that is not written here."""
    plain = Plain(content)
    layers = [caffe.given(*plain.shape, name=plain.given)]
    for node in plain.nodes:
        layers += _CAFFE[node.op_type](plain, node)
    return caffe.net(*layers)


def _layer(node: onnx.NodeProto, plain: Plain, kind: str, *weights: Weights, **held: Any) -> Iterator[bytes]:
    name = node.output[0]
    yield caffe.layer(kind, name, " ".join(plain.takes(node)), name, weights, **held)


def _slid(plain: Plain, node: onnx.NodeProto) -> Iterator[bytes]:
    how, (weight, *bias) = settings(node), plain.held(node)
    pads, stride = how.get("pads", [0] * 4), how.get("strides", [1, 1])
    assert pads[:2] == pads[2:]
    held = {"_1": weight.shape[0], "_2": len(bias), "_5": how.get("group", 1), "_9": pads[0], "_10": pads[1]}
    held |= {"_11": weight.shape[2], "_12": weight.shape[3], "_13": stride[0], "_14": stride[1]}
    held["_18"] = how.get("dilations", [1, 1])
    return _layer(node, plain, "Convolution", weight, *bias, **held)


def _normed(plain: Plain, node: onnx.NodeProto) -> Iterator[bytes]:
    gain, shift, mean, variance = plain.held(node)
    name, one = node.output[0], np.ones(1, np.float32)
    epsilon = float(settings(node).get("epsilon", 1e-5))
    yield caffe.layer("BatchNorm", name, node.input[0], name, (mean, variance, one), _3=epsilon)
    yield caffe.layer("Scale", f"{name}_s", name, name, (gain, shift), _4=1)


def _six(plain: Plain, node: onnx.NodeProto) -> Iterator[bytes]:
    assert [float(one) for one in plain.held(node)] in ([0, 6], []) or settings(node).get("max") == 6
    return _layer(node, plain, "ReLU6")


def _pooled(plain: Plain, node: onnx.NodeProto) -> Iterator[bytes]:
    how = settings(node)
    (high, wide), pads = how["kernel_shape"], how.get("pads", [0] * 4)
    stride = how.get("strides", [1, 1])
    held = {"_1": int(node.op_type[0] == "A"), "_5": high, "_6": wide, "_7": stride[0], "_8": stride[1]}
    return _layer(node, plain, "Pooling", **held, _9=pads[0], _10=pads[1], _13=1)


def _matrix(plain: Plain, node: onnx.NodeProto) -> Iterator[bytes]:
    weight, *bias = plain.held(node)
    weight = weight if settings(node).get("transB") else weight.T
    return _layer(node, plain, "InnerProduct", weight, *bias, _1=weight.shape[0], _2=len(bias))


def _reshaped(plain: Plain, node: onnx.NodeProto) -> Iterator[bytes]:
    shape = [int(side) for side in plain.held(node)[0]] if node.op_type == "Reshape" else [0, -1]
    return _layer(node, plain, "Reshape", _1=caffe.dims(*shape))


def _times(plain: Plain, node: onnx.NodeProto) -> Iterator[bytes]:
    """A map times a number for each channel: one layer more, which makes a row of it."""
    value, gate = plain.takes(node)
    yield caffe.layer("Flatten", f"{gate}_row", gate)
    yield caffe.layer("Scale", node.output[0], f"{value} {gate}_row", _1=0)


_CAFFE: dict[str, Callable[[Plain, onnx.NodeProto], Iterator[bytes]]] = {
    "Conv": _slid,
    "BatchNormalization": _normed,
    "Clip": _six,
    "Relu": lambda plain, node: _layer(node, plain, "ReLU"),
    "LeakyRelu": lambda plain, node: _layer(node, plain, "ReLU", _1=float(settings(node)["alpha"])),
    "PRelu": lambda plain, node: _layer(node, plain, "PReLU", plain.held(node)[0].reshape(-1)),
    "Sigmoid": lambda plain, node: _layer(node, plain, "Sigmoid"),
    "Add": lambda plain, node: _layer(node, plain, "Eltwise"),
    "Mul": _times,
    "MaxPool": _pooled,
    "AveragePool": _pooled,
    "GlobalAveragePool": lambda plain, node: _layer(node, plain, "Pooling", _1=1, _12=1),
    "Gemm": _matrix,
    "MatMul": _matrix,
    "Reshape": _reshaped,
    "Flatten": _reshaped,
    "Concat": lambda plain, node: _layer(node, plain, "Concat", _2=settings(node)["axis"]),
    "Transpose": lambda plain, node: _layer(node, plain, "Permute", _1=list(settings(node)["perm"])),
    "Softmax": lambda plain, node: _layer(node, plain, "Softmax", _2=settings(node).get("axis", 1)),
    "Identity": lambda plain, node: _layer(node, plain, "Dropout"),
}
