import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.mobility.evidence import NO_EVIDENCE, weigh
from facewarden.detector.mobility.tick import ramp

STANDS = {
    "short_cover": 0.9, "long_cover": 0.9, "short_middle": 1.0, "long_middle": 1.0, "short_exact": 0.8,
    "long_exact": 0.8, "short_still": 0.8, "long_still": 0.8, "short_near": 0.9, "long_near": 0.9, "short_gone": 0.0,
    "long_gone": 0.0, "long_sides": 1.0, "long_cells": 1.0, "followed": 3.0, "roam": 0.2, "speed": 0.1, "zoom": 0.0,
    "roll": 0.0,
}  # fmt: skip
TRAVELS = {
    "short_cover": 0.0, "long_cover": 0.0, "short_middle": 0.0, "long_middle": 0.0, "short_exact": 0.0,
    "long_exact": 0.0, "short_near": 0.05, "long_near": 0.0, "short_gone": 1.0, "long_gone": 1.0, "long_cells": 1.0,
    "followed": 3.0, "roam": 40.0, "speed": 20.0, "zoom": 5.0, "roll": 3.0, "aligned_near": 0.4,
}  # fmt: skip
OTHERS = {
    "pace", "roll_share", "mean_cover", "mean_middle", "mean_exact", "mean_gone", "mean_sides", "outward", "astir",
    "depth", "revisited_near", "revisited_cells", "path", "off_line", "off_roll", "zooms", "drift", "swing", "agreeing",
}  # fmt: skip


def test_nothing_measured_is_no_evidence() -> None:
    assert weigh({}) == NO_EVIDENCE


def test_a_background_that_stands_speaks_for_a_fixed_mount_and_one_that_goes_for_a_mobile_one() -> None:
    assert (weigh(STANDS).still, weigh(STANDS).moves) == (pytest.approx(1.0), 0.0)
    assert (weigh(TRAVELS).still, weigh(TRAVELS).moves) == (0.0, pytest.approx(1.0))


def test_a_frame_that_stands_round_a_scene_that_goes_speaks_for_neither() -> None:
    """Captions over a road, or a crowd before a wall: the picture cannot tell."""
    framed = {**STANDS, "short_middle": 0.0, "long_middle": 0.0, "short_middle_gone": 1.0, "long_middle_gone": 1.0}

    assert weigh(framed).still == 0.0
    assert weigh(framed).moves == 0.0


def test_motion_within_the_sway_of_a_pole_is_no_travel() -> None:
    assert weigh({**TRAVELS, "roam": 0.9}).moves == 0.0


def test_a_view_that_sways_about_one_pose_for_seconds_returns() -> None:
    swaying = {**TRAVELS, "followed": 4.0, "roam": 1.2, "aligned_long_cover": 0.4, "aligned_long_middle": 0.4}

    assert weigh(swaying).returns == 1.0
    assert weigh({**swaying, "roam": 5.0}).returns == 0.0
    assert weigh({**swaying, "followed": 1.0}).returns == 0.0


def test_an_even_pan_is_told_from_a_hand_s() -> None:
    even = {**TRAVELS, "pace": 20.0, "roll_share": 0.01, "across_share": 0.02, "zoom_share": 0.02}

    assert weigh(even).pan == 1.0
    assert weigh({**even, "roll_share": 0.2}).pan == 0.0
    assert weigh({**even, "pace": 1.0}).pan == 0.0


def test_what_stands_between_a_crowd_comes_out_on_average() -> None:
    crowded = {**STANDS, "short_cover": 0.1, "long_cover": 0.1, "short_middle": 0.0, "long_middle": 0.0}
    between = {"mean_cover": 0.7, "mean_middle": 0.5, "mean_exact": 0.5, "mean_gone": 0.1, "mean_sides": 1.0}

    assert weigh(crowded).still == 0.0
    assert weigh({**crowded, **between}).still == pytest.approx(0.8)


def test_a_hood_that_stands_round_a_road_is_no_fixed_camera() -> None:
    driving = {"outward": 0.9, "astir": 0.6, "depth": 1.0}

    assert (weigh({**STANDS, **driving}).still, weigh({**STANDS, **driving}).moves) == (0.0, 1.0)


def test_near_and_far_that_grow_alike_are_a_zoom_and_no_drive() -> None:
    zooming = {**TRAVELS, "outward": 1.0, "astir": 1.0, "depth": 0.05}

    assert weigh(zooming).pan == 1.0


def test_small_steps_that_restore_nothing_are_a_crowd_s() -> None:
    slow = {**TRAVELS, "speed": 1.5, "zoom": 0.2, "roll": 0.2, "short_near": 0.5, "aligned_near": 0.4}

    assert weigh(slow).moves == 0.0
    assert weigh({**slow, "aligned_near": 0.8}).moves > 0.0


def test_a_swing_about_one_place_is_a_pole_s_and_one_that_wanders_a_wearer_s() -> None:
    swinging = {**TRAVELS, "agreeing": 0.95, "roam": 5.0, "drift": 0.2, "swing": 2.0}
    on_average = {"mean_exact": 0.4, "mean_cover": 0.8, "mean_middle": 0.8}

    assert weigh({**swinging, **on_average}).returns == 1.0
    assert weigh({**swinging, "mean_exact": 0.0}).returns == 0.0
    assert weigh({**swinging, **on_average, "mean_middle": 0.0}).returns == 0.0
    assert weigh({**swinging, "drift": 3.0}).moves > weigh(swinging).moves == 0.0


def test_a_view_that_an_even_pan_came_back_to_speaks_for_a_fixed_mount() -> None:
    back = {
        **TRAVELS,
        "revisited_near": 0.8,
        "revisited_cells": 1.0,
        "pace": 20.0,
        "roll_share": 0.01,
        "across_share": 0.02,
        "zoom_share": 0.01,
    }

    assert weigh(back).returns == 1.0
    assert weigh({**back, "roll_share": 0.2}).returns == 0.0
    assert weigh({**back, "revisited_cells": 0.5}).returns == 0.0


def test_a_slow_pan_is_told_by_its_way() -> None:
    slow = {**TRAVELS, "pace": 3.0, "path": 6.0, "off_line": 0.01, "off_roll": 0.01, "zooms": 0.05}

    assert weigh(slow).pan == 1.0
    assert weigh({**slow, "off_line": 0.5}).pan == 0.0


@given(st.dictionaries(st.sampled_from(sorted({*STANDS, *TRAVELS, *OTHERS})), st.floats(0, 1000)))
def test_evidence_is_between_none_and_all_whatever_was_measured(measures: dict[str, float]) -> None:
    evidence = weigh(measures)

    assert all(0.0 <= getattr(evidence, kind) <= 1.0 for kind in ("still", "wall", "returns", "moves", "pan"))


@given(st.floats(-100, 100))
def test_a_ramp_rises_from_none_to_all(value: float) -> None:
    assert ramp(value, 2.0, 4.0) == pytest.approx(min(max((value - 2) / 2, 0), 1))
