"""Every rule of every pack that ships, in plain words."""

from collections.abc import Iterator
from functools import partial

from facewarden.detector.policy import Pack, load_pack
from facewarden.detector.policy.pack import shipped_packs
from facewarden.detector.policy.prose import show_advice, show_rule, words

from .markdown import code, page, table


def overview() -> str:
    """The page that lists the packs."""
    packs = [load_pack(name) for name in shipped_packs()]
    rows = [(f"[{p.name}](packs/{p.name}.md)", p.version, len(p.rules), len(p.advice), p.title) for p in packs]
    return page(
        "The packs that ship",
        "Not legal advice. `facewarden policy show PACK [RULE]` prints the same.",
        table(("pack", "version", "rules", "advice", "about"), rows),
        "## How surely a rule is known",
        table(("code", "meaning"), [(code(key), text) for key, text in words().certainty.items()]),
        "## Effects",
        table(("effect", "meaning"), [(code(key), text) for key, text in words().effects.items()]),
    )


def pages() -> "dict[str, partial[str]]":
    """A page for each pack, by its path."""
    return {f"packs/{name}": partial(render, name) for name in shipped_packs()}


def render(name: str) -> str:
    """The page of one pack."""
    pack = load_pack(name)
    head = f"Version {pack.version}, sha256 {code(pack.sha256)}. Not legal advice. {pack.silence}"
    return page(f"{pack.name}: {pack.title}", head, *_rules(pack), *_advice(pack))


def _rules(pack: Pack) -> Iterator[str]:
    for rule in pack.rules:
        yield _entry(list(show_rule(rule, pack)))


def _advice(pack: Pack) -> Iterator[str]:
    for advice in pack.advice:
        yield _entry(list(show_advice(advice)))


def _entry(lines: list[str]) -> str:
    """A rule as the command prints it; its first line becomes a heading."""
    return f"## {lines[0]}\n\n" + "\n".join(f"    {line.removeprefix('  ')}" for line in lines[1:])
