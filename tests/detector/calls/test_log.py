from collections.abc import Callable
from pathlib import Path

import pytest

from facewarden.detector.calls import Call, read_calls
from facewarden.detector.errors import CallLogError

GOOD = '{"source": "cam", "at": 3.2, "service": "azure_openai", "task": "identification"}'
FULL = (
    '{"source": null, "at": 0, "service": "local", "task": "verification", "model": "arcface.onnx",'
    ' "runtime": "onnxruntime", "facts": {"timing": "real_time"}}'
)


@pytest.fixture
def write_log(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(text: str | bytes) -> Path:
        path = tmp_path / "calls.jsonl"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


Write = Callable[[str | bytes], Path]


def test_calls_come_in_the_order_of_their_lines(write_log: Write) -> None:
    assert read_calls(write_log(f"{GOOD}\n{FULL}\n")) == [
        Call(source="cam", at=3.2, service="azure_openai", task="identification"),
        Call(
            service="local",
            task="verification",
            model="arcface.onnx",
            runtime="onnxruntime",
            facts={"timing": "real_time"},
        ),
    ]


@pytest.mark.parametrize("text", [f"\n{GOOD}\n\n  \n{GOOD}", f"{GOOD}\r\n{GOOD}\r\n"])
def test_empty_lines_and_the_way_lines_end_do_not_matter(write_log: Write, text: str) -> None:
    assert len(read_calls(write_log(text))) == 2


def test_a_call_whose_source_is_not_known_is_a_call(write_log: Write) -> None:
    assert read_calls(write_log(FULL))[0].source is None


@pytest.mark.parametrize("fact", ["service", "task"])
def test_a_service_or_a_task_that_is_null_is_unknown(write_log: Write, fact: str) -> None:
    value = {"service": "azure_openai", "task": "identification"}[fact]
    assert fact not in dict(read_calls(write_log(GOOD.replace(f'"{value}"', "null")))[0].brought)


def test_what_a_watched_program_noted_beside_its_calls_is_read_over(write_log: Write) -> None:
    noted = GOOD.replace("}", ', "time": "2026-01-02T03:04:05Z", "effect": "hold", "refused": true}')
    assert read_calls(write_log(noted)) == read_calls(write_log(GOOD))


def test_an_empty_log_has_no_calls(write_log: Write) -> None:
    assert read_calls(write_log("")) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"at": 3.2', '"att": 3.2, "at": 1', ["att"]),
        ('"at": 3.2, ', "", ["'at'", "missing"]),
        ('"source": "cam", ', "", ["'source'", "missing"]),
        ('"service": "azure_openai", ', "", ["'service'", "missing"]),
        (', "task": "identification"', "", ["'task'", "missing"]),
        ("3.2", "-0.1", ["at", ">= 0"]),
        ("3.2", "NaN", []),
        ("3.2", "Infinity", []),
        ("3.2", "1e999", []),
        ("3.2", '"3.2"', ["at", "`float`", "`str`"]),
        ('"cam"', "17", ["source", "`int`"]),
        ('"azure_openai"', '"bing"', ["service", "'bing'", "azure_face"]),
        ('"identification"', '"search"', ["task", "'search'", "verification"]),
        ("}", ', "facts": {"timeing": "recorded"}}', ["did you mean 'timing'"]),
        ("}", ', "facts": {"timing": "live"}}', ["'live'", "real_time"]),
        ("}", ', "facts": ["timing"]}', ["facts", "`object`"]),
        ("}", "", ["truncated"]),
        (GOOD, "[]", ["`object`"]),
        (GOOD, "source,at,service,task", ["malformed"]),
    ],
)
def test_an_error_names_the_file_the_line_and_what_was_expected(
    write_log: Write, old: str, new: str, words: list[str]
) -> None:
    path = write_log(f"{GOOD}\n\n{GOOD.replace(old, new)}\n")
    with pytest.raises(CallLogError) as error:
        read_calls(path)

    assert str(error.value).startswith(f"{path}:3: ")
    assert [word for word in words if word not in str(error.value)] == []
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("line", [GOOD.encode().replace(b"cam", b"Z\xfcrich"), b'{"source": ' + b"[" * 100_000])
def test_a_line_that_is_no_json_is_an_error_that_names_it(write_log: Write, line: bytes) -> None:
    with pytest.raises(CallLogError, match=r"calls\.jsonl:1: "):
        read_calls(write_log(line))


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_log_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(CallLogError, match="cannot be read"):
        read_calls(tmp_path / name)
