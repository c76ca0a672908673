"""Ledgers as they were written once are read for ever: a folder for each version of what is in them."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest
from helpers.later import widened

from facewarden.detector.ledger.reading import kept
from facewarden.detector.ledger.verify import verify
from facewarden.detector.records import Decided, Entry, read

GOLDEN = sorted((Path(__file__).parents[2] / "golden" / "ledger").iterdir())
KINDS = {
    "1": ["Started", "Decided", "Event", "Verdict", "Heartbeat", "Ended"],
    "2": ["Started", "Terms", "Decided", "Event", "Verdict", "Looked", "Heartbeat", "Ended"],
}
earlier = pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)


@earlier
def test_a_ledger_of_an_earlier_version_holds_and_is_read(folder: Path) -> None:
    found = verify(folder)
    entries = [read(entry.line) for entry in kept(folder)]

    assert (found.holds, found.waiting) == (True, 0)
    assert [type(entry).__name__ for entry in entries] == KINDS[folder.name]


@pytest.mark.parametrize("kind", get_args(Entry))
def test_every_kind_of_entry_as_it_is_written_today_is_kept(kind: type[Entry]) -> None:
    """A kind whose version is counted up asks for one more folder beside the others."""
    assert any(type(read(entry.line)) is kind for folder in GOLDEN for entry in kept(folder))


@earlier
def test_an_entry_to_which_a_later_version_adds_keys_is_read_as_before(folder: Path) -> None:
    for entry in kept(folder):
        later = read(msgspec.json.encode(widened(msgspec.json.decode(entry.line))))
        if isinstance(later, Decided):
            assert later.own.pop("of-a-later-version")
        assert later == read(entry.line)
