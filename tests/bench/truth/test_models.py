"""The benchmark of models that nobody has seen, over a small recogniser made here; torch is needed to teach others."""

from pathlib import Path

import numpy as np
import pytest
from helpers.networks import network, recogniser  # noqa: F401 - fixtures
from onnx import TensorProto, helper, numpy_helper

from facewarden.bench.material.mixtures import mixtures

torch = pytest.importorskip("torch")

from facewarden.bench.material import networks  # noqa: E402
from facewarden.bench.truth.models.asking import ask  # noqa: E402
from facewarden.bench.truth.models.bases import Base  # noqa: E402
from facewarden.bench.truth.models.case import Answer, Case  # noqa: E402
from facewarden.bench.truth.models.cases import of_recognisers, of_strangers  # noqa: E402
from facewarden.bench.truth.models.report import report  # noqa: E402


def test_mixtures_are_the_same_each_time_and_no_two_alike() -> None:
    first, again = mixtures(4), mixtures(4)

    assert np.array_equal(first.pictures, again.pictures)
    assert first.pictures.shape == (4, 112, 112)
    assert np.abs(first.poses).max() <= 1.5
    assert len({picture.tobytes() for picture in first.pictures}) == 4


def test_every_kind_of_change_is_made_of_some_base(recogniser: bytes) -> None:  # noqa: F811 - the fixture
    kinds = {case.kind for case in of_recognisers([Base("a", recogniser), Base("b", recogniser)])}

    assert {"as it is", "16 bits", "channels last", "OpenVINO", "in an Android package"} <= kinds
    assert len(kinds) > 35


@pytest.mark.parametrize("kind", ["as it is", "mirrored besides, one vector", "gzip", "in a layer of an image"])
def test_a_recogniser_is_asked_about_and_found(kind: str, recogniser: bytes) -> None:  # noqa: F811 - the fixture
    case = next(one for one in of_recognisers([Base("a", recogniser)]) if one.kind == kind)
    answer = ask(case)

    assert (answer.made, answer.said, answer.truth) == (None, "recogniser", True)
    assert answer.bytes > 0
    assert answer.seconds > 0
    assert answer.memory > 1 << 20


def test_what_cannot_be_made_is_said_and_not_counted() -> None:
    def broken(_: Path) -> None:
        raise ValueError("no such operator")

    answers = [ask(Case("impossible", "a", True, broken)), Answer("as it is", "a", True, "recogniser")]
    text = report(answers)

    assert "- impossible of a (ValueError: no such operator)" in text
    assert "| recognisers | 1 | 1 | 0 | 0 |" in text


def test_what_a_change_has_broken_is_no_model_and_not_counted() -> None:
    def unequal(folder: Path) -> None:
        """Adds a row of two to a picture of other sides."""
        add = helper.make_node("Add", ["in", "row"], ["out"])
        given, made = (
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 112, 112]) for name in ("in", "out")
        )
        row = numpy_helper.from_array(np.ones(2, np.float32), "row")
        model = helper.make_model(helper.make_graph([add], "g", [given], [made], [row]), ir_version=8)
        (folder / "model").write_bytes(model.SerializeToString())

    answer = ask(Case("broken", "x", False, unequal))

    assert (answer.made or "").startswith("no model: not tried: ONNX Runtime refuses it")


def test_the_report_counts_what_is_right_undecided_and_wrong() -> None:
    said = ["recogniser", "none", "undecided", "not looked at"]
    answers = [Answer("a kind", "a", truth, one) for truth in (True, False) for one in said]
    text = report(answers)

    assert "| recognisers | 4 | 1 | 2 | 1 |" in text
    assert "| no recognisers | 4 | 1 | 2 | 1 |" in text
    assert "| a | 4 | 1 | 2 | 1 |" in text


def test_networks_that_learned_nothing_are_no_recognisers() -> None:
    bases = [("nothing (random weights, 512)", Base(name, networks.as_onnx(networks.fresh(make, 512))))
             for name, make in networks.FAMILIES.items()]  # fmt: skip
    answers = [ask(case) for case in of_strangers(bases) if case.kind.startswith("nothing")]

    assert [one.said for one in answers] == ["none"] * len(bases)


@pytest.mark.slow
def test_a_network_learns_what_it_is_taught() -> None:
    taken = mixtures(96)
    module = networks.taught(networks.residual, taken.pictures, taken.poses, 12)
    said = module(networks.as_input(torch.from_numpy(taken.pictures))).detach().numpy()

    assert ((said - taken.poses) ** 2).mean() < 0.5 * (taken.poses**2).mean()
