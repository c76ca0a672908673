"""A face in a frame, and one that is not."""

import cv2
import numpy as np
import pytest

from facewarden.detector.environment.faces import Face
from facewarden.detector.environment.limits import shipped_limits
from facewarden.detector.environment.rim import framed
from facewarden.streams.frame import Image
from tests.helpers.portraits import draw

PORTRAIT = draw(face=60)
FACE = Face((137.0, 60.0, 45.0, 62.0), 0.9, PORTRAIT.landmarks.astype(np.float32))


def held(left: int, top: int, right: int, bottom: int, tone: int = 10) -> Image:
    picture = PORTRAIT.luma.copy()
    cv2.rectangle(picture, (left, top), (right, bottom), (tone,), 5)
    return picture


def test_a_face_on_a_screen_is_framed() -> None:
    assert framed(held(105, 35, 215, 150), FACE) > shipped_limits().framed


@pytest.mark.parametrize("angle", [-12.0, 4.0, 9.0])
def test_a_screen_that_is_held_askew_is_a_frame_as_well(angle: float) -> None:
    turn = cv2.getRotationMatrix2D((160, 90), angle, 1.0)
    turned = cv2.warpAffine(held(105, 35, 215, 150), turn, (320, 180), borderMode=cv2.BORDER_REPLICATE)
    askew = np.asarray(turned, np.uint8)
    landmarks = FACE.landmarks @ turn[:, :2].T + turn[:, 2]

    assert framed(askew, FACE._replace(landmarks=landmarks.astype(np.float32))) > shipped_limits().framed


def test_a_person_before_a_wall_is_not() -> None:
    assert framed(PORTRAIT.luma, FACE) < 0.5


@pytest.mark.parametrize("side", [(105, 35, 215, 250), (-20, 35, 215, 150)], ids=["below", "at one side"])
def test_a_frame_that_is_open_is_none(side: tuple[int, int, int, int]) -> None:
    """Such as a door behind a person, who covers its sill."""
    assert framed(held(*side), FACE) < shipped_limits().framed


@pytest.mark.parametrize("box", [(-60.0, -30.0, 40.0, 50.0), (0.0, 0.0, 320.0, 180.0), (5.0, 5.0, 1.0, 1.0)])
def test_a_face_with_nothing_about_it_is_not_framed(box: tuple[float, float, float, float]) -> None:
    assert 0 <= framed(PORTRAIT.luma, FACE._replace(box=box)) <= shipped_limits().framed
