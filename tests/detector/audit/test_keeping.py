"""A report of other inputs is kept beside the new one."""

from pathlib import Path

from msgspec.structs import replace

from facewarden.detector.audit.formats import write_formats
from facewarden.detector.audit.keeping import keep_other
from facewarden.detector.audit.report import Input, Report


def test_the_reports_of_other_inputs_are_kept(demo: Report, tmp_path: Path) -> None:
    write_formats(demo, tmp_path, ["json", "csv"])
    old = (tmp_path / "report.json").read_bytes()
    other = replace(demo, inputs=(Input("another.mp4", "0" * 64),))

    assert keep_other(other, tmp_path) == [tmp_path / "report.json~", tmp_path / "report.csv~"]
    assert (tmp_path / "report.json~").read_bytes() == old


def test_a_report_of_the_same_inputs_takes_the_place_of_the_old_one(demo: Report, tmp_path: Path) -> None:
    write_formats(demo, tmp_path, ["json"])
    assert keep_other(demo, tmp_path) == []


def test_a_file_that_is_no_report_is_kept_as_well(demo: Report, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("my notes")
    assert keep_other(demo, tmp_path) == [tmp_path / "report.json~"]


def test_an_empty_folder_has_nothing_to_keep(demo: Report, tmp_path: Path) -> None:
    assert keep_other(demo, tmp_path) == []
