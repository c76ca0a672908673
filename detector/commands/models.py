"""Commands about model files: what one is, and which a folder or an image holds. No logic."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ...streams.errors import printable
from ..errors import FacewardenError, ModelError
from ..exits import BAD_INPUT, OK, VIOLATION

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output, for machines.")]


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
) -> None:
    """Say of each model file whether it recognises faces, what else it does, and on what evidence.

    Known files and weights are told by their fingerprints, others by what they do with faces of people who do not
    exist. Names decide nothing.

    Exit status: 0, or 2 where a file could not be read (the others are done all the same).

    Example: facewarden identify model.onnx
    """
    from ..console import show_json
    from ..identity import identify as identify_file
    from ..identity.answer import Unreadable
    from ..inventory.tables import show_identity, show_unreadable

    unread = False
    for path in models:
        try:
            identity = identify_file(path)
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
    strict: Annotated[bool, typer.Option("--strict", help="A model that could not be told counts as well.")] = False,
) -> None:
    """List the model files of a folder or a container image, and say which of them recognise faces.

    Files are told by their content, in archives too; links are not followed.

    Exit status: 0 no recogniser, 3 at least one (with --strict also where one could not be told), 2 something could not
    be read (also where there are recognisers).

    Example: facewarden scan image.tar --format sarif --out models.sarif
    """
    from ..inventory import scan as scan_files
    from ..inventory.tables import render

    entries = list(scan_files(root))
    text = render(entries, form)
    if out is None:
        typer.echo(text, nl=False)
    else:
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise FacewardenError(f"{out}: cannot be written ({error.strerror})") from error
    if any(entry.error for entry in entries):
        raise typer.Exit(BAD_INPUT)
    values = [entry.identity.recogniser for entry in entries if entry.identity]
    raise typer.Exit(VIOLATION if True in values or (strict and None in values) else OK)
