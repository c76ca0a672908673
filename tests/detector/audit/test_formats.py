import csv
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as Tree

import pytest
from helpers.reports import reports
from hypothesis import given

from facewarden.detector.audit import Report
from facewarden.detector.audit.formats import (
    as_csv,
    as_junit,
    as_markdown,
    parse_formats,
    violates,
    write_formats,
)
from facewarden.detector.errors import InputError


@given(reports)
def test_a_spreadsheet_has_a_row_for_each_call_and_runs_none_of_its_texts(report: Report) -> None:
    heading, *rows = csv.reader(StringIO(as_csv(report).decode(), newline=""))

    assert len(rows) == len(report.calls)
    assert all(len(row) == len(heading) for row in rows)
    assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for row in rows for cell in row)


def test_a_test_result_fails_for_the_cameras_on_which_a_call_ran_that_should_not_have(demo: Report) -> None:
    suite = Tree.fromstring(as_junit(demo)).find("testsuite")
    assert suite is not None
    failed = {case.get("classname") for case in suite.findall("testcase") if case.find("failure") is not None}

    assert failed == {"unit-17", "booking-desk"}
    assert suite.get("failures") == "2"
    assert suite.get("tests") == str(len(suite.findall("testcase")))
    assert "MS-AOAI-2" in str(suite.find(".//failure[@message]").get("message"))  # type: ignore[union-attr]


def test_a_note_on_a_merge_request_counts_what_ran_by_camera_and_rule(demo: Report) -> None:
    text = as_markdown(demo).decode()

    assert "3 violations in 6 calls" in text
    assert "| unit-17 | azure_openai | identification | 2 | MS-AOAI-2 |" in text


def test_a_call_that_a_gate_refused_violates_nothing(demo: Report) -> None:
    assert sum(map(violates, demo.calls)) == demo.summary.violations == 3


def test_every_form_that_was_asked_for_lies_in_the_folder_and_json_always(demo: Report, tmp_path: Path) -> None:
    path = write_formats(demo, tmp_path, parse_formats("csv, junit,md"))

    assert path == tmp_path / "report.json"
    assert {one.name for one in tmp_path.iterdir()} == {"report.json", "report.csv", "junit.xml", "report.md"}


def test_a_form_that_is_not_known_is_told_with_those_that_are() -> None:
    with pytest.raises(InputError, match="there is no 'pdf'; known are json, html, csv, junit, md"):
        parse_formats("html,pdf")
