import os
from pathlib import Path

import msgspec
import pytest

from facewarden.detector.calls import Call, read_calls
from facewarden.detector.calls.attribution import Attribution
from facewarden.detector.errors import InputError
from facewarden.detector.policy import held
from facewarden.detector.watching.recorder import Event, Judged, Recorder

CALL = Call(service="local", model="arcface.onnx", runtime="onnxruntime")
FOUND = Attribution("unit-17", "block", 1.0, 3.2)


def judged(call: Call = CALL, found: Attribution | None = FOUND) -> Judged:
    return Judged(1_700_000_000.5, call, found, held("nobody knows"), True)


def events(folder: Path) -> list[Event]:
    return [msgspec.json.decode(line, type=Event) for line in (folder / "events.jsonl").read_bytes().splitlines()]


def test_what_was_recorded_is_a_call_log(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.call(judged())
    recorder.call(judged(found=None))
    recorder.close()

    read = read_calls(tmp_path / "calls.jsonl")
    assert [(call.source, call.at, call.made_at) for call in read] == [
        ("unit-17", 3.2, 1_700_000_000.5),
        (None, None, 1_700_000_000.5),
    ]
    assert {(call.service, call.model, call.runtime) for call in read} == {(CALL.service, CALL.model, CALL.runtime)}


def test_a_record_says_what_was_decided_and_when(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.call(judged())
    recorder.close()

    line = msgspec.json.decode((tmp_path / "calls.jsonl").read_bytes())
    assert line["time"] == "2023-11-14T22:13:20.500Z"
    assert (line["effect"], line["refused"], line["attributed_by"]) == ("hold", True, "block")


def test_events_carry_their_process(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.event("failure", "the lens is dirty")
    recorder.close()

    assert [(event.pid, event.kind, event.text) for event in events(tmp_path)] == [
        (os.getpid(), "failure", "the lens is dirty")
    ]


def test_a_forked_child_writes_its_own_and_nothing_of_its_parent_twice(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.event("failure", "of the parent")
    child = os.fork()
    if not child:
        recorder.event("failure", "of the child")
        recorder.close()
        os._exit(0)
    os.waitpid(child, 0)
    recorder.close()

    assert sorted((event.pid == os.getpid(), event.text) for event in events(tmp_path)) == [
        (False, "of the child"),
        (True, "of the parent"),
    ]


def test_without_a_folder_nothing_is_kept_and_no_thread_runs() -> None:
    recorder = Recorder(None)
    recorder.call(judged())
    recorder.event("failure", "unheard")
    recorder.close()

    assert recorder.failed is None


def test_a_record_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    (tmp_path / "calls.jsonl").unlink()
    (tmp_path / "calls.jsonl").mkdir()
    recorder.call(judged())
    recorder.close()

    assert recorder.failed is not None
    assert "cannot be written" in recorder.failed


def test_a_folder_that_cannot_be_made_is_an_error_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written to"):
        Recorder(tmp_path / "file")


def test_a_moment_that_nobody_knows_is_not_written_as_the_first_second(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.call(judged(found=None))
    recorder.call(judged(found=Attribution("unit-17", "declaration", 0.9)))
    recorder.close()

    lines = [msgspec.json.decode(line) for line in (tmp_path / "calls.jsonl").read_bytes().splitlines()]
    assert [(line["source"], line["at"]) for line in lines] == [(None, None), ("unit-17", None)]
    assert [call.at for call in read_calls(tmp_path / "calls.jsonl")] == [None, None]


def test_what_a_caller_said_of_a_call_is_recorded_with_it(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.call(judged(Call(service="local", id="r-1", made_at=1_600_000_000.25, own={"case": 7})))
    recorder.close()

    line = msgspec.json.decode((tmp_path / "calls.jsonl").read_bytes())
    assert (line["id"], line["time"], line["case"]) == ("r-1", "2020-09-13T12:26:40.250Z", 7)
