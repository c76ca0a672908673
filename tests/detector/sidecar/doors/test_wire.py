"""Protocol Buffers, by hand."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.protobuf import field
from facewarden.detector.sidecar.doors.wire import Message, fields, inner

numbers = st.integers(1, 500)
values = st.integers(0, 2**63) | st.binary(max_size=300)


@given(st.lists(st.tuples(numbers, values), max_size=8))
def test_what_is_written_is_read(written: list[tuple[int, int | bytes]]) -> None:
    assert list(fields(b"".join(field(number, value) for number, value in written))) == written


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=5), numbers)
def test_a_map_is_read(said: dict[str, str], number: int) -> None:
    message = b"".join(field(number, field(1, key) + field(2, value)) for key, value in said.items())

    assert Message(message).table(number) == said


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_told_to_be_none(message: bytes) -> None:
    with suppress(ValueError):
        assert all(number >= 0 for number, _ in fields(message))


def test_a_fixed_width_is_passed_over() -> None:
    assert list(fields(b"\x09" + bytes(8) + b"\x15" + bytes(4) + field(3, "x"))) == [(3, b"x")]


@pytest.mark.parametrize("message", [b"\x0a\x05abc", b"\x0a", b"\xff" * 11, b"\x0b"])
def test_what_is_cut_short_is_no_message(message: bytes) -> None:
    with pytest.raises(ValueError, match="no message"):
        list(fields(message))


def test_of_a_path_that_is_not_there_nothing_is_found() -> None:
    assert inner(field(1, field(2, "x")), 1, 2) == b"x"
    assert inner(field(1, field(2, "x")), 1, 3, 4) == b""
