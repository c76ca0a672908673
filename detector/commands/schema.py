"""`facewarden schema`: JSON Schemas of what is read and written. No logic."""

from typing import Annotated

import typer


def schema(
    name: Annotated[str | None, typer.Argument(help="What to print the schema of.", show_default=False)] = None,
) -> None:
    """Print the JSON Schema of a file or an answer: call, entry, source, report, decision, identity,
    check, site, pack.

    Without a name it lists them, with what each is about. Further keys may be added to what facewarden writes.

    Example: facewarden schema report
    """
    import msgspec

    from ..schemas import KINDS
    from ..schemas import schema as schema_of

    if name is None:
        for known, kind in KINDS.items():
            typer.echo(f"{known:10}{kind.about}")
    else:
        typer.echo(msgspec.json.format(msgspec.json.encode(schema_of(name)), indent=2).decode())
