"""When few pictures of a source will do."""

import pytest

from facewarden.detector.sight.seen import Camera, Seen
from facewarden.detector.sight.state import SourceState
from facewarden.detector.sight.thrift import CALLED_S, FIRM_S, Thrift
from facewarden.detector.sight.turns import BRIEF_S, Turns


def source(camera: Camera = "fixed", environment: str = "unknown") -> SourceState:
    state = SourceState("cam")
    state.last = Seen("cam", camera, environment)  # type: ignore[arg-type]
    return state


def settled(state: SourceState) -> Thrift:
    """Asked until the verdict is firm, and a little longer."""
    thrift = Thrift(state, 0.0)
    thrift.allows(0.1)
    assert thrift.allows(FIRM_S + 1)
    return thrift


def test_a_verdict_has_to_stand_for_a_while() -> None:
    thrift = Thrift(source(), 0.0)

    assert not thrift.allows(0.1)
    assert not thrift.allows(FIRM_S)
    assert thrift.allows(FIRM_S + 0.2)
    assert thrift.looking == "thrifty"


def test_without_a_verdict_every_picture_is_wanted() -> None:
    thrift = Thrift(source("unknown"), 0.0)

    assert not any(thrift.allows(10.0 * number) for number in range(20))


def test_a_place_that_passes_for_a_controlled_one_is_never_looked_at_thriftily() -> None:
    thrift = Thrift(source(environment="consistent"), 0.0)

    assert not any(thrift.allows(10.0 * number) for number in range(20))


def test_another_verdict_and_an_event_want_full_looks_for_as_long_again() -> None:
    state = source()
    thrift, now = settled(state), FIRM_S + 2
    state.last = Seen("cam", "mobile", "unknown")

    assert not thrift.allows(now)
    assert not thrift.allows(now + FIRM_S - 1)
    assert thrift.allows(now + FIRM_S + 1)
    thrift.changed(now + FIRM_S + 2)
    assert not thrift.allows(now + FIRM_S + 3)


@pytest.mark.parametrize(
    ("camera", "environment", "wanted"), [("fixed", "unknown", True), ("mobile", "uncontrolled", False)]
)
def test_a_call_wants_full_looks_at_once_where_they_could_change_anything(
    camera: Camera, environment: str, wanted: bool
) -> None:
    state = source(camera, environment)
    thrift, now = settled(state), FIRM_S + 2
    state.expect_call()

    assert thrift.allows(now) is not wanted
    assert thrift.allows(now + CALLED_S + 1)


def test_the_time_in_each_state_is_told() -> None:
    thrift = settled(source())
    thrift.allows(FIRM_S + 4)

    assert thrift.seconds == {"full": pytest.approx(FIRM_S + 1), "thrifty": pytest.approx(3.0), "waiting": 0.0}


def test_of_many_that_begin_at_once_few_are_looked_at_in_full_and_the_next_when_one_is_settled() -> None:
    turns, states = Turns(1), [source("unknown"), source("unknown")]
    first, second = (Thrift(state, 0.0, turns) for state in states)

    assert (first.allows(0.1), second.allows(0.1)) == (False, True)
    assert second.looking == "waiting"
    states[0].last = Seen("cam", "mobile", "unknown")
    assert (first.allows(1.0), second.allows(1.0)) == (False, True)
    assert (first.allows(FIRM_S + 1.2), second.allows(FIRM_S + 1.2)) == (True, False)


def test_who_has_a_verdict_gives_way_to_those_that_have_none() -> None:
    turns, states = Turns(1), [source("unknown"), source("unknown")]
    first, second = (Thrift(state, 0.0, turns) for state in states)
    first.allows(0.1)
    second.allows(1.0)
    states[0].last = Seen("cam", "mobile", "unknown")
    now = 0.2 + BRIEF_S

    assert [one.allows(now) for one in (first, second)] == [True, False]
    assert (first.looking, second.looking) == ("waiting", "full")
    assert [one.allows(now + BRIEF_S - 1) for one in (first, second)] == [True, False]  # which has no verdict yet
    states[1].last = Seen("cam", "fixed", "unknown")
    assert [one.allows(now + BRIEF_S + 1) for one in (second, first)] == [True, False]


@pytest.mark.parametrize("environment", ["unknown", "consistent"])
def test_nobody_waits_for_a_turn_after_a_call_or_at_a_place_that_passes_for_a_controlled_one(environment: str) -> None:
    turns, state = Turns(1), source("unknown", environment)
    Thrift(source("unknown"), 0.0, turns).allows(0.1)
    thrift = Thrift(state, 0.0, turns)
    if environment == "unknown":
        assert thrift.allows(0.1)
        state.expect_call()

    assert not thrift.allows(0.2)
