"""What a person may leave out: `pytest -m "not slow"`, or `-m "not taps and not corpus"`."""

import gc
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

# Tests share the cores by processes; libraries that spread over all of them as well would wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Real clips, models and faces beside the checkout.
_CORPORA = {"corpus", "labelled_faces", "zoo"}
# Programs of their own, wheels, pages, films: seconds each.
_SLOW = (
    "tests/detector/calls/taps/test_processes.py",
    "tests/detector/environment/test_office.py",
    "tests/detector/mobility/test_scenes.py",
    "tests/detector/policy/test_decision.py",
    "tests/detector/watching/test_program.py",
    "tests/docs/",
    "tests/models/",
    "tests/test_layout.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by where they stand and by what they ask for."""
    for item in items:
        path = item.path.as_posix()
        if "tests/detector/calls/taps/" in path:
            item.add_marker("taps")
        if _CORPORA & set(getattr(item, "fixturenames", ())):
            item.add_marker("corpus")
        if any(slow in path for slow in _SLOW):
            item.add_marker("slow")


def pytest_collection_finish() -> None:
    """What was imported stays to the end, and is not gone through each time that garbage is looked for."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium of this machine, for pages of ours; the test is skipped where there is none.

    It ends with the file: its driver has an event loop running, beside which no other can be run.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: make browser")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("there is no Chromium here")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()
