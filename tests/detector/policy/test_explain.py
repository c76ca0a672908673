from facewarden.detector.facts import Value
from facewarden.detector.policy import decide, load_packs
from facewarden.detector.policy.explain import explain

PACKS = load_packs(["microsoft"])
FACTS: dict[str, Value] = {"service": "azure_openai", "task": "identification", "operator": "us_police"}


def test_the_decision_explained_is_the_one_made() -> None:
    assert explain(FACTS, PACKS).decision == decide(FACTS, PACKS)


def test_every_rule_has_a_row_and_those_that_count_come_first() -> None:
    rows = explain({**FACTS, "date": "2026-11-22"}, PACKS).table

    assert {row.rule for row in rows} == {rule.id for rule in PACKS[0].rules}
    assert [row.outcome for row in rows] == sorted(
        (row.outcome for row in rows), key=["true", "unknown", "false"].index
    )


def test_a_row_names_the_facts_that_count_that_lack_and_that_rule_out() -> None:
    rows = {row.rule: row for row in explain({**FACTS, "timing": "recorded"}, PACKS).table}

    assert rows["MS-AOAI-1"].met == ("operator", "service", "task")
    assert rows["MS-AOAI-1"].lacking == ("date",)
    assert rows["MS-AOAI-2"].ruled_out == ("timing",)


def test_the_prose_says_what_it_rests_on_and_what_would_settle_it() -> None:
    prose = " ".join(explain(FACTS, PACKS).prose)

    assert "MS-AOAI-1 rests on: Code of Conduct for Azure OpenAI Service" in prose
    assert "To settle it, declare: " in prose


def test_the_prose_says_what_must_be_done() -> None:
    facts: dict[str, Value] = {"service": "azure_face", "task": "verification", "operator": "private"}
    facts |= {"on_behalf_of": "nobody", "limited_access_approved": True}
    assert "MS-FACE-3 asks: Use it for the registered use case alone." in explain(facts, PACKS).prose
