"""What is no file of JSON lines is told in plain words."""

import pytest

from facewarden.detector.errors import FactError
from facewarden.detector.json_lines import read_object, show_json, split_lines


def test_a_byte_order_mark_is_passed_over() -> None:
    lines = split_lines(b'\xef\xbb\xbf{"a": 1}\r\n\n{"b": 2}\n')
    assert [read_object(line) for line in lines if line] == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1}'.encode("utf-16"), "this is UTF-16; save it as UTF-8"),
        ('{"a": 1}'.encode("utf-16-le"), "this is UTF-16; save it as UTF-8"),
        ('{"a": 1}'.encode("utf-16-be"), "this is UTF-16; save it as UTF-8"),
        (b'[{"a": 1}, {"a": 2}]', "one JSON list"),
        (b'\n[\n  {"a": 1}\n]\n', "one JSON list"),
        (b'{\n  "a": 1\n}\n', "one JSON object over many lines"),
        (b"source,at,service,task\na,1,local,identification\n", "this looks like CSV"),
        (b"source;at;service;task\na;1,5;local;identification\n", "this looks like CSV"),
        (b"[operator]\noperator = 'private'\n", "this looks like TOML"),
        (b"packs = ['microsoft']\n", "this looks like TOML"),
    ],
)
def test_a_file_of_another_kind_is_told_what_it_is(text: bytes, told: str) -> None:
    with pytest.raises(FactError, match=told):
        split_lines(text)


def test_what_cannot_be_told_is_left_to_its_lines() -> None:
    assert split_lines(b"hello\nworld") == [b"hello", b"world"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"operator": "private", "operator": "us_police"}', "key 'operator' stands twice"),
        (b'{"facts": {"warrant": true, "warrant": false}}', "key 'warrant' stands twice"),
        (b"{", "jq -c . FILE"),
        (b"[1]", r"jq -c '\.\[\]' FILE"),
        (b"{'a': 1}", "JSON has double quotes"),
        (b'{"a": 1},', "a comma too many"),
        (b'{"a": ' + b"[" * 100_000, "line"),
        (b'{"a": "\xff"}', "byte 0xff is not UTF-8; save it as UTF-8"),
        (b"# calls", "JSON has no comments"),
        (b"nonsense", "one JSON object a line"),
    ],
)
def test_a_line_that_is_no_object_is_told_why(line: bytes, told: str) -> None:
    with pytest.raises(FactError, match=told):
        read_object(line)


def test_what_a_machine_reads_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_json({"message": "first\nsecond"})
    assert capsys.readouterr().out == '{"message":"first\\nsecond"}\n'
