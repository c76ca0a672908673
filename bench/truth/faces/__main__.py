"""How well faces are found: `python -m facewarden.bench.truth.faces FACES [--models FOLDER]`."""

from pathlib import Path
from typing import Annotated

import typer

from ...tools.command import FaceFolder, ModelFolder, Out, deliver, run
from ...tools.markdown import join
from .compare import measure


def main(
    faces: FaceFolder,
    models: ModelFolder = None,
    ours: Annotated[
        Path | None, typer.Option("--ours", help="A network just trained, in place of the one that ships.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="Other labels of the same pictures, as the teacher writes them.")
    ] = None,
    out: Out = None,
) -> None:
    """Show a folder of labelled faces to our detector and to the YuNets of a folder, and say who is right how often."""
    deliver(join("# Faces", measure(faces, models, ours, labels)), out)


run(main)
