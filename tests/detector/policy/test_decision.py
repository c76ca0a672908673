"""Properties of `decide` that must hold for every pack and every set of facts."""

import pickle
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from facewarden.detector import Guard
from facewarden.detector.errors import PackError
from facewarden.detector.facts import CHOICES, FLAGS, NAMES, FactSet, Value, check_facts, reconciled, with_seen
from facewarden.detector.policy import Decision, Effect, Pack, ProhibitedInference, Rule, decide, held, load_packs
from facewarden.detector.policy.cases import shipped_vectors
from facewarden.detector.policy.pack import shipped_packs
from facewarden.detector.policy.rule import STRICTNESS, Citation, Otherwise

MICROSOFT = load_packs(["microsoft"])
EVERY_PACK = load_packs(shipped_packs())
FIRST_DAY = "2024-05-01"
VALUES: dict[str, tuple[Value, ...]] = {
    **CHOICES,
    **dict.fromkeys(FLAGS, (True, False)),
    "country": ("US", "CA", "DE", "IE"),
    "region": ("US-WA", "US-OR", "US-VA", "CA-AB"),
    "city": ("Portland", "Boston"),
    "client": ("booking", "kiosk"),
    "date": ("2024-04-30", FIRST_DAY, "2026-11-22", "2027-12-02"),
}
# What the Microsoft pack asks for, at the values where its rules turn.
TELLING: dict[str, tuple[Value, ...]] = {
    **VALUES,
    "service": ("azure_openai",),
    "task": ("identification", "verification", "speech"),
    "operator": ("us_police", "non_us_le", "private"),
    "date": ("2026-11-22",),
}
EFFECTS: tuple[Effect, ...] = ("conditions", "hold", "needs_authorisation", "prohibited")

Facts = dict[str, Value]


def drawn_from(values: dict[str, tuple[Value, ...]]) -> st.SearchStrategy[Facts]:
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(some) for name, some in values.items()})


vectors = [check_facts(vector.facts) for vector in shipped_vectors()]
# The facts of a worked case, some of them forgotten, some of them changed: where rules turn.
near_vectors = st.builds(
    lambda facts, forgotten, changed: {**{k: v for k, v in facts.items() if k not in forgotten}, **changed},
    st.sampled_from(vectors),
    st.sets(st.sampled_from(sorted(VALUES)), max_size=3),
    drawn_from({name: VALUES[name] for name in ("task", "operator", "timing", "purpose", "authorisation", "exigency")}),
)


def consistent(facts: Facts) -> Facts:
    """What is left of facts that contradict each other: to know one less of two that do may open the gate."""
    return reconciled(facts).facts


few = {name: VALUES[name] for name in ("warrant", "exigency", "mount", "camera", "date")}
fact_sets = st.one_of(drawn_from(VALUES), drawn_from(TELLING), near_vectors).map(consistent)
few_facts = drawn_from(few).map(consistent)

# The leaves are made once: to draw a name first, and then its values, costs half of a test's time.
conditions = st.recursive(
    st.one_of(
        [
            st.fixed_dictionaries({name: st.lists(st.sampled_from(VALUES[name]), min_size=1, max_size=2)})
            for name in ("warrant", "exigency", "mount", "camera")
        ]
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
    ),
    max_leaves=5,
)


def rule(
    name: str,
    effect: Effect,
    when: dict[str, object],
    start: date | None = None,
    end: date | None = None,
    unless: dict[str, object] | None = None,
) -> Rule:
    citation, otherwise = Citation("text", "https://example.org"), None
    if unless and effect != "conditions":
        otherwise = Otherwise("conditions", obligations=("Write it down.",))
    return Rule(
        name, f"Title of {name}", effect, when, citation, "N", start, end, unless=unless or {}, otherwise=otherwise
    )


def pack(name: str, *rules: Rule) -> Pack:
    return Pack(name, "1", f"Title of {name}", "0" * 64, rules)


rules = st.builds(
    rule,
    st.uuids().map(str),
    st.sampled_from(EFFECTS),
    conditions,
    st.sampled_from([None, date(2024, 5, 1)]),
    st.sampled_from([None, date(2024, 5, 1)]),
    st.one_of(st.none(), conditions),
)
packs = st.lists(rules, max_size=5).map(lambda some: (pack("generated", *some),))
cases = st.one_of(st.tuples(fact_sets, st.just(EVERY_PACK)), st.tuples(few_facts, packs))
Case = tuple[Facts, tuple[Pack, ...]]


def as_bytes(decision: Decision) -> bytes:
    return msgspec.json.encode(decision)


# --- properties -------------------------------------------------------------------------------------------------------


@given(fact_sets)
def test_the_facts_drawn_here_are_valid(facts: Facts) -> None:
    assert check_facts(facts) == facts


def test_every_fact_is_drawn_here() -> None:
    assert set(VALUES) == NAMES


@given(cases)
def test_the_same_facts_give_the_same_bytes_in_whatever_order_they_come(case: Case) -> None:
    assert as_bytes(decide(*case)) == as_bytes(decide(dict(reversed(case[0].items())), case[1]))


@given(cases)
def test_the_facts_are_left_as_they_were(case: Case) -> None:
    before = dict(case[0])
    decide(*case)
    assert case[0] == before


@given(cases, st.data())
def test_turning_a_known_fact_into_unknown_never_opens_the_gate(case: Case, data: st.DataObject) -> None:
    facts, applied = case
    assume(facts)
    forgotten = data.draw(st.sampled_from(sorted(facts)))
    less = {name: value for name, value in facts.items() if name != forgotten}

    assert decide(less, applied).opens <= decide(facts, applied).opens


@given(fact_sets)
def test_a_warrant_never_changes_the_microsoft_pack(facts: Facts) -> None:
    with_it, without = ({**facts, "warrant": value} for value in (True, False))
    unknown = {name: value for name, value in facts.items() if name != "warrant"}

    assert as_bytes(decide(with_it, MICROSOFT)) == as_bytes(decide(without, MICROSOFT))
    assert as_bytes(decide(with_it, MICROSOFT)) == as_bytes(decide(unknown, MICROSOFT))


@given(few_facts, st.lists(rules, max_size=5).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_of_rules_does_not_matter(facts: Facts, orders: tuple[list[Rule], list[Rule]]) -> None:
    one, other = orders
    assert as_bytes(decide(facts, [pack("own", *one)])) == as_bytes(decide(facts, [pack("own", *other)]))


@given(few_facts, st.lists(rules, max_size=5))
def test_the_order_of_packs_does_not_matter(facts: Facts, some: list[Rule]) -> None:
    one, other = pack("one", *some[:2]), pack("other", *some[2:])
    assert as_bytes(decide(facts, [one, other])) == as_bytes(decide(facts, [other, one]))


@given(cases)
def test_every_effect_stricter_than_allow_names_a_deciding_rule(case: Case) -> None:
    decision = decide(*case)
    assert bool(decision.deciding) == (decision.effect != "allow")


@given(cases)
def test_the_decision_is_the_strictest_of_all_rules(case: Case) -> None:
    decision = decide(*case)
    effects: dict[str, Effect] = {outcome.id: outcome.effect for outcome in decision.rules}

    assert decision.strictness == max([0, *map(STRICTNESS.__getitem__, effects.values())])
    assert {effects[name] for name in decision.deciding} <= {decision.effect}


@given(cases)
def test_every_rule_has_an_outcome(case: Case) -> None:
    assert [outcome.id for outcome in decide(*case).rules] == sorted(rule.id for pack in case[1] for rule in pack.rules)


@given(fact_sets)
def test_a_hold_names_the_facts_that_it_lacks_unless_a_rule_holds_by_itself(facts: Facts) -> None:
    decision = decide(facts, EVERY_PACK)
    deciding = {one.outcome for one in decision.rules if one.id in decision.deciding}

    assert bool(decision.unknown) == (decision.effect == "hold" and "unknown" in deciding)
    assert facts.keys() & set(decision.unknown) <= {"city"}  # it may be a rule's, written another way


@given(cases, st.data())
def test_to_fill_in_what_a_hold_lacks_settles_it_or_asks_for_other_facts(case: Case, data: st.DataObject) -> None:
    facts, applied = case
    lacking = decide(facts, applied).unknown
    filled = facts | {name: data.draw(st.sampled_from(VALUES[name]), label=name) for name in lacking}
    assume(not reconciled(filled).contradictions)

    assert not set(decide(filled, applied).unknown) & set(lacking)


@given(cases)
def test_the_explanation_is_one_line_that_names_the_deciding_rules(case: Case) -> None:
    decision = decide(*case)

    assert "\n" not in decision.explanation
    assert all(name in decision.explanation for name in (*decision.deciding, *decision.unknown))


@given(
    fact_sets,
    st.sampled_from(["mobile", "fixed", "unknown"]),
    st.sampled_from(["consistent", "uncontrolled", "unknown"]),
)
def test_what_is_seen_against_a_declaration_never_opens_the_gate_by_any_rule_of_any_pack(
    facts: Facts, camera: str, environment: str
) -> None:
    assume("mount" in facts or "camera" in facts)
    by_mount = (pack("mounts", rule("M", "prohibited", {"mount": ["body", "drone"], "service": "azure_openai"})),)
    declared = FactSet(facts, dict.fromkeys(facts, "declared"))
    at_its_word, joined = with_seen(declared, "unknown", "consistent"), with_seen(declared, camera, environment)

    for applied in (EVERY_PACK, by_mount):
        assert decide(joined.facts, applied).opens <= decide(at_its_word.facts, applied).opens


# --- dates ------------------------------------------------------------------------------------------------------------

POLICE: Facts = {"service": "azure_openai", "task": "identification", "operator": "us_police", "timing": "recorded"}


@pytest.mark.parametrize(
    ("day", "outcome"),
    [("2024-04-30", "false"), ("2024-05-01", "true"), ("2024-05-02", "true"), ("2026-11-22", "true")],
)
def test_the_us_police_rule_counts_from_its_first_day(day: str, outcome: str) -> None:
    outcomes = {rule.id: rule.outcome for rule in decide({**POLICE, "date": day}, MICROSOFT).rules}
    assert outcomes["MS-AOAI-1"] == outcome


def test_a_day_that_is_not_known_holds_a_call_that_would_be_prohibited_on_some_day() -> None:
    decision = decide({**POLICE, "surveillance": False, "limited_access_approved": True}, MICROSOFT)
    assert (decision.effect, decision.deciding, decision.unknown) == ("hold", ("MS-AOAI-1",), ("date",))


@given(few_facts, st.lists(rules, max_size=4))
def test_a_rule_outside_its_dates_never_counts(facts: Facts, some: list[Rule]) -> None:
    dates: dict[str, Any] = {"start": date(2020, 1, 1), "end": date(2020, 12, 31)}
    past = [msgspec.structs.replace(each, **dates) for each in some]
    decision = decide({**facts, "date": "2021-01-01"}, [pack("past", *past)])

    assert (decision.effect, {outcome.outcome for outcome in decision.rules} - {"false"}) == ("allow", set())


DAYS = sorted({
    (day + timedelta(step)).isoformat()
    for each in EVERY_PACK
    for one in each.rules
    for day in (one.start, one.end)
    if day
    for step in (-1, 0, 1)
})  # fmt: skip


def within(one: Rule, day: str) -> bool:
    return (one.start is None or one.start.isoformat() <= day) and (one.end is None or day <= one.end.isoformat())


@given(fact_sets)
def test_no_rules_outcome_changes_but_at_its_dates(facts: Facts) -> None:
    """A sweep over every boundary in the packs, the day before it and the day after."""
    rules = {one.id: one for each in EVERY_PACK for one in each.rules}
    inside: dict[str, set[str]] = defaultdict(set)
    for day in DAYS:
        for outcome in decide({**facts, "date": day}, EVERY_PACK).rules:
            if within(rules[outcome.id], day):
                inside[outcome.id].add(outcome.outcome)
            else:
                assert outcome.outcome == "false", (outcome.id, day)

    assert all(len(outcomes) == 1 for outcomes in inside.values())


# --- several packs ----------------------------------------------------------------------------------------------------


def test_a_lax_pack_does_not_loosen_a_strict_one() -> None:
    lax = pack("lax", rule("LAX-1", "conditions", {"service": "azure_openai"}))
    decision = decide({**POLICE, "date": FIRST_DAY}, [lax, *MICROSOFT])
    assert (decision.effect, decision.deciding) == ("prohibited", ("MS-AOAI-1",))


@pytest.mark.parametrize("name", ["aaa", "zzz"])
def test_a_rule_of_another_pack_that_bears_the_same_id_does_not_silence_it(name: str) -> None:
    namesake = pack(name, rule("MS-AOAI-1", "prohibited", {"service": "clearview"}))
    assert decide({**POLICE, "date": FIRST_DAY}, [namesake, *MICROSOFT]).effect == "prohibited"


def test_packs_that_share_a_name_are_ordered_all_the_same() -> None:
    one = pack("own", rule("OWN-1", "hold", {"warrant": True}))
    other = msgspec.structs.replace(pack("own", rule("OWN-2", "hold", {"warrant": True})), sha256="1" * 64)
    assert as_bytes(decide({}, [one, other])) == as_bytes(decide({}, [other, one]))


def test_no_pack_at_all_is_an_error_everywhere() -> None:
    """Without rules every call would be allowed."""
    for asked in (lambda: decide(POLICE, []), lambda: load_packs([]), lambda: Guard(packs=[])):
        with pytest.raises(PackError, match="no pack of rules"):
            asked()


# --- exceptions and obligations -------------------------------------------------------------------------------------

WARRANTED = rule("OWN-1", "prohibited", {"mount": "drone"}, unless={"warrant": True})


@pytest.mark.parametrize(
    ("facts", "effect", "outcome"),
    [
        ({"mount": "drone", "warrant": False}, "prohibited", "true"),
        ({"mount": "drone"}, "hold", "unknown"),
        ({"mount": "drone", "warrant": True}, "conditions", "true"),
        ({"mount": "wall"}, "allow", "false"),
        ({"warrant": False}, "hold", "unknown"),
    ],
)
def test_an_exception_that_is_not_known_to_hold_does_not_open_the_gate(facts: Facts, effect: str, outcome: str) -> None:
    decision = decide(facts, [pack("own", WARRANTED)])
    assert (decision.effect, decision.rules[0].outcome) == (effect, outcome)


def test_obligations_of_every_rule_that_allows_on_conditions_are_in_the_decision() -> None:
    other = rule("OWN-2", "prohibited", {"mount": "wall"}, unless={"exigency": True})
    decision = decide({"mount": "drone", "warrant": True}, [pack("own", WARRANTED, other)])
    assert [(one.rule, one.text) for one in decision.obligations] == [("OWN-1", "Write it down.")]


def test_what_is_prohibited_has_no_obligations() -> None:
    assert decide({"mount": "drone", "warrant": False}, [pack("own", WARRANTED)]).obligations == ()


# --- rules that are switched off --------------------------------------------------------------------------------------


def test_a_rule_that_is_switched_off_does_not_count_and_every_decision_says_so() -> None:
    lax = load_packs(["microsoft"], off=["MS-AOAI-4"])
    facts: Facts = {**POLICE, "operator": "private", "on_behalf_of": "nobody", "consent": "none", "surveillance": True}
    facts |= {"limited_access_approved": True, "date": "2026-11-22"}
    decision = decide(facts, lax)

    assert (decide(facts, MICROSOFT).effect, decision.effect) == ("prohibited", "allow")
    assert decision.packs[0].off == ("MS-AOAI-4",)
    assert "Switched off here: MS-AOAI-4." in decision.explanation


def test_what_is_not_switched_off_is_not_mentioned() -> None:
    assert b'"off"' not in as_bytes(decide({}, MICROSOFT))


# --- effects ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("effect", "opens"), [("conditions", True), *((effect, False) for effect in EFFECTS[1:])])
def test_the_gate_opens_for_allow_and_conditions_alone(effect: Effect, opens: bool) -> None:
    decision = decide({"warrant": True}, [pack("own", rule("OWN-1", effect, {"warrant": True}))])
    assert (decision.effect, decision.opens) == (effect, opens)


@pytest.mark.parametrize(
    ("effect", "unknown"),
    [("conditions", "conditions"), ("hold", "hold"), ("needs_authorisation", "hold"), ("prohibited", "hold")],
)
def test_an_unknown_rule_holds_if_it_would_close_the_gate(effect: Effect, unknown: Effect) -> None:
    assert decide({}, [pack("own", rule("OWN-1", effect, {"warrant": True}))]).effect == unknown


def test_a_decision_in_json_is_the_contract() -> None:
    decided = msgspec.json.decode(as_bytes(decide({**POLICE, "date": FIRST_DAY}, MICROSOFT)))

    assert decided.keys() >= {"effect", "rules", "deciding", "unknown", "packs"}
    assert decided["rules"][0] == {"id": "MS-AOAI-1", "outcome": "true", "effect": "prohibited"}
    assert decided["packs"] == [{"name": "microsoft", "version": MICROSOFT[0].version, "sha256": MICROSOFT[0].sha256}]


def test_a_refusal_comes_whole_out_of_a_worker_process() -> None:
    refusal = ProhibitedInference(held("nobody knows"))
    again = pickle.loads(pickle.dumps(refusal))
    assert (str(again), again.decision) == (str(refusal), refusal.decision)


def test_an_explanation_names_the_rules_that_hold_apart_from_those_that_are_not_sure() -> None:
    facts: dict[str, Value] = {"service": "azure_openai", "task": "identification", "date": "2026-11-22"}
    prohibited = decide({**facts, "operator": "us_police", "on_behalf_of": "nobody"}, MICROSOFT)
    hold = decide(facts, MICROSOFT)

    assert prohibited.explanation.startswith("Prohibited by MS-AOAI-1 (")
    assert hold.explanation.startswith("Held: ")
    assert "not known, on which depends MS-AOAI-1 (" in hold.explanation
