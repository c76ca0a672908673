"""Landmarks, looked at again: on a network that was built to answer what is known, and on the one that ships."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from facewarden.detector.environment.faces import Face, ScriptedFaces
from facewarden.detector.environment.faces.closeup import SIDE, CloseUp, PointNetwork, close_up, placed
from facewarden.detector.environment.faces.load import shipped_points
from facewarden.detector.errors import ModelError

# Where the network that is built here always sees the points, from the middle of the close-up; its own mirror image.
SEEN = np.array([(-8, -8), (8, -8), (0, 0), (-6, 8), (6, 8)], np.float32)
RIGHT_AND_DOWN = np.array((3, 1), np.float32)
UPRIGHT = SEEN * 2 + (160, 90)
DARK = np.zeros((180, 320), np.uint8)


def answering(points: np.ndarray, name: str = "points") -> bytes:
    """A network that sees the same points in each of two close-ups, a face and its mirror image."""
    both = numpy_helper.from_array(np.stack([points, points]))
    node = helper.make_node("Constant", [], [name], value=both)
    luma = helper.make_tensor_value_info("luma", TensorProto.UINT8, [2, 1, SIDE, SIDE])
    output = helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 5, 2])
    graph = helper.make_graph([node], "scripted", [luma], [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


def face(points: np.ndarray, size: float = 76) -> Face:
    return Face((120.0, 50.0, size * 0.8, size), 0.9, points.astype(np.float32))


def turned(points: np.ndarray, degrees: float) -> np.ndarray:
    angle, middle = np.deg2rad(degrees), points.mean(axis=0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (points - middle) @ turn.T + middle


def test_what_is_seen_close_up_is_said_in_the_pixels_of_the_picture() -> None:
    looking = CloseUp(ScriptedFaces([[face(UPRIGHT)]]), PointNetwork(answering(SEEN), "scripted"))
    (found,) = looking.detect(DARK)

    middle = UPRIGHT.mean(axis=0)
    assert found.landmarks == pytest.approx(SEEN * 2 + middle, abs=1e-3)  # 76 px were shown as 38
    assert found.landmarks.dtype == np.float32
    assert (found.box, found.score) == (face(UPRIGHT).box, 0.9)


def test_a_face_that_leans_is_shown_upright_and_its_points_lean_again() -> None:
    leaning = turned(UPRIGHT, 30)
    looking = CloseUp(ScriptedFaces([[face(leaning)]]), PointNetwork(answering(SEEN), "scripted"))
    (found,) = looking.detect(DARK)

    assert found.landmarks == pytest.approx(turned(SEEN * 2 + leaning.mean(axis=0) - SEEN.mean(axis=0) * 2, 30), abs=1)


def test_points_of_a_mirror_image_are_mirrored_back() -> None:
    right = PointNetwork(answering(SEEN + RIGHT_AND_DOWN), "scripted")(np.zeros((1, 1, SIDE, SIDE), np.uint8))

    assert right[0] == pytest.approx(SEEN + RIGHT_AND_DOWN * (0, 1))  # 3 to the right, and in the mirror 3 to the left


@given(st.floats(-40, 40), st.floats(20, 150), st.integers(60, 260), st.integers(40, 140))
def test_the_close_up_shows_what_lies_where_the_points_say(angle: float, size: float, x: int, y: int) -> None:
    luma = np.full((180, 320), 40, np.uint8)
    cv2.circle(luma, (x, y), round(size / 5), 220, -1)
    points = turned(SEEN * size / 38, angle)
    shown = close_up(luma, placed(size, points - points.mean(axis=0) + (x, y)))

    assert (shown.shape, shown.dtype) == ((SIDE, SIDE), np.uint8)
    assert shown[SIDE // 2 - 2 : SIDE // 2 + 2, SIDE // 2 - 2 : SIDE // 2 + 2].min() > 150
    assert shown[:4].max() < 60


def test_the_points_of_a_large_picture_are_in_its_own_pixels(portrait) -> None:
    small, large = (
        CloseUp(ScriptedFaces([[face(UPRIGHT * n, 76 * n)]]), shipped_points())
        .detect(portrait((320 * n, 180 * n), 76 * n, (160 * n, 90 * n)).luma)[0]
        .landmarks
        for n in (1, 3)
    )

    assert large / 3 == pytest.approx(small, abs=2)


def test_points_that_are_off_come_nearer(portrait) -> None:
    """On a drawn face, from what the detector might have said: moved, and turned by ten degrees."""
    picture = portrait(face=80)
    off = turned(picture.landmarks + RIGHT_AND_DOWN, 10)
    (found,) = CloseUp(ScriptedFaces([[face(off, 80)]]), shipped_points()).detect(picture.luma)

    assert distance(found.landmarks, picture.landmarks) < 0.8 * distance(off, picture.landmarks)


def test_no_faces_are_no_work() -> None:
    assert CloseUp(ScriptedFaces([]), shipped_points()).detect(DARK) == []


def test_a_face_whose_points_all_lie_in_one_place_is_looked_at_upright() -> None:
    assert placed(38, np.full((5, 2), 7.0)) == pytest.approx(np.array([[1, 0, -7], [0, 1, -7]]))


@pytest.mark.parametrize(
    ("content", "why"), [(b"no", "is no ONNX network"), (answering(SEEN, "maps"), "is not a point network of ours")]
)
def test_a_file_that_is_no_such_network_is_refused_in_one_line(content: bytes, why: str) -> None:
    with pytest.raises(ModelError, match=rf"points\.onnx: {why}") as raised:
        PointNetwork(content, "points.onnx")

    assert "\n" not in str(raised.value)


def distance(some: np.ndarray, others: np.ndarray) -> float:
    return float(np.hypot(*(some - others).T).mean())
