"""`facewarden run`: another program, unchanged, under watch."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND...", help="The program and its arguments.")],
    site: Annotated[
        Path | None, typer.Option(help="What is declared: operator, cameras, places (TOML).", metavar="FILE")
    ] = None,
    pack: Annotated[
        list[str] | None,
        typer.Option("--pack", help="Policy pack, by name or path; more than once for several.", metavar="NAME"),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            help="A camera's name, and the URL, file or device-NUMBER that the program reads it from.",
            metavar="NAME=URL",
        ),
    ] = None,
    observe: Annotated[bool, typer.Option("--observe", help="Refuse nothing; only record.")] = False,
    ask: Annotated[
        str | None,
        typer.Option(
            help="Ask the `facewarden serve` that listens there, which has the site and the cameras.",
            metavar="unix:PATH",
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="A file with the token that the service asks for, with --ask.", metavar="FILE"),
    ] = None,
    record: Annotated[
        Path, typer.Option(help="Where calls.jsonl, events.jsonl and their ledger go.", metavar="DIR")
    ] = Path("facewarden-record"),
) -> None:
    """Run a Python program, unchanged, and stop the face-recognition calls that may not run on their camera.

    A refused call raises ProhibitedInference in the program, before the model runs. The record is a call log, as
    `facewarden audit --calls` reads it. With --ask the service decides on calls and has them on its record.

    Exit status: that of the program; 2 where it could not be started, or no Python process of it could be watched.

    Example: facewarden run --site site.toml -- python app.py
    """
    from ..naming import name_sources
    from ..watching.plan import plan
    from ..watching.supervise import doubts, summary, supervise

    named = {url: name for name, url in name_sources(source or ()).items()}
    told = plan(site, packs=pack or (), sources=named, record=record, observe=observe, ask=ask, token_file=token_file)
    for line in doubts(named, site):
        typer.echo(f"facewarden: {line}", err=True)
    outcome = supervise(told, command)
    for line in summary(outcome, record):
        typer.echo(f"facewarden: {line}", err=True)
    raise typer.Exit(outcome.status if outcome.watched else 2)
