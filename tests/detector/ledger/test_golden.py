"""Ledgers as they were written once are read for ever: a folder for each version of what is in them."""

from pathlib import Path

import pytest

from facewarden.detector.ledger.reading import kept
from facewarden.detector.ledger.verify import verify
from facewarden.detector.records import read

GOLDEN = sorted((Path(__file__).parents[2] / "golden" / "ledger").iterdir())


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_a_ledger_of_an_earlier_version_holds_and_is_read(folder: Path) -> None:
    found = verify(folder)
    entries = [read(entry.line) for entry in kept(folder)]

    assert (found.holds, found.waiting) == (True, 0)
    assert [type(entry).__name__ for entry in entries] == [
        "Started",
        "Decided",
        "Event",
        "Verdict",
        "Heartbeat",
        "Ended",
    ]
