from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.calls.wall import END, Moment, moment
from facewarden.detector.facts import day_of


def test_a_moment_is_written_in_utc() -> None:
    assert msgspec.json.encode(moment(1_700_000_000.5)) == b'"2023-11-14T22:13:20.500000Z"'


@given(st.integers(0, (END - 1) * 1_000_000))
def test_a_time_to_the_microsecond_is_read_back_as_it_was(microseconds: int) -> None:
    written = msgspec.json.encode(moment(microseconds / 1e6))
    assert msgspec.json.decode(written, type=Moment).timestamp() == microseconds / 1e6


def test_a_day_is_that_of_utc_wherever_the_camera_is() -> None:
    evening_in_seattle = datetime.fromisoformat("2026-11-05T20:00:00-08:00").astimezone(UTC)
    assert day_of(evening_in_seattle.timestamp()) == "2026-11-06"
