import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.mobility.evidence import NO_EVIDENCE, Evidence
from facewarden.detector.mobility.tally import Tally, shipped_rates

STILL = msgspec.structs.replace(NO_EVIDENCE, still=1.0)
MOVES = msgspec.structs.replace(NO_EVIDENCE, moves=1.0)
PAN = msgspec.structs.replace(MOVES, pan=1.0)

shares = st.floats(0, 1)
ticks = st.lists(st.builds(Evidence, shares, shares, shares, shares, shares), max_size=60)


def tally_of(*evidence: Evidence) -> Tally:
    tally = Tally(shipped_rates())
    for tick, one in enumerate(evidence):
        tally.weigh(one, tick / 2)
    return tally


def test_no_evidence_is_no_verdict() -> None:
    tally = tally_of(*[NO_EVIDENCE] * 100)
    assert (tally.value, tally.decided_at, tally.confidence) == ("unknown", None, 0.0)


def test_a_verdict_carries_the_time_it_was_reached() -> None:
    assert (tally_of(*[STILL] * 9).value, tally_of(*[STILL] * 9).decided_at) == ("fixed", 0.5)
    assert (tally_of(*[MOVES] * 9).value, tally_of(*[MOVES] * 9).decided_at) == ("mobile", 0.5)


def test_mobility_once_seen_stays_however_long_the_camera_stands() -> None:
    """A dash camera at a red light."""
    tally = tally_of(*[MOVES] * 3, *[STILL] * 1000)
    assert (tally.value, tally.decided_at) == ("mobile", 0.5)


def test_a_camera_that_stood_and_then_travels_becomes_mobile() -> None:
    assert tally_of(*[STILL] * 1000, *[MOVES] * 8).value == "mobile"


def test_a_lorry_before_the_lens_does_not_undo_what_stood_for_long() -> None:
    assert tally_of(*[STILL] * 20, *[MOVES] * 3, *[STILL] * 3).value == "fixed"


def test_an_even_pan_is_no_evidence_of_a_mobile_mount() -> None:
    assert tally_of(*[PAN] * 100).value == "unknown"


def test_sensors_alone_can_tell() -> None:
    tally = Tally(shipped_rates())
    for second in range(5):
        tally.add(tally.rates.sensors, float(second))
    assert tally.value == "mobile"


@given(ticks)
def test_confidence_is_a_share_and_a_verdict_has_a_time(evidence: list[Evidence]) -> None:
    tally = Tally(shipped_rates())
    for tick, one in enumerate(evidence):
        tally.weigh(one, float(tick))
        assert 0 <= tally.confidence <= 1
        assert (tally.decided_at is None) == (tally.value == "unknown")


def test_a_fixed_verdict_is_less_sure_as_motion_speaks_against_it_and_is_given_up() -> None:
    tally = tally_of(*[STILL] * 3)
    before = tally.confidence
    tally.add(4.0, 2.0)
    assert (tally.value, tally.confidence < before) == ("fixed", True)

    tally.add(3.0, 2.5)
    assert tally.value == "unknown"


@given(ticks, ticks)
def test_nothing_that_comes_later_makes_a_mobile_camera_fixed(before: list[Evidence], after: list[Evidence]) -> None:
    assert tally_of(*before, *[MOVES] * 12, *after).value == "mobile"


def test_the_shipped_rates_are_whole() -> None:
    assert all(rate > 0 for rate in msgspec.structs.astuple(shipped_rates()))
    assert tally_of(*[STILL] * 100).confidence == pytest.approx(0.99, abs=0.01)
