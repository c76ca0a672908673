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
MaxSeconds = Annotated[
    float | None, typer.Option("--max-seconds", min=0.0, help="Stop each source at this media time.", metavar="S")
]
AssumeFps = Annotated[
    float | None,
    typer.Option(
        "--assume-fps",
        min=0.01,
        help="Pictures a second where the pictures carry no time (folders, raw streams); 25 unless the stream hints.",
        metavar="RATE",
    ),
]
