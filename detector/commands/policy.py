"""`facewarden policy`: packs to read, to test, to compare, to begin."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson, Date, Off, Packs

app = typer.Typer(no_args_is_help=True, help="Read, test, compare and write policy packs.")

_PACK_HELP = "Pack, by name or path (*.toml)."


@app.command("list")
def list_packs(as_json: AsJson = False) -> None:
    """List the packs that ship, with what each is about."""
    from ..console import show_table
    from ..json_lines import show_json
    from ..policy.pack import load_packs, shipped_packs

    packs = load_packs(shipped_packs())
    if as_json:
        for pack in packs:
            rules = [rule.id for rule in pack.rules]
            show_json({"name": pack.name, "version": pack.version, "sha256": pack.sha256, "rules": rules})
    else:
        rows = [(pack.name, pack.version, str(len(pack.rules)), pack.title) for pack in packs]
        show_table("Packs", ("pack", "version", "rules", "about"), rows)


@app.command()
def show(
    pack: Annotated[str, typer.Argument(help=_PACK_HELP, show_default=False)],
    rule: Annotated[str | None, typer.Argument(help="One rule of it.", show_default=False)] = None,
) -> None:
    """Print a pack, or one rule, in plain words: what is demanded, when, why we think so, and how sure that is.

    Example: facewarden policy show microsoft MS-AOAI-2
    """
    from ..policy import load_pack
    from ..policy.prose import find, show_pack

    loaded = load_pack(pack)
    typer.echo("\n".join(find(loaded, rule) if rule else show_pack(loaded)))


@app.command("test")
def run_vectors(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Vectors: *.toml, or JSON lines.", metavar="[FILE]...", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check packs against test vectors: facts, the effect that is expected, the rules that must decide.

    Exit status: 0, or 3 where a vector is not answered as expected.

    Example: facewarden policy test vectors.jsonl
    """
    from ..json_lines import show_json
    from ..policy.cases import read_vectors, shipped_vectors

    vectors = [vector for path in files for vector in read_vectors(path)] if files else shipped_vectors()
    failures = [(vector, problem) for vector in vectors if (problem := vector.problem())]
    if as_json:
        failed = [{"id": vector.id, "pack": vector.pack, "problem": problem} for vector, problem in failures]
        show_json({"vectors": len(vectors), "failed": failed})
    else:
        for vector, problem in failures:
            typer.echo(f"{vector.pack}: {vector.id}: {problem}" + (f" ({vector.why})" if vector.why else ""))
        typer.echo(f"{len(vectors)} vectors, {len(failures)} not as expected")
    raise typer.Exit(3 if failures else 0)


@app.command()
def explain(
    file: Annotated[
        Path | None, typer.Argument(help="Fact sets, one JSON object a line; by default standard input.")
    ] = None,
    as_json: AsJson = False,
    pack: Packs = None,
    date: Date = None,
    off: Off = None,
) -> None:
    """Explain decisions: in prose, and as a table of facts against rules.

    Exit status: 0, or 2 where a line was no fact set (the others are done all the same).

    Example: echo '{"service": "azure_openai", "operator": "us_police"}' | facewarden policy explain
    """
    from ..console import show_explanation
    from ..json_lines import show_json
    from ..policy import load_packs
    from ..policy.explain import explain as explain_facts
    from ..policy.lines import Refused, read_facts, read_lines
    from ..policy.pack import DEFAULT_PACKS

    packs, refused = load_packs(pack or DEFAULT_PACKS, off or ()), False
    lines = read_lines(file) if file else sys.stdin.buffer
    for facts in read_facts(lines, date):
        answer = facts if isinstance(facts, Refused) else explain_facts(facts, packs)
        refused |= isinstance(answer, Refused)
        (show_json if as_json else show_explanation)(answer)
    raise typer.Exit(2 if refused else 0)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help=_PACK_HELP, show_default=False)],
    new: Annotated[str, typer.Argument(help=_PACK_HELP, show_default=False)],
    vectors: Annotated[
        list[Path] | None, typer.Option("--vectors", help="Vectors to compare by, besides the shipped ones.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two versions of a pack: the rules that differ, and the vectors and fact sets decided differently.

    Exit status: 0 no decision changes, 3 at least one does.

    Example: facewarden policy diff old/own.toml new/own.toml
    """
    from ..console import show_difference
    from ..json_lines import show_json
    from ..policy import load_pack
    from ..policy.cases import read_vectors, shipped_vectors
    from ..policy.diff import compare

    more = [vector for path in vectors or () for vector in read_vectors(path)]
    difference = compare(load_pack(old), load_pack(new), [*shipped_vectors(), *more])
    (show_json if as_json else show_difference)(difference)
    raise typer.Exit(3 if difference.vectors or difference.facts else 0)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The new pack's name.")] = "own",
) -> None:
    """Print a commented pack to start from.

    Example: facewarden policy new own > own.toml
    """
    from ..policy.pack import skeleton

    typer.echo(skeleton(name), nl=False)
