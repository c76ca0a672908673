"""Frozen graphs of TensorFlow: read without TensorFlow, and run."""

import struct
from pathlib import Path

import numpy as np
import pytest
from helpers.graphs import FOUR, channels_last, constant, field, number, placeholder, sides, step

from facewarden.detector.identity import Identity, identify
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.model import Slot
from facewarden.detector.identity.runtimes.tensorflow.file import GraphModel
from facewarden.detector.inventory import scan


def details(answer: Identity) -> str:
    return "\n".join(one.detail for one in answer.evidence)


def linear(recogniser: bytes) -> bytes:
    """The recogniser of these tests, for channels last, with a switch for learning before its end."""
    last = channels_last(recogniser)
    return b"".join((
        placeholder("input", -1, 112, 112, 3),
        placeholder("phase_train", kind=10),
        constant("shape", np.array([-1, last.shape[0]], np.int32)),
        constant("matrix", last),
        step("small", "AvgPool", "input", ksize=FOUR, strides=FOUR, padding=field(2, b"VALID")),
        step("flat", "Reshape", "small", "shape"),
        step("way", "Switch", "flat", "phase_train"),
        step("noise", "RandomUniform", "way:1"),
        step("all", "Merge", "way", "noise"),
        step("template", "MatMul", "all", "matrix"),
    )) + field(4, field(1, 24))  # fmt: skip


def test_a_recogniser_is_told_by_what_it_does_when_it_does_not_learn(recogniser: bytes, tmp_path: Path) -> None:
    (tmp_path / "frozen").write_bytes(linear(recogniser))
    answer = identify(tmp_path / "frozen", Knowledge())

    assert answer.recogniser is True, details(answer)
    assert "tensorflow_graph: takes ?x112x112x3 float32; gives" in details(answer)


def test_what_takes_a_picture_in_bytes_is_undecided(tmp_path: Path) -> None:
    graph = placeholder("x", kind=7) + step("picture", "DecodeJpeg", "x") + step("y", "Mean", "picture", "axes")
    (tmp_path / "a.pb").write_bytes(graph + constant("axes", np.array([0, 1], np.int32)) + field(4, field(1, 27)))

    assert identify(tmp_path / "a.pb", Knowledge()).recogniser is None


def test_short_constants_are_written_out_in_any_of_its_ways() -> None:
    filled = field(1, 1) + field(2, sides(2, 2)) + number(5 << 3 | 2) + number(8) + struct.pack("<2f", 1.0, 2.0)
    counted = field(1, 3) + field(2, sides(2)) + field(7, number(-1) + number(3))
    content = b"".join((
        placeholder("x", 2, 2),
        step("gains", "Const", value=field(8, filled)),
        step("sides", "Const", value=field(8, counted)),
        step("scaled", "Mul", "x", "gains"),
        step("y", "Reshape", "scaled", "sides"),
    ))  # fmt: skip
    with pytest.raises(Exception, match="ONNX Runtime"):  # four values in rows of three
        GraphModel(content, None, None).runner([Slot((2, 2))])([np.ones((2, 2), np.float32)])
    model = GraphModel(content.replace(field(7, number(-1) + number(3)), field(7, number(-1) + number(4))), None, None)
    given = model.runner([Slot((2, 2))])([np.ones((2, 2), np.float32)])[0]

    assert np.asarray(given).tolist() == [[1, 2, 2, 2]]


@pytest.mark.parametrize("cut", [1, 7])
def test_a_broken_graph_is_told_in_a_line(cut: int, recogniser: bytes, tmp_path: Path) -> None:
    content = linear(recogniser)
    (tmp_path / "frozen").write_bytes(content[:60] + bytes([content[60] ^ 0xFF]) * cut + content[60 + cut :])
    (found,) = scan(tmp_path)

    assert found.error or (found.identity and found.identity.recogniser is None) or found.skipped
