import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.mobility.evidence import NO_EVIDENCE, Evidence
from facewarden.detector.mobility.tally import Limits, Rates, Tally, shipped_rates

STILL = msgspec.structs.replace(NO_EVIDENCE, still=1.0)
MOVES = msgspec.structs.replace(NO_EVIDENCE, moves=1.0)
PAN = msgspec.structs.replace(MOVES, pan=1.0)
LIMITS = Limits(motion=0.35, stillness=0.35, stood=-2.0, fixed=-1.0, mobile=2.2, first=0.8, doubted=0.0, given_up=0.7)
RATES = Rates(still=2.0, wall=1.2, returns=0.6, moves=2.0, sensors=1.0, certainty=1.0, limits=LIMITS)

shares, opinions = st.floats(0, 1), st.floats(-6, 6)
ticks = st.lists(st.tuples(st.builds(Evidence, shares, shares, shares, shares, shares), opinions), max_size=60)


def tally_of(*evidence: Evidence, opinion: float = 0.0) -> Tally:
    tally = Tally(RATES)
    for tick, one in enumerate(evidence):
        tally.weigh(one, tick / 2, opinion)
    return tally


def test_no_evidence_is_no_verdict() -> None:
    tally = tally_of(*[NO_EVIDENCE] * 100)
    assert (tally.value, tally.decided_at, tally.confidence) == ("unknown", None, 0.0)


@pytest.mark.parametrize(
    ("opinion", "verdict"), [(-1.05, "fixed"), (-0.95, "unknown"), (2.15, "unknown"), (2.25, "mobile")]
)
def test_an_opinion_decides_beyond_1_for_fixed_and_2_2_for_mobile(opinion: float, verdict: str) -> None:
    assert tally_of(NO_EVIDENCE, NO_EVIDENCE, opinion=opinion).value == verdict


@pytest.mark.parametrize(
    ("opinion", "verdict"), [(-1.85, "fixed"), (-1.75, "unknown"), (2.95, "unknown"), (3.05, "mobile")]
)
def test_the_first_tick_of_a_scene_takes_more(opinion: float, verdict: str) -> None:
    assert tally_of(NO_EVIDENCE, opinion=opinion).value == verdict


@pytest.mark.parametrize(
    ("ticks", "opinion", "verdict"),
    [
        (6, -0.85, "unknown"), (14, -0.85, "fixed"), (14, -0.75, "unknown"),
        (6, 2.0, "unknown"), (14, 2.0, "mobile"), (10, 2.0, "unknown"),
        (10, 2.04, "unknown"), (10, 2.06, "mobile"), (14, 1.85, "unknown"),
    ],
)  # fmt: skip
def test_after_seven_seconds_of_a_scene_it_takes_less(ticks: int, opinion: float, verdict: str) -> None:
    limits = msgspec.structs.replace(LIMITS, late_fixed=0.2, late_mobile=0.3)
    tally = Tally(msgspec.structs.replace(RATES, limits=limits))
    for tick in range(ticks):
        tally.weigh(NO_EVIDENCE, tick / 2, opinion)
    assert tally.value == verdict


def test_after_seven_seconds_more_may_be_doubted() -> None:
    tally = Tally(msgspec.structs.replace(RATES, limits=msgspec.structs.replace(LIMITS, late_doubted=0.4)))
    for tick in range(14):
        tally.weigh(NO_EVIDENCE, tick / 2, -3.0, 0.38)
    assert (tally.value, tally.decided_at) == ("fixed", 6.5)


def test_a_camera_is_fixed_only_once_something_has_stood() -> None:
    tally = Tally(msgspec.structs.replace(RATES, limits=msgspec.structs.replace(LIMITS, shown=0.1)))
    for tick, returns in enumerate((0.0, 0.09, 0.0, 0.1, 0.0)):
        tally.weigh(msgspec.structs.replace(NO_EVIDENCE, returns=returns), tick / 2, -3.0)
    assert (tally.value, tally.decided_at) == ("fixed", 1.5)

    tally.forget()
    tally.weigh(NO_EVIDENCE, 3.0, -3.0)
    assert tally.value == "unknown"


def test_after_four_seconds_motion_adds_up_no_more_against_an_opinion_that_the_camera_stands() -> None:
    assert tally_of(*[MOVES] * 8, opinion=-0.5).log_odds > 1
    assert tally_of(*[MOVES] * 9, opinion=-0.5).log_odds == -0.5
    assert tally_of(*[MOVES] * 9, opinion=0.5).log_odds > 2


def test_a_verdict_carries_the_time_it_was_reached() -> None:
    assert tally_of(*[NO_EVIDENCE] * 9, opinion=-1.5).decided_at == 0.5
    assert tally_of(*[NO_EVIDENCE] * 9, opinion=4.0).decided_at == 0.0


@pytest.mark.parametrize(("kind", "log_odds"), [("still", -0.7), ("wall", -0.42), ("returns", -0.21), ("moves", 0.679)])
def test_a_third_of_what_a_tick_s_evidence_adds_counts_beside_the_opinion(kind: str, log_odds: float) -> None:
    evidence = msgspec.structs.replace(NO_EVIDENCE, **{kind: 1.0})

    assert tally_of(evidence).log_odds == pytest.approx(log_odds)
    assert tally_of(evidence, opinion=0.5).log_odds == pytest.approx(0.5 + log_odds)


def test_motion_and_stillness_are_weighed_apart() -> None:
    limits = msgspec.structs.replace(LIMITS, motion=0.2, stillness=0.5)
    moved, stood = (Tally(msgspec.structs.replace(RATES, limits=limits)) for _ in range(2))
    moved.weigh(MOVES, 0.0)
    stood.weigh(STILL, 0.0)

    assert (moved.log_odds, stood.log_odds) == (pytest.approx(0.2 * 2.0 * 0.97), pytest.approx(0.5 * -2.0))


def test_stillness_alone_never_counts_for_more_than_a_verdict_s_doubt() -> None:
    """A frame or captions stand for ever."""
    assert tally_of(*[STILL] * 1000).log_odds == pytest.approx(-0.7)


def test_evidence_of_motion_fades_and_is_bounded() -> None:
    assert tally_of(MOVES, NO_EVIDENCE).log_odds == pytest.approx(0.35 * 2.0 * 0.97**2)
    little = msgspec.structs.replace(NO_EVIDENCE, moves=0.25)
    assert tally_of(little).log_odds == pytest.approx(0.35 * 0.5 * 0.97)
    assert tally_of(*[MOVES] * 100).log_odds == pytest.approx(0.35 * 6.0)


def test_stillness_adds_up_slowly_once_it_is_clear_and_motion_has_to_undo_it() -> None:
    stood = tally_of(*[STILL] * 4, *[MOVES] * 3)
    assert stood.log_odds == pytest.approx(-0.175)

    for_long = tally_of(*[STILL] * 1000, *[MOVES] * 3)
    assert for_long.log_odds == pytest.approx(-0.7)


def test_stillness_is_clear_from_a_sum_of_6_on() -> None:
    half = msgspec.structs.replace(NO_EVIDENCE, still=0.5)
    assert tally_of(*[half] * 7, *[MOVES] * 3).log_odds == pytest.approx(-0.35 * 0.25)


def test_the_doubt_that_a_pan_casts_on_motion_fades() -> None:
    assert tally_of(PAN).log_odds == 0.0
    assert tally_of(PAN, MOVES).log_odds == pytest.approx(0.35 * 2.0 * (1 - 0.88) * 0.97)


def test_a_mobile_verdict_stays_however_long_the_camera_stands() -> None:
    tally = tally_of(MOVES, MOVES, opinion=3.0)
    for tick in range(1000):
        tally.weigh(STILL, 1.0 + tick / 2, -4.0)
    assert (tally.value, tally.decided_at) == ("mobile", 0.0)


def test_a_fixed_verdict_is_given_up_when_the_log_odds_turn() -> None:
    tally = tally_of(STILL, STILL, opinion=-3.0)
    tally.weigh(NO_EVIDENCE, 1.0, 0.6)
    assert (tally.value, tally.confidence < 0.6) == ("fixed", True)

    tally.weigh(NO_EVIDENCE, 1.5, 0.8)
    assert (tally.value, tally.decided_at) == ("unknown", None)


def test_what_it_had_shown_of_standing_is_forgotten_when_a_verdict_fixed_is_given_up() -> None:
    tally = tally_of(STILL, STILL, opinion=-3.0)
    tally.weigh(NO_EVIDENCE, 1.0, 2.0)
    assert (tally.value, tally.log_odds) == ("unknown", 2.0)


def test_a_verdict_is_settled_when_it_would_take_much_to_change_it() -> None:
    assert tally_of(NO_EVIDENCE, NO_EVIDENCE, opinion=-2.1).settled
    assert not tally_of(NO_EVIDENCE, NO_EVIDENCE, opinion=-1.9).settled
    assert tally_of(NO_EVIDENCE, NO_EVIDENCE, opinion=2.5).settled


def test_sensors_alone_can_tell_and_what_they_said_is_bounded() -> None:
    tally = Tally(RATES)
    for second in range(3):
        tally.shaken(float(second))
    assert (tally.value, tally.decided_at, tally.log_odds) == ("mobile", 2.0, 3.0)

    for second in range(10):
        tally.shaken(float(second))
    assert tally.log_odds == 6.0


def test_a_tally_that_forgot_is_as_new() -> None:
    tally = tally_of(PAN, STILL, STILL, opinion=-3.0)
    tally.shaken(2.0)
    tally.forget()
    assert (tally.value, tally.decided_at, tally.log_odds) == ("unknown", None, 0.0)

    tally.weigh(MOVES, 3.0, -1.75 - 0.35 * 2.0 * 0.97)
    assert tally.value == "unknown"


@pytest.mark.parametrize(("opinion", "confidence"), [(1.1, 0.25), (-0.5, 0.25), (-0.99, 0.495)])
def test_an_undecided_camera_is_never_more_than_half_sure(opinion: float, confidence: float) -> None:
    assert tally_of(NO_EVIDENCE, NO_EVIDENCE, opinion=opinion).confidence == pytest.approx(confidence)


@pytest.mark.parametrize(("opinion", "confidence"), [(-2.0, 0.8808), (3.0, 0.9526)])
def test_the_confidence_of_a_verdict_is_the_logistic_of_its_log_odds(opinion: float, confidence: float) -> None:
    assert tally_of(NO_EVIDENCE, NO_EVIDENCE, opinion=opinion).confidence == pytest.approx(confidence, abs=1e-4)


def test_a_mobile_camera_that_stands_is_as_sure_as_when_that_was_found() -> None:
    tally = tally_of(MOVES, MOVES, opinion=4.0)
    tally.weigh(STILL, 9.0, -4.0)
    assert tally.confidence == pytest.approx(0.9002, abs=1e-4)


@given(ticks)
def test_confidence_is_a_share_and_a_verdict_has_a_time(some: list[tuple[Evidence, float]]) -> None:
    tally = Tally(shipped_rates())
    for tick, (evidence, opinion) in enumerate(some):
        tally.weigh(evidence, float(tick), opinion)
        assert 0 <= tally.confidence <= 1
        assert (tally.decided_at is None) == (tally.value == "unknown")


@given(ticks)
def test_nothing_that_comes_later_makes_a_mobile_camera_fixed(after: list[tuple[Evidence, float]]) -> None:
    tally = tally_of(*[MOVES] * 12, opinion=4.0)
    for evidence, opinion in after:
        tally.weigh(evidence, 9.0, opinion)
    assert tally.value == "mobile"


def test_the_shipped_rates_are_whole() -> None:
    rates = shipped_rates()
    limits = rates.limits

    assert all(getattr(rates, kind) > 0 for kind in rates.__struct_fields__ if kind != "limits")
    assert limits.fixed < 0 < limits.mobile
    assert limits.stood < 0 < min(limits.motion, limits.stillness, limits.first)
    assert limits.doubted < limits.given_up


# --- doubt ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("doubt", "verdict"), [(-0.1, "fixed"), (0.1, "unknown"), (5.0, "unknown")])
def test_what_moves_behind_what_stands_withholds_a_verdict_fixed(doubt: float, verdict: str) -> None:
    assert doubted([doubt] * 4).value == verdict


@pytest.mark.parametrize(("doubt", "verdict"), [(0.1, "fixed"), (0.6, "fixed"), (0.8, "unknown")])
def test_a_verdict_fixed_is_given_up_only_for_more_doubt_than_it_takes_to_withhold_it(
    doubt: float, verdict: str
) -> None:
    assert doubted([-1.0, -1.0, -1.0, doubt]).value == verdict


def test_doubt_is_no_evidence_of_a_mobile_camera() -> None:
    assert doubted([9.0] * 100, opinion=2.0).value == "unknown"
    assert doubted([-9.0] * 3, opinion=4.0).value == "mobile"


def doubted(doubts: list[float], opinion: float = -3.0) -> Tally:
    tally = Tally(RATES)
    for tick, doubt in enumerate(doubts):
        tally.weigh(NO_EVIDENCE, tick / 2, opinion, doubt)
    return tally


def test_a_camera_that_stood_until_just_now_is_heard_as_such_for_six_ticks_or_until_it_is_mobile() -> None:
    left = tally_of(STILL, STILL, opinion=-3.0)
    heard = [left.stood]
    for tick in range(8):
        left.weigh(NO_EVIDENCE, 1.0 + tick / 2, 0.9)
        heard.append(left.stood)
    assert heard == [True] * 7 + [False] * 2

    left.forget()
    assert not left.stood


def test_a_camera_that_stood_until_just_now_is_sooner_called_mobile() -> None:
    tally = Tally(msgspec.structs.replace(RATES, limits=msgspec.structs.replace(LIMITS, left=0.8)))
    for tick, opinion in enumerate([-3.0, -3.0, 1.0, 1.5]):
        tally.weigh(NO_EVIDENCE, tick / 2, opinion)
    assert tally.value == "mobile"
    assert tally_of(NO_EVIDENCE, NO_EVIDENCE, opinion=1.5).value == "unknown"


def test_sensors_that_have_said_something_are_known_to_have() -> None:
    tally = Tally(RATES)
    assert not tally.sensed
    tally.shaken(0.0)
    assert tally.sensed


def test_a_camera_that_is_only_doubted_is_half_sure_however_much_speaks_for_standing() -> None:
    tally = Tally(RATES)
    tally.weigh(NO_EVIDENCE, 0.0, -6.0, 0.5)
    assert (tally.value, tally.confidence) == ("unknown", 0.5)


def test_a_mobile_camera_is_at_least_as_sure_as_the_least_that_made_one() -> None:
    limits = msgspec.structs.replace(LIMITS, late_mobile=0.3, left=0.2)
    tally = Tally(msgspec.structs.replace(RATES, limits=limits))
    for opinion in (4.0, 4.0, -4.0):
        tally.weigh(NO_EVIDENCE, 0.0, opinion)
    assert tally.confidence == pytest.approx(1 / (1 + math.exp(-1.7)))


def test_while_it_zooms_and_three_seconds_after_a_camera_is_not_called_mobile() -> None:
    tally = Tally(RATES)
    tally.weigh(NO_EVIDENCE, 0.0, 4.0, zoomed=True)
    came: list[str] = []
    for tick in range(1, 9):
        tally.weigh(NO_EVIDENCE, tick / 2, 4.0)
        came.append(tally.value)
    assert came == ["unknown"] * 6 + ["mobile"] * 2


def test_a_camera_that_its_sensors_feel_travel_is_mobile_though_it_zooms() -> None:
    tally = Tally(RATES)
    tally.weigh(NO_EVIDENCE, 0.0, 2.9, zoomed=True)
    assert tally.value == "unknown"
    tally.shaken(0.1)
    assert tally.value == "mobile"


def test_a_zoom_undoes_no_verdict_and_forbids_none_that_the_camera_stands() -> None:
    mobile, fixed = tally_of(MOVES, MOVES, opinion=2.5), Tally(RATES)
    mobile.weigh(NO_EVIDENCE, 1.0, 4.0, zoomed=True)
    for tick in range(3):
        fixed.weigh(NO_EVIDENCE, tick / 2, -2.5, zoomed=True)
    assert (mobile.value, fixed.value) == ("mobile", "fixed")
