from itertools import permutations, product

import pytest

from facewarden.detector.errors import FactError
from facewarden.detector.facts import Value
from facewarden.detector.policy.condition import All, Any, Condition, Is, Not, Truth, Within, parse_condition

WARRANT = Is("warrant", frozenset({True}))
EXIGENCY = Is("exigency", frozenset({True}))
TABLES: list[tuple[Truth, Truth, Truth, Truth]] = [
    # one, other, both, either
    (True, True, True, True),
    (True, False, False, True),
    (True, None, None, True),
    (False, False, False, False),
    (False, None, False, None),
    (None, None, None, None),
]


def known(**truths: Truth) -> dict[str, Value]:
    return {name: truth for name, truth in truths.items() if truth is not None}


# --- Kleene's tables --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other", "both", "either"), TABLES)
def test_all_and_any_follow_kleenes_tables(one: Truth, other: Truth, both: Truth, either: Truth) -> None:
    facts = known(warrant=one, exigency=other)
    assert [All(parts).truth(facts) for parts in permutations((WARRANT, EXIGENCY))] == [both, both]
    assert [Any(parts).truth(facts) for parts in permutations((WARRANT, EXIGENCY))] == [either, either]


@pytest.mark.parametrize(("truth", "opposite"), [(True, False), (False, True), (None, None)])
def test_not_turns_round_what_is_known_and_leaves_the_unknown(truth: Truth, opposite: Truth) -> None:
    assert Not(WARRANT).truth(known(warrant=truth)) is opposite


@pytest.mark.parametrize(("one", "other"), list(product((True, False, None), repeat=2)))
def test_de_morgan_holds_in_three_values(one: Truth, other: Truth) -> None:
    facts = known(warrant=one, exigency=other)
    negated = Any((Not(WARRANT), Not(EXIGENCY)))
    assert Not(All((WARRANT, EXIGENCY))).truth(facts) is negated.truth(facts)


def test_all_of_nothing_is_true_and_any_of_nothing_false() -> None:
    assert All(()).truth({}) is True
    assert Any(()).truth({}) is False


@pytest.mark.parametrize(
    ("facts", "truth"), [({"mount": "dash"}, True), ({"mount": "wall"}, False), ({"camera": "mobile"}, None)]
)
def test_a_fact_is_one_of_the_values_or_not_or_unknown(facts: dict[str, Value], truth: Truth) -> None:
    assert Is("mount", frozenset({"dash", "body"})).truth(facts) is truth


# --- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "truth"),
    [("2024-04-30", False), ("2024-05-01", True), ("2024-12-31", True), ("2025-01-01", False), (None, None)],
)
def test_the_first_and_the_last_day_are_within(day: str | None, truth: Truth) -> None:
    assert Within("2024-05-01", "2024-12-31").truth({"date": day} if day else {}) is truth


@pytest.mark.parametrize("day", ["0001-01-01", "2024-04-30", "9999-12-31"])
def test_without_dates_every_day_is_within(day: str) -> None:
    assert Within(None, None).truth({"date": day}) is True
    assert Within(None, None).truth({}) is True


def test_an_open_side_has_no_end() -> None:
    assert Within("2024-05-01", None).truth({"date": "9999-12-31"}) is True
    assert Within(None, "2024-05-01").truth({"date": "0001-01-01"}) is True


# --- what would settle it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "facts", "unsettled"),
    [
        (WARRANT, {}, {"warrant"}),
        (WARRANT, {"warrant": False}, set[str]()),
        (Not(WARRANT), {}, {"warrant"}),
        (All((WARRANT, EXIGENCY)), {}, {"warrant", "exigency"}),
        (All((WARRANT, EXIGENCY)), {"warrant": True}, {"exigency"}),
        (All((WARRANT, EXIGENCY)), {"warrant": False}, set[str]()),
        (Any((WARRANT, EXIGENCY)), {"warrant": False}, {"exigency"}),
        (Any((WARRANT, EXIGENCY)), {"warrant": True}, set[str]()),
        (All((Not(Any((WARRANT, EXIGENCY))), WARRANT)), {"exigency": True}, set[str]()),
        (Within("2024-05-01", None), {}, {"date"}),
        (Within(None, None), {}, set[str]()),
    ],
)
def test_only_facts_that_matter_are_asked_for(
    condition: Condition, facts: dict[str, Value], unsettled: set[str]
) -> None:
    assert condition.unsettled(facts) == unsettled


# --- from TOML --------------------------------------------------------------------------------------------------------


def test_the_entries_of_a_table_must_all_hold() -> None:
    condition = parse_condition({"warrant": True, "mount": ["body", "dash"]})

    assert condition.truth({"warrant": True, "mount": "dash"}) is True
    assert condition.truth({"warrant": True, "mount": "wall"}) is False
    assert condition.truth({"mount": "wall"}) is False
    assert condition.truth({"mount": "dash"}) is None


def test_any_all_and_not_nest() -> None:
    condition = parse_condition({"any": [{"warrant": True}, {"all": [{"exigency": True}, {"not": {"mount": "body"}}]}]})

    assert condition.truth({"warrant": True}) is True
    assert condition.truth({"warrant": False, "exigency": True, "mount": "wall"}) is True
    assert condition.truth({"warrant": False, "exigency": True, "mount": "body"}) is False
    assert condition.truth({"warrant": False, "exigency": True}) is None


WRONG: list[tuple[dict[str, object], str]] = [
    ({"warant": True}, "did you mean 'warrant'"),
    ({"mount": "hat"}, "fact 'mount' cannot be 'hat'"),
    ({"mount": ["body", "hat"]}, "fact 'mount' cannot be 'hat'"),
    ({"mount": []}, "mount"),
    ({"mount": {"is": "body"}}, "fact 'mount' cannot be"),
    ({"any": []}, "'any' takes a list of tables"),
    ({"all": {"warrant": True}}, "'all' takes a list of tables"),
    ({"any": ["warrant"]}, "'any' names the term 'warrant'; this pack has: none"),
    ({"any": [{}]}, "'any' takes a list of tables"),
    ({"any": [1]}, "'any' takes a list of tables"),
    ({"not": "live"}, "'not' names the term 'live'; this pack has: none"),
    ({"not": {}}, "'not' takes a table"),
    ({"not": [{"warrant": True}]}, "'not' takes a table"),
    ({"not": ""}, "'not' takes a table"),
    ({"any": [{"not": {"warant": True}}]}, "did you mean 'warrant'"),
]


@pytest.mark.parametrize(("table", "words"), WRONG)
def test_what_is_no_condition_is_an_error_that_says_what_is_wrong(table: dict[str, object], words: str) -> None:
    with pytest.raises(FactError, match=words):
        parse_condition(table)
