"""Learn what tells mobile cameras from fixed ones: `python -m facewarden.models.training.mobility.train`.

Three steps, each a command: `measure` shows labelled clips to the meter, as they are and transformed, and keeps what
that saw; `learn` makes the trees from it; `check` says how often trees are right that were learned without the clip's
repository.
"""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import cv2
import msgspec
import numpy as np
import typer

from ....bench.corpus import TRUTHS, Clip, read_corpus
from ....bench.transforms import KINDS, Kind, gather
from ....streams.errors import SourceError
from .check import report
from .examples import Example, load, plain, save, transformed
from .learn import learned, left_out

# Kinds laid over a clip: so many drawn of what stands over a view, of what moves before it or befalls the sensor, and
# of other motions of the camera.
_OVER = ("windscreen", "cabin", "hood-20", "hood-40", "banner-40", "display", "mesh", "captions", "raindrops", "dirt")
_BEFORE = ("rain", "snow", "leaves", "crowd", "night", "infrared", "rate-8", "rate-4", "rate-2", "still-within")
_MOTIONS = ("pan", "zoom", "sway", "hand", "travel", "drift", "stabilised")
_DRAWN = ((_OVER, 3), (_BEFORE, 2), (_MOTIONS, 2))

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False, no_args_is_help=True)
Kept = Annotated[Path, typer.Argument(help="File of what was seen.", show_default=False)]


@app.command()
def measure(kept: Kept, folders: Annotated[list[Path], typer.Argument(help="Labelled clips.")], seed: int = 0) -> None:
    """Show clips to the meter, and keep what it saw."""
    cv2.setNumThreads(1)
    clips = [clip for folder in folders for clip in read_corpus(folder)]
    material = gather(clips, 25, 30)
    examples: list[Example] = []
    with typer.progressbar(clips, label="clips") as some:
        for clip in some:
            with suppress(SourceError):
                examples += [*plain(clip), *transformed(clip, _drawn(clip, seed), material, seed)]
    save(kept, [example for example in examples if example.times])


def _drawn(clip: Clip, seed: int) -> list[Kind]:
    """Kinds for a clip: the same for the same seed and place in its folder's alphabet."""
    rng = np.random.default_rng([seed, *clip.name.encode()])
    truth = TRUTHS[clip.label][0]
    return [
        KINDS[name]
        for names, count in _DRAWN
        for name in _some(rng, [name for name in names if KINDS[name].expected(truth) is not None], count)
    ]


def _some(rng: np.random.Generator, names: list[str], count: int) -> list[str]:
    return rng.choice(names, min(count, len(names)), replace=False).tolist()


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
