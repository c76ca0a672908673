"""What would have changed a decision: the single facts that, were they otherwise, would open the gate."""

from collections.abc import Iterator, Sequence

from ..facts import CHOICES, FLAGS, Facts, Value, camera_of
from .condition import Within, leaves
from .engine import decide
from .pack import Pack


def openers(facts: Facts, packs: Sequence[Pack]) -> tuple[str, ...]:
    """The changes of one fact that would open a gate which is closed, as `fact = value`; none where it is open.

    Every value of every fact that the deciding rules ask for is tried. Where two facts must change together none is
    named, and places and dates, whose values have no end, are not tried.
    """
    decision = decide(facts, packs)
    if decision.opens:
        return ()
    asked = _asked(packs, frozenset(decision.deciding))
    return tuple(
        f"{name} = {str(value).lower()}"
        for name in sorted(asked)
        for value in _values(name)
        if facts.get(name) != value and decide(_with(facts, name, value), packs).opens
    )


def _asked(packs: Sequence[Pack], deciding: frozenset[str]) -> set[str]:
    rules = (rule for pack in packs for rule in pack.rules if rule.id in deciding)
    conditions = (level.condition for rule in rules for level in rule.levels)
    return {leaf.fact for condition in conditions for leaf in leaves(condition) if not isinstance(leaf, Within)}


def _values(name: str) -> Iterator[Value]:
    yield from CHOICES.get(name, ())
    if name in FLAGS:
        yield from (True, False)


def _with(facts: Facts, name: str, value: Value) -> dict[str, Value]:
    """The facts with one of them changed: a camera and its mount go together."""
    changed = {**facts, name: value}
    if name == "mount":
        changed["camera"] = camera_of(value)
    elif name == "camera":
        changed.pop("mount", None)
    return changed
