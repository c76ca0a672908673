"""The entries of a ledger, to read and to hand on."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from ..errors import RecordError
from ..records import Entry, read
from .journal import lines_of
from .leaves import ERASED, parts
from .place import WIDTH
from .tiles import Damaged

UNKNOWN: Final = "unknown"
# What Article 12(3) of the AI Act asks the log of a remote biometric system to hold, and where an entry says it.
# Nobody tells us when a use ended, which reference database was searched, or who verified a match.
ARTICLE_12: Final = {
    "art12_3_a_start": "time",
    "art12_3_a_end": "",
    "art12_3_b_reference_database": "",
    "art12_3_c_input": "id",
    "art12_3_d_verified_by": "",
}
COLUMNS: Final = (
    "index",
    "schema",
    "time",
    "source",
    "at",
    "service",
    "task",
    "model",
    "effect",
    "refused",
    "deciding",
    *ARTICLE_12,
)
# RFC 5424: facility 13 is log audit; severity 4 a warning, 6 for information.
_AUDIT, _WARNING, _INFORMATION = 13 * 8, 4, 6
# A number of an enterprise is needed for names of our own; this one is for documentation (RFC 5612).
_ELEMENT: Final = "facewarden@32473"


class Kept(NamedTuple):
    """An entry as a ledger has it.

    Attributes:
        number: its index.
        line: the JSON of it, in canonical form; where it was erased, of the order.
        erased: whether it was.
    """

    number: int
    line: bytes
    erased: bool

    @property
    def fields(self) -> dict[str, Any]:
        """What it says."""
        return msgspec.json.decode(self.line)


def kept(ledger: Path, first: int = 0) -> Iterator[Kept]:
    """The entries of a ledger from an index on, whether signed yet or not; nothing is verified.

    Raises:
        RecordError: a line is no entry, or cannot be read.
    """
    number, place = divmod(first, WIDTH)
    try:
        while lines := lines_of(ledger, number)[place:]:
            for index, line in enumerate(lines, number * WIDTH + place):
                yield _kept(index, line)
            number, place = number + 1, 0
    except (Damaged, OSError) as error:
        raise RecordError(f"{ledger}: entry in file {number}: {error}") from error


def entries(ledger: Path) -> Iterator[tuple[int, Entry]]:
    """The entries of a ledger that were not erased and are known here, with their indices.

    Raises:
        RecordError: a line is no entry, or cannot be read.
    """
    for one in kept(ledger):
        entry = None if one.erased else read(one.line, f"entry {one.number}")
        if entry is not None:
            yield one.number, entry


def as_jsonl(entries: Iterator[Kept]) -> Iterator[str]:
    """A line of JSON each, with its index and the fields of Article 12(3)."""
    for entry in entries:
        yield msgspec.json.encode(row_of(entry)).decode()


def as_csv(entries: Iterator[Kept]) -> Iterator[str]:
    """A table with a heading (RFC 4180); what an entry does not have is empty."""
    yield _row(COLUMNS)
    for entry in entries:
        fields = row_of(entry)
        yield _row([_no_formula(cell(fields.get(name))) for name in COLUMNS])


def as_syslog(entries: Iterator[Kept]) -> Iterator[str]:
    """A message each (RFC 5424), with what matters as structured data and the entry as its text."""
    for entry in entries:
        fields = entry.fields
        severity = _WARNING if fields.get("refused") or fields.get("kind") in ("lost", "failure") else _INFORMATION
        shown = {"index": entry.number, **{name: fields.get(name) for name in ("source", "effect", "service", "task")}}
        data = "".join(f' {name}="{_escaped(value)}"' for name, value in shown.items() if value is not None)
        schema = str(fields.get("schema", "-"))[:32]
        head = f"<{_AUDIT + severity}>1 {fields.get('time') or '-'} - facewarden {fields.get('pid') or '-'} {schema}"
        yield f"{head} [{_ELEMENT}{data}] {entry.line.decode()}"


FORMATS: Final = {"jsonl": as_jsonl, "csv": as_csv, "syslog": as_syslog}


def _kept(index: int, line: bytes) -> Kept:
    if line.startswith(ERASED):
        return Kept(index, line[len(ERASED) : -1], erased=True)
    return Kept(index, parts(line)[0], erased=False)


def row_of(entry: Kept) -> dict[str, Any]:
    """What an entry says, with its index, and the fields of Article 12(3) where it is a call."""
    fields = entry.fields
    is_call = str(fields.get("schema", "")).startswith("facewarden.decided/")
    asked = {name: fields.get(key) or UNKNOWN for name, key in ARTICLE_12.items()} if is_call else {}
    return {"index": entry.number, **fields, **asked}


def cell(value: object) -> str:
    """A value as a cell of a table has it; of what is no text, its JSON."""
    return "" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _row(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _no_formula(text: str) -> str:
    """What a spreadsheet would take for a formula is none."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _escaped(value: object) -> str:
    text = str(value)
    for sign in ("\\", '"', "]"):
        text = text.replace(sign, f"\\{sign}")
    return text
