"""The cost of decisions, and Cedar beside ours: same questions, same answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.bench.speed import cedar, policy
from facewarden.detector.facts import Value
from facewarden.detector.policy import Policy, load_packs
from facewarden.detector.policy.condition import All, Any, Condition, Is, Not, Within
from facewarden.detector.policy.pack import shipped_packs

WARRANT, BODY = Is("warrant", frozenset({True})), Is("mount", frozenset[Value]({"body", "dash"}))


@pytest.mark.parametrize(
    ("condition", "certain", "text"),
    [
        (WARRANT, True, "(context has warrant && [true].contains(context.warrant))"),
        (WARRANT, False, "(!(context has warrant) || [true].contains(context.warrant))"),
        (Not(BODY), True, '(context has mount && !["body", "dash"].contains(context.mount))'),
        (All(()), True, "(true)"),
        (Not(All(())), True, "(false)"),
        (Within(None, None), False, "true"),
        (Within("2024-05-01", None), True, "(context has date && (context.date >= 20240501))"),
    ],
)
def test_a_condition_becomes_one_expression_for_certain_and_one_for_possible(
    condition: Condition, certain: bool, text: str
) -> None:
    assert cedar.translated(condition, certain) == text


def test_a_negation_turns_all_into_any() -> None:
    assert " || " in cedar.translated(Not(All((WARRANT, BODY))), certain=True)
    assert ") && (" in cedar.translated(Not(Any((WARRANT, BODY))), certain=True)


@pytest.mark.parametrize("pack", shipped_packs())
def test_cedar_gives_the_same_answers_by_the_rules_of_every_shipped_pack(pack: str) -> None:
    pytest.importorskip("cedarpy", reason=cedar.INSTALL)
    packs = load_packs([pack])
    assert policy.compare(Policy(packs), cedar.Cedar(*packs), policy.facts_of(pack)[::3]) > 0


@given(st.integers(1, 3), st.integers(1, 4))
def test_contestants_take_turns_and_each_call_is_counted(rounds: int, questions: int) -> None:
    asked: list[str] = []
    contestants = [lambda _, name=name: asked.append(name) for name in ("a", "b")]
    spent = policy.timed(contestants, [range(questions)] * 2, rounds)

    assert [len(times) for times in spent] == [rounds * questions] * 2
    assert "".join(asked[::questions]) == "abbaab"[: 2 * rounds]


def test_the_cost_report_has_both_kinds_of_decision() -> None:
    assert [line.split(" | ")[0] for line in policy.cost_report(1).splitlines()[-2:]] == ["| anew", "| remembered"]


def test_without_cedar_the_report_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "has_cedar", lambda: False)
    assert cedar.INSTALL in policy.measure(1)
