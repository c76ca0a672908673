"""The inventory as a person or a machine reads it."""

from collections.abc import Sequence
from io import StringIO

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..console import show
from ..identity import Identity
from .sarif import to_sarif
from .scan import Entry

_WIDTH = 160  # of a table, characters
_ANSWERS = {True: "[bold red]yes[/]", False: "[green]no[/]", None: "[yellow]unknown[/]"}


def render(entries: Sequence[Entry], form: str) -> str:
    """The inventory as `table`, `json` (an object a line), `sarif` or `cyclonedx`.

    Raises:
        MissingLibrary: CycloneDX is asked for and its library is not installed.
    """
    if form == "json":
        return "".join(msgspec.json.encode(_flat(entry)).decode() + "\n" for entry in entries)
    if form == "sarif":
        return to_sarif(entries)
    if form == "cyclonedx":
        from .cyclonedx import to_cyclonedx  # an extra

        return to_cyclonedx(entries)
    return _table(entries)


def show_identity(identity: Identity) -> None:
    """An answer and its evidence."""
    family = f", {identity.family}" if identity.family else ""
    show(
        f"{escape(identity.path)}: recognises faces: {_ANSWERS[identity.recogniser]} "
        f"({identity.function}{escape(family)}, confidence {identity.confidence:.2f})"
    )
    for one in identity.evidence:
        show(f"  {one.signal}: {escape(one.detail)}")


def show_unreadable(path: str, reason: str) -> None:
    """A file that could not be read."""
    show(f"{escape(path)}: [red]error[/]  {escape(reason)}")


def _flat(entry: Entry) -> dict[str, object]:
    if entry.identity is None:
        return {"path": entry.path, "error": {"kind": "model", "message": entry.error}}
    return {"format": entry.format, "bytes": entry.bytes, **msgspec.structs.asdict(entry.identity)}


def _table(entries: Sequence[Entry]) -> str:
    table = Table("model", "format", "recognises faces", "function", "because")
    for entry in entries:
        if entry.identity is None:
            table.add_row(escape(entry.path), "", "[red]error[/]", "", escape(entry.error or ""))
        else:
            row = entry.identity
            because = escape(row.evidence[-1].detail) if row.evidence else ""
            table.add_row(escape(entry.path), entry.format, _ANSWERS[row.recogniser], row.function, because)
    found = sum(entry.identity is not None and entry.identity.recogniser is True for entry in entries)
    unread = sum(entry.error is not None for entry in entries)
    with StringIO() as text:
        console = Console(file=text, width=_WIDTH, highlight=False, emoji=False)
        if entries:
            console.print(table)
        models = len(entries) - unread
        console.print(f"{models} models, {found} that recognise faces, {unread} places that could not be read")
        return text.getvalue()
