"""Imports run one way, down the floors that ARCHITECTURE.md draws; no room imports its neighbour."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bench", "detector", "models", "streams")
# The faces of a package: they name what is public, and load it on use. `training` is no part of the product.
OUTSIDE = ("detector/__init__.py", "detector/__main__.py", "detector/package", "models/training")


def floors() -> dict[str, int]:
    """The floor of each room, from the lowest up, as they are drawn."""
    drawn = re.search(r"^```floors\n(.*?)^```", (ROOT / "ARCHITECTURE.md").read_text(), re.DOTALL | re.MULTILINE)
    assert drawn is not None
    lines = reversed(drawn[1].splitlines())
    return {room: floor for floor, line in enumerate(lines) for room in line.split()}


def room_of(path: Path) -> str:
    """The room that a module of the repository is in: a package, in `detector` a part, in `calls` a part of that."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] != "detector":
        return parts[0]
    if parts[1:2] == ("calls",) and len(parts) > 2 and (ROOT / "detector" / "calls" / parts[2]).is_dir():
        return f"calls.{parts[2]}"
    return parts[1] if len(parts) > 1 else "detector"


def modules() -> list[Path]:
    """All of the product's."""
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return [path for path in found if not str(path.relative_to(ROOT)).startswith(OUTSIDE)]


def imported(path: Path) -> Iterator[Path]:
    """The modules of the product that a module imports, anywhere in it; a package stands for its `__init__`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            for name in node.names:
                below = base / name.name
                yield below if below.is_dir() or below.with_suffix(".py").exists() else base


def arrows() -> dict[tuple[str, str], set[str]]:
    """From which room to which other there are imports, and where these stand."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in modules():
        for target in imported(path):
            if room_of(target) != room_of(path):
                found.setdefault((room_of(path), room_of(target)), set()).add(str(path.relative_to(ROOT)))
    return found


FLOORS, ARROWS = floors(), arrows()


def test_every_room_has_a_floor() -> None:
    assert {room_of(path) for path in modules()} - FLOORS.keys() == set()


@pytest.mark.parametrize(
    ("room", "below"), sorted(ARROWS), ids=[f"{room} to {below}" for room, below in sorted(ARROWS)]
)
def test_an_import_leads_down(room: str, below: str) -> None:
    assert FLOORS[below] < FLOORS[room], f"{room} imports {below} in {', '.join(sorted(ARROWS[room, below]))}"


def test_an_import_is_found_wherever_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "detector"
    (package / "calls" / "taps").mkdir(parents=True)
    (package / "policy").mkdir()
    (package / "guard.py").write_text("")
    module = package / "calls" / "taps" / "tap.py"
    module.write_text("from ...policy import Pack\ndef late():\n    from ... import guard\n")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)

    assert {room_of(target) for target in imported(module)} == {"policy", "guard"}
