"""What mkdocs is told beside `mkdocs.yml`: the pages that are made, and those that stand outside docs/."""

import os
import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from reference import NAVIGATION, pages

ROOT = Path(__file__).parents[1]
_LINK = re.compile(r"(\]\()([^)\s#]+)")
# Files outside docs/ that are shown, and where.
SHOWN = {
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "LICENSE": "license.txt",
    "README.md": "index.md",
    "SECURITY.md": "security.md",
    "bench/RESULTS.md": "results.md",
    **{f"bench/{path.name}": path.name for path in (ROOT / "bench").glob("*.svg")},
    **{f"models/{path.name}": f"models/{path.name}" for path in (ROOT / "models").glob("*.md")},
}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The made pages and the models' cards join the navigation."""
    assert config.nav is not None  # noqa: S101 - mkdocs.yml has one
    config.nav.append({"Reference": [{title: f"reference/{name}.md"} for title, name in NAVIGATION.items()]})
    packs = [{name.partition("/")[2]: f"reference/{name}.md"} for name in pages() if "/" in name]
    config.nav.append({"Rules": packs})
    config.nav.append({"Models": [path for path in sorted(SHOWN.values()) if path.startswith("models/")]})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Pages that no file in docs/ holds."""
    for name, make in pages().items():
        files.append(File.generated(config, f"reference/{name}.md", content=make()))
    for path, place in SHOWN.items():
        files.append(File.generated(config, place, content=(ROOT / path).read_bytes()))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Links that hold in the repository become links that hold on the site."""
    shown = page.file.src_uri
    home = next((path for path, place in SHOWN.items() if place == shown), f"docs/{shown}")
    return _LINK.sub(lambda match: match[1] + relocated(match[2], home, shown), markdown)


def relocated(link: str, home: str, shown: str) -> str:
    """Where a link leads on the site that leads somewhere in the repository; others are left alone.

    Args:
        link: as written in the file `home`, a path in the repository.
        home: the file.
        shown: where that file is shown, a path on the site.
    """
    if ":" in link or link.startswith("/"):
        return link
    target = os.path.normpath(PurePosixPath(home).parent / link)
    place = SHOWN.get(target, target.removeprefix("docs/") if target.startswith("docs/") else None)
    return link if place is None else os.path.relpath(place, PurePosixPath(shown).parent)
