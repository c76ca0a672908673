"""A report says which ledger its calls were recorded in, and how to verify it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from facewarden.detector import Call, Guard, Site
from facewarden.detector.cli import app
from facewarden.detector.ledger import open_record
from facewarden.detector.records import Judged, Recorder

pytest.importorskip("cryptography")

DESK = "desk=synthetic:fixed?seconds=1&size=320x180"


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A record with a call, as `facewarden run` leaves it."""
    folder = tmp_path / "record"
    call = Call(source="desk", service="azure_openai", task="identification", at=0.5)
    facts, decision = Guard(Site(), date="2026-11-26").judge(call)
    recorder = Recorder(open_record(folder))
    recorder.call(Judged(1_790_000_000.0, call, None, decision, False, facts.facts))
    recorder.close()
    return folder


def audited(record: Path, out: Path) -> tuple[Any, str]:
    CliRunner().invoke(app, ["audit", DESK, "--calls", str(record / "calls.jsonl"), "--out", str(out)])
    return json.loads((out / "report.json").read_text())["made"]["ledger"], (out / "report.html").read_text()


def test_the_root_on_the_page_is_that_of_the_signed_head(record: Path, tmp_path: Path) -> None:
    ledger, page = audited(record, tmp_path / "report")
    origin, entries, root, *_ = (record / "ledger" / "checkpoint").read_text().splitlines()
    assert (ledger["origin"], ledger["entries"], ledger["root"]) == (origin, int(entries), root)
    assert f"facewarden ledger verify {record}" in page
    assert root in page.replace("&#43;", "+")
    assert re.search(r"made it\s+held", page)


def test_a_ledger_that_was_changed_is_said_not_to_hold(record: Path, tmp_path: Path) -> None:
    (entries,) = (
        path for path in (record / "ledger").rglob("*") if path.is_file() and b"azure_openai" in path.read_bytes()
    )
    entries.write_bytes(entries.read_bytes().replace(b"azure_openai", b"azure_OPENAI"))
    ledger, page = audited(record, tmp_path / "report")
    assert ledger["faults"]
    assert "did not hold" in page


def test_a_log_without_a_ledger_names_none(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    log.write_text('{"source": "desk", "at": 0.5, "service": "azure_openai", "task": "identification"}\n')
    ledger, page = audited(tmp_path, tmp_path / "report")
    assert ledger is None
    assert "recorded in the ledger" not in page
