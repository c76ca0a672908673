"""`facewarden site`: what a site file says, before a call depends on it."""

from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson, Date, Packs

app = typer.Typer(no_args_is_help=True, help="Begin and check what a site declares.")


@app.callback()
def site() -> None:
    """Begin and check what a site declares."""


@app.command()
def new(
    camera: Annotated[str, typer.Argument(help="The name of its first camera.")] = "cam-1",
) -> None:
    """Print a commented site file to start from.

    Example: facewarden site new unit-17 > site.toml
    """
    from ..site.begin import skeleton

    typer.echo(skeleton(camera), nl=False)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Site file (TOML).", metavar="SITE", show_default=False)],
    pack: Packs = None,
    date: Date = None,
    as_json: AsJson = False,
) -> None:
    """Find contradictions, what cannot be used, and the facts that are missing, with the rules that wait for each.

    Exit status: 0, or 2 where the file contradicts itself, or names what cannot be used.

    Example: facewarden site check site.toml
    """
    from ..clock import SystemClock, today
    from ..console import show_site
    from ..facts import check_fact
    from ..json_lines import show_json
    from ..site import load_site
    from ..site.check import check_site
    from ..site.terms import packs_of

    loaded = load_site(file)
    packs = packs_of(loaded, pack)
    found = check_site(loaded, packs, str(check_fact("date", date)) if date else today(SystemClock()))
    (show_json if as_json else show_site)(found)
    raise typer.Exit(2 if found.contradictions or found.unusable else 0)
