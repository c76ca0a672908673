"""Conditions over integers: the same answers as `Condition.truth`, only faster.

Every question that a condition asks of a single fact is a literal, and so is its negation; each has a bit. A fact set
becomes two integers, the literals that are true and those that are false. Negation is pushed down to the literals (De
Morgan, which holds in Kleene's logic), so that a condition is left with conjunctions and disjunctions alone.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ..facts import Value
from .condition import All, Any, Condition, Is, Not, Term, Truth, Within

# Pairs of fact and value that are kept; days and cities could go on for ever.
_REMEMBERED = 10_000


class Known(NamedTuple):
    """What a fact set says of every literal: bits of those that are true, and of those that are false.

    `out` has a bit for each of the conditions that a false literal rules out alone (see `Literals.require`).
    """

    true: int
    false: int
    out: int


class Node(NamedTuple):
    """A conjunction (`every`) or disjunction of literals, by their bits, and of further nodes."""

    every: bool
    literals: int
    nodes: tuple["Node", ...]

    def truth(self, known: Known) -> Truth:
        """Whether it holds; None where the facts do not say."""
        true, false = (known[0], known[1]) if self.every else (known[1], known[0])
        if self.literals & false:
            return not self.every
        open_ends = self.literals & ~true
        for node in self.nodes:
            truth = node.truth(known)
            if truth is None:
                open_ends = 1
            elif truth is not self.every:
                return truth
        return None if open_ends else self.every

    def unsettled(self, known: Known) -> int:
        """The literals that keep it unknown; to be asked only where it is."""
        bits = self.literals & ~known.true & ~known.false
        for node in self.nodes:
            if node.truth(known) is None:
                bits |= node.unsettled(known)
        return bits


class Literals:
    """The numbering of literals that several conditions share."""

    def __init__(self) -> None:
        self._questions: dict[Is | Within, int] = {}
        self._required: list[int] = []
        self._pairs: dict[tuple[str, Value], Known] = {}

    def node(self, condition: Condition, negated: bool = False) -> Node:
        """The condition, or its negation, over the bits of this numbering. Nodes come before facts."""
        match condition:
            case Term(part=part):
                return self.node(part, negated)
            case Not(part):
                return self.node(part, not negated)
            case All(parts):
                return _joined(not negated, [self.node(part, negated) for part in parts])
            case Any(parts):
                return _joined(negated, [self.node(part, negated) for part in parts])
            case Within(None, None):
                return Node(not negated, 0, ())
            case Is() | Within():
                number = self._questions.setdefault(condition, len(self._questions))
                return Node(True, 1 << (2 * number + negated), ())
            case _:
                raise TypeError(f"no condition of ours: {condition!r}")

    def require(self, literals: int) -> None:
        """Number the next condition, which is false as soon as one of these literals is."""
        self._required.append(literals)

    def known(self, facts: Iterable[tuple[str, Value]]) -> Known:
        """What facts, as pairs of name and value, say."""
        true = false = out = 0
        pairs = self._pairs
        for pair in facts:
            found = pairs.get(pair) or self._learn(pair)
            true |= found[0]
            false |= found[1]
            out |= found[2]
        return Known(true, false, out)

    def facts(self, bits: int) -> set[str]:
        """The facts that the literals ask for."""
        return {_fact(question) for question, number in self._questions.items() if bits >> (2 * number) & 0b11}

    def _learn(self, pair: tuple[str, Value]) -> Known:
        true = false = 0
        for question, number in self._questions.items():
            if _fact(question) == pair[0]:
                holds = question.truth(dict([pair]))
                true |= 1 << (2 * number + (not holds))
                false |= 1 << (2 * number + bool(holds))
        out = sum(1 << number for number, literals in enumerate(self._required) if literals & false)
        if len(self._pairs) >= _REMEMBERED:
            self._pairs.clear()
        return self._pairs.setdefault(pair, Known(true, false, out))


def _fact(question: Is | Within) -> str:
    return question.fact if isinstance(question, Is) else "date"


def _joined(every: bool, nodes: list[Node]) -> Node:
    """One node for several: literals, and nodes of the same kind, become part of it."""
    literals, inner = 0, list[Node]()
    for node in nodes:
        if node.every is every or (not node.nodes and node.literals.bit_count() == 1):
            literals |= node.literals
            inner += node.nodes
        else:
            inner.append(node)
    return Node(every, literals, tuple(inner))
