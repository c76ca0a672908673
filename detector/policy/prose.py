"""Packs and rules in plain words, for a reader who knows neither Python nor us."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

import msgspec

from ..errors import PackError
from ..facts import Value
from .condition import All, Any, Condition, Is, Not, Term, Within, parse_condition
from .pack import Pack
from .rule import Advice, Citation, Otherwise, Rule

_INDENT = "  "


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """words.toml: facts, their values, certainties and effects, each in words."""

    facts: dict[str, str]
    values: dict[str, str]
    none: dict[str, str]
    true: dict[str, str]
    false: dict[str, str]
    certainty: dict[str, str]
    effects: dict[str, str]


@cache
def words() -> Words:
    """The words that ship."""
    return msgspec.toml.decode(files(__package__ or "").joinpath("words.toml").read_bytes(), type=Words)


def say(fact: str, values: Iterable[Value]) -> str:
    """That a fact has one of the values, as a clause."""
    values = sorted(values, key=str)
    if fact in words().true:
        return " or ".join((words().true if value else words().false)[fact] for value in values)
    said = [words().none[fact] if value == "none" else words().values.get(str(value), str(value)) for value in values]
    return words().facts[fact].format(", ".join(said[:-1]) + " or " * (len(said) > 1) + said[-1])


def show_pack(pack: Pack) -> Iterator[str]:
    """A pack, line by line: every rule, its advice, its terms."""
    yield f"{pack.title}"
    yield f"pack {pack.name}, version {pack.version}, sha256 {pack.sha256}"
    yield "Not legal advice. " + pack.silence
    for rule in pack.rules:
        yield ""
        yield from show_rule(rule, pack)
    for advice in pack.advice:
        yield ""
        yield from show_advice(advice)
    yield ""
    yield "In brackets, how surely a note is known: " + "; ".join(f"{code} {text}" for code, text in _codes()) + "."


def find(pack: Pack, name: str) -> Iterator[str]:
    """The rule, or the advice, of that id, line by line.

    Raises:
        PackError: the pack has none.
    """
    for rule in pack.rules:
        if rule.id == name:
            return show_rule(rule, pack)
    for advice in pack.advice:
        if advice.id == name:
            return show_advice(advice)
    there = ", ".join(entry.id for entry in (*pack.rules, *pack.advice))
    raise PackError(f"{pack.name}: no rule '{name}'; there are {there}")


def show_rule(rule: Rule, pack: Pack) -> Iterator[str]:
    """One rule: what it demands, when, on what grounds, and how surely."""
    yield f"{rule.id}: {rule.title}"
    yield f"{_INDENT}Effect: {_effect(rule)}, {_dates(rule)}."
    yield f"{_INDENT}Applies when all of this holds:"
    yield from _parts(parse_condition(rule.when, pack.terms), 2)
    yield from _exceptions(rule, pack)
    yield from _grounds(rule.citation, words().certainty[rule.certainty])
    if rule.interpretation:
        yield f"{_INDENT}How we read it:"
        yield from (f"{_INDENT * 2}- {note}" for note in rule.interpretation)


def show_advice(advice: Advice) -> Iterator[str]:
    """One provision that no fact decides."""
    yield f"{advice.id}: {advice.title}"
    yield f"{_INDENT}Advice: shown, not decided. {advice.text}"
    yield from _grounds(advice.citation, words().certainty[advice.certainty])


def _codes() -> Iterable[tuple[str, str]]:
    return words().certainty.items()


def _exceptions(rule: Rule, pack: Pack) -> Iterator[str]:
    step: Rule | Otherwise | None = rule
    while step:
        if step.obligations:
            yield f"{_INDENT}What must be done:"
            yield from (f"{_INDENT * 2}- {text}" for text in step.obligations)
        if step.unless:
            yield f"{_INDENT}Unless all of this holds:"
            yield from _parts(parse_condition(step.unless, pack.terms), 2)
        step = step.otherwise
        if step:
            yield f"{_INDENT}In which case it is {words().effects[step.effect]}."


def _grounds(citation: Citation, certainty: str) -> Iterator[str]:
    yield f"{_INDENT}Why we think so: {citation.text}"
    yield f"{_INDENT * 2}{citation.url}"
    yield f"{_INDENT}How sure: {certainty}."


def _effect(rule: Rule) -> str:
    return words().effects[rule.effect]


def _dates(rule: Rule) -> str:
    start = f"from {rule.start} (that day included)" if rule.start else "without a first day"
    return f"{start}, until {rule.end} (that day included)" if rule.end else f"{start}, no end known"


def _parts(condition: Condition, depth: int) -> Iterator[str]:
    """The parts of a conjunction, each on lines of its own."""
    if isinstance(condition, All):
        for part in condition.parts:
            yield from _parts(part, depth)
    else:
        yield from _lines(condition, depth)


def _lines(condition: Condition, depth: int) -> Iterator[str]:
    head = f"{_INDENT * depth}- "
    match condition:
        case Is(fact, values):
            yield head + say(fact, values)
        case Term(title=title):
            yield head + title
        case Not(Is(fact, values)):
            yield f"{head}it is not so that {say(fact, values)}"
        case Not(Term(title=title)):
            yield f"{head}not: {title}"
        case Not(part):
            yield f"{head}not all of this:"
            yield from _parts(part, depth + 1)
        case All():
            yield f"{head}all of this:"
            yield from _parts(condition, depth + 1)
        case Any(parts):
            yield f"{head}at least one of this:"
            for part in parts:
                yield from _lines(part, depth + 1)
        case Within(start, end):
            yield f"{head}the day lies between {start} and {end}"
        case _:
            raise TypeError(f"no condition of ours: {condition!r}")
