import pytest

from facewarden.detector.enforcement import Enforcement
from facewarden.detector.errors import SiteError
from facewarden.detector.policy import Decision, RuleOutcome, held


def closed(*rules: tuple[str, str, str]) -> Decision:
    """A decision closed by rules, each with its id, outcome and effect."""
    outcomes = tuple(RuleOutcome(*rule) for rule in rules)  # pyright: ignore[reportArgumentType]
    return Decision("prohibited", outcomes, tuple(rule[0] for rule in rules), (), (), "")


BOTH = closed(("A", "true", "prohibited"), ("B", "unknown", "hold"))


def test_a_closed_gate_refuses() -> None:
    assert Enforcement().refuses(BOTH)


@pytest.mark.parametrize("effect", ["allow", "conditions"])
def test_an_open_gate_refuses_nothing(effect: str) -> None:
    assert not Enforcement().refuses(Decision(effect, (), (), (), (), ""))  # pyright: ignore[reportArgumentType]


def test_who_only_observes_refuses_nothing() -> None:
    assert not Enforcement(mode="observe").refuses(BOTH)


def test_a_rule_that_is_only_observed_leaves_the_others_in_force() -> None:
    assert Enforcement(observe=("A",)).refuses(BOTH)
    assert not Enforcement(observe=("A", "B")).refuses(BOTH)


def test_a_rule_that_fails_open_holds_nothing_but_still_prohibits() -> None:
    enforcement = Enforcement(fail_open=("A", "B"))
    assert not enforcement.refuses(closed(("B", "unknown", "hold")))
    assert enforcement.refuses(BOTH)


def test_a_rule_that_no_pack_has_is_an_error_that_names_it() -> None:
    with pytest.raises(SiteError, match="no rule 'C'"):
        Enforcement(observe=("A",), fail_open=("C",)).check(["A", "B"])


def test_a_failure_of_ours_is_no_rule_and_always_refuses() -> None:
    assert Enforcement(observe=("A",), fail_open=("A",)).refuses(held("the disk is full"))
