"""The inventory as a person or a machine reads it."""

from collections.abc import Sequence
from io import StringIO

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..console import show
from ..identity import Identity
from ..words import many
from .lines import line
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
        return "".join(msgspec.json.encode(line(entry)).decode() + "\n" for entry in entries)
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


def _table(entries: Sequence[Entry]) -> str:
    table = Table("model", "format", "recognises faces", "function", "because")
    for entry in entries:
        if entry.identity is None:
            answer = "[red]error[/]" if entry.error else "not looked at"
            table.add_row(escape(entry.path), "", answer, "", escape(entry.error or entry.skipped or ""))
        else:
            row = entry.identity
            because = escape(row.evidence[-1].detail) if row.evidence else ""
            table.add_row(escape(entry.path), entry.format, _ANSWERS[row.recogniser], row.function, because)
    with StringIO() as text:
        console = Console(file=text, width=_WIDTH, highlight=False, emoji=False)
        if entries:
            console.print(table)
        return text.getvalue()


def summary(entries: Sequence[Entry]) -> str:
    """All of it in a line: what was found, and what was not looked at."""
    models = [entry.identity.recogniser for entry in entries if entry.identity]
    unread = sum(entry.error is not None for entry in entries)
    unseen = sum(entry.skipped is not None and not entry.meant for entry in entries)
    passed = sum(entry.meant for entry in entries)
    return (
        f"{many(len(models), 'model')}, {models.count(True)} that recognise faces, {models.count(None)} that could not "
        f"be told, {unread} places that could not be read, {unseen} files not looked at"
        f"{' (--show-skipped names them)' if unseen else ''}, {passed} passed over"
    )
