from itertools import pairwise

import cv2
import numpy as np
import pytest

from facewarden.detector.mobility.similarity import Similarity
from facewarden.detector.mobility.steps import Steps
from facewarden.detector.mobility.view import View
from facewarden.streams.frame import Image

BLURRED = cv2.GaussianBlur(np.random.default_rng(3).integers(0, 256, (360, 640), np.uint8), (0, 0), 3).astype(float)
SCENE: Image = (255 * (BLURRED - BLURRED.min()) / np.ptp(BLURRED)).astype(np.uint8)


def view(left: int, time: float) -> View:
    """What a camera sees that is turned to the right."""
    part: Image = SCENE[90:270, left : left + 320]
    return View(part, time)


def followed(*views: View) -> Steps:
    steps = Steps()
    nothing = np.zeros(views[0].energy.shape, np.bool_)
    for one in views:
        steps.update(one, nothing)
    return steps


def test_the_cameras_way_adds_up_along_a_chain() -> None:
    views = [view(100 + 4 * number, number / 10) for number in range(6)]
    followed(*views)

    assert {one.chain for one in views} == {0}
    assert views[-1].pose.shift == pytest.approx(-10.0, abs=0.3)  # 20 px of 320 are 10 of 160, to the left
    assert all(after.pose.shift.real < before.pose.shift.real for before, after in pairwise(views))


def test_a_scene_that_cannot_be_followed_begins_a_chain() -> None:
    blank = View(np.full((180, 320), 128, np.uint8), 0.2)
    views = [view(100, 0.0), view(104, 0.1), blank, view(100, 0.3), view(104, 0.4)]
    followed(*views)

    assert views[1].chain == 0 < views[2].chain
    assert blank.pose == Similarity()


def test_a_scale_that_has_drifted_for_months_begins_a_chain_and_comes_to_nothing_never() -> None:
    first, second = view(100, 0.0), view(104, 0.1)
    steps = followed(first)
    first.pose = Similarity(1e-4 + 0j)
    steps.update(second, np.zeros(first.energy.shape, np.bool_))

    assert (second.chain, second.pose) == (1, Similarity())
