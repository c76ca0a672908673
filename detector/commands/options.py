"""Options that several commands share."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output, for machines.")]
Packs = Annotated[
    list[str] | None,
    typer.Option("--pack", help="Policy pack, by name or path; more than once for several.", metavar="NAME"),
]
Date = Annotated[
    str | None, typer.Option("--date", help="Day to judge by where the facts name none.", metavar="YYYY-MM-DD")
]
Off = Annotated[
    list[str] | None,
    typer.Option("--off", help="Rule to switch off; every decision says so.", metavar="RULE"),
]
