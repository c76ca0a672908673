"""Whether what a live gate saw comes out again: `python -m facewarden.bench.truth.replays FOLDER`.

Each clip is shown live to a guard that has too little time, with calls on it; that is recorded, with a ledger, gone
through again as `facewarden audit` does it, and the calls of the ledger are decided again by their facts.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer

from ...streams.errors import SourceError
from ..material.corpus import Clip, read_corpus
from ..tools.command import Folder, Out, deliver, run
from ..tools.markdown import join, table
from .evidence.again import Load, Session, live_and_again

_SEED = 14
_LOAD = Load(own=25.0, all=20.0)
_AMISS = 1
_HEAD = (
    "clip",
    "pictures",
    "analysed",
    "in part",
    "skipped",
    "dropped",
    "no time for faces",
    "camera",
    "measures",
    "calls",
    "again",
)


def measure(clips: Sequence[Clip], count: int = 20, seconds: float = 12.0, load: Load = _LOAD) -> list[Session]:
    """Sessions of the first seconds of so many clips, drawn by a seed."""
    order = np.random.default_rng(_SEED).permutation(len(clips))
    return [*_sessions([clips[int(number)] for number in order[:count]], load, seconds)]


def report(sessions: Sequence[Session]) -> str:
    """The table of several sessions, and how many came out the same."""
    same = sum(session.same for session in sessions)
    shed = sum(session.covered.dropped + session.covered.faces_shed > 0 for session in sessions)
    return join(
        f"{same} of {len(sessions)} sessions came out the same, bit for bit, and their ledgers prove it; in {shed} of "
        "them work was shed.",
        table(_HEAD, map(_line, sessions)),
    )


def _line(session: Session) -> tuple[str | int, ...]:
    covered, found = session.covered, session.replayed
    return (
        session.name,
        covered.frames,
        covered.analysed,
        covered.in_part,
        covered.skipped,
        covered.dropped,
        covered.faces_shed,
        session.camera,
        found.measures,
        found.calls,
        "the same" if session.same else _why(session),
    )


def _why(session: Session) -> str:
    if session.replayed.first:
        return str(session.replayed.first)
    if not (session.known and session.holds):
        return "its ledger does not know it" if session.holds else "its ledger does not hold"
    return f"{session.otherwise} of {session.decided} calls of the ledger decided otherwise"


def main(
    folder: Folder,
    count: Annotated[int, typer.Option(min=1, help="How many clips, drawn by a seed.")] = 20,
    seconds: Annotated[float, typer.Option(help="How much of each.")] = 12.0,
    own: Annotated[float, typer.Option(help="Milliseconds of analysis a second that a source may take.")] = _LOAD.own,
    process: Annotated[float, typer.Option(help="Those that all of them may.")] = _LOAD.all,
    out: Out = None,
) -> None:
    """Show clips live to a guard that sheds, record them, and go through the recordings again.

    Exit status: 0, 1 where a verdict, a measure or a decision came out otherwise.
    """
    sessions = measure(read_corpus(folder), count, seconds, Load(own, process))
    deliver(report(sessions), out)
    raise typer.Exit(0 if all(session.same for session in sessions) else _AMISS)


def _sessions(clips: Sequence[Clip], load: Load, seconds: float) -> Iterator[Session]:
    for clip in clips:
        with TemporaryDirectory() as folder:
            try:
                yield live_and_again(clip.name, str(clip.path), Path(folder), load, seconds)
            except SourceError as error:
                typer.echo(f"{clip.name}: {error}", err=True)


if __name__ == "__main__":
    run(main)
