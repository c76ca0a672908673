"""What was seen, as a value that says itself until when it holds."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.sight.seen import Seen, Shown

FIXED = Seen("cam", "fixed", "consistent", at=3.0, received_at=100.0, stands_until=110.0, looked_until=101.5)


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        (100.0, Shown("fixed", "consistent")),
        (101.5, Shown("fixed", "consistent")),
        (101.6, Shown("fixed", "unknown")),
        (110.1, Shown("unknown", "unknown")),
    ],
)
def test_what_stands_and_looks_controlled_holds_only_while_somebody_looks(now: float, shown: Shown) -> None:
    assert FIXED.on(now) == shown


@pytest.mark.parametrize("now", [0.0, 1e9])
def test_what_moved_once_and_what_is_uncontrolled_hold_without_end(now: float) -> None:
    assert Seen("cam", "mobile", "uncontrolled").on(now) == Shown("mobile", "uncontrolled")


def test_what_says_not_until_when_it_holds_does_not_hold() -> None:
    assert Seen("cam", "fixed", "consistent").on(0.0) == Shown("unknown", "unknown")


def test_a_recording_s_clock_lets_nothing_grow_stale() -> None:
    assert FIXED.on(float("-inf")) == Shown("fixed", "consistent")


@given(st.builds(Seen, source=st.text(), at=st.none() | st.floats(0, 1e6), stands_until=st.none() | st.floats(0, 1e6)))
def test_it_crosses_a_pipe_a_socket_or_a_file_unchanged(seen: Seen) -> None:
    assert msgspec.json.decode(msgspec.json.encode(seen), type=Seen) == seen
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(seen), type=Seen) == seen


def test_a_key_of_a_later_version_is_passed_over() -> None:
    assert msgspec.json.decode(b'{"source": "cam", "version": 2, "heading": 90}', type=Seen).source == "cam"
