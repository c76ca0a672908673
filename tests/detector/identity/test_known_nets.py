"""Weights alone are put together to the network that they are of."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from facewarden.detector.errors import ModelError
from facewarden.detector.identity import identify_bytes
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.model import Array, Slot, Unrunnable
from facewarden.detector.identity.runtimes.pytorch.state_file import StateModel
from facewarden.detector.identity.runtimes.tensorflow.tfjs_file import TfjsModel
from facewarden.detector.identity.runtimes.weights.known import Built, built
from facewarden.detector.identity.runtimes.weights.model import WeightsModel


@pytest.fixture(scope="module")
def nets() -> Any:
    pytest.importorskip("torch")
    from helpers import torch_nets

    return torch_nets


def state(net: Any, before: str = "") -> dict[str, Array]:
    return {f"{before}{name}": one.numpy() for name, one in net.state_dict().items() if one.is_floating_point()}


def answers(found: Built, picture: Array) -> list[Array]:
    return [np.asarray(one) for one in found.model.runner([Slot(picture.shape)])([picture])][: len(found.names)]


def likeness(one: Array, other: Array) -> float:
    return float(one.ravel() @ other.ravel() / np.linalg.norm(one) / np.linalg.norm(other))


NETS: dict[str, tuple[Callable[[Any], Any], tuple[int, int, int]]] = {
    "iresnet": (lambda nets: nets.IResNet(), (3, 112, 112)),
    "iresnet, with gates": (lambda nets: nets.IResNet(se=True), (3, 112, 112)),
    "iresnet for 128": (lambda nets: nets.IResNet(side=8), (3, 128, 128)),
    "IR": (lambda nets: nets.IR("ir"), (3, 112, 112)),
    "IR-SE": (lambda nets: nets.IR("ir+se"), (3, 112, 112)),
    "AdaFace": (lambda nets: nets.IR("adaface"), (3, 112, 112)),
    "AdaFace's deepest": (lambda nets: nets.IR("narrow"), (3, 112, 112)),
    "AdaFace's deepest, with gates": (lambda nets: nets.IR("narrow+se"), (3, 112, 112)),
    "MobileFaceNet": (lambda nets: nets.MobileFaceNet(), (3, 112, 112)),
    "MobileFaceNet of arcface_torch": (lambda nets: nets.ArcMobileFaceNet(), (3, 112, 112)),
    "MobileFaceNet of foamliu": (lambda nets: nets.FoamliuMobileFaceNet(), (3, 112, 112)),
    "FaceNet": (lambda nets: nets.FaceNet(), (3, 160, 160)),
    "ResNet in grey": (lambda nets: nets.GreyResNet(), (1, 128, 128)),
    "SphereFace": (lambda nets: nets.SphereFace(), (3, 112, 96)),
    "LightCNN 9": (lambda nets: nets.LightCNN9(), (1, 128, 128)),
    "LightCNN 29": (lambda nets: nets.LightCNN29(), (1, 128, 128)),
    "LightCNN 29, second": (lambda nets: nets.LightCNN29(second=True), (1, 128, 128)),
    "MTCNN's P-Net": (lambda nets: nets.PNet(), (3, 112, 112)),
    "MTCNN's R-Net": (lambda nets: nets.RNet(), (3, 24, 24)),
    "MTCNN's O-Net": (lambda nets: nets.ONet(), (3, 48, 48)),
    "ResNet": (lambda nets: nets.ResNet(), (3, 224, 224)),
    "ResNet of bottlenecks": (lambda nets: nets.ResNet(late=True), (3, 224, 224)),
    "ResNet of bottlenecks, as in Caffe": (lambda nets: nets.ResNet(late=False), (3, 224, 224)),
    "ResNet for small pictures": (lambda nets: nets.ResNet(side=3), (3, 64, 64)),
    "ArcFace of DeepFace": (lambda nets: nets.DeepFaceArcFace(), (3, 112, 112)),
    "VGG-Face": (lambda nets: nets.VGG(matrices=False), (3, 224, 224)),
    "VGG-Face of matrices": (lambda nets: nets.VGG(matrices=True), (3, 224, 224)),
    "MobileNetV2": (lambda nets: nets.MobileNetV2(), (3, 224, 224)),
    "MobileNetV2 in rows": (lambda nets: nets.MobileNetV2().in_rows(), (3, 224, 224)),
}


def test_a_network_is_put_together_only_in_ways_that_fit_its_first_layer(nets: Any) -> None:
    for side, name in ((7, "ResNet"), (3, "ResNet for small pictures")):
        found = built(state(nets.ResNet(side=side)))

        assert found is not None
        assert found.names == (name,)


@pytest.mark.parametrize("name", NETS)
def test_it_answers_as_torch_does(nets: Any, name: str) -> None:
    make, size = NETS[name]
    net = nets.settled(make(nets))
    picture = np.random.default_rng(0).uniform(-1, 1, (1, *size)).astype(np.float32)
    wanted = net(nets.torch.from_numpy(picture)).detach().numpy()
    found = built(dict(sorted(state(net, "state_dict.module.backbone.").items())))

    assert found is not None
    assert not found.left
    assert max(likeness(one, wanted) for one in answers(found, picture)) > 0.9999


def tiny() -> dict[str, Array]:
    """An iresnet of one block in each stage, four channels wide."""
    chance = np.random.default_rng(0)
    tensors: dict[str, Array] = {}

    def put(name: str, *shape: int) -> None:
        tensors[f"{name}.weight"] = chance.normal(size=shape).astype(np.float32)

    def norm(name: str, wide: int = 4) -> None:
        for kind in ("weight", "bias", "running_mean", "running_var"):
            tensors[f"{name}.{kind}"] = chance.uniform(0.5, 1.5, wide).astype(np.float32)

    put("conv1", 4, 3, 3, 3)
    put("prelu", 4)
    for name in ("bn1", "bn2"):
        norm(name)
    for stage in range(1, 5):
        block = f"layer{stage}.0"
        put(f"{block}.conv1", 4, 4, 3, 3)
        put(f"{block}.conv2", 4, 4, 3, 3)
        put(f"{block}.prelu", 4)
        put(f"{block}.downsample.0", 4, 4, 1, 1)
        for name in ("bn1", "bn2", "bn3", "downsample.1"):
            norm(f"{block}.{name}")
    put("fc", 16, 4 * 7 * 7)
    norm("features", 16)
    return tensors


def test_the_size_of_the_picture_is_told_by_the_last_matrix() -> None:
    found = built(tiny())

    assert found is not None
    assert found.exact
    assert found.model.inputs[0].shape == (1, 3, 112, 112)
    assert found.model.outputs[0].slot.shape == (1, 16)


def test_names_may_have_something_before_them_and_a_head_beside_them() -> None:
    tensors = {f"state_dict.module.{name}": one for name, one in tiny().items()}
    found = built({**tensors, "head.weight": np.ones((1000, 16), np.float32)})

    assert found is not None
    assert found.left == ("head.weight",)
    assert not found.exact


def test_how_often_a_normalisation_was_trained_is_left_out_of_account() -> None:
    found = built({**tiny(), "bn1.num_batches_tracked": np.ones((), np.float32)})

    assert found is not None
    assert found.exact


@pytest.mark.parametrize("name", ["fc.weight", "layer3.0.conv2.weight", "layer1.0.bn1.running_var", "conv1.weight"])
@pytest.mark.parametrize("change", ["absent", "of another shape", "without numbers"])
def test_weights_that_do_not_fit_together_are_no_network(name: str, change: str) -> None:
    tensors = tiny()
    one = tensors.pop(name)
    if change != "absent":
        tensors[name] = np.ones((5, *one.shape[1:]), np.float32) if change == "of another shape" else one[:0]

    assert built(tensors) is None


def test_weights_that_are_no_numbers_are_not_run() -> None:
    tensors = tiny()
    tensors["fc.weight"][0, 0] = np.nan

    with pytest.raises(Unrunnable, match="no numbers"):
        built(tensors)


def test_a_network_of_ten_thousand_blocks_is_not_put_together() -> None:
    tensors = tiny()
    block = {name.removeprefix("layer4.0."): one for name, one in tensors.items() if name.startswith("layer4.0.")}
    long = {f"layer4.{place}.{name}": one for place in range(1, 10_000) for name, one in block.items()}

    with pytest.raises(Unrunnable, match="more than"):
        built(tensors | long)


def test_tensors_that_lie_over_one_another_are_not_run() -> None:
    model = WeightsModel()
    model.build({name: one.shape for name, one in tiny().items()}, stored=100)

    with pytest.raises(Unrunnable, match="over one another"):
        model.runner(())


@pytest.mark.parametrize("name", ["a." * 100_000 + "b", "layer1" + ".0" * 2000 + ".weight"])
def test_names_longer_than_any_networks_are_not_followed(name: str) -> None:
    with pytest.raises(Unrunnable, match="longer"):
        built(tiny() | {name: np.ones((4, 4, 3, 3), np.float32)})


def test_a_side_below_zero_makes_up_for_no_other() -> None:
    header = msgspec.json.encode({"a": {"dtype": "F16", "shape": (-(10**14),), "data_offsets": (0, 0)}})

    with pytest.raises(ModelError, match="shape"):
        identify_bytes(len(header).to_bytes(8, "little") + header, "a.safetensors", Knowledge())


def in_safetensors(tensors: dict[str, Array]) -> bytes:
    header, data = dict[str, Any](), b""
    for name, one in tensors.items():
        header[name] = {"dtype": "F32", "shape": one.shape, "data_offsets": (len(data), len(data) + one.nbytes)}
        data += one.tobytes()
    encoded = msgspec.json.encode(header)
    return len(encoded).to_bytes(8, "little") + encoded + data


def test_a_network_that_was_put_together_is_tried() -> None:
    answer = identify_bytes(in_safetensors(tiny()), "a.safetensors", Knowledge())

    assert any("put together as ArcFace's iresnet" in one.detail for one in answer.evidence)
    assert any("probe pictures" in one.detail for one in answer.evidence)


def test_what_may_not_be_all_of_it_is_never_called_none() -> None:
    beside = {"head.weight": np.ones((1000, 16), np.float32)}
    answers = [identify_bytes(in_safetensors(held), "a", Knowledge()) for held in (tiny(), tiny() | beside)]

    assert [answer.recogniser for answer in answers] == [False, None]
    assert any("may not be all of it" in one.detail for one in answers[1].evidence)


def test_numbers_that_are_not_read_leave_a_no_open() -> None:
    content = in_safetensors(tiny() | {"head.weight": np.ones((8, 4), np.float32)})
    others = [
        content.replace(b'"head.weight":{"dtype":"F32"', b'"head.weight":{"dtype":"%b"' % kind)
        for kind in (b"I32", b"F16")
    ]

    assert [identify_bytes(one, "a", Knowledge()).recogniser for one in others] == [None, None]


def test_kernels_that_are_not_read_leave_it_open_whether_the_rest_is_for_sound_or_learned() -> None:
    random = np.random.default_rng(5)
    sound, gates, drawn = ((64, 40, 5), (64, 64, 5)), ((256, 40), (256, 64), (256,), (256,)), ((64, 64), (128, 64))
    kept = [
        {str(at): random.standard_normal(shape, np.float32) for at, shape in enumerate(shapes)}
        for shapes in (sound, gates, drawn)
    ]
    kernels = {"kernels": random.standard_normal((64, 64, 3, 3), np.float32)}
    beside = [in_safetensors(held | kernels) for held in kept]
    whole = [in_safetensors(held) for held in kept]
    coded = [one.replace(b'"kernels":{"dtype":"F32"', b'"kernels":{"dtype":"I32"') for one in beside]

    assert [identify_bytes(one, "a", Knowledge()).recogniser for one in whole] == [False] * 3
    assert [identify_bytes(one, "a", Knowledge()).recogniser for one in coded] == [None] * 3


def test_a_recogniser_of_weights_alone_is_found_whatever_holds_them(zoo: Path) -> None:
    model = StateModel((zoo / "mbf_pt_foamliu.pt").read_bytes(), None, None)
    held = {f"net.module.{name}": one for name, one in model.named()}
    answer = identify_bytes(in_safetensors(held), "a.safetensors", Knowledge())

    assert answer.recogniser is True
    assert any("put together as MobileFaceNet (foamliu)" in one.detail for one in answer.evidence)


def face_api(folder: Path) -> Path:
    """The list of weights that face-api.js has for dlib's recogniser, four channels wide; by chance."""
    shapes: dict[str, tuple[int, ...]] = {"fc": (4, 8)}
    stages = {"32": 3, "64": 3, "128": 2, "256": 2}
    blocks = [f"conv{wide}_{at}" for wide, count in stages.items() for at in range(1, count + 1)]
    blocks += ["conv64_down", "conv128_down", "conv256_down", "conv256_down_out"]
    for path in ("conv32_down", *(f"{block}/conv{at}" for block in blocks for at in (1, 2))):
        shapes[f"{path}/conv/filters"] = (7, 7, 3, 4) if path == "conv32_down" else (3, 3, 4, 4)
        shapes |= {f"{path}/{name}": (4,) for name in ("conv/bias", "scale/weights", "scale/biases")}
    chance = np.random.default_rng(0)
    (folder / "shard").write_bytes(
        b"".join(chance.normal(size=shape).astype(np.float32).tobytes() for shape in shapes.values())
    )
    weights = [{"name": name, "shape": shape, "dtype": "float32"} for name, shape in shapes.items()]
    path = folder / "manifest.json"
    path.write_bytes(msgspec.json.encode([{"weights": weights, "paths": ["shard"]}]))
    return path


def test_what_face_api_has_of_dlib_is_put_together_as_well(tmp_path: Path) -> None:
    path = face_api(tmp_path)
    model = TfjsModel(path.read_bytes(), tmp_path, path)
    picture = np.zeros((1, 3, 150, 150), np.float32)

    assert model.inputs == (Slot((1, 3, 150, 150)),)
    assert np.asarray(model.runner(model.inputs)([picture])[0]).shape == (1, 8)
    assert any("put together as dlib's ResNet" in note for note in model.notes)
