"""From the maps of a network to faces, on networks that answer what they were built to."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from facewarden.detector.environment.faces.network import Network, NetworkFaces

FRAME = (192, 320)
Cell = tuple[int, int, int]
"""Stride, row and column."""


def log_odds(score: float) -> float:
    return math.log(score / (1 - score))


@pytest.fixture
def detector() -> Callable[[dict[Cell, list[float]]], NetworkFaces]:
    """Built from the 15 numbers of some cells; all others see nothing."""

    def build(cells: dict[Cell, list[float]]) -> NetworkFaces:
        nodes, outputs = [], []
        for stride in (8, 16, 32):
            grid = np.zeros((1, 15, FRAME[0] // stride, FRAME[1] // stride), np.float32)
            grid[:, 0] = -20
            for (of, row, column), numbers in cells.items():
                if of == stride:
                    grid[0, :, row, column] = numbers
            name = f"stride_{stride}"
            nodes.append(helper.make_node("Constant", [], [name], value=numpy_helper.from_array(grid)))
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, grid.shape))
        luma = helper.make_tensor_value_info("luma", TensorProto.UINT8, [1, 1, *FRAME])
        graph = helper.make_graph(nodes, "scripted", [luma], outputs)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return NetworkFaces(Network(model.SerializeToString(), "scripted"), 0.4)

    return build


def cell(score: float, size: float, x: float = 0, points: float = 0) -> list[float]:
    """A cell that sees a square face of so many strides, `x` strides to the right of its own middle."""
    return [log_odds(score), x, 0, math.log(size), math.log(size), *[points] * 10]


def test_a_cell_tells_where_its_face_is_in_strides_from_its_middle(detector) -> None:
    (face,) = detector({(16, 3, 5): cell(0.9, size=4, x=0.5, points=1)}).detect(np.zeros((180, 320), np.uint8))

    assert face.box == pytest.approx((5.5 * 16 + 8 - 32, 3.5 * 16 - 32, 64, 64), abs=1e-3)
    assert face.score == pytest.approx(0.9)
    assert face.landmarks == pytest.approx(np.tile((6.5 * 16, 4.5 * 16), (5, 1)))


def test_boxes_and_landmarks_of_a_picture_that_was_scaled_down_are_in_its_own_pixels(detector) -> None:
    scripted = detector({(16, 3, 5): cell(0.9, size=4)})
    (small,), (large,) = (scripted.detect(np.zeros((180 * n, 320 * n), np.uint8)) for n in (1, 3))

    assert large.box == pytest.approx([3 * number for number in small.box])
    assert large.landmarks == pytest.approx(3 * small.landmarks)


def test_cells_that_see_the_same_face_are_one_and_the_strongest_speaks(detector) -> None:
    cells = {(8, 8, 8): cell(0.7, size=6), (8, 8, 9): cell(0.9, size=6), (8, 8, 30): cell(0.8, size=6)}
    faces = detector(cells).detect(np.zeros((180, 320), np.uint8))

    assert [round(face.score, 3) for face in faces] == [0.9, 0.8]


def test_a_box_beyond_all_measure_stays_finite(detector) -> None:
    numbers = [9.0, 0, 0, 1000, 1000, *[0] * 10]
    (face,) = detector({(8, 8, 8): numbers}).detect(np.zeros((180, 320), np.uint8))

    assert all(math.isfinite(number) for number in face.box)


def test_a_network_that_sees_nothing_finds_nothing(detector) -> None:
    assert detector({}).detect(np.zeros((180, 320), np.uint8)) == []
