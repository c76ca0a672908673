import json
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from helpers.entries import entries
from hypothesis import given

from facewarden.detector.calls import read_call
from facewarden.detector.calls.wall import moment
from facewarden.detector.errors import RecordError
from facewarden.detector.records import Decided, Entry, Event, read, read_entries, write

CALL = Decided(
    source="unit-17", at=None, service="local", task="identification", time=moment(1_793_872_800), effect="hold"
)


@given(entries)
def test_an_entry_is_read_back_as_it_was_written(entry: Entry) -> None:
    line = write(entry)
    assert b"\n" not in line
    assert read(line) == entry


@given(entries)
def test_keys_of_a_later_version_are_passed_over(entry: Entry) -> None:
    later = msgspec.json.encode({**msgspec.json.decode(write(entry)), "of-a-later-version": [1]})
    found = read(later)
    if isinstance(found, Decided):
        assert found.own.pop("of-a-later-version") == [1]
    assert found == entry


@pytest.mark.parametrize(
    "line", [b'{"schema": "facewarden.event/2", "text": 17}', b'{"schema": "facewarden.seal/1"}', b'{"text": "?"}']
)
def test_an_entry_of_a_kind_or_version_that_is_not_known_is_passed_over(line: bytes) -> None:
    assert read(line) is None


@pytest.mark.parametrize("kind", get_args(Entry))
def test_every_kind_says_its_name_and_version(kind: type[Entry]) -> None:
    assert kind.__struct_config__.tag == f"facewarden.{kind.__name__.lower()}/1"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"schema": "facewarden.event/1", "kind"', "truncated"),
        (b'{"schema": "facewarden.event/1", "kind": "tap", "at": null}', "`text`"),
        (b'{"schema": "facewarden.decided/1", "source": 17}', "source"),
        (b"[]", "object"),
        (b"\xff", "log:3"),
    ],
)
def test_a_line_that_is_no_entry_is_an_error_that_names_it(line: bytes, words: str) -> None:
    with pytest.raises(RecordError, match=r"log:3: ") as error:
        read(line, "log:3")
    assert words in str(error.value)


def test_what_was_decided_is_a_line_of_a_call_log() -> None:
    call = read_call(write(CALL), "log")
    assert (call.source, call.at, call.day) == ("unit-17", None, "2026-11-05")
    assert call.own["effect"] == "hold"


class Odd:
    def __repr__(self) -> str:
        return "odd \udcff"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Odd(), "odd ?"),
        ("caf\udce9", "caf?"),
        ({(1, 2): "\ud800"}, {"(1, 2)": "?"}),
        ((1, [None, Odd]), [1, [None, repr(Odd)]]),
    ],
)
def test_what_a_caller_said_is_written_whatever_it_is(value: object, written: object) -> None:
    assert json.loads(write(msgspec.structs.replace(CALL, own={"said": value})))["said"] == written


def test_what_a_caller_said_cannot_take_the_place_of_what_was_decided() -> None:
    line = json.loads(write(msgspec.structs.replace(CALL, own={"effect": "allow", "schema": "mine", "own": 1})))
    assert (line["effect"], line["schema"], line["own"]) == ("hold", "facewarden.decided/1", 1)


def test_a_list_that_holds_itself_is_written_all_the_same() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert read(write(msgspec.structs.replace(CALL, own={"endless": endless})))


def test_an_event_is_a_sentence_with_its_moment_where_it_has_one() -> None:
    assert str(Event("clock", 3.25, "time jumped")) == "at 3.250 s: time jumped"
    assert str(Event("tap", None, "dlib: on")) == "dlib: on"


def test_a_file_of_entries_is_read_in_the_order_of_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    one, other = Event("tap", None, "one"), Event("tap", None, "other")
    path.write_bytes(b"\n".join([write(one), b"", b'{"schema": "facewarden.seal/1"}', write(other)]))
    assert list(read_entries(path)) == [one, other]


def test_a_file_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot be read"):
        read_entries(tmp_path / "missing.jsonl")
