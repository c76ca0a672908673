"""What stands on a page holds: its commands run as written, in order, in a folder that has the demo's files."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from facewarden.detector import load_site

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# What the host of the examples has: a camera, and a service to ask.
HOST = """
from facewarden.streams.synthetic import SyntheticSource
camera_loop = lambda: ((f.media_time, f.bgr()) for f in SyntheticSource('body', seconds=3))
identify = lambda picture: None
"""


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def with_blocks(language: str) -> pytest.MarkDecorator:
    pages = [page for page in PAGES if blocks(page, language)]
    return pytest.mark.parametrize("page", pages, ids=[page.stem for page in pages])


def announced(block: str) -> int:
    """The exit status that a block says it has."""
    found = re.search(r"# exit (\d)|exit (\d):", block)
    return int(next(filter(None, found.groups()))) if found else 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "detector" / "audit" / "sample", tmp_path / "sample")
    return tmp_path


@with_blocks("sh")
def test_the_commands_of_a_page_run_as_written(page: Path, folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for block in blocks(page, "sh"):
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", block],
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
        )

        assert done.returncode == announced(block), f"{block}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr


@with_blocks("python")
def test_the_python_of_a_page_runs(page: Path, folder: Path) -> None:
    code = "\n".join([HOST, *blocks(page, "python")])
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert ("MS-AOAI-2" in done.stdout) == ("Guard" in code)


@with_blocks("toml")
def test_the_toml_of_a_page_is_a_site_file(page: Path, folder: Path) -> None:
    for block in blocks(page, "toml"):
        site = folder / "site.toml"
        site.write_text(block)
        loaded = load_site(site)

        assert tomllib.loads(block).keys() <= set(loaded.__struct_fields__)


@with_blocks("json")
def test_the_json_of_a_page_is_json(page: Path) -> None:
    assert all(msgspec.json.decode(line) for block in blocks(page, "json") for line in block.splitlines())


def test_the_readme_begins_with_the_installation_and_fits_on_a_few_screens() -> None:
    text = (ROOT / "README.md").read_text()
    first = re.search(r"^```\w+\n(.*?)^```", text, re.DOTALL | re.MULTILINE)

    assert first is not None
    assert first[1].startswith("$ pip install facewarden")
    assert len(text.splitlines()) <= 150


def test_what_pages_say_to_make_can_be_made() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "\n".join(page.read_text() for page in [*PAGES, ROOT / "CONTRIBUTING.md"])
    said = {target for line in re.findall(r"(?:`|^\$ )make ([a-z ]+)", text, re.MULTILINE) for target in line.split()}

    assert said - targets == set()
    assert {"demo", "test", "docs", "help"} <= said
