"""Models of Core ML: networks of layers and programs, read without its tools, and run."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from helpers.broken import opened
from helpers.coreml import Program, array, coded, image, layer, network, packed, row_of, weight
from helpers.graphs import field
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import numpy_helper

from facewarden.detector.identity import Identity, identify, identify_bytes
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.runtimes.coreml.file import CoremlModel
from facewarden.detector.inventory import scan

Numbers = NDArray[Any]
MAP = np.random.default_rng(4).normal(size=(1, 4, 6, 8)).astype(np.float32)
ROW = np.arange(1, 5, dtype=np.float32)
WIDE = ROW.reshape(-1, 1, 1)
POOLED = field(1, 1) + field(10, packed(4, 4)) + field(20, packed(4, 4)) + field(30, b"")


def details(answer: Identity) -> str:
    return "\n".join(one.detail for one in answer.evidence)


def matrix(recogniser: bytes) -> Numbers:
    (tensor,) = onnx.load_model_from_string(recogniser).graph.initializer
    return numpy_helper.to_array(tensor).T


def linear(held: bytes, given: bytes, *, exact: bool = False, kind: int = 500) -> bytes:
    """The recogniser of these tests."""
    body = field(1, 2352) + field(2, 32) + field(20, held)
    flat = layer(1140, "flat", "small", field(1, packed(1, -1))) if exact else layer(301, "flat", "small")
    return network(
        given, layer(120, "small", "data", POOLED), flat, layer(140, "t", "flat", body), exact=exact, kind=kind
    )


def program(recogniser: bytes) -> Program:
    made = Program(1, 3, 112, 112)
    made.held("w", matrix(recogniser).astype(np.float16), beside=True)
    made.add("avg_pool", "small", x="x", kernel_sizes=np.array([4, 4]), strides=np.array([4, 4]), pad_type=b"valid")
    made.add("reshape", "flat", x="small", shape=np.array([1, -1]))
    made.add("linear", "t", x="flat", weight="w")
    return made


def packaged(made: Program, folder: Path, *outputs: str) -> Path:
    """As an .mlpackage has it."""
    place = folder / "a.mlpackage" / "Data" / "com.apple.CoreML"
    (place / "weights").mkdir(parents=True)
    (place / "weights" / "weight.bin").write_bytes(made.weights)
    (place / "model.mlmodel").write_bytes(made.model(*outputs))
    return place / "model.mlmodel"


@pytest.mark.parametrize(("given", "exact", "kind"), [
    (array("data", 3, 112, 112), False, 500), (array("data", 1, 3, 112, 112), True, 403),
    (image("data", 112, 112), False, 303), (image("data", 112, 112), True, 500),
])  # fmt: skip
def test_a_recogniser_is_told_by_what_it_does(given: bytes, exact: bool, kind: int, recogniser: bytes) -> None:
    answer = identify_bytes(linear(weight(matrix(recogniser)), given, exact=exact, kind=kind), "a", Knowledge())

    assert answer.recogniser is True, details(answer)
    assert "coreml: takes 1x3x112x112 float32; gives 1x32" in details(answer)


@pytest.mark.parametrize("bits", [16, 8, 6])
def test_so_is_one_with_weights_in_fewer_bits(bits: int, recogniser: bytes) -> None:
    full = matrix(recogniser).astype(np.float32)
    low, step = full.min(), (full.max() - full.min()) / (2**bits - 1)
    whole = np.rint((full - low) / step).astype(np.int64)
    scale = field(1, np.float32(step).tobytes()) + field(2, np.float32(low).tobytes())
    held = weight(full.astype(np.float16)) if bits == 16 else coded(whole, bits, field(101, scale))

    assert identify_bytes(linear(held, array("data", 3, 112, 112)), "a", Knowledge()).recogniser is True


def test_so_is_a_program_with_its_weights_beside_it(recogniser: bytes, tmp_path: Path) -> None:
    packaged(program(recogniser), tmp_path, "t")
    (found,) = [one for one in scan(tmp_path) if one.identity]

    assert found.format == "coreml"
    assert found.identity
    assert found.identity.recogniser is True, details(found.identity)


def test_so_is_one_in_a_package(recogniser: bytes, tmp_path: Path) -> None:
    place = packaged(program(recogniser), tmp_path, "t")
    with zipfile.ZipFile(tmp_path / "app.ipa", "w") as archive:
        for one in sorted(place.parent.rglob("*.*")):
            archive.write(one, f"Payload/a.app/{one.relative_to(place.parent)}")
    found = [one.identity.recogniser for one in scan(tmp_path / "app.ipa") if one.identity]

    assert found == [True]


def test_a_program_without_its_weights_is_undecided(recogniser: bytes, tmp_path: Path) -> None:
    place = packaged(program(recogniser), tmp_path, "t")
    (place.parent / "weights" / "weight.bin").unlink()
    answer = identify(place, Knowledge())

    assert answer.recogniser is None
    assert "a part of it is missing: weight.bin" in details(answer)


@pytest.mark.parametrize("place", [0, 4, 64, 68, 72, 80])
def test_a_file_of_other_weights_is_not_believed(place: int, recogniser: bytes, tmp_path: Path) -> None:
    made = program(recogniser)
    made.weights[place] ^= 0xFF
    answer = identify(packaged(made, tmp_path, "t"), Knowledge())

    assert answer.recogniser is (True if place in (0, 4, 68) else None)  # what nobody reads


def test_of_a_row_of_models_the_network_is_looked_at(recogniser: bytes) -> None:
    inner = linear(weight(matrix(recogniser)), array("data", 3, 112, 112))
    boxes = field(1, 4) + field(2, b"") + field(610, b"")

    assert identify_bytes(row_of(inner, boxes), "a", Knowledge()).recogniser is True
    two = identify_bytes(row_of(inner, inner), "a", Knowledge())
    assert two.recogniser is None
    assert "it has several networks" in details(two)


def test_trees_and_words_are_none() -> None:
    trees = field(1, 4) + field(2, b"") + field(402, b"trees")
    words = field(1, 4) + field(2, b"") + field(2000, b"words")

    assert identify_bytes(trees, "a", Knowledge()).recogniser is False
    assert identify_bytes(words, "a", Knowledge()).recogniser is False
    assert identify_bytes(field(1, 4) + field(2, b"") + field(555, b"own"), "a", Knowledge()).recogniser is None


def test_a_layer_of_somebodys_own_is_named_and_undecided() -> None:
    own = network(array("data", 3, 112, 112), layer(500, "own", "data", bytes(8192)))
    answer = identify_bytes(own, "a", Knowledge())

    assert answer.recogniser is None
    assert "it has a layer of number 500, which is not run here" in details(answer)


KERNEL = np.random.default_rng(5).normal(size=(2, 4, 1, 1)).astype(np.float32)
MADE = np.einsum("oi,nihw->nohw", KERNEL[:, :, 0, 0], MAP)
ONES = field(1, packed(4)) + field(2, weight(ROW)) + field(3, 1) + field(4, packed(4)) + field(5, weight(-ROW))
BATCH = (
    field(1, 4) + field(15, weight(ROW)) + field(16, weight(ROW)) + field(17, weight(ROW)) + field(18, weight(ROW**2))
)
BORDERED = np.pad(MAP, ((0, 0), (0, 0), (1, 0), (0, 2)))
SPREAD = MAP.reshape(1, 1, 2, 2, 6, 8).transpose(0, 1, 4, 2, 5, 3).reshape(1, 1, 12, 16)
EDGES = field(10, field(10, field(1, 1) + field(2, 0)) + field(10, field(1, 0) + field(2, 2)))


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (
            layer(100, "y", "x", field(1, 2) + field(2, 4) + field(20, packed(1, 1)) + field(50, b"")
            + field(70, 1) + field(90, weight(KERNEL)) + field(91, weight(np.ones(2, np.float32)))), MADE + 1,
        ),
        (layer(120, "y", "x", field(1, 1) + field(60, 1)), MAP.mean((2, 3), keepdims=True)),
        (
            layer(120, "y", "x", field(10, packed(2, 2)) + field(20, packed(2, 2)) + field(30, b"")),
            MAP.reshape(1, 4, 3, 2, 4, 2).max((3, 5)),
        ),
        (layer(130, "y", "x", field(25, field(1, weight(ROW)))), np.where(MAP < 0, MAP * WIDE, MAP)),
        (layer(130, "y", "x", field(15, field(1, 0.5))), np.where(MAP < 0, MAP / 2, MAP)),
        (layer(160, "y", "x", BATCH), (MAP - WIDE) + WIDE),
        (layer(170, "y", "x", b""), MAP / np.sqrt((MAP**2).sum())),
        (layer(175, "y", "x", b""), np.exp(MAP) / np.exp(MAP).sum(1, keepdims=True)),
        (layer(200, "y", "x", field(1, field(1, 0.5)) + EDGES), BORDERED + 0.5 * (BORDERED == 0)),
        (layer(210, "y", "x", field(1, packed(2, 2))), MAP.repeat(2, 2).repeat(2, 3)),
        (layer(220, "y", "x", field(1, 6) + field(4, 1.0) + field(5, 2.0)), np.abs(2 * MAP + 1)),
        (layer(230, "y", "x", field(1, 1.5)), MAP + 1.5),
        (layer(231, "y", "x x"), MAP**2),
        (layer(245, "y", "x", ONES), (MAP - 1) * WIDE),
        (layer(280, "y", "x", field(1, 1) + field(3, 1)), MAP.mean((2, 3), keepdims=True)),
        (layer(300, "y", "x", field(1, packed(8, 4, 6))), MAP.reshape(1, 8, 4, 6)),
        (layer(310, "y", "x", field(1, packed(0, 2, 3, 1))), MAP.transpose(0, 2, 3, 1)),
        (layer(330, "s", "x", field(1, 2), "a b") + layer(320, "y", "b a"), np.roll(MAP, 2, 1)),
        (layer(345, "y", "x", field(1, 2) + field(2, 2)), SPREAD),
    ],
)  # fmt: skip
def test_layers_give_what_core_ml_says_they_give(made: bytes, wanted: Numbers) -> None:
    model = CoremlModel(network(array("x", 4, 6, 8), made), None, None)
    (given,) = model.runner(model.inputs)([MAP])[: len(model.outputs)]

    assert given == pytest.approx(wanted.astype(np.float32), abs=1e-4)


def test_a_picture_is_scaled_first_as_the_file_says() -> None:
    scaler = field(2, field(10, field(10, 2.0) + field(20, -1.0) + field(21, -1.0) + field(22, -1.0)))
    content = network(image("x", 20, 20), layer(130, "y", "x", field(10, b"")), scaler)
    model = CoremlModel(content, None, None)
    (given,) = model.runner(model.inputs)([np.full((1, 3, 20, 20), 3, np.float32)])[:1]

    assert np.unique(given).tolist() == [5.0]


@pytest.mark.parametrize(
    ("kind", "settings_", "wanted"),
    [
        ("conv", {"weight": KERNEL, "pad_type": b"valid"}, MADE),
        ("batch_norm", {"mean": ROW, "variance": ROW**2, "epsilon": np.float32(0)}, (MAP - WIDE) / WIDE),
        ("mul", {"y": ROW.reshape(1, 4, 1, 1)}, MAP * WIDE),
        ("real_div", {"y": np.float32(2)}, MAP / 2),
        ("clip", {"alpha": np.float32(-1), "beta": np.float32(1)}, np.clip(MAP, -1, 1)),
        ("silu", {}, MAP / (1 + np.exp(-MAP))),
        ("prelu", {"alpha": ROW}, np.where(MAP < 0, MAP * WIDE, MAP)),
        ("reduce_mean", {"axes": np.array([2, 3]), "keep_dims": np.array(1)}, MAP.mean((2, 3), keepdims=True)),
        ("reduce_l2_norm", {"axes": np.array([1]), "keep_dims": np.array(0)}, np.sqrt((MAP**2).sum(1))),
        ("transpose", {"perm": np.array([0, 2, 3, 1])}, MAP.transpose(0, 2, 3, 1)),
        ("reshape", {"shape": np.array([1, 8, -1])}, MAP.reshape(1, 8, 24)),
        ("softmax", {"axis": np.array(1)}, np.exp(MAP) / np.exp(MAP).sum(1, keepdims=True)),
        (
            "slice_by_index", {"begin": np.array([0, 1, 0, -2]), "end": np.array([1, 3, 0, 8]),
            "end_mask": np.array([0, 0, 1, 0])}, MAP[:, 1:3, :, -2:],
        ),
        (
            "layer_norm", {"axes": np.array([3]), "epsilon": np.float32(0)},
            (MAP - MAP.mean(-1, keepdims=True)) / MAP.std(-1, keepdims=True),
        ),
        (
            "upsample_nearest_neighbor", {"scale_factor_height": np.array(2), "scale_factor_width": np.array(2)},
            MAP.repeat(2, 2).repeat(2, 3),
        ),
        ("pad", {"pad": np.array([0, 0, 0, 0, 1, 0, 0, 2]), "mode": b"constant"}, BORDERED),
    ],
)  # fmt: skip
def test_operations_give_what_core_ml_says_they_give(kind: str, settings_: dict[str, Any], wanted: Numbers) -> None:
    made = Program(1, 4, 6, 8)
    made.add(kind, "y", x="x", **settings_)
    model = CoremlModel(made.model("y"), None, None)
    (given,) = model.runner(model.inputs)([MAP])[: len(model.outputs)]

    assert given == pytest.approx(wanted.astype(np.float32), abs=1e-4)


@pytest.mark.parametrize("made", [
    layer(100, "y", "x", field(1, 1 << 40) + field(2, 4) + field(90, weight(KERNEL))),
    layer(100, "y", "x", field(1, 2) + field(2, 4) + field(20, packed(-1, -1)) + field(90, weight(KERNEL))),
    layer(210, "y", "x", field(1, packed(1 << 40, 1))), layer(200, "y", "x", field(10, field(10, field(1, 1 << 50)))),
    layer(300, "y", "x", field(1, packed(1 << 62, 4, 4))), layer(130, "a", "b") + layer(130, "b", "a"),
    layer(290, "y", "", field(1, packed(1 << 30, 1 << 30, 8)) + field(2, weight(ROW))), layer(130, "y", "x", b""),
    layer(345, "y", "x", field(1, 1) + field(2, 1 << 40)), layer(140, "y", "x", field(1, 9) + field(2, 9)),
])  # fmt: skip
def test_a_network_that_cannot_be_is_undecided(made: bytes) -> None:
    answer = identify_bytes(network(array("x", 3, 112, 112), made), "a", Knowledge())

    assert answer.recogniser is None
    assert "not tried: it" in details(answer)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_whatever_is_broken_in_a_file_ends_in_a_line(data: st.DataObject) -> None:
    made = Program(1, 3, 20, 20)
    made.add("conv", "c", x="x", weight=np.ones((2, 3, 3, 3), np.float32), pad_type=b"same", strides=np.array([2, 2]))
    made.add("reshape", "y", x="c", shape=np.array([1, -1]))
    pool = layer(120, "p", "x", field(10, packed(2, 2)) + field(20, packed(2, 2)) + field(30, b""))
    ways = [made.model("y"), network(array("x", 3, 20, 20), pool, layer(245, "y", "p", ONES.replace(b"\4", b"\3")))]
    content = bytearray(data.draw(st.sampled_from(ways)))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(2, len(content) - 1))] = data.draw(st.integers(0, 255))
    model = opened(bytes(content))
    assert model is None or model.format
