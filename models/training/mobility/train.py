"""Learn what tells mobile cameras from fixed ones: `python -m facewarden.models.training.mobility.train`.

Three steps, each a command: `measure` shows labelled clips to the meter, as they are and transformed, and keeps what
that saw; `learn` makes the trees from it; `check` says how often trees are right that were learned without the clip's
repository.
"""

from pathlib import Path
from typing import Annotated

import cv2
import msgspec
import typer

from ....bench.material.corpus import read_corpus
from .check import report
from .examples import load, save, seen
from .learn import learned, left_out

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False, no_args_is_help=True)
Kept = Annotated[Path, typer.Argument(help="File of what was seen.", show_default=False)]


@app.command()
def measure(kept: Kept, folders: Annotated[list[Path], typer.Argument(help="Labelled clips.")], seed: int = 0) -> None:
    """Show clips to the meter, and keep what it saw."""
    cv2.setNumThreads(1)
    save(kept, seen([clip for folder in folders for clip in read_corpus(folder)], seed))


@app.command()
def learn(kept: Kept, write: Annotated[Path, typer.Argument(help="Where the trees go.", show_default=False)]) -> None:
    """Make the trees from all that was seen."""
    write.write_bytes(msgspec.json.encode(learned(load(kept))) + b"\n")


@app.command()
def check(kept: Kept) -> None:
    """Say how often trees are right that were learned without the clip's repository."""
    examples = load(kept)
    typer.echo(report(examples, list(left_out(examples))))


if __name__ == "__main__":
    app()
