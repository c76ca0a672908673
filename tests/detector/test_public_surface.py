import ast
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from subprocess import run
from types import FunctionType, ModuleType
from typing import Any

import pytest

import facewarden.detector
import facewarden.streams

ROOT = Path(__file__).parents[2]
PACKAGES = (facewarden.detector, facewarden.streams)
PUBLIC: dict[str, Any] = {name: getattr(package, name) for package in PACKAGES for name in package.__all__}
# Handed out, and no part of what is promised.
INSIDE = {
    "Advice": "what a pack is made of: the language of its file is the contract",
    "Budget": "made by what holds the sources",
    "CallGate": "what taps report to",
    "Citation": "as Advice",
    "Cost": "milliseconds, as an answer has them",
    "Event": "an entry of the record, whose schema is the contract",
    "Gate": "what taps report to",
    "History": "of a source, for those who judge afterwards",
    "Kind": "as Tap",
    "MediaMtx": "a table of the site file",
    "ModelGate": "what taps report to",
    "Otherwise": "as Advice",
    "Recorder": "what keeps entries already, of whoever watches a program",
    "Heard": "what a recording is told of one picture by the process that looked at it",
    "SourceHearing": "what a recording hears of one source",
    "SourceTape": "made by a `Recording`",
    "Plan": "made by `watch` from its arguments",
    "Serving": "a table of the site file",
    "Sighted": "what a call was judged by, as a recording has it",
    "SourceEntry": "a table of the site file",
    "Tap": "one of them; `Taps` is asked for all",
    "Term": "as Advice",
    "Upstream": "a table of the site file",
}


@cache
def classes() -> set[str]:
    """The names of all classes of both packages."""
    files = [path for package in ("detector", "streams") for path in (ROOT / package).rglob("*.py")]
    bodies = [node for path in files for node in ast.parse(path.read_text()).body]
    return {node.name for node in bodies if isinstance(node, ast.ClassDef) and not node.name.startswith("_")}


def annotations(thing: object) -> Iterator[object]:
    """Those of what a public name takes, holds and gives."""
    if isinstance(thing, FunctionType):
        yield from inspect.get_annotations(thing).values()
    if isinstance(thing, type) and thing.__module__.startswith("facewarden"):
        yield from inspect.get_annotations(thing).values()
        for name, member in vars(thing).items():
            if name == "__init__" or not name.startswith("_"):
                yield from annotations(getattr(member, "fget", getattr(member, "__wrapped__", member)))


def named(annotation: object) -> set[str]:
    """The words of an annotation, whether it is one or still its text; without the modules that they are from."""
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return set(re.findall(r"(?:[\w]+\.)*(\w+)", text))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_can_be_had(name: str) -> None:
    assert PUBLIC[name].__name__ == name


@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_that_is_not_public_is_an_attribute_error(package: ModuleType) -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing


@pytest.mark.parametrize("package", PACKAGES)
def test_the_public_names_are_in_order_and_each_has_a_home(package: ModuleType) -> None:
    assert list(package._HOMES) == package.__all__ == sorted(package.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_leaks_from_a_package(package: ModuleType) -> None:
    loading = {"TYPE_CHECKING", "import_module", "lazily"}
    found = {name for name, value in vars(package).items() if not isinstance(value, ModuleType)}

    assert {name for name in found if not name.startswith("_")} - loading <= set(package.__all__)


@pytest.mark.parametrize("name", PUBLIC)
def test_what_a_public_name_takes_and_hands_out_is_public(name: str) -> None:
    used = {word for annotation in annotations(PUBLIC[name]) for word in named(annotation)}

    assert (used & classes()) - {"Any", "Not", "All"} - PUBLIC.keys() - INSIDE.keys() == set()


@pytest.mark.parametrize("name", ["decide", "load_packs", "load_site", "Call", "InputError", "ProhibitedInference"])
def test_what_needs_no_picture_loads_no_opencv(name: str) -> None:
    code = f"import sys; from facewarden.detector import {name}; sys.exit('cv2' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
