"""Files of Keras, HDF5 or a zip: their layers are run without Keras, and give what Keras says they give."""

import json
import zipfile
from collections.abc import Mapping
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper

from facewarden.detector.errors import ModelError
from facewarden.detector.identity import Identity, identify
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.model import Run, Slot

h5py: Any = pytest.importorskip("h5py")
Weights = Mapping[str, Mapping[str, NDArray[Any]]]


def layer(kind: str, name: str, *inputs: str, **settings: Any) -> dict[str, Any]:
    nodes = [[[one, 0, 0, {}] for one in inputs]] if inputs else []
    return {"class_name": kind, "name": name, "config": {"name": name, **settings}, "inbound_nodes": nodes}


def network(*layers: dict[str, Any]) -> dict[str, Any]:
    last = layers[-1]["name"]
    return {"class_name": "Functional", "config": {"layers": list(layers), "output_layers": [[last, 0, 0]]}}


def hdf(model: Mapping[str, Any] | None, weights: Weights) -> bytes:
    """As `model.save("x.h5")` writes it."""
    stream = BytesIO()
    with h5py.File(stream, "w") as file:
        if model:
            file.attrs["model_config"] = json.dumps(model)
        for name, own in weights.items():
            for kind, value in own.items():
                file[f"model_weights/{name}/{name}/{kind}:0"] = value
    return stream.getvalue()


def keras(model: Mapping[str, Any], places: Weights) -> bytes:
    """As `model.save("x.keras")` writes it: weights by a count of layers of their kind."""
    inner, stream = BytesIO(), BytesIO()
    with h5py.File(inner, "w") as file:
        for place, own in places.items():
            for number, value in enumerate(own.values()):
                file[f"layers/{place}/vars/{number}"] = value
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(model))
        archive.writestr("model.weights.h5", inner.getvalue())
    return stream.getvalue()


def linear(recogniser: bytes) -> tuple[dict[str, Any], Weights]:
    """The recogniser of these tests, for channels last."""
    (tensor,) = onnx.load_model_from_string(recogniser).graph.initializer
    matrix = numpy_helper.to_array(tensor)
    last = matrix.reshape(3, 28, 28, -1).transpose(1, 2, 0, 3).reshape(matrix.shape).copy()
    model = network(
        layer("InputLayer", "in", batch_input_shape=[None, 112, 112, 3]),
        layer("AveragePooling2D", "small", "in", pool_size=[4, 4], strides=[4, 4], padding="valid"),
        layer("Dropout", "drop", "small", rate=0.4),
        layer("Flatten", "flat", "drop"),
        layer("Dense", "template", "flat", activation="linear"),
    )
    return model, {"template": {"kernel": last, "bias": np.zeros(32, np.float32)}}


def details(answer: Identity) -> str:
    return "\n".join(one.detail for one in answer.evidence)


@pytest.mark.parametrize("kind", ["hdf5", "keras"])
def test_a_recogniser_is_told_by_what_it_does(kind: str, recogniser: bytes, tmp_path: Path) -> None:
    model, weights = linear(recogniser)
    content = hdf(model, weights) if kind == "hdf5" else keras(model, {"dense": weights["template"]})
    (tmp_path / "model").write_bytes(content)
    answer = identify(tmp_path / "model", Knowledge())

    assert answer.recogniser is True, details(answer)
    assert f"{kind}: takes ?x112x112x3 float32" in details(answer)


def test_weights_alone_are_undecided_and_named_for_their_shapes(tmp_path: Path) -> None:
    weights = {"c": {"kernel": np.zeros((7, 7, 3, 32), np.float32)}, "d": {"kernel": np.zeros((256, 128), np.float32)}}
    (tmp_path / "weights").write_bytes(hdf(None, weights))
    answer = identify(tmp_path / "weights", Knowledge())

    assert answer.recogniser is None
    assert "shaped as dlib's ResNet" in details(answer)
    assert "it holds weights and no graph" in details(answer)


def test_a_layer_of_somebodys_own_is_named_and_undecided(recogniser: bytes, tmp_path: Path) -> None:
    model, weights = linear(recogniser)
    model["config"]["layers"][2]["class_name"] = "Lambda"
    (tmp_path / "model").write_bytes(hdf(model, weights))
    answer = identify(tmp_path / "model", Knowledge())

    assert answer.recogniser is None
    assert "Lambda, which is not run here" in details(answer)


def test_what_takes_no_picture_is_none(tmp_path: Path) -> None:
    model = network(layer("InputLayer", "in", batch_input_shape=[None, 40]), layer("Dense", "d", "in", units=9))
    (tmp_path / "model").write_bytes(hdf(model, {"d": {"kernel": np.ones((40, 9), np.float32)}}))

    assert identify(tmp_path / "model", Knowledge()).recogniser is False


def test_a_broken_file_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(hdf(None, {})[:200])
    with pytest.raises(ModelError, match="no HDF5 file that can be read"):
        identify(tmp_path / "model", Knowledge())


PICTURE = np.arange(32, dtype=np.float32).reshape(1, 4, 4, 2) - 9
KERNEL = np.array([[1.0, 2.0], [3.0, 5.0]], np.float32)
POINT = KERNEL.reshape(1, 1, 2, 2)
GAINS = {"gamma": 2.0, "beta": 1.0, "moving_mean": 3.0, "moving_variance": 4.0}


@pytest.mark.parametrize(
    ("kind", "settings", "weights", "wanted"),
    [
        ("Conv2D", {"activation": "relu"}, {"kernel": POINT}, np.maximum(PICTURE @ KERNEL, 0)),
        (
            "SeparableConv2D", {}, {"depthwise_kernel": np.full((1, 1, 2, 1), 2.0, np.float32),
            "pointwise_kernel": POINT, "bias": np.ones(2, np.float32)}, 2 * PICTURE @ KERNEL + 1,
        ),
        ("DepthwiseConv2D", {}, {"depthwise_kernel": np.full((1, 1, 2, 1), 3.0, np.float32)}, 3 * PICTURE),
        (
            "BatchNormalization", {"epsilon": 0.0}, {k: np.full(2, v, np.float32) for k, v in GAINS.items()},
            PICTURE - 2,
        ),
        ("PReLU", {}, {"alpha": np.full((1, 1, 2), 0.5, np.float32)}, np.where(PICTURE < 0, PICTURE / 2, PICTURE)),
        ("ReLU", {"max_value": 6.0}, {}, np.clip(PICTURE, 0, 6)),
        ("LeakyReLU", {"alpha": 0.25}, {}, np.where(PICTURE < 0, PICTURE / 4, PICTURE)),
        ("Activation", {"activation": "swish"}, {}, PICTURE / (1 + np.exp(-PICTURE))),
        ("ZeroPadding2D", {"padding": [[1, 0], [0, 2]]}, {}, np.pad(PICTURE, [(0, 0), (1, 0), (0, 2), (0, 0)])),
        ("Cropping2D", {"cropping": [[1, 0], [0, 2]]}, {}, PICTURE[:, 1:, :2]),
        ("UpSampling2D", {"size": [2, 2]}, {}, PICTURE.repeat(2, 1).repeat(2, 2)),
        ("GlobalMaxPooling2D", {}, {}, PICTURE.max((1, 2))),
        ("Reshape", {"target_shape": [8, -1]}, {}, PICTURE.reshape(1, 8, 4)),
        ("Permute", {"dims": [3, 1, 2]}, {}, PICTURE.transpose(0, 3, 1, 2)),
        ("Rescaling", {"scale": 0.5, "offset": 1.0}, {}, PICTURE / 2 + 1),
    ],
)  # fmt: skip
def test_layers_give_what_keras_says_they_give(
    kind: str, settings: dict[str, Any], weights: dict[str, NDArray[Any]], wanted: NDArray[Any]
) -> None:
    model = network(
        layer("InputLayer", "in", batch_input_shape=[None, 4, 4, 2]), layer(kind, "it", "in", strides=1, **settings)
    )

    assert np.asarray(ran(hdf(model, {"it": weights}))([PICTURE])[0]) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("Add", 3 * PICTURE),
        ("Multiply", 2 * PICTURE**2),
        ("Subtract", -PICTURE),
        ("Average", 1.5 * PICTURE),
        ("Maximum", np.maximum(PICTURE, 2 * PICTURE)),
        ("Concatenate", np.concatenate([PICTURE, 2 * PICTURE], -1)),
    ],
)
def test_layers_of_two_take_both(kind: str, wanted: NDArray[Any]) -> None:
    model = network(
        layer("InputLayer", "in", batch_input_shape=[None, 4, 4, 2]),
        layer("Rescaling", "twice", "in", scale=2.0, offset=0.0),
        layer(kind, "both", "in", "twice"),
    )

    assert np.asarray(ran(hdf(model, {}))([PICTURE])[0]) == pytest.approx(wanted, abs=1e-4)


def test_a_network_in_a_network_is_run_each_time_that_it_is_used() -> None:
    inner = {"class_name": "Sequential", "name": "body", "config": {"name": "body", "layers": [
        layer("InputLayer", "i", batch_input_shape=[None, 4, 4, 2]), layer("Dense", "d", "i"),
    ]}}  # fmt: skip
    twice = [[["in", 0, 0, {}]], [["body", 0, 0, {}]]]
    model = network(
        layer("InputLayer", "in", batch_input_shape=[None, 4, 4, 2]),
        {**inner, "inbound_nodes": twice},
        {**layer("ReLU", "r"), "inbound_nodes": [[["body", 1, 0, {}]]]},
    )

    given = ran(hdf(model, {"d": {"kernel": KERNEL}}))([PICTURE])[0]
    assert np.asarray(given) == pytest.approx(np.maximum(PICTURE @ KERNEL @ KERNEL, 0))


def ran(content: bytes) -> Run:
    reader: Any = import_module("facewarden.detector.identity.runtimes.keras.file").HdfModel
    return reader(content, None, None).runner([Slot((1, 4, 4, 2))])
