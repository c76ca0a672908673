import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from facewarden.detector.audit.keeping import keep
from facewarden.detector.cli import app
from facewarden.detector.records import Decided, read_entries


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that the demo wrote, and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "new"
    result = CliRunner().invoke(app, ["demo", "--out", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0
    return folder, result.stdout


@pytest.fixture(scope="module")
def report(demo: tuple[Path, str]) -> dict[str, Any]:
    return json.loads((demo[0] / "report.json").read_text())


def test_the_demo_writes_its_sample_and_its_report(demo: tuple[Path, str]) -> None:
    assert sorted(path.name for path in demo[0].iterdir()) == [
        "calls.jsonl",
        "program",
        "report.html",
        "report.json",
        "site.toml",
    ]


def test_the_demo_shows_a_worn_camera_and_one_that_stands(report: dict[str, Any]) -> None:
    seen = {source["source"]: source["mobility"]["value"] for source in report["sources"]}
    assert seen["unit-17"] == "mobile"
    assert seen["booking-desk"] != "mobile"


def test_the_demo_shows_what_its_text_promises(report: dict[str, Any]) -> None:
    shown = [(call["task"], call["gate"], call["decision"]["effect"]) for call in report["calls"]]
    assert shown == [
        ("identification", "hold", "prohibited"),
        ("identification", "prohibited", "prohibited"),
        ("detection", "allow", "allow"),
        ("speech", "allow", "allow"),
        ("identification", "allow", "allow"),
        ("identification", "prohibited", "prohibited"),
    ]


def test_the_demo_names_the_rules_that_close_its_calls(report: dict[str, Any]) -> None:
    deciding = [call["decision"]["deciding"] for call in report["calls"] if call["source"] == "booking-desk"]
    assert deciding == [[], ["MS-AOAI-4"]]
    assert "MS-AOAI-2" in report["calls"][1]["decision"]["deciding"]


def test_the_demo_says_how_to_run_it_again(demo: tuple[Path, str]) -> None:
    assert "facewarden audit 'unit-17=synthetic:body" in demo[1]
    assert f"--site {demo[0]}/site.toml --calls {demo[0]}/calls.jsonl" in demo[1]


def test_the_demo_shows_a_watched_program_in_which_one_call_is_refused(demo: tuple[Path, str]) -> None:
    assert "2 calls judged (1 allow, 1 prohibited), 1 refused" in demo[1]
    calls = [entry for entry in read_entries(demo[0] / "program/record/calls.jsonl") if isinstance(entry, Decided)]
    assert [(call.source, call.effect, call.refused) for call in calls] == [
        ("booking-desk", "allow", False),
        ("unit-17", "prohibited", True),
    ]


def test_a_sample_that_somebody_changed_is_kept_by_the_next_demo(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("mine")
    assert keep(path, b"the sample's") == tmp_path / "site.toml~"
    assert (tmp_path / "site.toml~").read_text() == "mine"


def test_a_sample_that_nobody_changed_stays(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("as it was")
    assert keep(path, b"as it was") is None
    assert path.read_text() == "as it was"
