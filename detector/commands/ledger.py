"""`facewarden ledger`: whether a record holds, and what of it can be handed on."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ..errors import InputError
from ..exits import BAD_INPUT, FAILS
from .options import AsJson

if TYPE_CHECKING:
    from ..ledger.reading import Kept

_PARQUET: Final = "parquet"

app = typer.Typer(no_args_is_help=True, help="Verify, prove, read and hand on what was recorded.")


Folder = Annotated[
    Path, typer.Argument(help="Folder of a record, or the ledger in it.", metavar="DIR", show_default=False)
]
Index = Annotated[int, typer.Argument(help="Which entry; the first is 0.", metavar="N", show_default=False, min=0)]


@app.command()
def verify(
    folder: Folder,
    since: Annotated[
        Path | None, typer.Option(help="An earlier checkpoint: is this the same ledger, grown?", metavar="CHECKPOINT")
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="Keys to trust, and who must have seen it (tlog-policy).", metavar="FILE"),
    ] = None,
    authorities: Annotated[
        Path | None, typer.Option(help="Certificates (PEM) of time stamp authorities to trust.", metavar="FILE")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Go through a whole ledger, and say where it does not hold: its content, its chain, its signature, its anchor.

    What was never recorded cannot be found missing. An older state that was brought back is found where the keys are
    at hand, or an earlier checkpoint is given.

    Exit status: 0, 4 where it does not hold, 2 where there is none.

    Example: facewarden ledger verify facewarden-record
    """
    from ..budget import available_cores
    from ..json_lines import show_json
    from ..ledger.faults import PARTS
    from ..ledger.stamps import read_certificates
    from ..ledger.trust import read_policy
    from ..ledger.verify import verify as check

    found = check(
        folder,
        None if since is None else _read(since),
        None if policy is None else read_policy(policy),
        () if authorities is None else read_certificates(authorities),
        workers=available_cores(),
    )
    if as_json:
        show_json(found)
    else:
        typer.echo(f"{found.ledger}: {found.entries} entries, {found.waiting} not signed yet, {found.erased} erased")
        for part in PARTS:
            faults = [fault for fault in found.faults if fault.part == part]
            none = part == "anchor" and not found.anchors
            typer.echo(f"{part}: {'does not hold' if faults else 'none' if none else 'holds'}")
            for line in (*faults, *(found.anchors if part == "anchor" else ())):
                typer.echo(f"  {line}")
        if found.quorum is not None:
            typer.echo(f"the quorum has seen the first {found.quorum} of {found.entries} entries")
    raise typer.Exit(0 if found.holds else FAILS)


@app.command()
def anchor(
    folder: Folder,
    policy: Annotated[
        Path | None,
        typer.Option(help="Ask the witnesses of this policy (tlog-policy) that have an address.", metavar="FILE"),
    ] = None,
    authority: Annotated[
        str | None, typer.Option(help="Ask this time stamp authority (RFC 3161).", metavar="URL")
    ] = None,
    request: Annotated[
        Path | None, typer.Option(help="Write what to ask an authority, to be carried there.", metavar="FILE.tsq")
    ] = None,
    response: Annotated[Path | None, typer.Option(help="Take in what it answered.", metavar="FILE.tsr")] = None,
) -> None:
    """Have somebody outside vouch for the ledger's head: witnesses, or a time stamp authority.

    Where none can be reached, carry the question by hand (--request, --response). Without any of these it prints the
    head: keep it elsewhere, and hold the ledger against it with `verify --since`.

    Exit status: 0, 2 where one of those who were asked gave nothing.

    Example: facewarden ledger anchor facewarden-record --authority http://timestamp.example.org
    """
    from ..ledger.anchoring import askable, asked
    from ..ledger.anchors import remember_head, take_stamp
    from ..ledger.stamps import request as question
    from ..ledger.verify import ledger_of

    ledger = ledger_of(folder)[0]
    if request is not None:
        _write(request, question(remember_head(ledger).text))
    if response is not None:
        typer.echo(f"stamped: the first {_taken(take_stamp, ledger, response)} entries")
    if request is None and response is None and policy is None and authority is None:
        typer.echo(str(remember_head(ledger)), nl=False)
    failed = False
    for who, error in asked(askable(ledger, policy, authority)):
        failed = failed or error is not None
        typer.echo(f"{who}: {error or 'has seen the head'}", err=error is not None)
    raise typer.Exit(BAD_INPUT if failed else 0)


@app.command()
def prove(
    folder: Folder,
    index: Index,
    out: Annotated[
        Path | None, typer.Option(help="Where it goes; by default standard output.", metavar="FILE.tlog-proof")
    ] = None,
) -> None:
    """Prove that one entry is in the ledger, in a file that holds without it (C2SP tlog-proof), with the entry itself.

    Example: facewarden ledger prove facewarden-record 17 --out 17.tlog-proof
    """
    from ..ledger.proof import prove as proof
    from ..ledger.verify import ledger_of

    text = proof(ledger_of(folder)[0], index)
    if out is None:
        typer.echo(text, nl=False)
    else:
        _write(out, text)


@app.command()
def show(
    folder: Folder,
    first: Annotated[int, typer.Option("--from", help="The first entry to show.", metavar="N", min=0)] = 0,
    count: Annotated[int, typer.Option(help="How many.", metavar="N", min=1)] = 50,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Say what all entries together cover, and what not.")
    ] = False,
) -> None:
    """Print entries, each with its index; or of what the ledger can speak: how long it was watched, what was lost, how
    many calls were of a known source and how that is known, and of each source since when it was judged.

    Example: facewarden ledger show facewarden-record --from 100 --count 5
    """
    from ..ledger.covered import covered
    from ..ledger.reading import kept
    from ..ledger.verify import ledger_of

    if coverage:
        for line in covered(ledger_of(folder)[0]).lines():
            typer.echo(line)
        return
    for entry in islice(kept(ledger_of(folder)[0], first), count):
        typer.echo(f"{entry.number:>8} {'(erased) ' if entry.erased else ''}{entry.line.decode()}")


@app.command()
def export(
    folder: Folder,
    form: Annotated[
        str, typer.Option("--format", help="jsonl, csv, syslog (RFC 5424) or parquet.", metavar="FORMAT")
    ] = "jsonl",
    out: Annotated[Path | None, typer.Option(help="Where it goes; parquet needs one.", metavar="FILE")] = None,
) -> None:
    """Hand on all entries to other programs, calls with the fields of Article 12(3) of the AI Act.

    What is not known is `unknown`: nobody tells us when a use ended, which database was searched, who verified a match.

    Example: facewarden ledger export facewarden-record --format csv
    """
    from ..ledger.reading import FORMATS, kept
    from ..ledger.verify import ledger_of
    from ..slips import meant

    if form not in (*FORMATS, _PARQUET):
        known = [*FORMATS, _PARQUET]
        raise InputError(f"no format '{form}'{meant(form, known)}; there are {', '.join(known)}")
    entries = kept(ledger_of(folder)[0])
    if form == _PARQUET:
        _export_parquet(entries, out)
    elif out is None:
        for line in FORMATS[form](entries):
            typer.echo(line)
    else:
        _write(out, "".join(f"{line}\n" for line in FORMATS[form](entries)))


def _export_parquet(entries: "Iterator[Kept]", out: Path | None) -> None:
    from ..ledger.parquet import write_parquet

    if out is None:
        raise InputError("parquet is no text: say where it goes, --out FILE")
    write_parquet(entries, out)


@app.command()
def erase(
    folder: Folder,
    index: Index,
    order: Annotated[str, typer.Option(help="By whose order, and why; goes on record.", metavar="TEXT")],
) -> None:
    """Erase what an entry says, on a lawful order. That it was there, and the proofs of all others, stay.

    The plain calls.jsonl and events.jsonl beside the ledger are yours to erase it from.

    Example: facewarden ledger erase facewarden-record 17 --order "court of Lyon, 26/1234"
    """
    from ..ledger.changes import erase as take

    _change(folder, lambda ledger, keys: take(ledger, keys, index, order))


@app.command()
def rotate(
    folder: Folder,
    post_quantum: Annotated[
        bool, typer.Option("--post-quantum", help="From here on cosign each head with ML-DSA-44 as well.")
    ] = False,
) -> None:
    """Sign with a new key from here on; the public halves of all keys stay in keys.txt.

    Example: facewarden ledger rotate facewarden-record
    """
    from ..ledger.changes import rotate as renew

    _change(folder, lambda ledger, keys: renew(ledger, keys, post_quantum))


def _change(folder: Path, change: Callable[[Path, Path], object]) -> None:
    from ..ledger.verify import ledger_of

    try:
        change(*ledger_of(folder))
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


def _taken(take: Callable[[Path, bytes], int], ledger: Path, response: Path) -> int:
    try:
        return take(ledger, _read(response))
    except ValueError as error:
        raise InputError(f"{response}: {error}") from error


def _write(path: Path, content: str | bytes) -> None:
    try:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from error
