"""The rooms of the benchmarks: every module can be imported, and every command that is named anywhere is there."""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("bench", "detector", "docs", "models", "streams", "tests")
PAGES = [
    *ROOT.glob("*.md"),
    ROOT / "Makefile",
    *(path for name in FOLDERS for kind in ("md", "py", "toml") for path in (ROOT / name).rglob(f"*.{kind}")),
]


def modules() -> list[str]:
    """Those that do nothing when they are imported; programs that are watched run from their first line on."""
    found = (path.relative_to(ROOT).with_suffix("") for path in (ROOT / "bench").rglob("*.py"))
    names = (".".join(("facewarden", *path.parts)) for path in found if not path.name.startswith(("__", "test_")))
    return sorted(name for name in names if ".programs." not in name)


@pytest.mark.parametrize("name", modules())
def test_a_benchmark_can_be_imported(name: str) -> None:
    try:
        module = import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != "torch":
            raise
        pytest.skip("needs torch: make taps")
    assert module.__doc__


def test_a_command_of_the_benchmarks_that_is_named_anywhere_is_there() -> None:
    named = {name for page in PAGES for name in re.findall(r"-m (facewarden\.bench[\w.]*\w)", page.read_text())}

    assert named
    assert [name for name in sorted(named) if find_spec(name) is None] == []
