"""Facts as a policy takes them: what contradicts itself left out, and places in the spelling that its rules have."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from ..facts import Facts, Value, reconciled
from ..places import key, resembles
from .condition import Is, leaves
from .rule import Rule

_PLACES: Final = ("country", "region", "city")
# Facts without which there is nothing to settle.
_SETTLED: Final = frozenset({*_PLACES, "camera", "mount"})


class Taken(NamedTuple):
    """Facts as they are taken, and what a reader should know of that."""

    facts: Facts
    notes: tuple[str, ...]


class Settling:
    """How the policy of some rules takes facts."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        asked = {leaf for rule in rules for level in rule.levels for leaf in leaves(level.condition)}
        self._named: dict[str, frozenset[Value]] = {
            place: frozenset().union(*(leaf.values for leaf in asked if isinstance(leaf, Is) and leaf.fact == place))
            for place in _PLACES
        }

    def take(self, facts: Facts) -> Taken:
        """The facts, less what contradicts itself and a city that may be one that a rule names, misspelt."""
        if _SETTLED.isdisjoint(facts):
            return Taken(facts, ())
        joined = reconciled(facts)
        taken, notes = dict(joined.facts), [f"Contradiction: {text}." for text in joined.contradictions]
        notes += self._spell(taken)
        notes += [
            f"No rule of these packs names the {place} {taken[place]}."
            for place, named in self._named.items()
            if named and taken.get(place, next(iter(named))) not in named
        ]
        return Taken(taken, tuple(notes))

    def _spell(self, facts: dict[str, Value]) -> list[str]:
        """A city that is one of the rules' by its letters is spelt as there; one that resembles it is not known."""
        city = facts.get("city")
        near = sorted(str(known) for known in self._named["city"] if city and resembles(str(city), str(known)))
        same = [known for known in near if key(known) == key(str(city))]
        if same:
            facts["city"] = same[0]
        elif near:
            del facts["city"]
            return [f"The city '{city}' is not known; is it {' or '.join(near)}? Then write it so."]
        return []
