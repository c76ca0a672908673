"""What the commands of this folder share."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import cv2
import typer

from ...detector.errors import FacewardenError
from ...detector.exits import BAD_INPUT

Folder = Annotated[Path, typer.Argument(help="Labelled clips: the files, and INDEX.tsv.", show_default=False)]
Folders = Annotated[list[Path], typer.Argument(help="Folders of labelled clips.", show_default=False)]
FaceFolder = Annotated[
    Path,
    typer.Argument(metavar="FACES", help="Labelled pictures: INDEX.tsv, labels.jsonl, images/.", show_default=False),
]
ModelFolder = Annotated[
    Path | None, typer.Option("--models", help="Models to set beside ours; those that we know are taken.")
]
Out = Annotated[Path | None, typer.Option("--out", help="Write the report there, not to standard output.")]
Detector = Annotated[Path | None, typer.Option("--detector", help="A YuNet (ONNX) in place of our face detector.")]
EstimatorName = Annotated[
    str | None,
    typer.Option("--estimator", hidden=True, metavar="MODULE:CALLABLE", help="Repository to estimator, held out."),
]


def run(command: Callable[..., None]) -> None:
    """Run a command, on one thread; an error of ours is one line on standard error and exit status 2."""
    cv2.setNumThreads(1)
    app = typer.Typer(pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]})
    app.command()(command)
    try:
        app()
    except FacewardenError as error:
        typer.echo(f"facewarden: {error}", err=True)
        sys.exit(BAD_INPUT)


def deliver(text: str, out: Path | None) -> None:
    """Write a report to a file, or to standard output."""
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        typer.echo(text)
