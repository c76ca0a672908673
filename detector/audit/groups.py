"""Calls that were decided alike, together: thousands of them are a few rows."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from ..policy.rule import STRICTNESS, Effect
from .report import JudgedCall

# From strict to lax.
EFFECTS = sorted(STRICTNESS, key=lambda effect: -STRICTNESS[effect])


class Group(msgspec.Struct):
    """Calls that were decided alike: a row. `cameras` counts them by source."""

    effect: Effect
    service: str
    task: str
    rules: tuple[str, ...]
    lacking: tuple[str, ...]
    cameras: Counter[str]
    calls: int = 0
    refused: int = 0
    first: float | None = None
    last: float | None = None

    def add(self, call: JudgedCall) -> None:
        """Count a call in."""
        self.calls += 1
        self.refused += call.refused
        self.cameras[call.source or "no known camera"] += 1
        if call.at is not None:
            self.first = call.at if self.first is None else min(self.first, call.at)
            self.last = call.at if self.last is None else max(self.last, call.at)


def groups_of(calls: Iterable[JudgedCall], by_lacking: bool = True) -> list[Group]:
    """From strict to lax, and from many to few.

    Args:
        calls: to be put together.
        by_lacking: whether calls that are held for want of other facts are of another kind.
    """
    groups: dict[tuple[object, ...], Group] = {}
    for call in calls:
        decision, service, task = call.decision, call.service or "?", call.task or "?"
        lacking = decision.unknown if by_lacking and decision.effect == "hold" else ()
        key = (decision.effect, service, task, decision.deciding, lacking)
        group = groups.get(key) or groups.setdefault(key, Group(*key, Counter()))
        group.add(call)
    return sorted(groups.values(), key=lambda one: (EFFECTS.index(one.effect), -one.calls))
