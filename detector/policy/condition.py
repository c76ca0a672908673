"""Conditions over facts in Kleene's strong three-valued logic.

True, False and None (unknown): a conjunction is false as soon as one part is, true when all are, else unknown; a
disjunction the other way round (S. C. Kleene, Introduction to Metamathematics, 1952, section 64).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias, cast

from ..errors import FactError
from ..facts import Facts, Value, check_fact

Truth: TypeAlias = bool | None


class Condition(Protocol):
    """Part of a rule."""

    def truth(self, facts: Facts) -> Truth:
        """Whether it holds; None where the facts do not say."""
        ...

    def unsettled(self, facts: Facts) -> frozenset[str]:
        """The absent facts that keep it unknown; empty when it is true or false."""
        ...


@dataclass(frozen=True, slots=True)
class Is:
    """The fact has one of the values."""

    fact: str
    values: frozenset[Value]

    def truth(self, facts: Facts) -> Truth:
        value = facts.get(self.fact)
        return None if value is None else value in self.values

    def unsettled(self, facts: Facts) -> frozenset[str]:
        return frozenset() if self.fact in facts else frozenset({self.fact})


@dataclass(frozen=True, slots=True)
class _Junction:
    """Several parts, of which one whose truth is `decisive` settles the whole."""

    parts: tuple[Condition, ...]
    decisive: ClassVar[bool]

    def truth(self, facts: Facts) -> Truth:
        result: Truth = not self.decisive
        for part in self.parts:
            truth = part.truth(facts)
            if truth is self.decisive:
                return truth
            if truth is None:
                result = None
        return result

    def unsettled(self, facts: Facts) -> frozenset[str]:
        if self.truth(facts) is not None:
            return frozenset()
        return frozenset[str]().union(*(part.unsettled(facts) for part in self.parts))


class All(_Junction):
    """Every part holds; true where there is none."""

    decisive = False


class Any(_Junction):
    """At least one part holds; false where there is none."""

    decisive = True


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition

    def truth(self, facts: Facts) -> Truth:
        truth = self.part.truth(facts)
        return None if truth is None else not truth

    def unsettled(self, facts: Facts) -> frozenset[str]:
        return self.part.unsettled(facts)


@dataclass(frozen=True, slots=True)
class Term:
    """A condition that a pack has given a name, as a statute defines its words."""

    name: str
    title: str
    part: Condition

    def truth(self, facts: Facts) -> Truth:
        return self.part.truth(facts)

    def unsettled(self, facts: Facts) -> frozenset[str]:
        return self.part.unsettled(facts)


@dataclass(frozen=True, slots=True)
class Within:
    """The fact `date` lies within the two dates, both included, ISO 8601; None leaves a side open."""

    start: str | None
    end: str | None

    def truth(self, facts: Facts) -> Truth:
        if self.start is None and self.end is None:
            return True
        date = facts.get("date")
        if date is None:
            return None
        return (self.start or "") <= cast(str, date) <= (self.end or "9999-12-31")

    def unsettled(self, facts: Facts) -> frozenset[str]:
        return frozenset({"date"}) if self.truth(facts) is None else frozenset()


def leaves(condition: Condition) -> Iterator[Is | Within]:
    """The questions that it asks of single facts, whatever joins them."""
    match condition:
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part) | Term(part=part):
            yield from leaves(part)
        case Is() | Within():
            yield condition
        case _:
            raise TypeError(f"no condition of ours: {condition!r}")


def parse_condition(table: Mapping[str, object], terms: Mapping[str, Term] | None = None) -> Condition:
    """A condition from TOML: a table whose entries must all hold.

    An entry is `fact = value`, `fact = [values]` (one of them), `any = [parts]`, `all = [parts]` or `not = part`, where
    a part is such a table or the name of one of the `terms`.

    Raises:
        FactError: an entry is none of these, or names a fact, a value or a term that does not exist.
    """
    parts = tuple(_parse_entry(key, value, terms or {}) for key, value in table.items())
    return parts[0] if len(parts) == 1 else All(parts)


def _parse_entry(key: str, value: object, terms: Mapping[str, Term]) -> Condition:
    match key:
        case "not" if isinstance(value, dict | str) and value:
            return Not(_parse_part(key, cast(object, value), terms))
        case "any" | "all" if isinstance(value, list) and value:
            parts = tuple(_parse_part(key, part, terms) for part in cast(list[object], value))
            return Any(parts) if key == "any" else All(parts)
        case "any" | "all" | "not":
            kind = "a table of facts or a term" if key == "not" else "a list of tables of facts, or of terms"
            raise FactError(f"'{key}' takes {kind}, not empty")
        case _:
            values: list[object] = cast(list[object], value) if isinstance(value, list) else [value]
            if not values:
                raise FactError(f"'{key}' takes a value or a list of values, not an empty list: it could never hold")
            return Is(key, frozenset(check_fact(key, one) for one in values))


def _parse_part(key: str, part: object, terms: Mapping[str, Term]) -> Condition:
    if isinstance(part, str):
        if part not in terms:
            raise FactError(f"'{key}' names the term '{part}'; this pack has: {', '.join(sorted(terms)) or 'none'}")
        return terms[part]
    if not isinstance(part, dict) or not part:
        raise FactError(f"'{key}' takes a list of tables of facts, or of terms; {part!r} is none")
    return parse_condition(cast(dict[str, object], part), terms)
