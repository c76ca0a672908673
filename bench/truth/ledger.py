"""What a ledger withstands, and what it costs."""

from collections import Counter
from typing import Annotated

import typer

from ..tools.command import run
from .evidence.flaws import flaws
from .evidence.kills import kills
from .evidence.speed import speeds

_AMISS = 1


def main(
    flaw_count: Annotated[int, typer.Option("--flaws", min=0, help="How many changes to a ledger.")] = 10_000,
    kill_count: Annotated[int, typer.Option("--kills", min=0, help="How often four writers are killed.")] = 200,
) -> None:
    """Change a ledger in many ways, kill those who write it, and measure it.

    Exit status: 0, 1 where a change was not found where it was, one was found that is none, or an entry was lost.
    """
    amiss = _flaws(flaw_count) + _kills(kill_count)
    for what, speed in speeds().items():
        typer.echo(f"{what}: {speed.wall:,.0f} entries/s, {speed.processor:,.0f} a second of processor")
    raise typer.Exit(_AMISS if amiss else 0)


def _flaws(count: int) -> int:
    made, found, placed = Counter[str](), Counter[str](), Counter[str]()
    for flaw in flaws(count):
        made[flaw.kind] += 1
        found[flaw.kind] += bool(flaw.places)
        placed[flaw.kind] += flaw.placed
        if flaw.kind != "none" and not flaw.placed:
            typer.echo(f"{flaw.kind} of {', '.join(flaw.changed)}: {'; '.join(flaw.places) or 'not found'}", err=True)
    false, changes = found.pop("none", 0), made.total() - made["none"]
    for kind in sorted(found):
        typer.echo(f"{kind}: {made[kind]} made, {found[kind]} found, {placed[kind]} placed")
    typer.echo(f"all: {changes} made, {found.total()} found, {placed.total()} placed")
    typer.echo(f"unchanged: {made['none']} verified, {false} found to be changed")
    return changes - placed.total() + false


def _kills(count: int) -> int:
    all_of_them = list(kills(count))
    lost = sum(killed.lost for killed in all_of_them)
    whole = sum(killed.whole for killed in all_of_them)
    typer.echo(f"kills: {count}, {whole} of them whole; {lost} of {sum(one.put for one in all_of_them)} entries lost")
    return count - whole


if __name__ == "__main__":
    run(main)
