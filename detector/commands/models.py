"""Commands about model files: what one is, and which a folder or an image holds. No logic."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...streams.errors import printable
from ..errors import FacewardenError, ModelError
from ..exits import BAD_INPUT, OK, VIOLATION

if TYPE_CHECKING:
    from ..identity import Limits
    from ..inventory import Entry

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output, for machines.")]
Timeout = Annotated[
    float | None, typer.Option(min=1, help="Processor time for one file, in seconds; 12 and more for large ones.")
]
MaxMemory = Annotated[
    int | None, typer.Option(min=256, help="Memory for one file, in MiB; 2048 and more for large ones.")
]


NoCache = Annotated[bool, typer.Option("--no-cache", help="Neither use nor keep answers in the user's cache folder.")]


class Format(StrEnum):
    """How an inventory is written; an enumeration, because typer takes no `Literal` before 0.19."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"
    CYCLONEDX = "cyclonedx"


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    app.command()(identify)
    app.command()(scan)


def identify(
    models: Annotated[list[Path], typer.Argument(metavar="MODEL...", help="Model files.", show_default=False)],
    as_json: AsJson = False,
    timeout: Timeout = None,
    max_memory: MaxMemory = None,
    no_cache: NoCache = False,
) -> None:
    """Say of each model file whether it recognises faces, what else it does, and on what evidence.

    Known files and weights are told by their fingerprints, others by what they do with faces of people who do not
    exist. Names decide nothing.

    Exit status: 0, or 2 where a file could not be read (the others are done all the same).

    Example: facewarden identify model.onnx
    """
    from ..identity import identify as identify_file
    from ..identity.answer import Unreadable
    from ..inventory.tables import show_identity, show_unreadable
    from ..json_lines import show_json

    unread = False
    for path in models:
        try:
            identity = identify_file(path, limits=_limits(timeout, max_memory), cached=not no_cache)
            (show_json if as_json else show_identity)(identity)
        except ModelError as error:
            unread = True
            shown = printable(str(path))
            answer = Unreadable(shown, error.as_json())
            show_json(answer) if as_json else show_unreadable(shown, str(error))
    raise typer.Exit(BAD_INPUT if unread else OK)


def scan(
    root: Annotated[Path, typer.Argument(metavar="DIR|IMAGE.tar", help="A folder, an image layer, a saved image.")],
    form: Annotated[Format, typer.Option("--format", help="How the inventory is written.")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option("--out", help="Write it there, not to standard output.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="A model that could not be told, or was not looked at, counts as well.")
    ] = False,
    include: Annotated[list[str] | None, typer.Option(help="Look only at paths that fit one of these.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Leave out paths that fit one of these.")] = None,
    allow: Annotated[Path | None, typer.Option(help="TOML file of models that may be there, and why.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="An earlier inventory (JSON): only what is new counts.")] = None,
    show_skipped: Annotated[bool, typer.Option("--show-skipped", help="List what was not looked at, and why.")] = False,
    timeout: Timeout = None,
    max_memory: MaxMemory = None,
    no_cache: NoCache = False,
) -> None:
    """List the model files of a folder or a container image, and say which of them recognise faces.

    Files are told by their content, in archives and packages too; links are not followed. JSON comes as it is found.
    The last line sums up what was found and what was not looked at; beside JSON and the like it is on standard error.

    Exit status: 0 no recogniser, 3 at least one (with --strict also where one could not be told or was not looked at),
    2 something could not be read (also where there are recognisers).

    Example: facewarden scan image.tar --format sarif --out models.sarif --strict
    """
    from datetime import date

    from ..inventory import Choice
    from ..inventory import scan as scan_files
    from ..inventory.excused import counts, read_allowed, read_baseline
    from ..inventory.lines import line
    from ..inventory.progress import with_progress
    from ..inventory.tables import render, summary
    from ..json_lines import show_json

    allowed = read_allowed(allow) if allow else []
    before = read_baseline(baseline) if baseline else frozenset[tuple[str, str]]()
    choice = Choice(tuple(include or ()), tuple(exclude or ()), _limits(timeout, max_memory), not no_cache)
    streamed = form is Format.JSON and out is None
    entries: list[Entry] = []
    found = scan_files(root, choice)
    for entry in found if streamed and sys.stdout.isatty() else with_progress(found):
        entries.append(entry)
        if streamed and (entry.skipped is None or show_skipped):
            show_json(line(entry))
    if not streamed:
        _write(render([entry for entry in entries if entry.skipped is None or show_skipped], form), out)
    typer.echo(summary(entries), err=form is not Format.TABLE or out is not None)
    if any(entry.error for entry in entries):
        raise typer.Exit(BAD_INPUT)
    counted = [entry for entry in entries if not entry.meant and counts(entry, allowed, before, date.today())]
    raise typer.Exit(VIOLATION if any(_fails(entry, strict) for entry in counted) else OK)


def _fails(entry: "Entry", strict: bool) -> bool:
    answer = entry.identity.recogniser if entry.identity else None
    return answer is True or (strict and answer is None)


def _limits(timeout: float | None, max_memory: int | None) -> "Limits":
    from ..identity import Limits

    return Limits(timeout, max_memory << 20 if max_memory else None)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FacewardenError(f"{out}: cannot be written ({error.strerror})") from error
