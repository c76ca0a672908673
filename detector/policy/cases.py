"""Test vectors: facts, the effect that is expected of a pack, and the rules that must be among the deciding ones."""

from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import msgspec

from ..errors import FactError, VectorError
from ..facts import check_facts
from ..json_lines import read_object, split_lines
from ..plain import UNREADABLE_TOML
from ..slips import explained
from . import vectors
from .decision import Decision
from .engine import decide
from .pack import load_packs
from .rule import Effect


class Vector(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One worked case, as a line of JSON has it. A fact that is not named is unknown.

    Attributes:
        expect: the effect; None where any will do.
        deciding: rules that must be among the deciding ones.
        silent: rules that must not hold.
        why: the case in words.
    """

    id: str
    pack: str
    facts: dict[str, object]
    expect: Effect | None = None
    deciding: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    why: str = ""

    def problem(self) -> str | None:
        """What is not as expected; None where all is.

        Raises:
            FactError: a fact is none.
            PackError: there is no such pack.
        """
        return self.check(decide(check_facts(self.facts), load_packs([self.pack])))

    def check(self, decision: Decision) -> str | None:
        """What of a decision is not as expected; None where all is."""
        got = f"{decision.effect} by {', '.join(decision.deciding) or 'no rule'}"
        if self.expect and decision.effect != self.expect:
            return f"expected {self.expect}, got {got}"
        if missing := [rule for rule in self.deciding if rule not in decision.deciding]:
            return f"expected {', '.join(missing)} to decide, got {got}"
        holding = [rule.id for rule in decision.rules if rule.outcome == "true" and rule.id in self.silent]
        return f"expected {', '.join(holding)} not to hold" if holding else None


class _Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A case of a TOML file: what it changes of the file's facts, and what it takes out of them.

    `first` and `last` are the first and the last day on which its rules count: with one of them the case becomes a
    vector on that day, and one on the day without.
    """

    id: str
    expect: Effect
    deciding: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    why: str = ""
    set: dict[str, object] = {}
    forget: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None

    def vectors(self, pack: str, base: dict[str, object]) -> Iterator[Vector]:
        facts = {name: value for name, value in {**base, **self.set}.items() if name not in self.forget}
        said = {"expect": self.expect, "deciding": self.deciding, "silent": self.silent, "why": self.why}
        plain = msgspec.convert({"id": self.id, "pack": pack, "facts": facts, **said}, Vector)
        if not (self.first or self.last):
            yield plain
        for day, step in ((self.first, -1), (self.last, 1)):
            if day:
                yield _on(plain, day)
                yield msgspec.structs.replace(
                    _on(plain, day + timedelta(step)), expect=None, deciding=(), silent=self.deciding
                )


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pack: str
    facts: dict[str, object]
    vectors: tuple[_Case, ...]


def shipped_vectors() -> list[Vector]:
    """Those that come with facewarden."""
    found = sorted((entry for entry in files(vectors).iterdir() if entry.name.endswith(".toml")), key=lambda e: e.name)
    return [vector for entry in found for vector in parse_vectors(entry.name, entry.read_bytes())]


def read_vectors(path: Path) -> list[Vector]:
    """The vectors of a file: TOML (`*.toml`: a base of facts, and cases), else a JSON object a line.

    Raises:
        VectorError: it cannot be read, or says something it must not; names the file, the place and what was expected.
    """
    try:
        return parse_vectors(str(path), path.read_bytes())
    except OSError as error:
        raise VectorError(f"{path}: cannot be read ({error.strerror})") from error
    except FactError as error:
        raise VectorError(f"{path}: {error}") from error


def parse_vectors(where: str, text: bytes) -> list[Vector]:
    """Vectors from the bytes of their file; see `read_vectors`."""
    found = _parse_toml(where, text) if where.endswith(".toml") else _parse_lines(where, text)
    for vector in found:
        try:
            check_facts(vector.facts)
        except FactError as error:
            raise VectorError(f"{where}: vector {vector.id}: {error}") from error
    return found


def _parse_toml(where: str, text: bytes) -> list[Vector]:
    try:
        file = msgspec.toml.decode(text, type=_File)
    except UNREADABLE_TOML as error:
        raise VectorError(f"{where}: {explained(error, _File, text)}") from error
    return [vector for case in file.vectors for vector in case.vectors(file.pack, file.facts)]


def _parse_lines(where: str, text: bytes) -> list[Vector]:
    found: list[Vector] = []
    lines = split_lines(text)
    for number, line in enumerate(lines, 1):
        try:
            if line.strip():
                found.append(msgspec.convert(read_object(line), Vector))
        except (msgspec.ValidationError, FactError) as error:
            raise VectorError(f"{where}: line {number}: {explained(error, Vector)}") from error
    return found


def _on(vector: Vector, day: date) -> Vector:
    return msgspec.structs.replace(vector, id=f"{vector.id} on {day}", facts={**vector.facts, "date": day.isoformat()})
