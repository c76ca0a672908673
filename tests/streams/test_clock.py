import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.streams.clock import MediaClock


def stamps(clock: MediaClock, *seconds: float | None) -> list[object]:
    return [pytest.approx(clock.stamp(each)[0]) for each in seconds]


def test_media_time_starts_at_zero_whatever_the_stream_starts_at() -> None:
    assert stamps(MediaClock(0.04), 7.2, 7.24) == [0.0, 0.04]


def test_missing_stamps_are_filled_with_the_expected_step() -> None:
    assert stamps(MediaClock(0.5), None, None, None) == [0.0, 0.5, 1.0]


def test_pictures_a_little_out_of_order_do_not_run_time_backwards() -> None:
    assert stamps(MediaClock(0.04), 0.0, 0.12, 0.08, 0.16) == [0.0, 0.12, 0.12, 0.16]


def test_a_stamp_that_is_no_number_is_a_missing_one() -> None:
    assert stamps(MediaClock(0.5), 1.0, float("nan"), 2.0) == [0.0, 0.5, 1.0]


def test_a_long_silence_is_an_event_and_takes_its_time() -> None:
    """A time-lapse, or a camera that slept."""
    clock = MediaClock(0.04)
    clock.stamp(0.0)
    at, event = clock.stamp(15.0)

    assert (at, "jumped ahead" in (event or "")) == (15.0, True)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (50.0, 0.0, "jumped back"),
        (2**32 / 90_000 - 0.02, 0.02, "wrapped around"),
        (2**33 / 90_000 - 0.02, 0.02, "wrapped around"),
    ],
)
def test_a_reset_and_a_wrap_are_events_and_re_base_media_time(before: float, after: float, words: str) -> None:
    clock = MediaClock(0.04)
    clock.stamp(before)

    at, event = clock.stamp(after)
    following, none = clock.stamp(after + 1.0)

    assert words in (event or "")
    assert (at, following, none) == (pytest.approx(0.04), pytest.approx(1.04), None)


def test_stamps_that_stand_still_are_an_event_and_time_goes_on_by_the_expected_step() -> None:
    clock = MediaClock(0.1)
    told = [clock.stamp(7.0) for _ in range(31)]

    assert told[9] == (0.0, None)
    assert told[10][0] == pytest.approx(0.1)
    assert [event for _, event in told if event] == ["time stamps stand still (for 11 pictures)"]
    assert told[-1][0] == pytest.approx(2.1)
    assert clock.stamp(7.1) == (pytest.approx(2.2), None)


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1))
def test_media_time_never_runs_backwards(seconds: list[float | None]) -> None:
    clock = MediaClock(0.04)
    times = [clock.stamp(each)[0] for each in seconds]

    assert times == sorted(times)
    assert times[0] == 0


@pytest.mark.parametrize("after", [0.0, 99.99, 100.0, 100.5, 109.0, 5e9, None])
def test_a_reconnect_is_an_event_and_a_new_base_wherever_its_stamps_lie(after: float | None) -> None:
    """Also where they would pass for the old stream's going on."""
    clock = MediaClock(0.04)
    clock.stamp(90.0)
    before, _ = clock.stamp(100.0)
    clock.reconnected(gap=7.5)
    at, event = clock.stamp(after)
    following, none = clock.stamp(None if after is None else after + 0.04)

    assert (at, following) == (pytest.approx(before + 7.5), pytest.approx(before + 7.54))
    assert (event, none) == ("the stream was lost, and began anew after 7.500 s", None)


def test_a_reconnect_of_unknown_length_takes_a_step_and_one_before_the_first_picture_nothing() -> None:
    clock = MediaClock(0.04)
    clock.reconnected()
    assert clock.stamp(3.0) == (0.0, None)
    clock.reconnected()

    assert clock.stamp(3.0)[0] == pytest.approx(0.04)


def test_stamps_that_stood_still_before_a_reconnect_count_anew_after_it() -> None:
    clock = MediaClock(0.1)
    for _ in range(9):
        clock.stamp(7.0)
    clock.reconnected()

    assert [event for event in (clock.stamp(7.0)[1] for _ in range(8)) if event] == [
        "the stream was lost, and began anew after 0.100 s"
    ]
