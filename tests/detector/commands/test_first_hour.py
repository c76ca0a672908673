"""What a person types first: a new site file, the list of facts, a source that is empty."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from facewarden.detector.cli import app
from facewarden.detector.errors import InputError
from facewarden.detector.facts import NAMES
from facewarden.detector.site import load_site


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_a_new_site_file_can_be_read_and_has_the_camera(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(run("site", "new", "unit-17"))
    assert "unit-17" in load_site(path).cameras


def test_every_fact_is_listed() -> None:
    told = run("facts")
    assert [name for name in NAMES if name not in told] == []


@pytest.mark.parametrize("source", ["", " ", "cam="])
def test_an_empty_source_is_told(source: str) -> None:
    with pytest.raises(InputError, match="a source is empty"):
        CliRunner().invoke(app, ["classify", source], catch_exceptions=False)
