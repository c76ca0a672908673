"""`facewarden calls`: call logs of what others write down. No logic."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make call logs of what other programs write down.", no_args_is_help=True)


@app.callback()
def calls() -> None:
    """Make call logs of what other programs write down."""


@app.command("from-frigate")
def from_frigate(
    file: Annotated[Path, typer.Argument(help="Its messages, JSON lines; - is standard input.", metavar="FILE")],
    begin: Annotated[
        float | None,
        typer.Option(help="POSIX time of the recording's first picture, for the calls' media time.", metavar="SECONDS"),
    ] = None,
) -> None:
    """Turn Frigate's MQTT face messages into a call log on standard output.

    Exit status: 0, or 2 where a line is no message.

    Example: mosquitto_sub -t frigate/tracked_object_update | facewarden calls from-frigate -
    """
    from ..calls.frigate import calls_from_frigate
    from ..calls.log import write_call
    from ..errors import CallLogError

    try:
        stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as error:
        raise CallLogError(f"{file}: cannot be read ({error.strerror})") from error
    with stream:
        for call in calls_from_frigate(stream, str(file), begin):
            sys.stdout.buffer.write(write_call(call) + b"\n")
            sys.stdout.buffer.flush()
