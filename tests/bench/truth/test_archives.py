"""An archive of short recordings, audited in every way."""

from pathlib import Path

import pytest

from facewarden.bench.truth.archives import Alike, Speed, alike, make, report, speed


def test_the_files_of_an_archive_are_all_different_and_the_one_that_is_none_is_one_row(tmp_path: Path) -> None:
    make(tmp_path, 3)
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 3

    found = speed(tmp_path)
    assert (found.files, found.unread, found.covered) == (3, 1, True)
    assert min(found.first, found.last) > 0


@pytest.mark.slow
def test_runs_that_are_killed_and_gone_on_with_give_the_same_bytes(tmp_path: Path) -> None:
    make(tmp_path, 2)
    ways = [*alike(tmp_path, 1, 0)]
    assert ways
    assert all(way.same for way in ways)


def test_the_report_says_what_differs() -> None:
    text = report(Speed(10, 0.05, 0.06, 1, True), [Alike("2 processes", True), Alike("Ray", False)])
    assert "50.0 ms in the first tenth, 60.0 in the last" in text
    assert "| Ray | no | 0 |" in text
