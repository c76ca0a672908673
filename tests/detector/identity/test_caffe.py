"""Networks of Caffe: read without Caffe, and run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from helpers import caffe
from helpers.broken import opened
from helpers.caffe import dims, given, layer, net, older
from helpers.graphs import field
from helpers.layered import as_caffe
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import numpy_helper

from facewarden.detector.errors import ModelError
from facewarden.detector.identity import Identity, identify, identify_bytes
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.model import Slot
from facewarden.detector.identity.runtimes.caffe.file import CaffeModel

Numbers = NDArray[Any]
MAP = np.random.default_rng(1).normal(size=(1, 4, 5, 7)).astype(np.float32)
ROW = np.arange(1, 5, dtype=np.float32)
LONG = np.float32


def details(answer: Identity) -> str:
    return "\n".join(one.detail for one in answer.evidence)


def matrix(recogniser: bytes) -> Numbers:
    (tensor,) = onnx.load_model_from_string(recogniser).graph.initializer
    return numpy_helper.to_array(tensor).T


def linear(weight: Numbers, *first: bytes) -> bytes:
    """The recogniser of these tests."""
    return net(
        *(first or (given(1, 3, 112, 112),)),
        layer("Pooling", "small", "data", _1=1, _2=4, _3=4),
        layer("Dropout", "drop", "small", "small"),
        layer("InnerProduct", "template", "small", weights=(weight,), _1=len(weight), _2=0),
    )


def test_a_recogniser_is_told_by_what_it_does(recogniser: bytes) -> None:
    answer = identify_bytes(linear(matrix(recogniser)), "a", Knowledge())

    assert answer.recogniser is True, details(answer)
    assert "caffe: takes 1x3x112x112 float32; gives 1x32" in details(answer)


def test_so_is_one_of_before_2015_that_was_being_taught(recogniser: bytes) -> None:
    content = net(
        older("Data", "data", gives="data label", _3=112),
        older("Pooling", "small", "data", _1=1, _2=4, _3=4),
        older("InnerProduct", "template", "small", weights=(matrix(recogniser),), _1=32, _2=0),
        older("SoftmaxWithLoss", "loss", "template label"),
    )
    answer = identify_bytes(content, "a", Knowledge())

    assert answer.recogniser is True, details(answer)


def test_layers_that_need_the_right_answers_are_for_learning_alone(recogniser: bytes) -> None:
    margins = np.random.default_rng(0).normal(size=(900, 32)).astype(np.float32)
    content = linear(matrix(recogniser), layer("Data", "data", gives="data label", _3=112))
    content += layer("MarginInnerProduct", "margins", "template label", weights=(margins,))
    answer = identify_bytes(content + layer("SoftmaxWithLoss", "loss", "margins label"), "a", Knowledge())

    assert answer.recogniser is True, details(answer)


TAUGHT = layer("Data", "d", gives="data label", _3=112)
HIDDEN = layer("InnerProduct", "hidden", "hidden", weights=(np.ones((30, 30), np.float32),), _1=30, _2=0)


@pytest.mark.parametrize("layers", [
    (TAUGHT, layer("Pooling", "hidden", "label", _1=1, _2=4, _3=4), HIDDEN, HIDDEN),
    (given(1, 3, 112, 112), layer("PriorBox", "hidden", "data"), HIDDEN, HIDDEN),
    (TAUGHT, layer("InnerProduct", "hidden", "data label", weights=(np.ones((30, 300)),))),
    (given(1, 3, 112, 112), layer("MarginLoss", "hidden", "data", weights=(np.ones((30, 300)),))),
])  # fmt: skip
def test_a_network_is_not_hidden_among_what_is_left_out(layers: Sequence[bytes]) -> None:
    seen = layer("Pooling", "p", "data", _1=1, _2=8, _3=8)
    answer = identify_bytes(net(*layers, seen), "a", Knowledge())

    assert answer.recogniser is None, details(answer)


@pytest.mark.parametrize("kind", [np.float16, np.float64])
def test_weights_of_other_widths_are_read(kind: type, recogniser: bytes) -> None:
    assert identify_bytes(linear(matrix(recogniser).astype(kind)), "a", Knowledge()).recogniser is True


@pytest.mark.parametrize("text", [
    "input: 'data'\ninput_dim: 1\ninput_dim: 3\ninput_dim: 48\ninput_dim: 60",
    'layer { type: "Input" input_param { shape { dim: 1 dim: 3 dim: 48 dim: 60 } } }',
])  # fmt: skip
def test_the_text_of_its_name_says_for_which_size(text: str, tmp_path: Path) -> None:
    pooled = layer("Pooling", "p", "data", _1=1, _2=4, _3=4)
    content = net(pooled, layer("InnerProduct", "m", "p", weights=(np.ones((2, 12 * 15 * 3), np.float32),), _1=2, _2=0))
    (tmp_path / "a.caffemodel").write_bytes(content)
    (tmp_path / "a.prototxt").write_text(text)
    (tmp_path / "b.prototxt").write_text(text.replace("48", "24"))

    assert CaffeModel(content, None, tmp_path / "a.caffemodel").inputs == (Slot((1, 3, 48, 60)),)


def test_a_size_that_layers_are_not_bound_to_is_not_believed() -> None:
    """Whoever runs Caffe or ncnn gives what picture he likes: one number in a text would hide a network."""
    content = net(given(1, 3, 12, 12), layer("Pooling", "p", "data", _1=1, _12=1))

    assert CaffeModel(content, None, None).inputs == (Slot((1, 3, None, None)),)


def test_the_text_of_another_network_is_believed_only_where_its_size_fits(tmp_path: Path) -> None:
    for name, side in (("detector", 12), ("deploy", 52)):
        (tmp_path / f"{name}.prototxt").write_text(f"input_shape {{ dim: 1 dim: 3 dim: {side} dim: {side} }}")
    pooled = layer("Pooling", "p", "data", _1=1, _2=4, _3=4)
    last = layer("InnerProduct", "m", "p", weights=(np.ones((2, 13 * 13 * 3), np.float32),), _1=2, _2=0)

    assert CaffeModel(net(pooled), None, tmp_path / "a.caffemodel").inputs == (Slot((1, 3, None, None)),)
    assert CaffeModel(net(pooled, last), None, tmp_path / "a.caffemodel").inputs == (Slot((1, 3, 52, 52)),)


def test_a_text_of_spaces_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.prototxt").write_text("shape" + " " * 1_000_000)
    open_size = net(layer("Pooling", "p", "data", _1=1, _2=4, _3=4))

    assert CaffeModel(open_size, None, tmp_path / "a.caffemodel").inputs == (Slot((1, 3, None, None)),)


def test_a_size_that_nobody_names_is_the_one_that_its_matrix_fits() -> None:
    pooled = layer("Pooling", "p", "data", _1=1, _2=8, _3=8)
    content = net(pooled, layer("InnerProduct", "m", "p", weights=(np.ones((2, 12 * 14 * 3), np.float32),), _1=2, _2=0))

    assert CaffeModel(content, None, None).inputs == (Slot((1, 3, 112, 96)),)


def test_where_several_sizes_fit_it_is_never_called_none() -> None:
    halved = [layer("Pooling", f"p{place}", f"p{place - 1}" if place else "data", _2=2, _3=2) for place in range(7)]
    last = layer(
        "InnerProduct", "m", "p6", weights=(np.ones((2, 3), np.float32),), _1=2, _2=0
    )  # 64 and 128 to one place
    model = CaffeModel(net(*halved, last), None, None)

    assert model.inputs == (Slot((1, 3, 112, 112)),)
    assert model.rest == "its layers fit pictures of several sizes, and it does not say which"


def test_a_choice_among_boxes_is_left_out_and_named() -> None:
    content = net(
        given(1, 3, 300, 300),
        layer("Convolution", "places", "data", weights=(np.ones((8, 3, 3, 3), np.float32),), _1=8, _2=0, _4=3, _6=8),
        layer("Permute", "turned", "places", _1=[0, 2, 3, 1]),
        layer("Flatten", "flat", "turned"),
        layer("PriorBox", "boxes", "places data"),
        layer("DetectionOutput", "found", "flat flat boxes"),
    )
    model = CaffeModel(content, None, None)

    assert "looked at as far as PriorBox; what follows holds nothing learned" in model.notes
    assert [layer.slot.shape for layer in model.outputs] == [(1, 8 * 14 * 14)]  # of 112 pixels, the usual size
    assert identify_bytes(content, "a", Knowledge()).recogniser is False


def test_a_layer_that_is_not_known_and_holds_what_was_learned_is_named_and_undecided(recogniser: bytes) -> None:
    learned = (np.ones((32, 32), np.float32), np.ones(32, np.float32))
    content = linear(matrix(recogniser)) + layer("Attention", "a", "template", weights=learned)
    answer = identify_bytes(content, "a", Knowledge())

    assert answer.recogniser is None
    assert "it has a layer Attention, which is not run here" in details(answer)


BOTH = (layer("Power", "twice", "data", _2=2.0), layer("Power", "less", "data", _3=-1.0))
MEAN, VARIANCE = ROW / 10, ROW
GAPS = np.arange(9) / 2, np.arange(13) / 2
ROWS = np.stack([np.stack([np.interp(GAPS[0], range(5), one) for one in plane.T], 1) for plane in MAP[0]])
INTERPOLATED = np.stack([np.stack([np.interp(GAPS[1], range(7), one) for one in plane]) for plane in ROWS])[None]
PADDED = np.pad(MAP, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=-np.inf)


@pytest.mark.parametrize(
    ("layers", "wanted"),
    [
        ([layer("Pooling", "y", "data", _1=0, _2=2, _3=2)], PADDED.reshape(1, 4, 3, 2, 4, 2).max((3, 5))),
        ([layer("Pooling", "y", "data", _1=1, _12=1)], MAP.mean((2, 3), keepdims=True)),
        ([layer("ReLU", "y", "data", _1=0.5)], np.where(MAP < 0, MAP / 2, MAP)),
        ([layer("PReLU", "y", "data", weights=(ROW,))], np.where(MAP < 0, MAP * ROW.reshape(-1, 1, 1), MAP)),
        ([layer("Power", "y", "data", _1=2.0, _2=0.5, _3=1.5)], (1.5 + MAP / 2) ** 2),
        ([layer("Exp", "y", "data", _1=2.0, _3=1.0)], 2 ** (1 + MAP)),
        ([layer("Scale", "y", "data", weights=(ROW, -ROW), _4=1)], (MAP - 1) * ROW.reshape(-1, 1, 1)),
        ([layer("Bias", "y", "data", weights=(ROW,))], MAP + ROW.reshape(-1, 1, 1)),
        (
            [layer("BatchNorm", "y", "data", weights=(MEAN * 2, VARIANCE * 2, np.array([2.0], LONG)), _3=0.0)],
            (MAP - MEAN.reshape(-1, 1, 1)) / np.sqrt(VARIANCE.reshape(-1, 1, 1)),
        ),
        ([layer("Softmax", "y", "data")], np.exp(MAP) / np.exp(MAP).sum(1, keepdims=True)),
        ([layer("Normalize", "y", "data", _1=0)], MAP / np.sqrt((MAP**2).sum(1, keepdims=True))),
        ([layer("Reshape", "y", "data", _1=dims(0, -1, 7))], MAP.reshape(1, 20, 7)),
        ([layer("Flatten", "y", "data", _1=2)], MAP.reshape(1, 4, 35)),
        ([layer("Permute", "y", "data", _1=[0, 2, 3, 1])], MAP.transpose(0, 2, 3, 1)),
        ([layer("Slice", "s", "data", "a b", _2=[1]), layer("Concat", "y", "b a")], np.roll(MAP, -1, 1)),
        ([*BOTH, layer("Eltwise", "y", "twice less", _1=0)], 2 * MAP * (MAP - 1)),
        ([*BOTH, layer("Eltwise", "y", "twice less", _2=[1.0, -2.0])], np.full_like(MAP, 2)),
        ([*BOTH, layer("Eltwise", "y", "twice less", _1=2)], np.maximum(2 * MAP, MAP - 1)),
        ([layer("Power", "a", "data", "a", _3=1.0), layer("ReLU", "b", "a", "a")], np.maximum(MAP + 1, 0)),
        ([layer("Reduction", "y", "data", _1=4, _2=2)], MAP.mean((2, 3))),
        ([layer("Tile", "y", "data", _1=1, _2=2)], np.tile(MAP, (1, 2, 1, 1))),
        ([layer("ShuffleChannel", "y", "data", _1=2)], MAP[:, [0, 2, 1, 3]]),
        ([layer("Upsample", "y", "data", _1=2)], MAP.repeat(2, 2).repeat(2, 3)),
        ([layer("Interp", "y", "data", _3=2)], INTERPOLATED),
    ],
)  # fmt: skip
def test_layers_give_what_caffe_says_they_give(layers: Sequence[bytes], wanted: Numbers) -> None:
    model = CaffeModel(net(given(1, 4, 5, 7), *layers), None, None)
    (made,) = model.runner([Slot(MAP.shape)])([MAP])[: len(model.outputs)]

    assert made == pytest.approx(wanted.astype(np.float32), abs=1e-5)


def test_a_mean_counts_the_zeros_around_and_nothing_beyond_them() -> None:
    model = CaffeModel(net(given(1, 4, 5, 7), layer("Pooling", "y", "data", _1=1, _2=3, _3=3, _4=1)), None, None)
    (made,) = model.runner([Slot((1, 4, 5, 7))])([np.ones((1, 4, 5, 7), np.float32)])[:1]

    assert np.asarray(made)[0, 0] == pytest.approx(np.array([[4, 6, 4], [6, 9, 6]], np.float32) / 9)


BLOB = caffe.blob(np.ones((2, 3, 3, 3), np.float32))


@pytest.mark.parametrize("broken", [
    pytest.param(layer("Convolution", "c", "data", _1=2) + layer("ReLU", "r", "nowhere"), id="from nowhere"),
    pytest.param(layer("ReLU", "a", "b", "a") + layer("ReLU", "b", "a", "b"), id="a circle"),
    pytest.param(layer("Convolution", "c", "data", weights=(np.ones((2, 27), LONG),), _1=2, _4=1 << 40), id="wide"),
    pytest.param(layer("Pooling", "p", "data", _2=3, _3=0), id="no stride"),
    pytest.param(layer("Tile", "t", "data", _2=1 << 60), id="many times"),
    pytest.param(layer("Reshape", "t", "data", _1=dims(0, 1 << 62, -1)), id="reshaped"),
    pytest.param(layer("InnerProduct", "i", "data", weights=(np.ones((0, 3), np.float32),), _1=0), id="nothing"),
    pytest.param(layer("Power", "p", "data", _1=float("nan")), id="no number"),
    pytest.param(layer("Eltwise", "e", "data data", _1=7), id="of no kind"),
    pytest.param(layer("Slice", "s", "data", "a b", _2=[1 << 50]), id="beyond the end"),
])  # fmt: skip
def test_a_network_that_cannot_be_is_undecided(broken: bytes) -> None:
    answer = identify_bytes(net(given(1, 3, 112, 112), broken), "a", Knowledge())

    assert answer.recogniser is None
    assert "not tried: it" in details(answer)


@pytest.mark.parametrize("blob", [
    field(7, dims(1 << 40, 1 << 40)) + field(5, bytes(8)), field(1, 1 << 60) + field(5, bytes(4)), field(7, dims(-3)),
])  # fmt: skip
def test_weights_that_are_not_there_are_told_in_a_line(blob: bytes, tmp_path: Path) -> None:
    held = field(1, b"c") + field(2, b"Convolution") + field(3, b"data") + field(4, b"c") + field(7, blob)
    (tmp_path / "a").write_bytes(net(given(1, 3, 64, 64), field(100, held)))
    with pytest.raises(ModelError, match="weights that do not fill their shapes"):
        identify(tmp_path / "a", Knowledge())


@settings(max_examples=60, deadline=None)
@over(st.data())
def test_whatever_is_broken_in_a_file_ends_in_a_line(data: st.DataObject) -> None:
    weights = (np.ones((4, 3, 3, 3), np.float32),)
    content = bytearray(net(
        given(1, 3, 20, 20),
        layer("Convolution", "c", "data", weights=weights, _1=4, _2=0, _4=3, _6=2),
        layer("Pooling", "p", "c", _2=3, _3=2),
        layer("Slice", "s", "p", "a b", _2=[1]),
        layer("Reshape", "r", "b", _1=dims(0, -1)),
        layer("InnerProduct", "i", "r", weights=(np.ones((3, 48), np.float32),), _1=3, _2=0),
    ))  # fmt: skip
    places = [place for place, byte in enumerate(content) if byte]
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.sampled_from(places))] = data.draw(st.integers(0, 255))
    model = opened(bytes(content))
    assert model is None or model.format


def test_a_published_recogniser_is_found(zoo: Path) -> None:
    answer = identify_bytes(as_caffe((zoo / "mbf_rv1126.onnx").read_bytes()), "a", Knowledge())

    assert answer.recogniser is True, details(answer)
