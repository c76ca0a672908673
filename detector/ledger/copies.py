"""The plain lines beside a ledger, held against its entries: they are what most people read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from ..records.jsonl import CALLS, EVENTS
from .canonical import canonical_line
from .faults import CONTENT, Faults
from .reading import kept

_CALL: Final = b'"schema":"facewarden.decided/'
# Stands for what was erased, a call or not.
_ERASED: Final = -1


def check_copies(record: Path, ledger: Path, faults: Faults) -> None:
    """Find the lines of `calls.jsonl` and `events.jsonl` that are not what was recorded.

    Calls stand there in the order of the ledger, to its last; where the file was begun anew, from a later one on.
    Of events every line that is there has to be an entry. Lines behind all that are known may not have been taken over
    yet.

    Args:
        record: the folder of both files; one that is not there says nothing.
        ledger: that of the ledger, whose own files are checked elsewhere.
        faults: takes what is found.
    """
    if not any((record / name).exists() for name in (CALLS, EVENTS)):
        return  # a ledger by itself is not gone through again
    calls, events = list[tuple[int, int]](), set[int]()
    for entry in kept(ledger):
        if entry.erased or _CALL in entry.line:
            calls.append((entry.number, _ERASED if entry.erased else hash(entry.line)))
        else:
            events.add(hash(entry.line))
    _check_calls(list(_lines(record / CALLS)), calls, faults)
    erased = sum(call == _ERASED for _, call in calls)
    _check_events(list(_lines(record / EVENTS)), events, erased, faults)


def _check_calls(lines: list[tuple[int, int]], calls: list[tuple[int, int]], faults: Faults) -> None:
    known = [call for _, call in calls]
    place = known.index(lines[0][1]) if lines and lines[0][1] in known else 0
    for number, line in lines:
        while place < len(known) and known[place] == _ERASED and line in known[place:]:
            place += 1  # its line is gone, as it should be, or it never was a call
        if place < len(known) and known[place] not in (line, _ERASED):
            faults.add(CONTENT, f"{CALLS} line {number}", f"is not what entry {calls[place][0]} has of the call")
            return
        place += 1
    missing = [entry for entry, call in calls[place:] if call != _ERASED] if lines else []
    if missing:
        faults.add(CONTENT, CALLS, f"the calls of entries {missing[0]} to {missing[-1]} are not there")


def _check_events(lines: list[tuple[int, int]], events: set[int], erased: int, faults: Faults) -> None:
    last = max((place for place, (_, line) in enumerate(lines) if line in events), default=0)
    unknown = [number for number, line in lines[:last] if line not in events]
    for number in unknown[erased:]:  # as many may be of entries that were erased
        faults.add(CONTENT, f"{EVENTS} line {number}", "is no entry of the ledger")


def _lines(path: Path) -> Iterator[tuple[int, int]]:
    """Of the whole lines of a file the number, and a hash of what a ledger has of them; those that are no JSON are
    passed over, for what is on record of them is that they were there."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return
    for number, line in enumerate(text.split(b"\n")[:-1], 1):
        try:
            yield number, hash(canonical_line(line))
        except (msgspec.DecodeError, ValueError):
            continue
