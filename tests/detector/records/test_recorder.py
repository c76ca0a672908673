import os
from pathlib import Path

import msgspec
import pytest

from facewarden.detector.calls import Call, read_calls
from facewarden.detector.calls.attribution import Attribution
from facewarden.detector.calls.wall import moment
from facewarden.detector.policy import decide, held, load_packs
from facewarden.detector.records import Decided, Event, JsonLines, Judged, Recorder, Tee, read_entries

CALL = Call(service="local", model="arcface.onnx", runtime="onnxruntime")
FOUND = Attribution("unit-17", "block", 1.0, 3.2)


def judged(call: Call = CALL, found: Attribution | None = FOUND) -> Judged:
    return Judged(1_700_000_000.5, call, found, held("nobody knows"), True)


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(JsonLines(tmp_path))


def test_what_was_recorded_is_a_call_log(recorder: Recorder, tmp_path: Path) -> None:
    recorder.call(judged())
    recorder.call(judged(found=None))
    recorder.close()

    read = read_calls(tmp_path / "calls.jsonl")
    assert [(call.source, call.at, call.made_at) for call in read] == [
        ("unit-17", 3.2, 1_700_000_000.5),
        (None, None, 1_700_000_000.5),
    ]
    assert {(call.service, call.model, call.runtime) for call in read} == {(CALL.service, CALL.model, CALL.runtime)}


def test_a_record_says_what_was_decided_and_when(recorder: Recorder, tmp_path: Path) -> None:
    recorder.call(judged())
    recorder.close()

    line = msgspec.json.decode((tmp_path / "calls.jsonl").read_bytes())
    assert line["time"] == "2023-11-14T22:13:20.500000Z"
    assert (line["effect"], line["refused"], line["attributed_by"]) == ("hold", True, "block")


def test_a_record_holds_what_is_needed_to_decide_again() -> None:
    packs, facts = load_packs(["microsoft"], ["MS-AOAI-4"]), {"service": "azure_openai", "operator": "us_police"}
    entry = Judged(1.7e9, CALL, None, decide(facts, packs), True, facts).as_entry()

    assert entry.packs == {"microsoft": packs[0].sha256}
    again = decide(entry.known, load_packs(entry.packs, entry.off, entry.packs))
    assert (again.effect, again.deciding, again.unknown) == (entry.effect, entry.deciding, entry.unknown)


def test_a_moment_that_nobody_knows_is_not_written_as_the_first_second(recorder: Recorder, tmp_path: Path) -> None:
    recorder.call(judged(found=None))
    recorder.call(judged(found=Attribution("unit-17", "environment", 0.9)))
    recorder.close()

    lines = [msgspec.json.decode(line) for line in (tmp_path / "calls.jsonl").read_bytes().splitlines()]
    assert [(line["source"], line["at"]) for line in lines] == [(None, None), ("unit-17", None)]
    assert [call.at for call in read_calls(tmp_path / "calls.jsonl")] == [None, None]


def test_what_a_caller_said_of_a_call_is_recorded_with_it(recorder: Recorder, tmp_path: Path) -> None:
    recorder.call(judged(Call(service="local", id="r-1", made_at=1_600_000_000.25, own={"case": 7})))
    recorder.close()

    (entry,) = read_entries(tmp_path / "calls.jsonl")
    assert isinstance(entry, Decided)
    assert (entry.id, entry.time, entry.own) == ("r-1", moment(1_600_000_000.25), {"case": 7})


def test_events_carry_their_process(recorder: Recorder, tmp_path: Path) -> None:
    recorder.event("failure", "the lens is dirty")
    recorder.close()

    (entry,) = read_entries(tmp_path / "events.jsonl")
    assert isinstance(entry, Event)
    assert (entry.pid, entry.kind, entry.at, entry.text) == (os.getpid(), "failure", None, "the lens is dirty")


def test_a_recorder_fails_as_long_as_its_sink_does(recorder: Recorder, tmp_path: Path) -> None:
    (tmp_path / "calls.jsonl").unlink()
    (tmp_path / "calls.jsonl").mkdir()
    recorder.call(judged())
    recorder.close()

    assert "cannot be written" in (recorder.failed or "")


def test_without_a_sink_nothing_is_kept() -> None:
    recorder = Recorder(Tee())
    recorder.call(judged())
    recorder.event("failure", "unheard")
    recorder.close()

    assert recorder.failed is None
