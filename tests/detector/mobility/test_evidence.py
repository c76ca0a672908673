import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.mobility.evidence import NO_EVIDENCE, Evidence
from facewarden.detector.mobility.evidence import weigh as weigh_measures
from facewarden.detector.mobility.measures import Measures
from facewarden.detector.mobility.tick import ramp

STANDS = {
    "short.cover": 0.9,
    "long.cover": 0.9,
    "short.middle": 1.0,
    "long.middle": 1.0,
    "short.exact": 0.8,
    "long.exact": 0.8,
    "short.still": 0.8,
    "long.still": 0.8,
    "short.near": 0.9,
    "long.near": 0.9,
    "short.gone": 0.0,
    "long.gone": 0.0,
    "long.sides": 1.0,
    "long.cells": 1.0,
    "way.followed": 3.0,
    "way.roam": 0.2,
    "step.speed": 0.1,
    "step.zoom": 0.0,
    "step.roll": 0.0,
}
TRAVELS = {
    "short.cover": 0.0,
    "long.cover": 0.0,
    "short.middle": 0.0,
    "long.middle": 0.0,
    "short.exact": 0.0,
    "long.exact": 0.0,
    "short.near": 0.05,
    "long.near": 0.0,
    "short.gone": 1.0,
    "long.gone": 1.0,
    "long.cells": 1.0,
    "way.followed": 3.0,
    "way.roam": 40.0,
    "step.speed": 20.0,
    "step.zoom": 5.0,
    "step.roll": 3.0,
    "aligned.near": 0.4,
}
OTHERS = {
    "tremor.pace",
    "tremor.roll_share",
    "mean.cover",
    "mean.middle",
    "mean.exact",
    "mean.gone",
    "mean.sides",
    "forward.outward",
    "forward.astir",
    "forward.depth",
    "revisited.near",
    "revisited.cells",
    "way.path",
    "way.off_line",
    "way.off_roll",
    "way.zooms",
    "way.drift",
    "way.swing",
    "step.agreeing",
}


def weigh(numbers: dict[str, float]) -> Evidence:
    """The evidence of measures by their names, as in `measures.NAMES`."""
    measures = Measures()
    for name, number in numbers.items():
        group, one = name.split(".")
        measures = measures._replace(**{group: getattr(measures, group)._replace(**{one: number})})
    return weigh_measures(measures)


def test_nothing_measured_is_no_evidence() -> None:
    assert weigh({}) == NO_EVIDENCE


def test_a_background_that_stands_speaks_for_a_fixed_mount_and_one_that_goes_for_a_mobile_one() -> None:
    assert (weigh(STANDS).still, weigh(STANDS).moves) == (pytest.approx(1.0), 0.0)
    assert (weigh(TRAVELS).still, weigh(TRAVELS).moves) == (0.0, pytest.approx(1.0))


def test_a_frame_that_stands_round_a_scene_that_goes_speaks_for_neither() -> None:
    """Captions over a road, or a crowd before a wall: the picture cannot tell."""
    framed = {**STANDS, "short.middle": 0.0, "long.middle": 0.0, "short.middle_gone": 1.0, "long.middle_gone": 1.0}

    assert weigh(framed).still == 0.0
    assert weigh(framed).moves == 0.0


def test_motion_within_the_sway_of_a_pole_is_no_travel() -> None:
    assert weigh({**TRAVELS, "way.roam": 0.9}).moves == 0.0


def test_a_view_that_sways_about_one_pose_for_seconds_returns() -> None:
    swaying = {**TRAVELS, "way.followed": 4.0, "way.roam": 1.2, "aligned_long.cover": 0.4, "aligned_long.middle": 0.4}

    assert weigh(swaying).returns == 1.0
    assert weigh({**swaying, "way.roam": 5.0}).returns == 0.0
    assert weigh({**swaying, "way.followed": 1.0}).returns == 0.0


def test_an_even_pan_is_told_from_a_hand_s() -> None:
    even = {
        **TRAVELS,
        "tremor.pace": 20.0,
        "tremor.roll_share": 0.01,
        "tremor.across_share": 0.02,
        "tremor.zoom_share": 0.02,
    }

    assert weigh(even).pan == 1.0
    assert weigh({**even, "tremor.roll_share": 0.2}).pan == 0.0
    assert weigh({**even, "tremor.pace": 1.0}).pan == 0.0


def test_what_stands_between_a_crowd_comes_out_on_average() -> None:
    crowded = {**STANDS, "short.cover": 0.1, "long.cover": 0.1, "short.middle": 0.0, "long.middle": 0.0}
    between = {"mean.cover": 0.7, "mean.middle": 0.5, "mean.exact": 0.5, "mean.gone": 0.1, "mean.sides": 1.0}

    assert weigh(crowded).still == 0.0
    assert weigh({**crowded, **between}).still == pytest.approx(0.8)


def test_a_hood_that_stands_round_a_road_is_no_fixed_camera() -> None:
    driving = {"forward.outward": 0.9, "forward.astir": 0.6, "forward.depth": 1.0}

    assert (weigh({**STANDS, **driving}).still, weigh({**STANDS, **driving}).moves) == (0.0, 1.0)


def test_near_and_far_that_grow_alike_are_a_zoom_and_no_drive() -> None:
    zooming = {**TRAVELS, "forward.outward": 1.0, "forward.astir": 1.0, "forward.depth": 0.05}

    assert weigh(zooming).pan == 1.0


def test_small_steps_that_restore_nothing_are_a_crowd_s() -> None:
    slow = {**TRAVELS, "step.speed": 1.5, "step.zoom": 0.2, "step.roll": 0.2, "short.near": 0.5, "aligned.near": 0.4}

    assert weigh(slow).moves == 0.0
    assert weigh({**slow, "aligned.near": 0.8}).moves > 0.0


def test_a_swing_about_one_place_is_a_pole_s_and_one_that_wanders_a_wearer_s() -> None:
    swinging = {**TRAVELS, "step.agreeing": 0.95, "way.roam": 5.0, "way.drift": 0.2, "way.swing": 2.0}
    on_average = {"mean.exact": 0.4, "mean.cover": 0.8, "mean.middle": 0.8}

    assert weigh({**swinging, **on_average}).returns == 1.0
    assert weigh({**swinging, "mean.exact": 0.0}).returns == 0.0
    assert weigh({**swinging, **on_average, "mean.middle": 0.0}).returns == 0.0
    assert weigh({**swinging, "way.drift": 3.0}).moves > weigh(swinging).moves == 0.0


def test_a_view_that_an_even_pan_came_back_to_speaks_for_a_fixed_mount() -> None:
    back = {
        **TRAVELS,
        "revisited.near": 0.8,
        "revisited.cells": 1.0,
        "tremor.pace": 20.0,
        "tremor.roll_share": 0.01,
        "tremor.across_share": 0.02,
        "tremor.zoom_share": 0.01,
    }

    assert weigh(back).returns == 1.0
    assert weigh({**back, "tremor.roll_share": 0.2}).returns == 0.0
    assert weigh({**back, "revisited.cells": 0.5}).returns == 0.0


def test_a_slow_pan_is_told_by_its_way() -> None:
    slow = {
        **TRAVELS,
        "tremor.pace": 3.0,
        "way.path": 6.0,
        "way.off_line": 0.01,
        "way.off_roll": 0.01,
        "way.zooms": 0.05,
    }

    assert weigh(slow).pan == 1.0
    assert weigh({**slow, "way.off_line": 0.5}).pan == 0.0


@given(st.dictionaries(st.sampled_from(sorted({*STANDS, *TRAVELS, *OTHERS})), st.floats(0, 1000)))
def test_evidence_is_between_none_and_all_whatever_was_measured(measures: dict[str, float]) -> None:
    evidence = weigh(measures)

    assert all(0.0 <= getattr(evidence, kind) <= 1.0 for kind in ("still", "wall", "returns", "moves", "pan"))


@given(st.floats(-100, 100))
def test_a_ramp_rises_from_none_to_all(value: float) -> None:
    assert ramp(value, 2.0, 4.0) == pytest.approx(min(max((value - 2) / 2, 0), 1))
