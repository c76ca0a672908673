"""`facewarden bench`: what it costs here, held against budgets or another version. No logic."""

from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError
from ..exits import BROKEN, NOT_MEASURABLE


def bench(
    quick: Annotated[bool, typer.Option("--quick", help="Half a minute, of what matters most.")] = False,
    clip: Annotated[
        str | None, typer.Option(help="A recording of yours, in place of rendered pictures.", metavar="FILE")
    ] = None,
    site: Annotated[Path | None, typer.Option(help="Measure with this site's settings.", metavar="FILE")] = None,
    sources: Annotated[int | None, typer.Option(min=1, help="So many cameras at once, and only them.")] = None,
    rate: Annotated[float, typer.Option(min=1.0, help="Pictures a second of each; budgets are for 30.")] = 30.0,
    against: Annotated[
        str | None, typer.Option(help="Compare with another version, in turns.", metavar="REV|WHEEL")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(help="Beside an earlier run's --json, and what that cannot tell.", metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output, for machines.")] = False,
    junit: Annotated[Path | None, typer.Option(help="JUnit XML goes there.", metavar="FILE")] = None,
    summary: Annotated[
        Path | None, typer.Option(help="Markdown is added there: $GITHUB_STEP_SUMMARY.", metavar="FILE")
    ] = None,
) -> None:
    """Measure what a picture, a call and a start cost on this machine, and hold it against budgets.

    Pictures arrive at their rate whether or not we are ready. Limits are on processor time, and grow with a machine
    that is slower than the one they were set on.

    Exit status: 0, 5 where a budget is broken or something is slower than in the other version, 6 where this machine
    says nothing of us.

    Example: facewarden bench --quick
    """
    from ...bench.speed import against as other
    from ...bench.speed import earlier, shown
    from ...bench.speed.session import Session
    from ..console import show
    from ..json_lines import show_json

    def tell(what: str) -> None:
        typer.echo(f"measuring {what}", err=True)

    if against is not None and compare is not None:
        raise InputError("--against and --compare: give one of them")
    before = earlier.read_run(compare) if compare else None
    if against is not None:
        comparison = other.compare(against, tell)
        show_json(comparison) if as_json else show(shown.compared(comparison))
        raise typer.Exit(BROKEN if comparison.slower else 0 if comparison.measurable else NOT_MEASURABLE)
    run = Session(quick=quick, clip=clip, site=site, sources=sources, rate=rate).run(tell)
    if junit:
        junit.write_bytes(shown.as_junit(run))
    if summary:
        with summary.open("a", encoding="utf-8") as file:
            file.write(shown.as_markdown(run))
    beside = earlier.beside(run, before, str(compare)) if before else None
    if as_json:
        show_json(beside or run)
    else:
        show(shown.table(run))
        for line in shown.summed(run):
            show(line)
        if beside:
            show(shown.compared(beside))
            show(earlier.UNKNOWN)
    broken = run.broken or run.leaks or (beside and beside.slower)
    raise typer.Exit(BROKEN if broken else 0 if run.measurable else NOT_MEASURABLE)
