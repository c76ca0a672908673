"""Links hold where pages are read: in the repository, and on the site."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from reference import pages

ROOT = Path(__file__).parents[2]
PACKAGES = ("bench", "detector", "docs", "models", "streams", "tests")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "models").glob("*.md")]


def links(page: Path) -> set[str]:
    """Those that lead to a file."""
    found = re.findall(r"\]\(([^)\s#]+)", page.read_text())
    return {link for link in found if ":" not in link}


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_a_page_of_the_repository_links_to_files_that_are_there_or_will_be_made(page: Path) -> None:
    made = {ROOT / "docs" / "reference" / f"{name}.md" for name in pages()}
    targets = {link: (page.parent / link).resolve() for link in links(page)}

    assert [link for link, target in targets.items() if not target.exists() and target not in made] == []


def test_the_files_that_the_architecture_names_are_there() -> None:
    examples = {"tensorrt.py", "kong.py", "ca-provinces.toml", "detector.py"}  # of what others have, or might put there
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = {name for name in re.findall(r"`([\w/.-]+\.(?:py|toml|tsv))`", text) if "NAME" not in name}
    there = [path for folder in PACKAGES for path in (ROOT / folder).rglob("*") if path.is_file()]

    assert [name for name in named if Path(name).name not in examples and not _is_there(name, there)] == []


def _is_there(name: str, there: list[Path]) -> bool:
    return any(str(path).endswith(f"/{name}") for path in there)


def test_the_readme_links_to_no_page_that_is_made_for_it_is_read_where_none_are() -> None:
    assert [link for link in links(ROOT / "README.md") if "reference/" in link] == []


def test_links_of_the_repository_lead_to_pages_of_the_site() -> None:
    relocated = pytest.importorskip("hook", reason="mkdocs is not installed: make docs").relocated

    assert relocated("docs/audit.md", "README.md", "index.md") == "audit.md"
    assert relocated("../ARCHITECTURE.md", "docs/embed.md", "embed.md") == "architecture.md"
    assert relocated("points.md", "models/faces.md", "models/faces.md") == "points.md"
    assert relocated("https://semver.org", "CHANGELOG.md", "changelog.md") == "https://semver.org"
    assert relocated("pyproject.toml", "README.md", "index.md") == "pyproject.toml"


def test_a_dead_link_fails_the_build(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="mkdocs is not installed: make docs")
    command = re.search(r"^\t\$\(BIN\)/mkdocs (.*?)(?:  #.*)?$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert command is not None
    for name in ("docs", "models"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "training"))
    for path in [*ROOT.glob("*.md"), ROOT / "LICENSE", ROOT / "mkdocs.yml", *(ROOT / "bench").glob("*.[ms][dv]*")]:
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    (tmp_path / "docs" / "ci.md").write_text("# In CI\n\n[gone](gone.md)\n[no heading](rules.md#gone)\n")
    arguments = [sys.executable, "-m", "mkdocs", *command[1].split()]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 1, done.stderr
    assert "contains a link 'gone.md'" in done.stderr
    assert "contains a link 'rules.md#gone'" in done.stderr
