"""What a photograph does, whatever is done to it, and what a face does."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from facewarden.detector.environment.faces import Face
from facewarden.detector.environment.limits import shipped_limits
from facewarden.detector.environment.plane import Plane
from facewarden.streams.frame import Image
from tests.helpers.portraits import draw

PORTRAIT = draw(face=80)
BOX = (130.0, 48.0, 60.0, 84.0)
Pictures = Callable[[float], Image]


def found(x: float = 0.0, y: float = 0.0) -> Face:
    return Face((BOX[0] + x, BOX[1] + y, *BOX[2:]), 0.9, PORTRAIT.landmarks.astype(np.float32))


def unexplained(picture: Pictures, seconds: float = 3.0) -> float:
    """The largest share over looks four times a second, each with a camera's noise of its own."""
    plane, rng, shares = Plane(), np.random.default_rng(0), [0.0]
    for number in range(int(4 * seconds)):
        noisy = picture(number / 4) + rng.normal(0, 2, PORTRAIT.luma.shape)
        share = plane.update(np.clip(noisy, 0, 255).astype(np.uint8), found(), number / 4)
        shares.append(share or 0.0)
    return max(shares)


def turned(at: float) -> Image:
    rng = np.random.default_rng(int(at * 4))
    angle, scale = np.radians(rng.uniform(-3, 3)), rng.uniform(0.97, 1.03)
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([160.0, 90.0])
    matrix = np.column_stack([linear, middle - linear @ middle + rng.uniform(-1, 1, 2)])
    return np.asarray(cv2.warpAffine(PORTRAIT.luma, matrix, (320, 180), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def lit(at: float) -> Image:
    return np.clip(PORTRAIT.luma * (1 + 0.2 * np.sin(9 * at)), 0, 255).astype(np.uint8)


def speaks(at: float) -> Image:
    picture = PORTRAIT.luma.copy()
    cv2.ellipse(picture, (160, 114), (9, 1 + int(6 * abs(np.sin(5 * at)))), 0, 0, 360, (40,), -1)
    return picture


@pytest.mark.parametrize("photograph", [lambda _: PORTRAIT.luma, turned, lit], ids=["lies still", "trembles", "is lit"])
def test_a_photograph_is_explained_by_a_plane_however_it_is_held_and_lit(photograph: Pictures) -> None:
    assert unexplained(photograph) < shipped_limits().plane


def test_nor_does_fine_detail_make_a_photograph_alive_that_trembles_by_a_pixel() -> None:
    rng = np.random.default_rng(1)
    pattern = rng.normal(0, 18, (180, 320)) * (np.indices((180, 320)).sum(axis=0) % 2 * 2 - 1)
    printed = np.clip(PORTRAIT.luma + pattern, 0, 255).astype(np.float32)

    def trembles(at: float) -> Image:
        shift = np.random.default_rng(int(at * 4)).uniform(-1, 1, 2)
        matrix = np.column_stack([np.eye(2), shift])
        return np.asarray(cv2.warpAffine(printed, matrix, (320, 180), borderMode=cv2.BORDER_REPLICATE), np.uint8)

    assert unexplained(trembles) < shipped_limits().plane


def test_a_mouth_that_speaks_is_not() -> None:
    assert unexplained(speaks) > 2 * shipped_limits().plane


def test_before_two_looks_half_a_second_apart_and_after_another_face_came_nothing_is_told() -> None:
    plane = Plane()
    told = [plane.update(PORTRAIT.luma, found(), at) for at in (0.0, 0.3, 0.6)]
    plane.forget()

    assert told[:2] == [None, None]
    assert told[2] is not None
    assert plane.update(PORTRAIT.luma, found(), 0.9) is None
    assert plane.update(PORTRAIT.luma, None, 1.6) is None


@pytest.mark.parametrize("box", [(-40.0, -30.0, 60.0, 80.0), (300.0, 170.0, 90.0, 90.0), (10.0, 10.0, 1.0, 1.0)])
def test_a_face_that_lies_outside_or_has_hardly_a_size_is_compared_all_the_same(box: tuple[float, ...]) -> None:
    plane, face = Plane(), found()._replace(box=box)  # pyright: ignore[reportArgumentType]
    shares = [plane.update(PORTRAIT.luma, face, at) for at in (0.0, 0.5, 1.0)]

    assert all(share is None or np.isfinite(share) for share in shares)
