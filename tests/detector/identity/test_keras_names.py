"""Weights that Keras wrote without their network are put together to the network that they are of."""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from facewarden.detector.identity.model import Array, Slot
from facewarden.detector.identity.runtimes.keras.file import HdfModel
from facewarden.detector.identity.runtimes.keras.names import as_of_torch

h5py: Any = pytest.importorskip("h5py")
_CHANNELS = {392: 8, 980: 20}  # of the map that a matrix of so many rows takes
_OF_NORMS = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}


@pytest.fixture(scope="module")
def nets() -> Any:
    pytest.importorskip("torch")
    from helpers import torch_nets

    return torch_nets


def facenet(path: str) -> str:
    """As DeepFace calls a layer of facenet-pytorch: the second branch of some blocks has the number of the block."""
    path = re.sub(r"^(repeat_[23]\.)(\d)\.branch1", lambda one: f"{one[1]}{one[2]}.branch{int(one[2]) + 1}", path)
    path = re.sub(r"(\.branch\d)\.0\.", r"\1_Conv2d_0a_1x1.", path)
    path = re.sub(r"(\.branch\d)\.1\.", r"\1_Conv2d_0b_3x3.", path)
    path = re.sub(r"(\.branch\d)\.2\.", r"\1_Conv2d_0c_3x3.", path)
    path = re.sub(r"(\.branch\d)\.(conv|bn)", r"\1_Conv2d_1x1.\2", path)
    path = re.sub(r"^repeat_(\d)\.(\d)", lambda one: f"Block{(35, 17, 8)[int(one[1]) - 1]}_{int(one[2]) + 1}", path)
    path = re.sub(r"\.branch(\d)", r"_Branch_\1", re.sub(r"^block8", "Block8_6", path))
    path = re.sub(r"^conv2d_(\w\w)", r"Conv2d_\1_3x3", re.sub(r"^mixed", "Mixed", path))
    path = {"last_linear": "Bottleneck", "last_bn": "Bottleneck_BatchNorm"}.get(path, path)
    path = re.sub(r"\.conv2d$", "_Conv2d_1x1", path)
    return path.removesuffix(".conv").replace(".bn", "_BatchNorm")


def arcface(path: str) -> str:
    """As DeepFace calls a layer with TensorFlow."""
    path = path.removeprefix("backbone.")
    path = re.sub(r"^conv(\d)\.(\d)\.", lambda one: f"conv{one[1]}_block{int(one[2]) + 1}_", path)
    path = re.sub(r"_(conv|bn|prelu)_(\d)$", r"_\2_\1", path)
    return {"bn": "batch_normalization_3", "dense": "dense_1"}.get(path, path)


def nameless(path: str) -> str:
    """A name that says nothing."""
    return f"conv2d_{path.encode().hex()}"


def of_keras(state: Mapping[str, Array], name: Any) -> dict[str, dict[str, Array]]:
    """The weights by the layers of Keras, channels last."""
    layers: dict[str, dict[str, Array]] = {}
    for whole, one in state.items():
        path, _, kind = whole.rpartition(".")
        own = layers.setdefault(name(path), {})
        if one.ndim == 4:
            own["kernel"] = one.transpose(2, 3, 1, 0)
        elif one.ndim == 2:
            wide = int(one.shape[1])
            channels = _CHANNELS.get(wide, wide)
            own["kernel"] = one.reshape(len(one), channels, -1).transpose(2, 1, 0).reshape(-1, len(one))
        elif f"{path}.running_mean" in state:
            own[_OF_NORMS[kind]] = one
        else:
            own["bias" if kind == "bias" else "alpha"] = one if kind == "bias" else one[None, None]
    return layers


def saved(layers: Mapping[str, Mapping[str, Array]]) -> bytes:
    """As `model.save_weights("x.h5")` writes it."""
    stream = BytesIO()
    with h5py.File(stream, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in layers]
        for name, own in layers.items():
            for kind, one in own.items():
                file[f"{name}/{name}/{kind}:0"] = one
    return stream.getvalue()


@pytest.mark.parametrize(
    ("net", "name", "side"),
    [
        ("FaceNet", facenet, 160),
        ("DeepFaceArcFace", arcface, 112),
        ("VGG convolutions", nameless, 224),
        ("VGG matrices", nameless, 224),
    ],
)
def test_it_answers_as_torch_does(nets: Any, net: str, name: Any, side: int) -> None:
    kind, _, how = net.partition(" ")
    made = nets.settled(getattr(nets, kind)(*([how == "matrices"] if how else [])))
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 3, side, side)).astype(np.float32)
    wanted = made(nets.torch.from_numpy(picture)).detach().numpy().ravel()
    state = {key: one.numpy() for key, one in made.state_dict().items() if one.is_floating_point()}
    state = {key: one for key, one in state.items() if not key.startswith("logits")}
    model = HdfModel(saved(of_keras(state, name)), None, None)
    answer = np.asarray(model.runner([Slot(picture.shape)])([picture])[0]).ravel()

    assert np.abs(answer - wanted).max() < 1e-3 * np.abs(wanted).max()
    assert any("put together as" in note for note in model.notes)


def test_of_two_weights_by_one_name_none_is_lost() -> None:
    deep, point = np.ones((3, 3, 8, 1), np.float32), np.ones((1, 1, 8, 16), np.float32)
    apart = as_of_torch({"c/c/depthwise_kernel:0": deep, "c/c/pointwise_kernel:0": point}, ["c"])
    nothing = as_of_torch({"d/d/kernel:0": np.ones((0, 10), np.float32)}, ["d"])

    assert [one.shape for one in apart.values()] == [(8, 1, 3, 3), (16, 8, 1, 1)]
    assert nothing == {}


def test_names_of_keras_1_are_read_as_well() -> None:
    kernel, bias = np.ones((3, 3, 3, 8), np.float32), np.ones(8, np.float32)
    found = as_of_torch({"c/c_W:0": kernel, "c/c_b:0": bias, "c/c_steps:0": bias}, ["c"])

    assert {name: one.shape for name, one in found.items()} == {"c.weight": (8, 3, 3, 3), "c.bias": (8,)}
