"""Packs: the provisions as TOML data, each rule with its citation, dates and certainty."""

from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, cast

import msgspec

from ..errors import FactError, PackError
from ..plain import UNREADABLE_TOML
from ..slips import explained, meant
from .condition import Term, parse_condition
from .rule import Advice, Rule


class TermFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition that rules call by a name."""

    title: str
    when: dict[str, object]


class _PackFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    version: str
    title: str
    rules: list[dict[str, object]]
    silence: str = ""
    terms: dict[str, dict[str, object]] = {}
    advice: list[dict[str, object]] = []


class PackFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pack's file as a whole, for a schema of it; it is read part by part, so that an error can name the rule."""

    name: str
    version: str
    title: str
    rules: Annotated[list[Rule], msgspec.Meta(min_length=1)]
    silence: str = ""
    terms: dict[str, TermFile] = {}
    advice: list[Advice] = []


class Pack(msgspec.Struct, frozen=True, eq=False):
    """Rules that belong together; one pack equals another only if it is the same object.

    Attributes:
        sha256: of the file's bytes, so that a decision says what it rests on.
        rules: what is decided by.
        silence: what it means that no rule of this pack speaks; part of every explanation of an open gate.
        terms: the conditions that its rules call by a name.
        advice: provisions that facts cannot decide; shown, not decided.
        off: ids of the rules that a site has switched off; part of every decision.
    """

    name: str
    version: str
    title: str
    sha256: str
    rules: tuple[Rule, ...]
    silence: str = ""
    terms: dict[str, Term] = {}
    advice: tuple[Advice, ...] = ()
    off: tuple[str, ...] = ()


# Not by importlib.resources, which takes longer to load than the packs themselves.
_HERE = Path(__file__).parent
_SHIPPED = _HERE / "packs"
# Of a site that names none.
DEFAULT_PACKS = ("microsoft",)
NO_PACKS = "no pack of rules is named: without any every call would be allowed"


@cache
def shipped_packs() -> tuple[str, ...]:
    """Names of the packs that come with facewarden."""
    names = (entry.name for entry in _SHIPPED.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_pack(name: str) -> Pack:
    """A shipped pack by name, or one of the site's own by the path of its file (`*.toml`).

    Raises:
        PackError: there is none, or it does not say what a pack must; names the file, the rule and the key.
    """
    shipped = shipped_packs()
    if name in shipped:
        return _load_shipped(name)
    if not name.endswith(".toml"):
        known = f"shipped are {', '.join(shipped)}, others go by path (*.toml)"
        raise PackError(f"no pack '{name}'{meant(name, shipped)}; {known}")
    try:
        return parse_pack(name, Path(name).read_bytes())
    except OSError as error:
        raise PackError(f"{name}: cannot be read ({error.strerror})") from error


def load_packs(
    names: Iterable[str], off: Iterable[str] = (), pins: Mapping[str, str] | None = None
) -> tuple[Pack, ...]:
    """Several packs, by name order; the same one twice counts once.

    Args:
        names: see `load_pack`.
        off: ids of rules that are switched off.
        pins: by pack name, the sha256 that it must have, in hexadecimal.

    Raises:
        PackError: as `load_pack`; a pack is not the one pinned; there is no rule or pack of that name; none is named.
    """
    loaded = sorted((load_pack(name) for name in set(names)), key=lambda pack: (pack.name, pack.sha256))
    if not loaded:
        raise PackError(NO_PACKS)
    _check_pins(loaded, pins or {})
    off = frozenset(off)
    known = {rule.id for pack in loaded for rule in pack.rules}
    if unknown := sorted(off - known):
        there = f"; there are {', '.join(sorted(known))}"
        raise PackError(
            "\n".join(f"off: '{one}' is no rule of these packs{meant(one, known)}{there}" for one in unknown)
        )
    return tuple(_switch_off(pack, off) for pack in loaded)


def parse_pack(where: str, text: bytes) -> Pack:
    """A pack from the bytes of its TOML file; `where` is for errors (`PackError`)."""
    try:
        file = msgspec.toml.decode(text, type=_PackFile)
    except UNREADABLE_TOML as error:
        raise PackError(f"{where}: {explained(error, _PackFile, text)}") from error
    if not file.rules:
        raise PackError(f"{where}: rules: expected at least one; a pack without rules would allow every call")
    terms = _parse_terms(where, file.terms)
    rules = tuple(_parse_rule(where, number, table, terms) for number, table in enumerate(file.rules, 1))
    advice = tuple(_parse_advice(where, number, table) for number, table in enumerate(file.advice, 1))
    ids = [entry.id for entry in (*rules, *advice)]
    if twice := [one for position, one in enumerate(ids) if one in ids[:position]]:
        raise PackError(f"{where}: rule {twice[0]}: there are two of this id")
    digest = sha256(text).hexdigest()
    return Pack(file.name, file.version, file.title, digest, rules, file.silence, terms, advice)


def skeleton(name: str) -> str:
    """The text of a commented pack of that name, to start from.

    Raises:
        PackError: the name would not make a pack.
    """
    text = (_HERE / "skeleton.toml").read_text(encoding="utf-8").replace("NAME", name)
    parse_pack(f"name '{name}'", text.encode())
    return text


@cache
def _load_shipped(name: str) -> Pack:
    return parse_pack(name, (_SHIPPED / f"{name}.toml").read_bytes())


def _check_pins(loaded: Iterable[Pack], pins: Mapping[str, str]) -> None:
    found = {pack.name: pack for pack in loaded}
    for name, pin in pins.items():
        if name not in found:
            raise PackError(f"pins.{name}: no such pack is loaded; there are {', '.join(found)}")
        if found[name].sha256 != pin.lower():
            raise PackError(f"{name}: is not the pack that is pinned: sha256 {found[name].sha256}, pinned {pin}")


def _switch_off(pack: Pack, off: frozenset[str]) -> Pack:
    here = tuple(sorted(rule.id for rule in pack.rules if rule.id in off))
    if not here:
        return pack
    rules = tuple(rule for rule in pack.rules if rule.id not in off)
    return msgspec.structs.replace(pack, rules=rules, off=here)


def _parse_terms(where: str, tables: Mapping[str, dict[str, object]]) -> dict[str, Term]:
    """In whatever order they stand: one that names others waits for them."""
    terms: dict[str, Term] = {}
    waiting = dict(tables)
    while waiting:
        ready = [name for name, table in waiting.items() if not _terms_in(table.get("when")) & waiting.keys()]
        if not ready:
            raise PackError(f"{where}: terms: {', '.join(sorted(waiting))} name each other in a circle")
        for name in ready:
            terms[name] = _parse_term(f"{where}: term {name}", name, waiting.pop(name), terms)
    return terms


def _parse_term(where: str, name: str, table: dict[str, object], terms: Mapping[str, Term]) -> Term:
    try:
        term = msgspec.convert(table, TermFile)
        if not term.when:
            raise FactError("expected at least one fact")
        return Term(name, term.title, parse_condition(term.when, terms))
    except msgspec.ValidationError as error:
        raise PackError(f"{where}: {explained(error, TermFile)}") from error
    except FactError as error:
        raise PackError(f"{where}: when: {error}") from error


def _terms_in(part: object) -> set[str]:
    """The terms that a part of a condition names."""
    if isinstance(part, str):
        return {part}
    if not isinstance(part, dict):
        return set()
    joined = (cast(dict[str, object], part).get(key, []) for key in ("any", "all", "not"))
    parts = [one for some in joined for one in (cast(list[object], some) if isinstance(some, list) else [some])]
    return set[str]().union(*map(_terms_in, parts))


def _parse_rule(where: str, number: int, table: dict[str, object], terms: Mapping[str, Term]) -> Rule:
    where = f"{where}: rule {table.get('id', number)}"
    try:
        rule = msgspec.convert(table, Rule)
        rule.use(terms)
    except msgspec.ValidationError as error:
        raise PackError(f"{where}: {explained(error, Rule)}") from error
    except FactError as error:
        raise PackError(f"{where}: {error}") from error
    return rule


def _parse_advice(where: str, number: int, table: dict[str, object]) -> Advice:
    try:
        return msgspec.convert(table, Advice)
    except msgspec.ValidationError as error:
        raise PackError(f"{where}: advice {table.get('id', number)}: {explained(error, Advice)}") from error
