"""Two versions of a pack: which rules differ, and whose decisions change."""

from collections.abc import Iterable, Iterator, Sequence
from math import gcd, prod

import msgspec

from ..facts import CHOICES, FLAGS, Facts, Value, check_facts
from .cases import Vector
from .condition import Is, Within, leaves
from .engine import decide
from .pack import Pack
from .rule import Effect, Rule

# Fact sets that are tried for each rule that differs; a rule asks about half a dozen facts.
_TRIED = 20_000
_ELSEWHERE = {"country": "ZZ", "region": "ZZ-0", "city": "Elsewhere", "client": "somebody else"}


class Change(msgspec.Struct, frozen=True):
    """Facts that the two versions decide differently. `vector` is its name, where it is one."""

    facts: dict[str, Value]
    old: Effect
    new: Effect
    deciding: tuple[str, ...]
    vector: str | None = None


class Difference(msgspec.Struct, frozen=True):
    """All that differs: rules by id, vectors, and the smallest fact sets that were found."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    vectors: tuple[Change, ...]
    facts: tuple[Change, ...]


def compare(old: Pack, new: Pack, vectors: Iterable[Vector]) -> Difference:
    """What the step from one version to the other changes.

    The fact sets are one for each way in which a decision changes, as small as can be: without any one of their facts
    the decisions would be the same. They are searched among the values that rules which differ ask for.
    """
    before, after = ({rule.id: rule for rule in pack.rules} for pack in (old, new))
    changed = tuple(sorted(name for name in before.keys() & after.keys() if _differ(before[name], after[name])))
    alone = before.keys() ^ after.keys()
    differing = [rules[name] for rules in (before, after) for name in rules if name in alone or name in changed]
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=changed,
        vectors=tuple(_changed_vectors(old, new, vectors)),
        facts=tuple(_changed_facts(old, new, differing)),
    )


def _differ(one: Rule, other: Rule) -> bool:
    """In what they say, or in what the terms mean that they say it with."""
    return one != other or one.levels != other.levels


def _changed_vectors(old: Pack, new: Pack, vectors: Iterable[Vector]) -> Iterator[Change]:
    for vector in vectors:
        change = _change(old, new, check_facts(vector.facts), vector.id)
        if change:
            yield change


def _changed_facts(old: Pack, new: Pack, differing: Sequence[Rule]) -> list[Change]:
    found: dict[tuple[Effect, Effect, tuple[str, ...]], Change] = {}
    for rule in differing:
        for facts in _fact_sets(rule):
            change = _change(old, new, facts)
            if change and (change.old, change.new, change.deciding) not in found:
                found[change.old, change.new, change.deciding] = _smallest(old, new, change)
    return sorted(found.values(), key=lambda change: (change.deciding, change.old, change.new))


def _change(old: Pack, new: Pack, facts: Facts, vector: str | None = None) -> Change | None:
    before, after = decide(facts, (old,)), decide(facts, (new,))
    if before.effect == after.effect:
        return None
    deciding = tuple(sorted({*before.deciding, *after.deciding}))
    return Change(dict(facts), before.effect, after.effect, deciding, vector)


def _smallest(old: Pack, new: Pack, change: Change) -> Change:
    """Without the facts that the change does not need."""
    for name in sorted(change.facts):
        less = _change(old, new, {fact: value for fact, value in change.facts.items() if fact != name})
        if less and (less.old, less.new) == (change.old, change.new):
            change = less
    return change


def _fact_sets(rule: Rule) -> Iterator[dict[str, Value]]:
    """Every combination of the values that the rule tells apart, or an even sample of them."""
    values = _telling(rule)
    count = prod(map(len, values.values()))
    step = max(1, count // _TRIED)
    while gcd(step, count) > 1:  # a step that shares a factor with a fact's values would pass some of them over
        step += 1
    for number in range(0, count, step):
        facts, rest = dict[str, Value](), number
        for fact, some in values.items():
            rest, digit = divmod(rest, len(some))
            facts[fact] = some[digit]
        yield facts


def _telling(rule: Rule) -> dict[str, list[Value]]:
    """By fact, the values that the rule names, and one that it does not."""
    named: dict[str, set[Value]] = {}
    for level in rule.levels:
        for leaf in leaves(level.condition):
            match leaf:
                case Is(fact, values):
                    named.setdefault(fact, set()).update(values)
                case Within(start, end):
                    named.setdefault("date", set()).update({start or "0001-01-01", end or "9999-12-31"})
    return {fact: [*sorted(values, key=str), *_another(fact, values)] for fact, values in sorted(named.items())}


def _another(fact: str, named: set[Value]) -> list[Value]:
    elsewhere = [_ELSEWHERE[fact]] if fact in _ELSEWHERE else []
    known: Sequence[Value] = (True, False) if fact in FLAGS else CHOICES.get(fact, elsewhere)
    return [value for value in known if value not in named][:1]
