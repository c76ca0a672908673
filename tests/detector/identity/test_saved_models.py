"""SavedModels of TensorFlow and Paddle's networks, which OpenVINO reads; skipped where that is not installed."""

from pathlib import Path

import numpy as np
import pytest
from helpers.graphs import FOUR, channels_last, constant, field, placeholder, saved_model, signature, step, tensor

from facewarden.detector.identity import Identity, identify, identify_bytes
from facewarden.detector.identity.known import Knowledge
from facewarden.detector.identity.runtimes.tensorflow.saved_model import beside_default


def details(answer: Identity) -> str:
    return "\n".join(one.detail for one in answer.evidence)


def linear(recogniser: bytes) -> bytes:
    """The recogniser of these tests, for channels last, and a mean colour beside it."""
    last = channels_last(recogniser)
    return b"".join((
        placeholder("input", -1, 112, 112, 3),
        constant("shape", np.array([-1, last.shape[0]], np.int32)),
        constant("axes", np.array([1, 2], np.int32)),
        step("small", "AvgPool", "input", T=field(6, 1), ksize=FOUR, strides=FOUR, padding=field(2, b"VALID")),
        step("flat", "Reshape", "small", "shape", T=field(6, 1), Tshape=field(6, 3)),
        step("matrix", "Const", dtype=field(6, 1), value=field(8, tensor(last))),
        step("template", "MatMul", "flat", "matrix", T=field(6, 1)),
        step("colour", "Mean", "input", "axes", T=field(6, 1), Tidx=field(6, 3)),
    ))  # fmt: skip


def write(folder: Path, graph: bytes, signatures: bytes) -> Path:
    (folder / "saved_model.pb").write_bytes(saved_model(graph, signatures))
    return folder / "saved_model.pb"


def test_a_recogniser_in_a_saved_model_is_found(recogniser: bytes, tmp_path: Path, nothing_known: Knowledge) -> None:
    pytest.importorskip("openvino")
    served = signature(serving_default=("input:0", "template:0"))
    answer = identify(write(tmp_path, linear(recogniser), served), nothing_known)

    assert answer.recogniser is True, details(answer)


def test_what_serves_more_than_is_shown_is_never_called_none(
    recogniser: bytes, tmp_path: Path, nothing_known: Knowledge
) -> None:
    pytest.importorskip("openvino")
    graph = linear(recogniser)
    alone, both = tmp_path / "alone", tmp_path / "both"
    for folder, served in (
        (alone, signature(serving_default=("input:0", "colour:0"))),
        (both, signature(serving_default=("input:0", "colour:0"), embed=("input:0", "template:0"))),
    ):
        folder.mkdir()
        write(folder, graph, served)

    assert identify(alone / "saved_model.pb", nothing_known).recogniser is False
    answer = identify(both / "saved_model.pb", nothing_known)
    assert answer.recogniser is None
    assert "it serves embed besides" in details(answer)


def test_signatures_that_lead_to_the_same_are_one() -> None:
    def wrapper(name: bytes, inner: bytes) -> bytes:
        return field(1, field(1, field(1, name)) + field(3, calls(b"call", inner)))

    def calls(name: bytes, function: bytes) -> bytes:
        attribute = field(5, field(1, b"f") + field(2, field(10, field(1, function))))
        return field(1, name) + field(2, b"PartitionedCall") + attribute

    names = ((b"a", b"wrap_a", b"net"), (b"b", b"wrap_b", b"net"), (b"c", b"wrap_c", b"other"))
    nodes = b"".join(field(1, calls(name, function)) for name, function, _ in names)
    graph = nodes + field(2, b"".join(wrapper(function, inner) for _, function, inner in names))
    default = {"serving_default": ("x:0", "a:0")}

    assert beside_default(saved_model(graph, signature(**default, serve=("x:0", "b:0")))) == []
    assert beside_default(saved_model(graph, signature(**default, more=("x:0", "c:0")))) == ["more"]
    assert beside_default(saved_model(graph, signature(**default, more=("x:0", "a:1")))) == ["more"]
    assert beside_default(saved_model(graph, signature(one=("x:0", "a:0"), more=("x:0", "c:0")))) == []


def test_what_lies_outside_its_folder_is_not_read(recogniser: bytes, tmp_path: Path, nothing_known: Knowledge) -> None:
    pytest.importorskip("openvino")
    folder, outside = tmp_path / "model", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "variables.index").write_bytes(b"x")
    (folder / "variables").symlink_to(outside)
    served = signature(serving_default=("input:0", "template:0"))
    answer = identify(write(folder, linear(recogniser), served), nothing_known)

    assert answer.recogniser is None
    assert "outside its folder" in details(answer)


def test_a_saved_model_that_names_nothing_that_it_takes_is_undecided(
    recogniser: bytes, tmp_path: Path, nothing_known: Knowledge
) -> None:
    pytest.importorskip("openvino")
    answer = identify(write(tmp_path, b"", b""), nothing_known)

    assert answer.recogniser is None, details(answer)
    assert identify_bytes(saved_model(linear(recogniser), b""), "x", nothing_known).recogniser is None


def test_half_a_network_of_paddle_is_undecided(tmp_path: Path, nothing_known: Knowledge) -> None:
    pytest.importorskip("openvino")
    (tmp_path / "net.pdiparams").write_bytes(bytes(16) + b"\x04\0\0\0\x08\x05\x10\x10" + bytes(64))
    answer = identify(tmp_path / "net.pdiparams", nothing_known)

    assert answer.recogniser is None
    assert "a part of it is missing: net.pdmodel" in details(answer)
