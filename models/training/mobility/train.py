"""Learn what tells mobile cameras from fixed ones: `python -m facewarden.models.training.mobility.train`.

Steps, each a command: `measure` shows labelled clips to the meter, as they are and transformed, and keeps what that
saw; `learn` makes the trees from it; `thresholds` chooses what it takes to decide. `check` says how often trees are
right that were learned without the clip's repository, and `thresholds` the same with such thresholds.
"""

from pathlib import Path
from typing import Annotated

import cv2
import msgspec
import typer

from ....bench.material.corpus import read_corpus
from ....detector.mobility.tally import shipped_rates
from . import held_out
from .answers import Answers, answered
from .check import judged, report
from .examples import load, save, seen
from .learn import learned, left_out
from .thresholds import cheapest, counts, drawn, nested, tried

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False, no_args_is_help=True)
Kept = Annotated[Path, typer.Argument(help="File of what was seen.", show_default=False)]


@app.command()
def measure(
    kept: Kept,
    folders: Annotated[list[Path], typer.Argument(help="Labelled clips.")],
    seed: int = 0,
    witnesses: Annotated[Path | None, typer.Option(help="What `witness` wrote; without it none is heard.")] = None,
    workers: Annotated[int, typer.Option(help="Processes that look.")] = 1,
) -> None:
    """Show clips to the meter and the witness, and keep what they saw."""
    cv2.setNumThreads(1)
    clips = [clip for folder in folders for clip in read_corpus(folder)]
    save(kept, seen(clips, seed, witnesses and held_out.witnesses(clips, witnesses), workers))


@app.command()
def learn(kept: Kept, write: Annotated[Path, typer.Argument(help="Where the trees go.", show_default=False)]) -> None:
    """Make the trees from all that was seen."""
    write.write_bytes(msgspec.json.encode(learned(load(kept))) + b"\n")


@app.command()
def thresholds(
    kept: Kept, write: Annotated[Path, typer.Argument(help="Where the rates go.", show_default=False)]
) -> None:
    """Choose what it takes to decide, and say what that is worth on repositories that it was not chosen by."""
    every, repos = _left_out(kept)
    rates = shipped_rates()
    trials = tried([one for one in every if counts(one.example)], rates, drawn())
    judgements = [
        judged(one, msgspec.structs.replace(rates, limits=limits))
        for some, limits in nested(trials, repos)
        for one in every
        if one.example.repo in some
    ]
    typer.echo(report(judgements))
    chosen = msgspec.structs.replace(rates, limits=trials.limits[cheapest(trials)])
    write.write_bytes(msgspec.json.encode(chosen) + b"\n")


@app.command()
def check(kept: Kept) -> None:
    """Say how often trees are right that were learned without the clip's repository, with the thresholds that ship."""
    rates = shipped_rates()
    typer.echo(report([judged(one, rates) for one in _left_out(kept)[0]]))


def _left_out(kept: Path) -> tuple[list[Answers], list[set[str]]]:
    """What is said of the clips whose labels are sure, looked at evenly, and the parts that their repositories were
    left out in."""
    examples = load(kept)
    parts = list(left_out(examples))
    asked = [one for one in examples if not one.doubtful and not one.wary]
    return answered(asked, parts), [repos for repos, _ in parts]


if __name__ == "__main__":
    app()
