from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.environment.limits import shipped_limits
from facewarden.detector.environment.signs import CAUSES, OF_THE_FACE, Sign
from facewarden.detector.environment.verdict import BLIND, Verdict

NONE: frozenset[Sign] = frozenset()
WILD: frozenset[Sign] = frozenset({"camera", "background"})


def after(
    *moments: tuple[float, Iterable[Sign]],
    faced: bool = True,
    step: float = 0.1,
    camera: str = "fixed",
) -> Verdict:
    """The verdict after each set of signs has lasted for so many seconds, ten pictures a second."""
    verdict, time = Verdict(shipped_limits()), 0.0
    for seconds, signs in moments:
        for _ in range(round(seconds / step)):
            verdict.update(time, frozenset(signs), time, True, faced, camera)
            time += step
    return verdict


def test_a_second_without_a_sign_before_a_face_is_consistent() -> None:
    assert not after((0.9, NONE)).consistent
    assert after((1.2, NONE)).consistent


def test_it_takes_half_a_second_more_while_the_camera_may_still_turn_out_to_be_carried() -> None:
    assert not after((1.4, NONE), camera="unknown").consistent
    assert after((1.7, NONE), camera="unknown").consistent


def test_without_a_face_that_came_to_be_recognised_nothing_is() -> None:
    assert not after((60, NONE), faced=False).consistent


@pytest.mark.parametrize("sign", sorted(frozenset().union(*CAUSES) | {"dark"}))
def test_any_sign_of_the_place_withdraws_it_within_a_second(sign: Sign) -> None:
    assert not after((5, NONE), (0.8, {sign})).consistent


def test_one_picture_does_not_withdraw_it() -> None:
    assert after((5, NONE), (0.1, {"background"})).consistent


def test_what_was_withdrawn_takes_three_seconds_to_come_back() -> None:
    assert not after((5, NONE), (1, {"light"}), (2.8, NONE)).consistent
    assert after((5, NONE), (1, {"light"}), (3.3, NONE)).consistent


def test_where_the_place_spoke_against_it_for_half_a_second_it_takes_three_seconds_from_the_beginning() -> None:
    assert after((0.2, {"light"}), (1.3, NONE)).consistent
    assert not after((0.8, {"light"}), (2.8, NONE)).consistent
    assert after((0.8, {"light"}), (3.3, NONE)).consistent


def test_two_causes_that_last_are_uncontrolled_and_one_is_not() -> None:
    assert after((3.2, WILD)).value == "uncontrolled"
    assert after((2.5, WILD)).value == "unknown"
    assert after((60, {"camera"})).value == "unknown"
    assert after((60, {"people", "movers", "passing"})).value == "unknown"  # one cause, three signs of it


def test_uncontrolled_is_said_for_half_a_minute_after_its_causes() -> None:
    assert after((4, WILD), (29, NONE)).value == "uncontrolled"
    late = after((4, WILD), (33, NONE))
    assert (late.value, late.decided_at) == ("unknown", None)


def test_what_was_not_looked_at_does_not_count_towards_it() -> None:
    verdict = after((4, WILD))
    for moment in range(1000, 1290):  # seconds 100 to 129, after a gap of 96
        verdict.update(moment / 10, NONE, moment / 10, True, True, "fixed")
    assert verdict.value == "uncontrolled"
    for moment in range(1290, 1310):
        verdict.update(moment / 10, NONE, moment / 10, True, True, "fixed")
    assert verdict.value == "unknown"


def test_what_is_uncontrolled_is_not_consistent() -> None:
    assert not after((4, WILD), (20, NONE)).consistent


def test_a_gap_in_the_pictures_or_in_the_looks_for_faces_withdraws_it() -> None:
    verdict = after((5, NONE))
    verdict.update(5.0 + BLIND + 0.1, NONE, 5.0 + BLIND + 0.1, True, True, "fixed")
    assert not verdict.consistent

    verdict = after((5, NONE))
    for tenth in range(20):
        verdict.update(5.0 + tenth / 10, NONE, 4.9, True, False, "fixed")
    assert not verdict.consistent


def test_a_background_that_cannot_be_told_withdraws_it_like_missing_pictures() -> None:
    verdict = after((5, NONE))
    consistent: list[bool] = []
    for tenth in range(20):
        verdict.update(5.0 + tenth / 10, NONE, 5.0 + tenth / 10, False, False, "fixed")
        consistent.append(verdict.consistent)

    assert consistent.index(False) / 10 == pytest.approx(BLIND, abs=0.15)


@given(
    st.lists(st.tuples(st.floats(0, 3), st.sets(st.sampled_from(sorted(frozenset().union(*CAUSES)))), st.booleans()))
)
def test_it_is_never_both_and_its_numbers_are_shares(history: list[tuple[float, set[Sign], bool]]) -> None:
    verdict, time = Verdict(shipped_limits()), 0.0
    for step, signs, faced in history:
        time += step
        verdict.update(time, signs, time, True, faced, "fixed")
        assert not (verdict.consistent and verdict.value == "uncontrolled")
        assert 0 <= verdict.progress <= 1
        assert (verdict.decided_at is None) == (verdict.value == "unknown")


def test_signs_of_one_face_are_no_cause() -> None:
    assert not any(cause & OF_THE_FACE for cause in CAUSES)
