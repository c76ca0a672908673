import numpy as np
import pytest
from helpers.rooms import crowded, office
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.environment.limits import shipped_limits
from facewarden.detector.environment.scene import Box, Scene, SceneMeter
from facewarden.streams.frame import Image


def measured(*pictures: Image, persons: list[Box] | None = None, heads: list[Box] | None = None) -> Scene:
    meter = SceneMeter()
    return [meter.update(picture, n / 10, persons or [], heads) for n, picture in enumerate(pictures)][-1]


def lit_from_the_left(at: float, share: float) -> Image:
    ramp = np.linspace(1 + share, 1 - share, 320)
    return np.clip(office(at) * ramp, 0, 255).astype(np.uint8)


def test_before_half_a_second_has_passed_nothing_is_told_of_motion() -> None:
    scene = measured(*(office(n / 10) for n in range(4)))
    assert (scene.moving, scene.background, scene.movers, scene.light_level) == (None,) * 4


def test_in_a_room_where_nothing_happens_nothing_moves() -> None:
    scene = measured(*(office(0) for _ in range(20)))
    assert (scene.moving, scene.background, scene.movers, scene.light_level, scene.light_direction) == (0,) * 5


@given(st.floats(0.5, 1.6))
def test_light_that_is_turned_up_or_down_moves_nothing_and_is_measured(gain: float) -> None:
    scene = measured(*(office(0, light=1.0 if n < 10 else gain) for n in range(16)))

    assert scene.moving is not None
    assert scene.moving < 0.02
    assert scene.light_level == pytest.approx(abs(np.log(gain)), rel=0.15, abs=0.02)


def test_light_that_turns_has_a_direction() -> None:
    scene = measured(*(lit_from_the_left(0, 0.0 if n < 10 else 0.3) for n in range(16)))

    assert scene.light_direction is not None
    assert scene.light_direction > 0.2


def test_what_moves_of_a_person_is_not_the_background() -> None:
    def waves(at: float) -> Image:
        picture = office(0)
        picture[40:140, 130:190] = 250 if int(at * 2) % 2 else 20
        return picture

    pictures = [waves(n / 10) for n in range(20)]
    alone, told = measured(*pictures), measured(*pictures, persons=[(120, 30, 80, 1e4)])

    assert (alone.background or 0) > 0.05
    assert (told.background, told.movers) == (0, 0)


def test_an_arm_that_is_stretched_out_is_not_the_background_and_somebody_who_stands_apart_is() -> None:
    def waves(at: float, left: int) -> Image:
        picture = office(0)
        picture[100:120, left : left + 40] = 250 if int(at * 2) % 2 else 20
        return picture

    person = [(110.0, 30.0, 100.0, 1e4)]
    arm, other = (measured(*(waves(n / 10, left) for n in range(20)), persons=person) for left in (205, 240))

    assert (arm.background, arm.movers) == (0, 0)
    assert (other.background or 0) > 0.01


def test_people_who_walk_are_counted_apart() -> None:
    scene = measured(*(crowded(office(n / 10), n / 10) for n in range(20)))
    assert (scene.movers or 0) >= 3


def test_a_fire_flickers_and_a_lamp_does_not() -> None:
    rng = np.random.default_rng(0)
    fire = measured(*(office(0, light=float(g)) for g in 0.85 + 0.15 * rng.random(25)))
    lamp = measured(*(office(n / 10) for n in range(25)))

    assert (fire.flicker or 0) > 0.04
    assert lamp.flicker is not None
    assert lamp.flicker < 0.005


def test_an_exposure_that_jumps_is_light_although_what_is_burnt_out_shows_another_scene() -> None:
    dark, dazzled = office(0, light=0.4), np.clip(office(0).astype(float) * 2.5, 0, 255).astype(np.uint8)
    jumped, limits = measured(*[dark] * 10, *[dazzled] * 20), shipped_limits()

    assert (jumped.light_jump or 0) > limits.light_jump
    assert (measured(*(office(n / 10) for n in range(30))).light_jump or 0) < limits.light_jump / 4


def test_where_a_person_fills_the_picture_what_is_beside_the_head_tells_of_the_rest_or_nothing_does() -> None:
    pictures, filled = [office(n / 10) for n in range(10)], [(-50.0, -20.0, 500.0, 1e4)]
    beside = measured(*pictures, persons=filled, heads=[(110, 20, 100, 1e4), (-1e4, 110, 2e4, 2e4)])
    nothing = measured(*pictures, persons=filled, heads=filled)

    assert (beside.background, beside.movers) == (0, 0)
    assert (nothing.background, nothing.movers) == (None, None)


@given(st.lists(st.tuples(st.integers(1, 80), st.integers(1, 80)), min_size=1, max_size=8), st.integers(0, 255))
def test_pictures_of_any_size_and_brightness_are_measured(sizes: list[tuple[int, int]], level: int) -> None:
    meter = SceneMeter()
    for number, size in enumerate(sizes):
        scene = meter.update(np.full(size, level, np.uint8), number * 0.6, [])
        assert scene.brightness == pytest.approx(level)


def test_a_picture_that_is_repeated_is_frozen_and_one_with_noise_is_not() -> None:
    assert measured(*(office(0) for _ in range(16))).frozen == pytest.approx(1.5)
    assert measured(*(office(n / 10) for n in range(16))).frozen == 0


def test_a_covered_lens_shows_no_spread() -> None:
    assert measured(np.full((180, 320), 110, np.uint8)).spread == 0
    assert measured(office(0)).spread > 15


@pytest.mark.parametrize("turns", [False, True])
def test_light_that_creeps_adds_up_over_a_minute_and_is_forgotten_after_it(turns: bool) -> None:
    def lit(share: float) -> Image:
        return lit_from_the_left(0, share) if turns else office(0, light=1 - share)

    meter = SceneMeter()
    drifts = [meter.update(lit(min(0.3, n / 400)), n / 2, []).light_drift or 0.0 for n in range(400)]

    assert drifts[30] < 0.1
    assert max(drifts) > 0.2
    assert drifts[-1] < 0.05


def test_a_lamp_that_is_switched_does_not_creep() -> None:
    meter = SceneMeter()
    drifts = [meter.update(office(0, light=0.6 if 40 < n < 60 else 1), n / 2, []).light_drift or 0 for n in range(120)]
    assert max(drifts) < 0.05
