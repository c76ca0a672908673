"""dlib's own files of networks are read without it, and run."""

import struct
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, files
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from facewarden.detector.errors import ModelError
from facewarden.detector.identity import identify_bytes
from facewarden.detector.identity.formats import format_of
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.model import Array, Slot
from facewarden.detector.identity.runtimes.weights.dlib_file import DlibModel

NOTHING = Knowledge()


def whole(*numbers: int) -> bytes:
    """As dlib writes whole numbers."""
    sized = [(number, abs(number).to_bytes((abs(number).bit_length() + 7) // 8 or 1, "little")) for number in numbers]
    return b"".join(bytes([0x80 * (number < 0) + len(held)]) + held for number, held in sized)


def layer(name: str, *settings: int) -> bytes:
    return whole(len(name)) + name.encode() + whole(*settings)


def tensor(numbers: Array) -> bytes:
    return whole(2, numbers.size, 1, 1, 1) + numbers.astype("<f4").tobytes()


def conv(kernel: Array, bias: Sequence[float], stride: int, pad: int) -> bytes:
    wide, _, *sides = kernel.shape
    return layer("con_4") + tensor(np.append(kernel.ravel(), bias)) + whole(wide, *sides, stride, stride, pad, pad)


def affine(gains: Sequence[float], shifts: Sequence[float]) -> bytes:
    return layer("affine_") + tensor(np.array([*gains, *shifts]))


def start(side: int) -> bytes:
    return layer("input_rgb_image_sized") + whole(100, 0, 110, 0, 120, 0, side, side)


def single(value: float) -> Array:
    """A convolution that takes each colour times that."""
    return value * np.eye(3, dtype=np.float32)[:, :, None, None]


BLOCK = conv(single(2), [0, 0, 0], 1, 0) + layer("relu_") + conv(single(3), [1, 1, 1], 1, 0)
ADDED = layer("add_prev_") + layer("relu_")
HALVED = conv(single(2), [0, 0, 0], 2, 0) + layer("relu_") + conv(single(3), [0, 0, 0], 1, 0)
MATRIX = np.arange(12, dtype=np.float32).reshape(3, 4)  # as dlib has it: what goes in by what comes out
END = layer("avg_pool_2", 0, 0, 1, 1, 0, 0) + layer("fc_2", 4, 3) + tensor(MATRIX)


def network(*layers: bytes, loss: str = "loss_metric_2", side: int = 20) -> bytes:
    return whole(1) + layer(loss) + whole(1, -4, 2, 2, 2) + b"".join((start(side), *layers))


def answer(content: bytes, picture: Array) -> Array:
    model = DlibModel(content, None, None)
    return np.asarray(model.runner(model.inputs)([picture])[0])[0]


def test_a_block_adds_what_went_into_it() -> None:
    picture = np.full((1, 3, 20, 20), 228, np.float32)
    fed = (228 - np.array([100, 110, 120])) / 256
    wanted = (2 * fed * 3 + 1 + fed) * [1, 2, 3] + 4

    found = answer(network(BLOCK, ADDED, affine([1, 2, 3], [4, 4, 4]), END), picture)

    assert np.allclose(found, wanted @ MATRIX, rtol=1e-5)


def test_a_block_that_is_made_smaller_adds_the_mean_and_zeros_where_there_is_nothing() -> None:
    picture = np.full((1, 3, 21, 21), 228, np.float32)  # 11 places, and the mean of 10
    fed = (228 - np.array([100, 110, 120])) / 256
    wanted = (121 * 6 * fed + 100 * fed) / 121

    found = answer(network(HALVED, layer("avg_pool_2", 2, 2, 2, 2, 0, 0), ADDED, END, side=21), picture)

    assert np.allclose(found, wanted @ MATRIX, rtol=1e-5)


def test_it_is_told_by_its_content() -> None:
    content = network(BLOCK, ADDED, END)
    landmarks = whole(1, -10, -1) + b"\x03\x6e\xb8\xc6\x81\x18" * 50

    assert format_of(BytesIO(content), len(content)) == "dlib"
    assert format_of(BytesIO(landmarks), len(landmarks)) is None


def test_what_is_not_in_the_file_leaves_a_no_open() -> None:
    found = identify_bytes(network(BLOCK, ADDED, END), "a.dat", NOTHING)

    assert found.recogniser is None
    assert any("what is added to what" in one.detail for one in found.evidence)


def test_a_network_that_looks_for_things_is_none() -> None:
    found = identify_bytes(network(BLOCK, loss="loss_mmod_"), "a.dat", NOTHING)

    assert found.recogniser is False
    assert any("looks for things" in one.detail for one in found.evidence)


@pytest.mark.parametrize(
    "layers",
    [
        [layer("bn_con2"), END],
        [ADDED, END],
        [BLOCK, layer("max_pool_2", 0, 0, 2, 2, 0, 0), END],
        [BLOCK, layer("max_pool_2", 30, 30, 2, 2, 0, 0), END],
        [conv(single(1), [0, 0, 0, 0], 1, 0), END],
        [conv(single(1), [0, 0, 0], 0, 0), END],
        [BLOCK * 5000, END],
        [BLOCK],
    ],
)
def test_what_does_not_fit_is_undecided(layers: list[bytes]) -> None:
    assert identify_bytes(network(*layers), "a.dat", NOTHING).recogniser is None


def test_one_cut_short_anywhere_is_undecided_or_an_error() -> None:
    content = network(BLOCK, ADDED, affine([1, 2, 3], [4, 4, 4]), END)
    for length in range(20, len(content), 7):
        try:
            model = DlibModel(content[:length], None, None)
        except ValueError:
            continue
        assert not model.inputs


def test_a_tensor_of_more_than_there_is_is_an_error() -> None:
    huge = layer("con_4") + whole(2, 1 << 60, 1 << 60, 1, 1) + struct.pack("<f", 1)

    with pytest.raises(ModelError):
        identify_bytes(network(huge, END), "a.dat", NOTHING)


@pytest.fixture(scope="module")
def trained() -> bytes:
    """dlib's own recogniser, of a package."""
    try:
        found = files("face_recognition_models") or []
    except PackageNotFoundError:
        pytest.skip("needs face_recognition_models")
    path = next(one for one in found if one.name == "dlib_face_recognition_resnet_model_v1.dat")
    return Path(str(path.locate())).read_bytes()


def test_it_answers_as_dlib_does(trained: bytes) -> None:
    dlib = pytest.importorskip("dlib")
    path = next(one for one in files("face_recognition_models") or [] if one.name.startswith("dlib_face_recognition"))
    picture = np.random.default_rng(0).integers(0, 256, (150, 150, 3), np.uint8)
    wanted = np.array(dlib.face_recognition_model_v1(str(path.locate())).compute_face_descriptor(picture))

    assert np.allclose(answer(trained, picture.transpose(2, 0, 1)[None].astype(np.float32)), wanted, atol=1e-5)


def test_one_of_another_training_is_found(trained: bytes) -> None:
    model = DlibModel(trained, None, None)
    changed = bytearray(trained)
    for kernel in model.weights():
        at = trained.index(kernel.tobytes())
        noise = np.random.default_rng(at).normal(1, 0.02, kernel.shape).astype("<f4")
        changed[at : at + kernel.nbytes] = (kernel * noise).tobytes()

    assert model.inputs == (Slot((1, 3, 150, 150)),)
    assert identify_bytes(bytes(changed), "a.dat", NOTHING).recogniser is True
