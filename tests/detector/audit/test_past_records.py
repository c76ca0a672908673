"""Audits of what was recorded live, by the command."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from helpers.recordings import session
from helpers.services import SITE, running
from typer.testing import CliRunner

from facewarden.detector import Call, Guard, Site
from facewarden.detector.audit.redeciding import redecide
from facewarden.detector.cli import app
from facewarden.detector.errors import RecordError
from facewarden.detector.ledger import open_record
from facewarden.detector.records import Judged, Recorder
from facewarden.detector.release import release

pytest.importorskip("cryptography")

DESK = {"desk": "synthetic:fixed?seconds=1&size=320x180"}
CALL = Call(source="desk", service="azure_openai")


PACK = """
name = "own"
version = "2026.11.1"
title = "Our own"

[[rules]]
id = "OWN-1"
title = "Nothing is identified"
effect = "prohibited"
from = 2024-05-01
certainty = "P"

[rules.citation]
text = "Nothing is identified"
url = "https://example.org/rules"

[rules.when]
task = "identification"
"""


def audit(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["audit", *arguments])
    return found.exit_code, found.output


def record_of_calls(folder: Path, **facts: object) -> Path:
    """A record with one call, as a gate leaves it."""
    facts_of, decision = Guard(Site(facts=facts), date="2026-11-26").judge(CALL)
    recorder = Recorder(open_record(folder))
    recorder.call(Judged(1_790_000_000.0, CALL, None, decision, False, facts_of.facts))
    recorder.close()
    return folder


def test_a_recording_is_the_same_again(tmp_path: Path) -> None:
    recording, _ = session(tmp_path, DESK)
    recording.close()
    status, text = audit(str(recording.path))
    assert status == 0
    assert text.startswith("desk: 30 pictures in 1.0 s: ")
    assert f"recorded by facewarden {release()}; decided by " in text
    assert " calls, " in text
    assert " of them of one known source" in text
    assert "there is no ledger beside it" in text
    assert text.endswith("the same, bit for bit\n")


def test_what_other_packs_would_have_decided_is_told_as_json_as_well(tmp_path: Path) -> None:
    recording, _ = session(tmp_path, DESK, keep_looks=False)
    recording.close()
    status, text = audit(str(recording.path), "--pack", "microsoft", "--date", "2026-12-24", "--json")
    found = json.loads(text)
    assert status == (3 if found["redecided"] else 0)
    assert found["schema"] == "facewarden.replayed/1"
    assert not found["from_looks"]


def test_the_calls_of_a_ledger_are_decided_again(tmp_path: Path) -> None:
    record = record_of_calls(tmp_path / "record", operator="non_us_le")
    status, text = audit(str(record))
    assert status == 0
    assert ": holds\n2026-09-21 14:13:20 to 2026-09-21 14:13:20 UTC: 0 s" in text
    assert "\n1 call, 0 of them of a known source (nobody's 1)\n" in text
    assert "\n1 calls decided again, 0 that no rule had decided\nnone is decided otherwise" in text


def test_a_ledger_under_another_pack_says_which_call_is_decided_otherwise(tmp_path: Path) -> None:
    record = record_of_calls(tmp_path / "record", operator="private")
    own = tmp_path / "own.toml"
    own.write_text(PACK)
    found = redecide(record, [str(own)])
    assert [(call.source, call.now, call.deciding) for call in found.otherwise] == [("desk", "prohibited", ("OWN-1",))]
    assert audit(str(record), "--pack", str(own))[0] == 3


def test_a_ledger_that_was_changed_does_not_hold(tmp_path: Path) -> None:
    record = record_of_calls(tmp_path / "record", operator="private")
    payload = next((record / "ledger" / "payload").rglob("0*"))
    payload.write_bytes(payload.read_bytes().replace(b"azure_openai", b"azure_face_x"))
    assert audit(str(record))[0] == 4


def test_a_folder_without_a_ledger_is_a_folder_of_videos(tmp_path: Path) -> None:
    assert audit(str(tmp_path))[0] != 0
    with pytest.raises(RecordError, match="there is no ledger"):
        redecide(tmp_path)


@pytest.mark.parametrize("words", [["NAME={0}"], ["{0}", "{0}"], ["{0}", "synthetic:body?seconds=1"]])
def test_what_was_recorded_is_asked_for_by_itself(
    tmp_path: Path, facewarden: Callable[..., CompletedProcess[str]], words: list[str]
) -> None:
    record = record_of_calls(tmp_path / "record", operator="private")
    result = facewarden("audit", *(word.format(record) for word in words), "--out", tmp_path / "report")

    assert result.returncode == 2
    assert "what was recorded is gone through by itself, one at a time and without a name" in result.stderr
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("option", ["--calls", "--site"])
def test_what_was_recorded_takes_no_other_calls_and_no_other_site(
    tmp_path: Path, facewarden: Callable[..., CompletedProcess[str]], option: str
) -> None:
    (tmp_path / "given").write_text("")
    record = record_of_calls(tmp_path / "record", operator="private")
    result = facewarden("audit", record, option, tmp_path / "given")

    assert (result.returncode, result.stdout) == (2, "")
    assert "has its calls and site; leave out --calls and --site" in result.stderr


@pytest.mark.slow
def test_a_service_records_its_session_and_the_ledger_knows_the_file(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(SITE)
    with running(site, record=tmp_path / "record") as service:
        service.service.gate.ask(Call(source="desk", service="azure_openai"))
        service.service.gate.ask(Call())
    recording = next((tmp_path / "record").glob("*.mcap"))
    status, text = audit(str(recording))
    assert status == 0, text
    assert "of the ledger beside it says" in text
    assert "and 2 calls again" in text
