import cv2
import numpy as np
import pytest

from facewarden.detector.mobility import MobilityEstimator
from facewarden.detector.mobility.meter import Meter
from facewarden.detector.mobility.similarity import Similarity
from facewarden.detector.mobility.view import View
from facewarden.detector.mobility.zoom import zoomed
from facewarden.streams.frame import Image

RNG = np.random.default_rng(0)
WALL = cv2.GaussianBlur(np.kron(RNG.integers(0, 256, (18, 32)), np.ones((5, 5))).astype(np.uint8), (3, 3), 0)
MIDDLE = complex(80, 44)


def grown(rate: float, about: complex = MIDDLE) -> Similarity:
    return Similarity(complex(rate), about * (1 - rate))


def seen(step: Similarity, time: float, pose: Similarity | None = None, chain: int = 0) -> View:
    view = View(np.asarray(cv2.warpAffine(WALL, step.matrix(), (160, 88)), np.uint8), time)
    view.pose, view.chain = pose or step, chain
    return view


def nearing(rates: "np.ndarray[tuple[int], np.dtype[np.float64]]", pose: Similarity) -> View:
    """Each column of the wall at its own distance."""
    x, y = np.meshgrid(np.arange(160), np.arange(88))
    across, down = ((middle + (at - middle) / rates).astype(np.float32) for at, middle in ((x, 80), (y, 44)))
    view = View(np.asarray(cv2.remap(WALL, across, down, cv2.INTER_LINEAR), np.uint8), 1.0)
    view.pose = pose
    return view


@pytest.mark.parametrize("rate", [1.1, 1.3, 0.85])
def test_what_goes_out_of_the_middle_at_one_rate_is_a_zoom(rate: float) -> None:
    assert zoomed(seen(grown(rate), 1.0), [seen(Similarity(), 0.0)])


def test_the_camera_s_steps_need_not_be_exact() -> None:
    off = Similarity(1.2 + 0.004j, grown(1.2).shift + complex(1, -0.5))
    assert zoomed(seen(grown(1.2), 1.0, off), [seen(Similarity(), 0.0)])


def test_a_change_that_is_small_tells_nothing() -> None:
    assert not zoomed(seen(grown(1.03), 1.0), [seen(Similarity(), 0.0)])


def test_who_heads_for_a_point_beside_the_middle_does_not_zoom() -> None:
    assert not zoomed(seen(grown(1.2, complex(30, 20)), 1.0), [seen(Similarity(), 0.0)])


def test_near_things_that_grow_faster_are_no_zoom() -> None:
    rates = np.linspace(1.1, 1.3, 160)
    assert not zoomed(nearing(rates, grown(1.2)), [seen(Similarity(), 0.0)])
    assert zoomed(nearing(np.full(160, 1.2), grown(1.2)), [seen(Similarity(), 0.0)])


def test_a_turn_is_no_zoom() -> None:
    assert not zoomed(seen(Similarity(shift=20 + 0j), 1.0), [seen(Similarity(), 0.0)])


def test_where_the_way_was_lost_or_nothing_has_texture_nothing_is_known() -> None:
    assert not zoomed(seen(grown(1.2), 1.0, chain=1), [seen(Similarity(), 0.0)])
    assert not zoomed(seen(Similarity(), 0.0), [])
    blank = View(np.full((88, 160), 90, np.uint8), 1.0)
    blank.pose = grown(1.2)
    assert not zoomed(blank, [View(np.full((88, 160), 90, np.uint8), 0.0)])


def pictures(*steps: Similarity) -> list[Image]:
    """The wall after each of these steps."""
    seen = [cv2.warpAffine(WALL, step.matrix(), (160, 88), borderMode=cv2.BORDER_REFLECT) for step in steps]
    return [np.asarray(picture, np.uint8) for picture in seen]


def shown(*steps: Similarity) -> Meter:
    """A meter that has seen them, ten a second."""
    seen = pictures(*steps)
    meter = Meter.of(seen[0], 0.0)
    for at, picture in enumerate(seen):
        meter.update(picture, at / 10)
    return meter


def test_it_is_told_from_pictures_alone() -> None:
    assert shown(*[grown(1 + 0.015 * at) for at in range(16)]).zoomed()
    assert not shown(*[grown(1 + 0.015 * at, complex(20, 70)) for at in range(16)]).zoomed()
    assert not shown(*[Similarity(shift=complex(at)) for at in range(16)]).zoomed()


def test_a_zoom_that_ended_is_known_for_four_seconds() -> None:
    zoom = [grown(1 + 0.02 * at) for at in range(11)]
    assert shown(*zoom, *[zoom[-1]] * 25).zoomed()
    assert not shown(*zoom, *[zoom[-1]] * 45).zoomed()


def test_a_belief_says_that_the_camera_zoomed() -> None:
    estimator = MobilityEstimator()
    for at, picture in enumerate(pictures(*[grown(1 + 0.015 * at) for at in range(16)])):
        estimator.update(picture, at / 10)
    assert estimator.belief.evidence["zoomed"] == 1.0
    assert estimator.belief.value != "mobile"
