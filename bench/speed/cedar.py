"""Rules in Cedar's language (https://www.cedarpolicy.com), so that its engine answers the same questions.

Cedar's conditions are two-valued, and an absent attribute is an error. So each level of a rule becomes two policies:
one that is satisfied where the level holds, one where it is not ruled out. Together they say true, false or unknown.
"""

import json
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from ...detector.facts import Facts, Value
from ...detector.policy import Pack
from ...detector.policy.condition import All, Condition, Is, Not, Term, Within
from ...detector.policy.condition import Any as AnyOf
from ...detector.policy.rule import STRICTNESS, Effect

NAME = "Cedar (cedarpy)"
INSTALL = "cedarpy is not installed: pip install --no-deps --require-hashes -r requirements/peers.lock"


class Answer(NamedTuple):
    """What both engines are compared by."""

    effect: Effect
    deciding: tuple[str, ...]


def has_cedar() -> bool:
    """Whether cedarpy can be imported."""
    return find_spec("cedarpy") is not None


class Cedar:
    """One pack, parsed once."""

    def __init__(self, pack: Pack) -> None:
        cedarpy: Any = import_module("cedarpy")
        self._authorize = cedarpy.is_authorized
        self._effects: dict[str, tuple[str, Effect]] = {}
        texts = ["permit (principal, action, resource);"]
        for rule in pack.rules:
            for level in rule.levels:
                unsure: Effect = "hold" if STRICTNESS[level.effect] >= STRICTNESS["hold"] else level.effect
                effects: tuple[tuple[bool, Effect], ...] = ((True, level.effect), (False, unsure))
                for certain, effect in effects:
                    self._effects[f"policy{len(texts)}"] = rule.id, effect
                    expression = translated(level.condition, certain)
                    texts.append(f"forbid (principal, action, resource) when {{ {expression} }};")
        self._policies = cedarpy.PolicySet.from_str("\n".join(texts))
        self._entities = cedarpy.Entities.from_json_str("[]")

    def request(self, facts: Facts) -> dict[str, object]:
        """Facts as Cedar takes them, ready to be asked; not part of what is timed."""
        context = {name: int(str(value).replace("-", "")) if name == "date" else value for name, value in facts.items()}
        uid = {"principal": 'User::"caller"', "action": 'Action::"call"', "resource": 'Camera::"source"'}
        return {**uid, "context": json.dumps(context)}

    def __call__(self, request: dict[str, object]) -> Answer:
        """The strictest effect of the policies that are satisfied, and the rules that have it."""
        reasons: list[str] = self._authorize(request, self._policies, self._entities).diagnostics.reasons
        reached = [self._effects[reason] for reason in reasons if reason in self._effects]
        effects: list[Effect] = ["allow", *(effect for _, effect in reached)]
        effect = max(effects, key=STRICTNESS.__getitem__)
        return Answer(effect, tuple(sorted({rule for rule, its in reached if its == effect})))


def translated(condition: Condition, certain: bool, negated: bool = False) -> str:
    """A Cedar expression: where the condition holds (`certain`), or is not ruled out; or its negation."""
    match condition:
        case Term(part=part):
            return translated(part, certain, negated)
        case Not(part):
            return translated(part, certain, not negated)
        case All(parts) | AnyOf(parts):
            conjunction = isinstance(condition, All) is not negated
            joined = (" && " if conjunction else " || ").join(translated(part, certain, negated) for part in parts)
            return f"({joined or ('true' if conjunction else 'false')})"
        case Is(fact, values):
            question = f"[{', '.join(_literal(value) for value in sorted(values, key=str))}].contains(context.{fact})"
            return _known(fact, question, certain, negated)
        case Within(None, None):
            return "false" if negated else "true"
        case Within(start, end):
            bounds = (("context.date >= ", start), ("context.date <= ", end))
            text = " && ".join(words + day.replace("-", "") for words, day in bounds if day)
            return _known("date", f"({text})", certain, negated)
        case _:
            raise TypeError(f"no condition of ours: {condition!r}")


def _known(fact: str, question: str, certain: bool, negated: bool) -> str:
    asked = f"!{question}" if negated else question
    return f"(context has {fact} && {asked})" if certain else f"(!(context has {fact}) || {asked})"


def _literal(value: Value) -> str:
    return json.dumps(value)
