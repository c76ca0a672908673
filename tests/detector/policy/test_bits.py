"""Conditions over bits say what conditions over facts say."""

from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.facts import Value
from facewarden.detector.policy import load_packs
from facewarden.detector.policy.bits import Literals
from facewarden.detector.policy.condition import All, Any, Condition, Is, Not, Term, Within
from facewarden.detector.policy.pack import shipped_packs

VALUES: dict[str, tuple[Value, ...]] = {
    "warrant": (True, False),
    "mount": ("body", "wall", "drone"),
    "camera": ("mobile", "fixed"),
    "date": ("2024-04-30", "2024-05-01", "2024-05-02"),
}
facts = st.fixed_dictionaries({}, optional={name: st.sampled_from(some) for name, some in VALUES.items()})
questions = st.one_of(
    st.sampled_from([name for name in VALUES if name != "date"]).flatmap(
        lambda name: st.builds(Is, st.just(name), st.sets(st.sampled_from(VALUES[name]), min_size=1).map(frozenset))
    ),
    st.builds(Within, st.sampled_from([None, "2024-05-01"]), st.sampled_from([None, "2024-05-01"])),
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    questions,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: Any(tuple(parts))),
        inner.map(Not),
        inner.map(lambda part: Term("term", "a term", part)),
    ),
    max_leaves=8,
)


@given(conditions, facts)
def test_bits_and_conditions_agree(condition: Condition, some: dict[str, Value]) -> None:
    literals = Literals()
    node = literals.node(condition)
    known = literals.known(some.items())

    assert node.truth(known) is condition.truth(some)
    if condition.truth(some) is None:
        assert literals.facts(node.unsettled(known)) == condition.unsettled(some)


@given(conditions, facts)
def test_a_condition_that_is_numbered_as_required_is_out_only_where_it_is_false(
    condition: Condition, some: dict[str, Value]
) -> None:
    literals = Literals()
    node = literals.node(condition)
    literals.require(node.literals if node.every else 0)

    if literals.known(some.items()).out:
        assert condition.truth(some) is False


def test_every_shipped_rule_can_be_put_into_bits() -> None:
    literals = Literals()
    rules = [rule for pack in load_packs(shipped_packs()) for rule in pack.rules]
    nodes = [literals.node(level.condition) for rule in rules for level in rule.levels]
    nothing = literals.known({}.items())

    assert all(node.truth(nothing) is None for node in nodes)
