import numpy as np
import pytest
from helpers.rooms import MEAN_FACE
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.environment.limits import shipped_limits
from facewarden.detector.environment.ofiq import Quality, assess
from facewarden.detector.environment.pose import Pose
from facewarden.detector.environment.signs import Sign, face_signs
from facewarden.detector.environment.subject import Subject
from facewarden.streams.frame import Image

AHEAD = Pose(0, 0, 0)
SIDE = 200
LANDMARKS = (MEAN_FACE * (100, 125) + (50, 35)).astype(np.float32)


def of(patch: Image, pose: Pose | None = AHEAD) -> Quality:
    return assess(patch, LANDMARKS, pose)


def grey(level: int) -> Image:
    return np.full((SIDE, SIDE), level, np.uint8)


def half_lit(dark: int, bright: int) -> Image:
    patch = grey(dark)
    patch[:, SIDE // 2 :] = bright
    return patch


@pytest.mark.parametrize(("level", "score"), [(20, 2), (124, 50), (170, 97), (255, 2)])
def test_luminance_mean_is_best_between_the_extremes_and_in_linear_light(level: int, score: float) -> None:
    """A luma of 124 is a fifth of the light: there the rising sigmoid is at one half."""
    assert of(grey(level)).luminance_mean == pytest.approx(score, abs=2)


def test_light_from_one_side_is_not_uniform() -> None:
    even, uneven = of(grey(150)).illumination_uniformity, of(half_lit(60, 200)).illumination_uniformity

    assert even == 100
    assert uneven is not None
    assert uneven < 10


def test_a_face_in_the_dark_is_under_exposed_and_one_in_glare_over_exposed() -> None:
    dark, bright, good = of(grey(40)), of(grey(255)), of(grey(150))

    assert (dark.under_exposure, good.under_exposure) == (0, 100)
    assert (bright.over_exposure, good.over_exposure) == (1, 100)


def test_a_flat_face_has_no_dynamic_range_and_a_ramp_has_nearly_all() -> None:
    ramp = np.tile(np.linspace(0, 255, SIDE).astype(np.uint8), (SIDE, 1))
    flat, full = of(grey(150)).dynamic_range, of(ramp).dynamic_range

    assert flat == 0
    assert full is not None
    assert full > 70


def test_a_plain_background_is_uniform_and_foliage_is_not() -> None:
    leaves = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8)
    plain, busy = of(grey(150)).background_uniformity, of(leaves).background_uniformity

    assert plain == 100
    assert busy is not None
    assert busy < 80


def test_a_face_out_of_focus_is_less_sharp() -> None:
    sharp = np.random.default_rng(0).integers(60, 200, (SIDE, SIDE), np.uint8)
    soft = np.clip(np.kron(sharp[::20, ::20], np.ones((20, 20))), 0, 255).astype(np.uint8)
    one, other = of(soft).sharpness, of(sharp).sharpness

    assert one is not None
    assert other is not None
    assert one < other


@pytest.mark.parametrize(("degrees", "score"), [(0, 100), (15, 93), (30, 75), (45, 50)])
def test_the_pose_scores_are_those_of_the_standard(degrees: float, score: float) -> None:
    quality = of(grey(150), Pose(degrees, -degrees, 0))
    assert (quality.head_yaw, quality.head_pitch) == (score, score)


@pytest.mark.parametrize(("pixels", "score"), [(50, 27), (70, 50), (90, 73), (120, 92)])
def test_the_eye_distance_scores_are_those_of_the_standard(pixels: float, score: float) -> None:
    landmarks = (LANDMARKS * (pixels / 40)).astype(np.float32)
    quality = assess(np.full((600, 600), 150, np.uint8), landmarks, AHEAD)
    assert quality.eye_distance == pytest.approx(score, abs=1)


def test_what_has_no_pose_has_no_score_for_it() -> None:
    quality = of(grey(150), None)
    assert (quality.head_yaw, quality.head_pitch, quality.eye_distance) == (None, None, None)


def test_the_cheeks_of_a_small_face_are_not_assessed() -> None:
    quality = assess(grey(150), LANDMARKS / np.float32(4), AHEAD)

    assert (quality.illumination_uniformity, quality.sharpness) == (None, None)
    assert quality.luminance_mean is not None


@given(st.integers(0, 2**32 - 1), st.floats(-300, 600), st.floats(0.01, 8))
def test_every_score_is_none_or_between_0_and_100_wherever_the_face_is(seed: int, shift: float, size: float) -> None:
    patch = np.random.default_rng(seed).integers(0, 256, (60, 90), np.uint8)
    quality = assess(patch, (LANDMARKS * size + shift).astype(np.float32), AHEAD)
    scores = [getattr(quality, name) for name in quality.__struct_fields__]

    assert all(score is None or 0 <= score <= 100 for score in scores)  # logarithms of 255 levels are below 8


def test_points_upside_down_are_not_assessed() -> None:
    assert assess(grey(150), LANDMARKS[::-1].copy(), AHEAD) == Quality()


def lit(reflectance: float, light: float, side: float = 1.0) -> Image:
    """A face's relief of one reflectance under a light, as a camera writes it; `side` is the right half's own light."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    relief = 0.6 + 0.4 * np.sin(30 * x) * np.sin(30 * y)
    linear = reflectance * light * relief * np.where(x > 0.5, side, 1.0)
    return np.rint(255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)).astype(
        np.uint8
    )


@pytest.mark.parametrize("light", [1.0, 0.6, 0.4])
@pytest.mark.parametrize("reflectance", [0.5, 0.25, 0.1, 0.06])
def test_the_measures_that_decide_do_not_depend_on_the_darkness_of_a_skin(reflectance: float, light: float) -> None:
    fair, dark = of(lit(0.5, 1.0)), of(lit(reflectance, light))
    fair_side, dark_side = of(lit(0.5, 1.0, 0.25)), of(lit(reflectance, light, 0.25))

    assert fair.contrast is not None
    assert fair_side.side_light is not None
    assert dark.contrast == pytest.approx(fair.contrast, rel=0.1)
    assert dark_side.side_light == pytest.approx(fair_side.side_light, rel=0.1)


def test_a_face_of_which_one_side_is_dark_is_a_sign_whatever_its_skin() -> None:
    limits = shipped_limits()

    def signs(patch: Image) -> set[Sign]:
        return face_signs(Subject(0), of(patch), None, limits) & {"face_light"}

    for reflectance in (0.5, 0.06):
        assert signs(lit(reflectance, 1.0)) == set()
        assert signs(lit(reflectance, 1.0, 0.05)) == {"face_light"}
    assert signs(grey(150)) == {"face_light"}


def test_the_gradient_of_a_background_is_that_of_the_picture_which_ofiq_looks_at() -> None:
    """A slope of light is flatter there than in our patch, where the eyes are 40 px apart, by 40 to 81.3."""
    linear = np.linspace(0.05, 0.95, SIDE)
    slope = np.tile(255 * (1.055 * linear ** (1 / 2.4) - 0.055), (SIDE, 1)).astype(np.uint8)
    gradient = 8 * 255 * 0.9 / SIDE * 40 / 81.3  # Sobel's weights add up to eight

    score = 190 * (1 - 1 / (1 + np.exp((10 - gradient) / 100)))
    assert of(slope).background_uniformity == pytest.approx(score, abs=1)
