"""What msgspec says is said in the words of a person who writes TOML or JSON."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest

from facewarden.detector.plain import plain


class Table(msgspec.Struct):
    needed: str
    tags: tuple[str, ...] = ()
    mode: Literal["on", "off"] | None = None
    modes: tuple[Literal["on", "off"], ...] = ()
    day: date | None = None
    moment: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    share: Annotated[float, msgspec.Meta(ge=0)] | None = None


def told(value: object, kind: Any = Table) -> str:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert(value, kind)
    return plain(str(error.value), kind)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "key 'needed' is missing"),
        ({"needed": 1}, "needed: expected text, got a whole number"),
        ({"needed": True}, "needed: expected text, got true or false"),
        ({"needed": "a", "tags": "b"}, "tags: expected a list, got text"),
        ({"needed": "a", "tags": [{}]}, "tags[0]: expected text, got a table of keys"),
        ({"needed": "a", "day": "soon"}, "day: expected a date, YYYY-MM-DD"),
        ({"needed": "a", "day": 3.5}, "day: expected a date, YYYY-MM-DD, got a number"),
        ({"needed": "a", "moment": "soon"}, "moment: expected a date and time such as 2026-11-25T10:00:00Z"),
        ({"needed": "a", "share": -1}, "share: expected a number >= 0.0"),
        ("text", "expected a table of keys, got text"),
    ],
)
def test_what_was_expected_and_what_came_is_said_with_its_place(value: object, words: str) -> None:
    assert told(value) == words


@pytest.mark.parametrize("kind", [Literal["on", "off"] | None, tuple[Literal["on", "off"], ...]])
def test_where_a_value_is_none_of_those_listed_they_are_named(kind: Any) -> None:
    assert told("maybe" if kind != tuple[Literal["on", "off"], ...] else ["maybe"], kind).endswith(
        "cannot be 'maybe'; expected off | on"
    )
