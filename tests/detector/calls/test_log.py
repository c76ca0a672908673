import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from facewarden.detector.calls import Call, read_call, read_calls, write_call
from facewarden.detector.calls.wall import END
from facewarden.detector.errors import CallLogError
from facewarden.detector.facts import CHOICES, FLAGS

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
            at=0.0,
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


def test_a_call_whose_moment_is_not_known_is_a_call(write_log: Write) -> None:
    assert read_calls(write_log(GOOD.replace("3.2", "null")))[0].at is None


def test_what_a_watched_program_noted_beside_its_calls_rides_along(write_log: Write) -> None:
    (call,) = read_calls(write_log(GOOD.replace("}", ', "effect": "hold", "refused": true}')))
    assert call.own == {"effect": "hold", "refused": True}
    assert structs.replace(call, own={}) == read_calls(write_log(GOOD))[0]


def test_keys_of_a_person_s_own_ride_along(write_log: Write) -> None:
    own = {"trace_id": "x", "uid": 17, "case": {"number": [1, 2]}, "faces": 3, "times": 2}
    line = json.dumps({**json.loads(GOOD), **own})
    assert read_calls(write_log(line))[0].own == own


def test_a_line_that_a_later_facewarden_wrote_may_have_keys_of_any_name(write_log: Write) -> None:
    later = {"schema": "facewarden.decided/1", "time": "2026-11-05T10:00:00Z", "camera": "mobile", "fact": {}}
    (call,) = read_calls(write_log(json.dumps({**json.loads(GOOD), **later})))
    assert (call.day, call.own["camera"], dict(call.brought).keys()) == ("2026-11-05", "mobile", {"service", "task"})


def test_a_call_has_an_id_of_its_own(write_log: Write) -> None:
    assert read_calls(write_log(GOOD.replace("}", ', "id": "req-1"}')))[0].id == "req-1"
    assert read_calls(write_log(GOOD.replace("}", ', "id": 17}')))[0].id == "17"


@pytest.mark.parametrize(
    ("text", "made_at"),
    [
        ("2026-11-05T10:00:00.000Z", 1_793_872_800.0),
        ("2026-11-05t12:00:00+02:00", 1_793_872_800.0),
        ("1970-01-01T00:00:00Z", 0.0),
    ],
)
def test_the_time_of_a_call_is_when_it_was_made(write_log: Write, text: str, made_at: float) -> None:
    assert read_calls(write_log(GOOD.replace("}", f', "time": "{text}"}}')))[0].made_at == made_at


def test_a_time_that_is_null_is_unknown(write_log: Write) -> None:
    assert read_calls(write_log(GOOD.replace("}", ', "time": null}')))[0].made_at is None


CALLS = st.builds(
    Call,
    source=st.none() | st.text(),
    at=st.none() | st.floats(0, allow_infinity=False),
    service=st.none() | st.sampled_from(CHOICES["service"]),
    task=st.none() | st.sampled_from(CHOICES["task"]),
    model=st.none() | st.text(),
    runtime=st.none() | st.text(),
    facts=st.dictionaries(st.sampled_from(sorted(FLAGS)), st.booleans()),
    id=st.none() | st.text(),
    made_at=st.none() | st.integers(0, (END - 1) * 1_000_000).map(lambda microseconds: microseconds / 1e6),
    own=st.dictionaries(st.text().map("x-{}".format), st.none() | st.booleans() | st.integers(-9, 9) | st.text()),
)


@given(CALLS)
def test_a_call_that_is_written_into_a_log_is_read_back_as_it_was(call: Call) -> None:
    assert read_call(write_call(call), "log") == call


def test_an_empty_log_has_no_calls(write_log: Write) -> None:
    assert read_calls(write_log("")) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"at": 3.2', '"att": 3.2', ["'at'", "missing", "'att'"]),
        ("}", ', "fact": {"consent": "none"}}', ["'fact'", "did you mean 'facts'"]),
        ("}", ', "tiem": "2026-11-05T10:00:00Z"}', ["'tiem'", "did you mean 'time'"]),
        ("}", ', "consent": "none"}', ["'consent' is a fact", "'facts'"]),
        ("}", ', "time": "yesterday"}', ["time: expected a date and time such as"]),
        ("}", ', "time": "2026-11-05T10:00:00"}', ["time", "with its zone"]),
        ("}", ', "time": "1969-11-05T10:00:00Z"}', [">= 0"]),
        ("}", ', "time": 17}', ["time: expected a date and time", "got a whole number"]),
        ("}", ', "time": "2026-11-05T10:00:00Z", "made_at": 17}', ["'time'", "'made_at'"]),
        ("}", ', "id": 1.5}', ["id: expected a whole number or text"]),
        ('"at": 3.2, ', "", ["'at'", "missing"]),
        ('"source": "cam", ', "", ["'source'", "missing"]),
        ('"service": "azure_openai", ', "", ["'service'", "missing"]),
        (', "task": "identification"', "", ["'task'", "missing"]),
        ("3.2", "-0.1", ["at", ">= 0"]),
        ("3.2", "NaN", []),
        ("3.2", "Infinity", []),
        ("3.2", "1e999", []),
        ("3.2", '"3.2"', ["at: expected a number, got text"]),
        ('"cam"', "17", ["source: expected text, got a whole number"]),
        ('"azure_openai"', '"bing"', ["service", "'bing'", "azure_face"]),
        ('"identification"', '"search"', ["task", "'search'", "verification"]),
        ("}", ', "facts": {"timeing": "recorded"}}', ["did you mean 'timing'"]),
        ("}", ', "facts": {"timing": "live"}}', ["'live'", "real_time"]),
        ("}", ', "facts": ["timing"]}', ["facts: expected a table of keys, got a list"]),
        ("}", "", ["truncated"]),
        (GOOD, "[]", ["expected a table of keys"]),
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


def test_all_that_is_wrong_with_a_line_is_told(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    log.write_text('{"source": "a", "at": 1, "service": "lokal", "task": "identify", "facts": {"consent": "yes"}}\n')
    with pytest.raises(CallLogError) as error:
        read_calls(log)

    assert [word for word in ("'lokal'", "'identify'", "'yes'") if word not in str(error.value)] == []


def test_all_lines_that_are_no_calls_are_told_at_once(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    log.write_text('{"source": "a", "at": "0.5", "service": "local", "task": "text"}\n{}\nnonsense\n')
    with pytest.raises(CallLogError) as error:
        read_calls(log)

    told = dict.fromkeys(line.split(": ")[0] for line in str(error.value).splitlines())
    assert [*told] == [f"{log}:{n}" for n in (1, 2, 3)]
    assert "0.5 is written without quotes" in str(error.value)


def test_a_call_of_which_the_time_is_known_needs_no_moment() -> None:
    call = read_call(GOOD.replace('"at": 3.2', '"time": "2026-11-23T10:00:00Z"').encode(), "here")
    assert (call.at, call.made_at) == (None, 1795428000.0)


def test_a_moment_in_other_letters_is_a_slip_and_no_key_of_ones_own() -> None:
    with pytest.raises(CallLogError, match="key 'at' is missing"):
        read_call(GOOD.replace('"at"', '"time": "2026-11-23T10:00:00Z", "At"').encode(), "here")


def test_no_mistake_of_a_line_hides_another(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    log.write_text('{"source": 7, "at": "soon", "service": "lokal", "facts": {"warrant": "yes"}, "fact": {}}\n')
    with pytest.raises(CallLogError) as error:
        read_calls(log)

    told = [line.removeprefix(f"{log}:1: ") for line in str(error.value).splitlines()]
    assert [line[:22] for line in told] == [
        "key 'task' is missing;", "source: expected text,", "at: expected a number,", "fact 'service' cannot ",
    ]  # fmt: skip
    assert "'warrant' cannot be 'yes'" in told[-1]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ('"timestamp": "2026-11-23T10:00:00Z"', "unknown key 'timestamp'; did you mean 'time'?"),
        ('"AT": 3.2', "key 'at' is missing (is 'AT' meant to be it?)"),
    ],
)
def test_the_key_that_was_meant_for_the_moment_is_told(key: str, words: str) -> None:
    with pytest.raises(CallLogError) as error:
        read_call(GOOD.replace('"at": 3.2', key).encode(), "here")
    assert str(error.value).startswith(f"here: {words}")
    assert "\n" not in str(error.value)
