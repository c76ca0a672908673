"""Frigate's face messages as a call log."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from facewarden.detector.calls.frigate import calls_from_frigate
from facewarden.detector.calls.log import read_call
from facewarden.detector.cli import app
from facewarden.detector.errors import CallLogError

FACE = {
    "type": "face", "id": "1764118800.1-abc", "name": "Ada", "score": 0.93, "camera": "porch",
    "timestamp": 1764118802.25,
}  # fmt: skip


def line(**said: object) -> bytes:
    return json.dumps(FACE | said).encode()


def test_each_attempt_is_a_call_on_its_camera_whoever_was_recognised() -> None:
    (known, nobody) = calls_from_frigate([line(), b"", line(name=None, score=0.1)], "f", begin=1764118800.0)

    assert (known.source, known.task, known.service, known.at) == ("porch", "identification", "local", 2.25)
    assert known.made_at == 1764118802.25
    assert "Ada" not in repr((known, nobody))


def test_messages_of_other_kinds_and_topics_are_passed_over() -> None:
    wrapped = json.dumps({"topic": "frigate/tracked_object_update", "payload": json.dumps(FACE)}).encode()
    lines = [line(type="description"), b'{"topic": "frigate/stats", "payload": {"type": "face"}}', wrapped]

    assert [call.source for call in calls_from_frigate(lines, "f")] == ["porch"]


@pytest.mark.parametrize("wrong", [b"nonsense", b"[]", line(timestamp="soon"), b'{"payload": 3}'])
def test_what_is_no_message_is_told_with_its_line(wrong: bytes) -> None:
    with pytest.raises(CallLogError, match="f:2"):
        list(calls_from_frigate([line(), wrong], "f"))


def test_the_command_writes_what_an_audit_reads(tmp_path: Path) -> None:
    path = tmp_path / "faces.jsonl"
    path.write_bytes(line() + b"\n")
    done = CliRunner().invoke(app, ["calls", "from-frigate", str(path), "--begin", "1764118800"])

    assert done.exit_code == 0
    assert read_call(done.stdout_bytes.strip(), "line").at == 2.25
