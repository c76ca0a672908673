"""Networks of ncnn: a list of layers and the weights beside it, read without ncnn, and run."""

import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from helpers.broken import opened
from helpers.layered import as_ncnn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import numpy_helper

from facewarden.detector.errors import ModelError
from facewarden.detector.identity import Identity, identify, identify_bytes
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.model import Slot, Unrunnable
from facewarden.detector.identity.opening import open_model
from facewarden.detector.identity.runtimes.ncnn.file import NcnnModel
from facewarden.detector.inventory import scan

Numbers = NDArray[Any]
MAP = np.random.default_rng(2).normal(size=(1, 4, 6, 8)).astype(np.float32)
ROW = np.arange(1, 5, dtype=np.float32)


def details(answer: Identity) -> str:
    return "\n".join(one.detail for one in answer.evidence)


def written(folder: Path, *lines: str, weights: bytes = b"", given: str = "0=8 1=6 2=4") -> Path:
    layers = [f"Input data 0 1 data {given}", *lines]
    (folder / "net.param").write_text(f"7767517\n{len(layers)} {len(layers)}\n" + "\n".join(layers) + "\n")
    (folder / "net.bin").write_bytes(weights)
    return folder / "net.param"


def tagged(value: Numbers) -> bytes:
    return bytes(4) + value.astype("<f4").tobytes()


def linear(recogniser: bytes, folder: Path) -> Path:
    """The recogniser of these tests."""
    (tensor,) = onnx.load_model_from_string(recogniser).graph.initializer
    weight = numpy_helper.to_array(tensor).T
    lines = ("Pooling small 1 1 data small 0=1 1=4 2=4", f"InnerProduct t 1 1 small t 0=32 2={weight.size}")
    return written(folder, *lines, weights=tagged(weight), given="0=112 1=112 2=3")


def binary(path: Path) -> bytes:
    """The same list in binary numbers."""
    kinds, names, found = {"Input": 16, "Pooling": 21, "InnerProduct": 15}, dict[str, int](), bytearray()
    lines = [line.split() for line in path.read_text().splitlines()]
    for kind, _, taken, gives, *rest in lines[2:]:
        count = int(taken) + int(gives)
        ends = [names.setdefault(name, len(names)) for name in rest[:count]]
        found += struct.pack(f"<{3 + count}i", kinds[kind], int(taken), int(gives), *ends)
        found += b"".join(struct.pack("<2i", *map(int, pair.split("="))) for pair in rest[count:]) + struct.pack(
            "<i", -233
        )
    return struct.pack("<3i", 7767517, len(lines) - 2, len(names)) + found


def test_a_recogniser_is_told_by_what_it_does(recogniser: bytes, tmp_path: Path) -> None:
    answer = identify(linear(recogniser, tmp_path), Knowledge())

    assert answer.recogniser is True, details(answer)
    assert "ncnn: takes 1x3x112x112 float32; gives 1x32" in details(answer)


def test_so_is_one_with_a_list_in_binary_numbers(recogniser: bytes, tmp_path: Path) -> None:
    path = linear(recogniser, tmp_path)
    (tmp_path / "net.param.bin").write_bytes(binary(path))
    path.unlink()
    (found,) = scan(tmp_path)

    assert found.format == "ncnn"
    assert found.identity
    assert found.identity.recogniser is True, details(found.identity)


@pytest.mark.parametrize("name", ["net.param", "net.param.bin"])
def test_so_is_one_in_a_package(name: str, recogniser: bytes, tmp_path: Path) -> None:
    path = linear(recogniser, tmp_path)
    with zipfile.ZipFile(tmp_path / "app.apk", "w") as archive:
        archive.writestr(f"assets/{name}", path.read_bytes() if name == "net.param" else binary(path))
        archive.write(tmp_path / "net.bin", "assets/net.bin")
    found = [one for one in scan(tmp_path / "app.apk") if one.identity]

    assert [one.identity.recogniser for one in found if one.identity] == [True]


def test_without_its_weights_it_is_undecided(recogniser: bytes, tmp_path: Path) -> None:
    path = linear(recogniser, tmp_path)

    assert "only its own content was given" in details(identify_bytes(path.read_bytes(), "a", Knowledge()))
    (tmp_path / "net.bin").unlink()
    answer = identify(path, Knowledge())
    assert answer.recogniser is None
    assert "a part of it is missing: net.bin" in details(answer)


@pytest.mark.parametrize("change", [4, -4])
def test_weights_that_are_not_its_own_are_not_believed(change: int, recogniser: bytes, tmp_path: Path) -> None:
    path = linear(recogniser, tmp_path)
    held = (tmp_path / "net.bin").read_bytes()
    (tmp_path / "net.bin").write_bytes(held + bytes(4) if change > 0 else held[:change])
    answer = identify(path, Knowledge())

    assert answer.recogniser is None
    assert "weights than its layers take" in details(answer)


KERNEL = np.random.default_rng(3).normal(size=(2, 4, 1, 1)).astype(np.float32)
MADE = np.einsum("oi,nihw->nohw", KERNEL[:, :, 0, 0], MAP)
HALVES = (0x01306B47).to_bytes(4, "little") + KERNEL.astype("<f2").tobytes()
EIGHTHS = (0x000D4B38).to_bytes(4, "little") + np.array([[1, -2, 3, 4], [4, 3, 2, -1]], "i1").tobytes()
CODED = b"\1\0\0\0" + np.arange(256, dtype="<f4").tobytes() + bytes([1, 2, 3, 4, 4, 3, 2, 1])
CONVOLVED = "Convolution y 1 1 data y 0=2 1=1 6=8"


@pytest.mark.parametrize(
    ("line", "weights", "wanted"),
    [
        (CONVOLVED, tagged(KERNEL), MADE),
        (CONVOLVED, HALVES, MADE),
        (
            f"{CONVOLVED} 8=1", EIGHTHS + np.array([2.0, 4.0, 9.0], "<f4").tobytes(),
            np.einsum("oi,nihw->nohw", np.array([[0.5, -1, 1.5, 2], [1, 0.75, 0.5, -0.25]]), MAP),
        ),
        (CONVOLVED, CODED, np.einsum("oi,nihw->nohw", np.array([[1, 2, 3, 4], [4, 3, 2, 1.0]]), MAP)),
        (f"{CONVOLVED} 9=3 -23310=2,-0.5,0.5", tagged(KERNEL), np.clip(MADE, -0.5, 0.5)),
        (f"{CONVOLVED} 9=3 10=-0.5,0.5", tagged(KERNEL), np.clip(MADE, -0.5, 0.5)),
        (
            "ConvolutionDepthWise y 1 1 data y 0=4 1=1 5=1 6=4 7=4", tagged(ROW) + ROW.tobytes(),
            (MAP + 1) * ROW.reshape(-1, 1, 1),
        ),
        ("PReLU y 1 1 data y 0=4", ROW.tobytes(), np.where(MAP < 0, MAP * ROW.reshape(-1, 1, 1), MAP)),
        ("BinaryOp y 1 1 data y 0=7 1=1 2=1.5", b"", 1.5 - MAP),
        ("Pooling y 1 1 data y 0=1 4=1", b"", MAP.mean((2, 3))),
        ("Reduction y 1 1 data y 0=3 1=0 -23303=2,1,2 4=1 5=1", b"", MAP.mean((2, 3), keepdims=True)),
        ("Permute y 1 1 data y 0=3", b"", MAP.transpose(0, 2, 3, 1)),
        ("Reshape y 1 1 data y 0=4 1=-1", b"", MAP.reshape(1, 48, 4)),
        ("HardSwish y 1 1 data y 0=0.2 1=0.5", b"", MAP * np.clip(MAP / 5 + 0.5, 0, 1)),
        ("Interp y 1 1 data y 0=1 1=2.0 2=2.0", b"", MAP.repeat(2, 2).repeat(2, 3)),
        (
            "Padding y 1 1 data y 0=1 1=0 2=0 3=2 5=0.5", b"",
            np.pad(MAP, ((0, 0), (0, 0), (1, 0), (0, 2)), constant_values=0.5),
        ),
        ("ShuffleChannel y 1 1 data y 0=2", b"", MAP[:, [0, 2, 1, 3]]),
        (
            "LayerNorm y 1 1 data y 0=8 1=0.0 2=0", b"",
            (MAP - MAP.mean(-1, keepdims=True)) / MAP.std(-1, keepdims=True),
        ),
    ],
)  # fmt: skip
def test_layers_give_what_ncnn_says_they_give(line: str, weights: bytes, wanted: Numbers, tmp_path: Path) -> None:
    model = NcnnModel((path := written(tmp_path, line, weights=weights)).read_bytes(), None, path)
    (made,) = model.runner([Slot(MAP.shape)])([MAP])[: len(model.outputs)]

    assert made == pytest.approx(wanted.astype(np.float32), abs=5e-3)


def test_a_size_that_is_not_said_is_open(tmp_path: Path) -> None:
    path = written(tmp_path, "Convolution y 1 1 data y 0=2 1=3 6=54", weights=tagged(np.ones((2, 27))), given="")

    assert NcnnModel(path.read_bytes(), None, path).inputs == (Slot((1, 3, None, None)),)


def test_a_layer_of_somebodys_own_is_named_and_undecided(recogniser: bytes, tmp_path: Path) -> None:
    path = linear(recogniser, tmp_path)
    path.write_text(path.read_text().replace("Pooling small 1 1 data small 0=1 1=4 2=4", "Mine small 1 1 data small"))
    answer = identify(path, Knowledge())

    assert answer.recogniser is None
    assert "it has a layer Mine, which is not run here" in details(answer)


@pytest.mark.parametrize("line", [
    "Convolution y 1 1 data y 0=2 1=3 6=2000000000", "Convolution y 1 1 data y 0=-2 1=3 6=54",
    "Convolution y 1 1 data y 0=2 1=100000 6=8", "Pooling y 1 1 data y 0=0 1=3 2=0", "Tile y 1 1 data y",
    "Interp y 1 1 data y 0=1 1=99999999.0 2=99999999.0", "MemoryData m 0 1 y 0=60000 1=60000 2=60000",
    "Reshape y 1 1 data y 0=-1 1=-1", "Padding y 1 1 data y 0=999999999", "ReLU y 1 1 y data",
    "ReLU y 1 1 data y 0=nan",
])  # fmt: skip
def test_a_network_that_cannot_be_is_undecided(line: str, tmp_path: Path) -> None:
    answer = identify(written(tmp_path, line, weights=tagged(np.ones(2)), given="0=112 1=112 2=3"), Knowledge())

    assert answer.recogniser is None
    assert "not tried" in details(answer)


@pytest.mark.parametrize("text", [
    "7767517\n1 1\nReLU", "7767517\n1 1\nReLU y 9 1 a b", "7767517\n1 1\nReLU y -1 1 a b", "7767517\n1 1\nReLU y a b",
    "7767517\n1 1\nReLU y 1 1 a b x=y",
])  # fmt: skip
def test_a_broken_list_is_told_in_a_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "net.param").write_text(text)
    with pytest.raises(ModelError, match=r"^[^\n]+$"):
        identify(tmp_path / "net.param", Knowledge())


@pytest.mark.parametrize("lines", [
    ("ExpandDims a 1 1 data a 3=0,1,2,3", "Squeeze y 1 1 a y 0=1"), ("Reshape y 1 1 data y",), ("Concat y 0 1 y 0=0",),
    ("Interp y 1 1 data y 0=1 1=1e30 2=1e30",), ("Softmax y 0 1 y 0=0",),
])  # fmt: skip
def test_what_no_layer_can_do_is_told_in_a_line(lines: tuple[str, ...], tmp_path: Path) -> None:
    path = written(tmp_path, *lines)
    model = open_model(path.read_bytes(), path)

    with pytest.raises(Unrunnable, match="its layers do not fit together"):
        model.runner(model.inputs)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_broken_in_a_list_ends_in_a_line(recogniser: bytes, tmp_path: Path, data: st.DataObject) -> None:
    path = linear(recogniser, tmp_path)
    content = bytearray(data.draw(st.sampled_from([path.read_bytes(), binary(path)])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    model = opened(bytes(content), path)
    assert model is None or model.format == "ncnn"


@pytest.mark.parametrize("kind", ["plain", "halves", "eighths"])
def test_a_published_recogniser_is_found(kind: str, zoo: Path, tmp_path: Path) -> None:
    answer = identify(as_ncnn((zoo / "mbf_rv1126.onnx").read_bytes(), tmp_path, kind), Knowledge())

    assert answer.recogniser is True, details(answer)
