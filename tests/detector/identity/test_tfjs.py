"""Models of TensorFlow.js: graphs are run, and lists of weights alone are named for what they are shaped like."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper

from facewarden.detector.identity import Identity, identify
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.model import Slot
from facewarden.detector.identity.runtimes.tensorflow.tfjs_file import TfjsModel
from facewarden.detector.inventory import Choice, scan

Floats = NDArray[np.float32]


def numbers(*values: int) -> dict[str, Any]:
    return {"list": {"i": [str(value) for value in values]}}


def words(*values: str) -> dict[str, Any]:
    return {"list": {"s": [b64encode(value.encode()).decode() for value in values]}}


def word(value: str) -> dict[str, Any]:
    return {"s": b64encode(value.encode()).decode()}


def step(op: str, name: str, *inputs: str, **attributes: Any) -> dict[str, Any]:
    return {"op": op, "name": name, "input": list(inputs), "attr": attributes}


def placeholder(*sides: int) -> dict[str, Any]:
    dims = [{"size": str(side)} for side in sides]
    return step("Placeholder", "x", shape={"shape": {"dim": dims}}, dtype={"type": "DT_FLOAT"})


def window(padding: str, stride: int, **more: Any) -> dict[str, Any]:
    return {"strides": numbers(1, stride, stride, 1), "padding": word(padding), **more}


def written(folder: Path, steps: list[dict[str, Any]], weights: dict[str, NDArray[Any]]) -> Path:
    """`model.json` and two shards, cut anywhere, as the converter writes them."""
    listed = [{"name": name, "shape": list(value.shape), "dtype": value.dtype.name} for name, value in weights.items()]
    data = b"".join(value.tobytes() for value in weights.values())
    parts = {"a.bin": data[: len(data) // 2], "b.bin": data[len(data) // 2 :]}
    for name, part in parts.items():
        (folder / name).write_bytes(part)
    constants = [step("Const", name) for name in weights]
    whole = {
        "modelTopology": {"node": [*constants, *steps]},
        "weightsManifest": [{"paths": list(parts), "weights": listed}],
    }
    (folder / "model.json").write_text(json.dumps(whole))
    return folder / "model.json"


@pytest.fixture
def linear(tmp_path: Path, recogniser: bytes) -> Path:
    """The recogniser of these tests, for channels last."""
    (tensor,) = onnx.load_model_from_string(recogniser).graph.initializer
    matrix = numpy_helper.to_array(tensor)
    last = matrix.reshape(3, 28, 28, -1).transpose(1, 2, 0, 3).reshape(matrix.shape).copy()
    steps = [
        placeholder(-1, 112, 112, 3),
        step("AvgPool", "small", "x", **window("VALID", 4, ksize=numbers(1, 4, 4, 1))),
        step("Reshape", "flat", "small", "shape"),
        step("_FusedMatMul", "y", "flat", "matrix", "bias", fused_ops=words("BiasAdd")),
    ]
    weights = {"shape": np.array([-1, matrix.shape[0]], np.int32), "matrix": last, "bias": np.zeros(32, np.float32)}
    return written(tmp_path, steps, weights)


def details(answer: Identity) -> str:
    return "\n".join(one.detail for one in answer.evidence)


def test_a_recogniser_is_told_by_what_it_does(linear: Path) -> None:
    answer = identify(linear, Knowledge())

    assert answer.recogniser is True, details(answer)
    assert "tfjs: takes ?x112x112x3 float32" in details(answer)


def test_a_scan_of_a_folder_finds_it(linear: Path) -> None:
    found = {Path(one.path).name: one for one in scan(linear.parent, Choice(known=Knowledge()))}

    assert found["model.json"].identity
    assert found["model.json"].identity.recogniser is True
    assert found["model.json"].format == "tfjs"


def test_without_its_weights_it_is_undecided_with_the_reason(linear: Path) -> None:
    (linear.parent / "b.bin").unlink()
    answer = identify(linear, Knowledge())

    assert answer.recogniser is None
    assert "the files beside it that hold its weights are missing" in details(answer)


@pytest.mark.parametrize("path", ["../a.bin", "/etc/hostname"])
def test_weights_outside_its_folder_are_not_read(path: str, linear: Path) -> None:
    whole = json.loads(linear.read_text())
    whole["weightsManifest"][0]["paths"] = [path]
    linear.write_text(json.dumps(whole))

    assert "outside its folder" in details(identify(linear, Knowledge()))


@pytest.mark.parametrize(
    ("decoded", "answer"),
    [([], False), ([step("DecodePng", "picture", "x")], None), ([step("ParseTensor", "numbers", "x")], None)],
)
def test_what_takes_words_alone_is_no_recogniser(
    decoded: list[dict[str, Any]], answer: bool | None, tmp_path: Path
) -> None:
    steps = [
        step("Placeholder", "x", dtype={"type": "DT_STRING"}, shape={"shape": {}}),
        *decoded,
        step("StringSplit", "y", "x"),
    ]
    told = identify(written(tmp_path, steps, {}), Knowledge())

    assert told.recogniser is answer
    assert ("takes words alone" in details(told)) is (answer is False)


def test_a_step_that_is_not_known_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, [placeholder(1, 112, 112, 3), step("NonMaxSuppressionV5", "y", "x")], {})

    assert "NonMaxSuppressionV5" in details(identify(path, Knowledge()))


def test_a_graph_that_says_the_same_of_every_picture_is_undecided(tmp_path: Path) -> None:
    steps = [placeholder(-1, 112, 112, 3), step("Mul", "nothing", "x", "z"), step("Mean", "y", "nothing", "axes")]
    path = written(tmp_path, steps, {"z": np.zeros(1, np.float32), "axes": np.array([1, 2], np.int32)})

    assert "says the same of every picture" in details(identify(path, Knowledge()))


def test_what_follows_the_choice_among_boxes_is_left_out(linear: Path) -> None:
    whole = json.loads(linear.read_text())
    whole["modelTopology"]["node"] += [step("NonMaxSuppressionV5", "chosen", "y"), step("Identity", "z", "chosen:1")]
    linear.write_text(json.dumps(whole))
    answer = identify(linear, Knowledge())

    assert answer.recogniser is True, details(answer)
    assert "looked at as far as NonMaxSuppressionV5" in details(answer)


@pytest.mark.parametrize("place", [("signature",), ("userDefinedMetadata", "signature")])
def test_what_a_file_says_that_it_gives_is_an_output_though_steps_go_on_from_it(
    place: tuple[str, ...], linear: Path
) -> None:
    whole = json.loads(linear.read_text())
    nodes = whole["modelTopology"]["node"]
    nodes.append(step("Mean", "score", "y", "axis", keep_dims={"b": True}))
    nodes.append(step("Const", "axis"))
    (linear.parent / "c.bin").write_bytes(np.array([1], np.int32).tobytes())
    axis = {"name": "axis", "shape": [1], "dtype": "int32"}
    whole["weightsManifest"].append({"paths": ["c.bin"], "weights": [axis]})
    linear.write_text(json.dumps(whole))
    unsaid = identify(linear, Knowledge())
    said: dict[str, Any] = {"outputs": {"score": {"name": "score:0"}, "y": {}}}
    for name in reversed(place):
        said = {name: said}
    linear.write_text(json.dumps(whole | said))

    assert (unsaid.recogniser, identify(linear, Knowledge()).recogniser) == (None, True)


def test_a_step_that_is_not_known_and_has_learned_something_ends_it(linear: Path) -> None:
    whole = json.loads(linear.read_text())
    whole["modelTopology"]["node"] += [step("Unheard", "z", "y", "matrix")]
    linear.write_text(json.dumps(whole))
    answer = identify(linear, Knowledge())

    assert answer.recogniser is None
    assert "Unheard, which is not run here" in details(answer)


def test_a_network_is_not_hidden_in_many_small_steps_behind_one_that_is_not_known(tmp_path: Path) -> None:
    steps = [placeholder(1, 112, 112, 3), step("Mean", "seen", "x", "axis"), step("Unheard", "y0", "x")]
    steps += [step("MatMul", f"y{number + 1}", f"y{number}", f"w{number}") for number in range(40)]
    weights = {f"w{number}": np.ones((30, 30), np.float32) for number in range(40)}
    path = written(tmp_path, steps, {"axis": np.array([1, 2], np.int32), **weights})

    assert "Unheard, which is not run here" in details(identify(path, Knowledge()))


PICTURE = np.arange(48, dtype=np.float32).reshape(1, 4, 4, 3)
LISTS = {
    "begin": np.array([0, 1, 0, 2], np.int32), "end": np.array([1, 3, 0, 3], np.int32), "strides": np.ones(4, np.int32),
    "axis": np.array(1, np.int32), "two": np.array([2], np.int32), "size": np.array([8, 8], np.int32),
    "minus": np.array([-1, 6], np.int32), "half": np.array([[0, 0], [1, 0], [0, 1], [0, 0]], np.int32),
    "kernel": np.ones((2, 2, 1, 3), np.float32), "last": np.array(3, np.int32),
}  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        (
            [step("StridedSlice", "y", "x", "begin", "end", "strides", end_mask={"i": 4}, shrink_axis_mask={"i": 8})],
            PICTURE[0:1, 1:3, 0:, 2],
        ),
        ([step("Slice", "y", "x", "begin", "strides")], PICTURE[0:1, 1:2, 0:1, 2:3]),
        ([step("ExpandDims", "y", "x", "axis")], PICTURE[:, None]),
        ([step("Unpack", "u", "x", num={"i": 4}, axis={"i": 2}), step("Relu", "y", "u:3")], PICTURE[:, :, 3]),
        ([step("Pack", "y", "x", "x", axis={"i": 1})], np.stack([PICTURE, PICTURE], 1)),
        (
            [step("Split", "s", "axis", "x", num_split={"i": 2}), step("Sub", "y", "s:1", "s")],
            PICTURE[:, 2:] - PICTURE[:, :2],
        ),
        ([step("Shape", "s", "x"), step("Reshape", "f", "x", "minus"), step("Reshape", "y", "f", "s")], PICTURE),
        ([step("ArgMax", "y", "x", "last")], np.full((1, 4, 4), 2)),
        ([step("Pad", "y", "x", "half")], np.pad(PICTURE, [(0, 0), (1, 0), (0, 1), (0, 0)])),
        ([step("ResizeNearestNeighbor", "y", "x", "size")], PICTURE.repeat(2, 1).repeat(2, 2)),
        (
            [step("Conv2DBackpropInput", "y", "size", "kernel", "x", **window("SAME", 2))],
            PICTURE.sum(-1, keepdims=True).repeat(2, 1).repeat(2, 2),
        ),
        ([step("AddN", "y", "x", "x", "x")], 3 * PICTURE),
        ([step("Neg", "n", "x"), step("LeakyRelu", "y", "n", alpha={"f": 0.5})], -PICTURE / 2),
    ],
)
def test_other_steps_give_what_tensorflow_says_they_give(
    steps: list[dict[str, Any]], wanted: NDArray[Any], tmp_path: Path
) -> None:
    path = written(tmp_path, [placeholder(1, 4, 4, 3), *steps], LISTS)
    model = TfjsModel(path.read_bytes(), tmp_path, path)
    (given, *_) = model.runner([Slot((1, 4, 4, 3))])([PICTURE])

    assert np.asarray(given).tolist() == wanted.tolist()


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("stride", [1, 2])
def test_convolutions_give_what_tensorflow_says_they_give(padding: str, stride: int, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    picture, kernel, deep = (random.standard_normal(shape).astype(np.float32) for shape in (
        (1, 9, 10, 3), (3, 3, 3, 5), (3, 3, 5, 2),
    ))  # fmt: skip
    bias = random.standard_normal(5).astype(np.float32)
    steps = [
        placeholder(1, 9, 10, 3),
        step("_FusedConv2D", "c", "x", "k", "b", **window(padding, stride, fused_ops=words("BiasAdd", "Relu6"))),
        step("DepthwiseConv2dNative", "y", "c", "d", **window(padding, 1)),
    ]
    path = written(tmp_path, steps, {"k": kernel, "b": bias, "d": deep})
    model = TfjsModel(path.read_bytes(), tmp_path, path)
    (given, *_) = model.runner([Slot((1, 9, 10, 3))])([picture])
    middle = np.clip(convolved(picture[0], kernel, stride, padding) + bias, 0, 6)
    wanted = [convolved(middle[..., [place]], deep[:, :, [place]], 1, padding) for place in range(5)]

    assert np.asarray(given)[0] == pytest.approx(np.concatenate(wanted, -1), abs=1e-4)


def convolved(picture: Floats, kernel: Floats, stride: int, padding: str) -> Floats:
    """By the definition; SAME pads more below and to the right."""
    high, wide = kernel.shape[:2]
    if padding == "SAME":
        pads = [max((-(-side // stride) - 1) * stride + 3 - side, 0) for side in picture.shape[:2]]
        picture = np.pad(picture, [(pads[0] // 2, -(-pads[0] // 2)), (pads[1] // 2, -(-pads[1] // 2)), (0, 0)])
    rows, columns = ((side - 3) // stride + 1 for side in picture.shape[:2])
    return np.array(
        [
            [
                np.tensordot(picture[i * stride : i * stride + high, j * stride : j * stride + wide], kernel, 3)
                for j in range(columns)
            ]
            for i in range(rows)
        ]
    )


def test_weights_alone_as_face_api_has_them_are_a_candidate(tmp_path: Path) -> None:
    shapes = {"conv32_down/conv/filters": [7, 7, 3, 32], "fc": [256, 128]}
    small = {"dtype": "uint8", "scale": 0.01, "min": -1}
    listed = [{"name": n, "shape": s, "dtype": "float32", "quantization": small} for n, s in shapes.items()]
    (tmp_path / "a.json").write_text(json.dumps([{"weights": listed, "paths": ["a.bin"]}], indent=1))
    (tmp_path / "a.bin").write_bytes(bytes(7 * 7 * 3 * 32 + 256 * 128))
    answer = identify(tmp_path / "a.json", Knowledge())

    assert answer.recogniser is None
    assert "shaped as dlib's ResNet" in details(answer)


@pytest.mark.parametrize("node", [{"op": "Relu", "name": "y", "input": []}, {"op": "Conv2D", "name": "y"}, {"op": 3}])
def test_a_broken_graph_is_told_in_a_line(node: dict[str, Any], tmp_path: Path) -> None:
    path = written(tmp_path, [placeholder(1, 112, 112, 3), node], {})

    assert any(one.error or (one.identity and one.identity.recogniser is None) for one in scan(path))
