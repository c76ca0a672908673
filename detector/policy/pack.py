"""Packs: the provisions as TOML data, each rule with its citation, dates and certainty."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec

from ..errors import FactError, PackError
from . import packs
from .condition import All, Condition, Within, parse_condition

Effect = Literal["allow", "conditions", "hold", "needs_authorisation", "prohibited"]
Certainty = Literal["P", "P-part", "S", "N", "I"]


class Citation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a rule's words come from."""

    text: str
    url: str


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """One provision.

    Attributes:
        when: its condition (see `parse_condition`).
        effect: what it demands where the condition holds.
        start, end: first and last day, both included; outside them the condition is false.
        certainty: P primary text, P-part a part of it, S secondary source, N to be verified, I our interpretation.
        interpretation: what we read into the words, for a person to check.
    """

    id: str
    title: str
    effect: Effect
    when: dict[str, object]
    citation: Citation
    certainty: Certainty
    start: date | None = msgspec.field(name="from", default=None)
    end: date | None = msgspec.field(name="until", default=None)
    interpretation: tuple[str, ...] = ()

    @cached_property
    def condition(self) -> Condition:
        """The condition and the dates, ready to evaluate."""
        start = self.start and self.start.isoformat()
        end = self.end and self.end.isoformat()
        return All((parse_condition(self.when), Within(start, end)))


class _PackFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    version: str
    title: str
    rules: list[dict[str, object]]


class Pack(msgspec.Struct, frozen=True):
    """Rules that belong together. `sha256` is of the file's bytes, so that a decision says what it rests on."""

    name: str
    version: str
    title: str
    sha256: str
    rules: tuple[Rule, ...]


_SHIPPED = files(packs)


def shipped_packs() -> list[str]:
    """Names of the packs that come with facewarden."""
    return sorted(entry.name.removesuffix(".toml") for entry in _SHIPPED.iterdir() if entry.name.endswith(".toml"))


def load_pack(name: str) -> Pack:
    """A shipped pack by name, or one of the site's own by the path of its file (`*.toml`).

    Raises:
        PackError: there is none, or it does not say what a pack must; names the file, the rule and the key.
    """
    if name in shipped_packs():
        return parse_pack(name, _SHIPPED.joinpath(f"{name}.toml").read_bytes())
    if not name.endswith(".toml"):
        raise PackError(f"no pack '{name}'; shipped are {', '.join(shipped_packs())}, others go by path (*.toml)")
    try:
        return parse_pack(name, Path(name).read_bytes())
    except OSError as error:
        raise PackError(f"{name}: cannot be read ({error.strerror})") from error


def load_packs(names: Iterable[str]) -> tuple[Pack, ...]:
    """Several packs, by name order; the same one twice counts once."""
    return tuple(sorted((load_pack(name) for name in set(names)), key=lambda pack: pack.name))


def parse_pack(where: str, text: bytes) -> Pack:
    """A pack from the bytes of its TOML file; `where` is for errors (`PackError`)."""
    try:
        file = msgspec.toml.decode(text, type=_PackFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PackError(f"{where}: {error}") from error
    if not file.rules:
        raise PackError(f"{where}: rules: expected at least one; a pack without rules would allow every call")
    rules = tuple(_parse_rule(where, number, table) for number, table in enumerate(file.rules, 1))
    twice = [rule.id for position, rule in enumerate(rules) if any(rule.id == other.id for other in rules[:position])]
    if twice:
        raise PackError(f"{where}: rule {twice[0]}: there are two of this id")
    return Pack(file.name, file.version, file.title, sha256(text).hexdigest(), rules)


def _parse_rule(where: str, number: int, table: dict[str, object]) -> Rule:
    where = f"{where}: rule {table.get('id', number)}"
    try:
        rule = msgspec.convert(table, Rule)
        if not rule.when:
            raise FactError("expected at least one fact; a rule for every call is an error")
        _ = rule.condition
    except msgspec.ValidationError as error:
        raise PackError(f"{where}: {error}") from error
    except FactError as error:
        raise PackError(f"{where}: when: {error}") from error
    return rule
