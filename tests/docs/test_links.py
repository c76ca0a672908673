"""Links hold where pages are read: in the repository, and on the site."""

import re
from pathlib import Path

import pytest
from reference import pages

ROOT = Path(__file__).parents[2]
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


def test_the_readme_links_to_no_page_that_is_made_for_it_is_read_where_none_are() -> None:
    assert [link for link in links(ROOT / "README.md") if "reference/" in link] == []


def test_links_of_the_repository_lead_to_pages_of_the_site() -> None:
    relocated = pytest.importorskip("hook", reason="mkdocs is not installed: make docs").relocated

    assert relocated("docs/audit.md", "README.md", "index.md") == "audit.md"
    assert relocated("../ARCHITECTURE.md", "docs/embed.md", "embed.md") == "architecture.md"
    assert relocated("points.md", "models/faces.md", "models/faces.md") == "points.md"
    assert relocated("https://semver.org", "CHANGELOG.md", "changelog.md") == "https://semver.org"
    assert relocated("pyproject.toml", "README.md", "index.md") == "pyproject.toml"
