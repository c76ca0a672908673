"""What is read and written, held against the schemas that are given out for it."""

import json
import tomllib
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest
from helpers.entries import entries
from helpers.reports import answers, decisions, reports
from hypothesis import given, settings

from facewarden.detector.audit import Answer, Report
from facewarden.detector.errors import InputError
from facewarden.detector.policy import Decision
from facewarden.detector.records import Entry, write
from facewarden.detector.schemas import DIALECT, KINDS, schema

jsonschema = pytest.importorskip("jsonschema")

SAMPLE = files("facewarden.detector.audit") / "sample"
PACKS = sorted(entry.name for entry in files("facewarden.detector.policy.packs").iterdir() if entry.name[-4:] == "toml")
SITE = tomllib.loads((SAMPLE / "site.toml").read_text())
CALL = json.loads((SAMPLE / "calls.jsonl").read_text().splitlines()[0])
PACK = tomllib.loads((files("facewarden.detector.policy.packs") / PACKS[0]).read_text())
FEW = settings(max_examples=25)


def fits(name: str, value: object) -> bool:
    """Whether JSON, or what JSON would hold of a TOML file, is what the schema says."""
    plain = json.loads(json.dumps(value, default=date.isoformat))
    return jsonschema.Draft202012Validator(schema(name)).is_valid(plain)


@pytest.mark.parametrize("name", KINDS)
def test_every_schema_is_one(name: str) -> None:
    assert schema(name)["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(schema(name))


def test_the_sample_of_the_demo_fits_its_schemas() -> None:
    assert fits("site", SITE)
    assert all(fits("call", json.loads(line)) for line in (SAMPLE / "calls.jsonl").read_text().splitlines())


@pytest.mark.parametrize("name", PACKS)
def test_every_pack_that_ships_fits_its_schema(name: str) -> None:
    assert fits("pack", tomllib.loads((files("facewarden.detector.policy.packs") / name).read_text()))


@FEW
@given(entries)
def test_every_entry_fits_its_schema(entry: Entry) -> None:
    assert fits("entry", json.loads(write(entry)))


@FEW
@given(reports)
def test_every_report_fits_its_schema(report: Report) -> None:
    assert fits("report", json.loads(report.as_json()))


@FEW
@given(answers)
def test_every_answer_on_a_source_fits_its_schema(answer: Answer) -> None:
    assert fits("source", json.loads(msgspec.json.encode(answer)))


@FEW
@given(decisions)
def test_every_decision_fits_its_schema(decision: Decision) -> None:
    assert fits("decision", json.loads(msgspec.json.encode(decision)))


def test_what_the_commands_print_fits_their_schemas(facewarden: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    sources = facewarden("classify", "--json", "synthetic:body?seconds=0.2", "missing.mp4").stdout
    decided = facewarden("decide", "--json", stdin=b'{"service": "azure_openai"}\n{"service": "x"}').stdout
    identified = facewarden("identify", "--json", tmp_path / "broken.onnx", tmp_path / "missing.onnx").stdout
    written = [("source", sources), ("decision", decided), ("identity", identified)]

    assert [len(text.splitlines()) for _, text in written] == [2, 2, 2]
    assert all(fits(name, json.loads(line)) for name, text in written for line in text.splitlines())


def test_an_audit_s_report_fits_its_schema(facewarden: Callable[..., Any], tmp_path: Path) -> None:
    calls = tmp_path / "calls.jsonl"
    calls.write_text(json.dumps({**CALL, "source": None, "at": None, "time": "2026-11-05T10:00:00Z", "case": 7}))
    printed = facewarden("audit", "synthetic:body?seconds=0.2", "--calls", calls, "--out", tmp_path, "--json").stdout

    report = json.loads(printed)
    assert fits("report", report)
    assert [fits("source", source) for source in report["sources"]] == [True]
    assert [fits("decision", call["decision"]) for call in report["calls"]] == [True]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("call", {**CALL, "at": -1}),
        ("call", {**CALL, "service": "bing"}),
        ("call", {**CALL, "facts": {"timeing": "recorded"}}),
        ("call", {key: value for key, value in CALL.items() if key != "task"}),
        ("site", {**SITE, "pakcs": ["microsoft"]}),
        ("site", {**SITE, "cameras": {"unit-17": {"mount": "wal"}}}),
        ("site", {**SITE, "places": {"street": {"place": "street"}}}),
        ("pack", {**PACK, "rules": []}),
        ("pack", {**PACK, "rules": [{**PACK["rules"][0], "effect": "forbidden"}]}),
        ("entry", {"schema": "facewarden.event/1", "kind": "tap"}),
        ("report", {"schema": "facewarden.report/1"}),
        ("decision", {"effect": "maybe"}),
    ],
)
def test_what_we_would_not_read_does_not_fit(name: str, wrong: object) -> None:
    assert not fits(name, wrong)


def test_a_schema_that_is_not_there_is_an_error_that_names_those_that_are() -> None:
    with pytest.raises(InputError, match=r"no schema 'sight'; did you mean 'site'\?; there are call, entry"):
        schema("sight")


def test_the_command_prints_a_schema_or_the_names_of_all(facewarden: Callable[..., Any]) -> None:
    assert json.loads(facewarden("schema", "report").stdout) == json.loads(json.dumps(schema("report")))
    assert [line.split()[0] for line in facewarden("schema").stdout.splitlines()] == list(KINDS)
    assert facewarden("schema", "sight").returncode == 2
