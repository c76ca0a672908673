"""ONNX networks of plain layers, written as lists of layers: as Caffe has them, and as ncnn does."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

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


def as_ncnn(content: bytes, folder: Path, kind: str = "plain") -> Path:
    """Written into a folder as `net.param` and `net.bin`; raises `KeyError` for a step that is not written here.

    Args:
        content: the network.
        folder: where to.
        kind: how its weights lie: `plain`, `halves` or `eighths` (of 8 bits).
    """
    plain, weights = Plain(content), bytearray()
    lines = [f"Input {plain.given} 0 1 {plain.given} 0={plain.shape[3]} 1={plain.shape[2]} 2={plain.shape[1]}"]
    lines += _split(plain, plain.given)
    used: Counter[str] = Counter()
    for node in plain.nodes:
        for name, settings_, held in _NCNN[node.op_type](plain, node):
            takes = [_next(plain, one, used) for one in plain.takes(node)]
            names = [node.output[0], str(len(takes)), "1", *takes, node.output[0]]
            scaled = kind == "eighths" and name in ("Convolution", "ConvolutionDepthWise", "InnerProduct")
            lines.append(" ".join([name, *names, settings_, "8=1" * scaled]))
            weights += b"".join(_stored(one, kind) for one in held)
            weights += _scales(held[0]) if scaled else b""
        lines += _split(plain, node.output[0])
    blobs = sum(int(line.split()[3]) for line in lines)
    text = f"7767517\n{len(lines)} {blobs}\n" + "\n".join(lines) + "\n"
    (folder / "net.param").write_text(text)
    (folder / "net.bin").write_bytes(weights)
    return folder / "net.param"


def _uses(plain: Plain, name: str) -> int:
    return sum(list(node.input).count(name) for node in plain.nodes)


def _split(plain: Plain, name: str) -> list[str]:
    """What several layers take comes out of a layer of its own, once for each."""
    count = _uses(plain, name)
    names = " ".join(f"{name}_{place}" for place in range(count))
    return [f"Split {name}_split 1 {count} {name} {names}"] if count > 1 else []


def _next(plain: Plain, name: str, used: Counter[str]) -> str:
    used[name] += 1
    return f"{name}_{used[name] - 1}" if _uses(plain, name) > 1 else name


class Tagged(NamedTuple):
    """A weight of which the file says how it lies."""

    numbers: Weights


def _stored(one: Weights | Tagged, kind: str) -> bytes:
    if not isinstance(one, Tagged):
        return one.astype("<f4").tobytes()
    flat = one.numbers.reshape(-1)
    if kind == "halves":
        return (0x01306B47).to_bytes(4, "little") + _aligned(flat.astype("<f2").tobytes())
    if kind == "eighths":
        rows = one.numbers.reshape(len(one.numbers), -1)
        return (0x000D4B38).to_bytes(4, "little") + _aligned(
            np.rint(rows * _factors(rows)[:, None]).astype("i1").tobytes()
        )
    return bytes(4) + flat.astype("<f4").tobytes()


def _factors(rows: Weights) -> Weights:
    return 127 / np.abs(rows).max(1).clip(1e-9)


def _scales(one: Any) -> bytes:
    rows = one.numbers.reshape(len(one.numbers), -1)
    return _factors(rows).astype("<f4").tobytes() + np.ones(1, "<f4").tobytes()


def _aligned(content: bytes) -> bytes:
    return content + bytes(-len(content) % 4)


def _slid_in_ncnn(plain: Plain, node: onnx.NodeProto) -> Iterator[tuple[str, str, list[Any]]]:
    how, (weight, *bias) = settings(node), plain.held(node)
    (high, wide), stride = weight.shape[2:], how.get("strides", [1, 1])
    top, left, below, right = how.get("pads", [0] * 4)
    holes, group = how.get("dilations", [1, 1]), how.get("group", 1)
    held = (
        f"0={len(weight)} 1={wide} 11={high} 3={stride[1]} 13={stride[0]} 2={holes[1]} 12={holes[0]} 4={left} 14={top}"
    )
    held += f" 15={right} 16={below} 5={len(bias)} 6={weight.size}"
    if group > 1:
        yield "ConvolutionDepthWise", f"{held} 7={group}", [Tagged(weight), *bias]
    else:
        yield "Convolution", held, [Tagged(weight), *bias]


def _pooled_in_ncnn(_plain: Plain, node: onnx.NodeProto) -> Iterator[tuple[str, str, list[Any]]]:
    how = settings(node)
    (high, wide), stride = how["kernel_shape"], how.get("strides", [1, 1])
    top, left, below, right = how.get("pads", [0] * 4)
    held = f"0={int(node.op_type[0] == 'A')} 1={wide} 11={high} 2={stride[1]} 12={stride[0]} 3={left} 13={top}"
    yield "Pooling", f"{held} 14={right} 15={below} 5=1 6={how.get('count_include_pad', 0)}", []


def _matrix_in_ncnn(plain: Plain, node: onnx.NodeProto) -> Iterator[tuple[str, str, list[Any]]]:
    weight, *bias = plain.held(node)
    weight = weight if settings(node).get("transB") else weight.T
    yield "InnerProduct", f"0={len(weight)} 1={len(bias)} 2={weight.size}", [Tagged(weight), *bias]


def _normed_in_ncnn(plain: Plain, node: onnx.NodeProto) -> Iterator[tuple[str, str, list[Any]]]:
    gain, shift, mean, variance = plain.held(node)
    epsilon = settings(node).get("epsilon", 1e-5)
    yield "BatchNorm", f"0={len(gain)} 1={epsilon:e}", [gain, mean, variance, shift]


def _two_in_ncnn(plain: Plain, node: onnx.NodeProto) -> Iterator[tuple[str, str, list[Any]]]:
    op = {"Add": 0, "Sub": 1, "Mul": 2, "Div": 3}[node.op_type]
    if held := plain.held(node):
        assert held[0].size == 1
        yield "BinaryOp", f"0={op} 1=1 2={float(held[0].reshape(-1)[0]):e}", []
    else:
        yield "BinaryOp", f"0={op}", []


def _of(name: str, held: str = "") -> Callable[[Plain, onnx.NodeProto], Iterator[tuple[str, str, list[Any]]]]:
    return lambda _plain, _node: iter([(name, held, [])])


def _reshaped_in_ncnn(plain: Plain, node: onnx.NodeProto) -> Iterator[tuple[str, str, list[Any]]]:
    sides = [int(side) for side in plain.held(node)[0]][1:]
    places = {1: (0,), 2: (1, 0), 3: (2, 1, 0)}[len(sides)]
    yield "Reshape", " ".join(f"{place}={side}" for place, side in zip(places, sides, strict=True)), []


def _prelu_in_ncnn(plain: Plain, node: onnx.NodeProto) -> Iterator[tuple[str, str, list[Any]]]:
    slope = plain.held(node)[0].reshape(-1)
    yield "PReLU", f"0={slope.size}", [slope]


def _permuted_in_ncnn(_plain: Plain, node: onnx.NodeProto) -> Iterator[tuple[str, str, list[Any]]]:
    order = [axis - 1 for axis in settings(node)["perm"][1:]]
    kinds = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    yield "Permute", f"0={kinds.index(order) if len(order) == 3 else int(order == [1, 0])}", []


def _axis(node: onnx.NodeProto) -> int:
    axis = settings(node).get("axis", 1)
    return axis - 1 if axis > 0 else axis


_NCNN: dict[str, Callable[[Plain, onnx.NodeProto], Iterator[tuple[str, str, list[Any]]]]] = {
    "Conv": _slid_in_ncnn,
    "BatchNormalization": _normed_in_ncnn,
    "Clip": _of("Clip", "0=0.0 1=6.0"),
    "Relu": _of("ReLU"),
    "LeakyRelu": lambda _plain, node: iter([("ReLU", f"0={settings(node)['alpha']:e}", [])]),
    "PRelu": _prelu_in_ncnn,
    "Sigmoid": _of("Sigmoid"),
    **dict.fromkeys(("Add", "Sub", "Mul", "Div"), _two_in_ncnn),
    "MaxPool": _pooled_in_ncnn,
    "AveragePool": _pooled_in_ncnn,
    "GlobalAveragePool": _of("Pooling", "0=1 7=1 8=1"),
    "Gemm": _matrix_in_ncnn,
    "MatMul": _matrix_in_ncnn,
    "Reshape": _reshaped_in_ncnn,
    "Flatten": _of("Flatten"),
    "Concat": lambda _plain, node: iter([("Concat", f"0={settings(node)['axis'] - 1}", [])]),
    "Transpose": _permuted_in_ncnn,
    "Softmax": lambda _plain, node: iter([("Softmax", f"0={_axis(node)} 1=1", [])]),
    "Identity": _of("Noop"),
    "Exp": _of("UnaryOp", "0=7"),
    "HardSigmoid": lambda _plain, node: iter([("HardSigmoid", f"0={settings(node).get('alpha', 0.2):e} 1=0.5", [])]),
}
