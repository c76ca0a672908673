"""Facts in, effect and deciding rules out: the packs against worked cases."""

from datetime import timedelta
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from facewarden.detector.facts import Value, check_facts
from facewarden.detector.policy import Rule, decide, load_pack, load_packs
from facewarden.detector.policy.cases import Vector, read_vectors, shipped_vectors
from facewarden.detector.policy.pack import shipped_packs

MICROSOFT = load_packs(["microsoft"])
SHARED = Path(__file__).parents[4] / "shared" / "policy" / "vectors.jsonl"

Facts = dict[str, Value]

# Live identification by an officer's body-worn camera on a street, of people who did not consent.
PATROL: Facts = {
    "date": "2026-11-22",
    "operator": "non_us_le",
    "on_behalf_of": "nobody",
    "service": "azure_openai",
    "task": "identification",
    "camera": "mobile",
    "mount": "body",
    "environment": "uncontrolled",
    "timing": "real_time",
    "consent": "none",
    "surveillance": False,
    "limited_access_approved": True,
}
# The same by a fixed camera at a booking desk, with consent.
DESK: Facts = {**PATROL, "camera": "fixed", "mount": "desk", "environment": "controlled", "consent": "valid"}


def without(facts: Facts, *names: str) -> Facts:
    return {name: value for name, value in facts.items() if name not in names}


VECTORS: dict[str, tuple[Facts, str, list[str]]] = {
    "an officer's body camera": (PATROL, "prohibited", ["MS-AOAI-2", "MS-AOAI-4"]),
    "a us officer's body camera": (
        {**PATROL, "operator": "us_police"},
        "prohibited",
        ["MS-AOAI-1", "MS-AOAI-2", "MS-AOAI-4"],
    ),
    "a company on behalf of us police": (
        {**DESK, "operator": "private", "on_behalf_of": "us_police"},
        "prohibited",
        ["MS-AOAI-1"],
    ),
    "us police verifying at a desk": (
        {**DESK, "operator": "us_police", "task": "verification", "timing": "recorded"},
        "prohibited",
        ["MS-AOAI-1"],
    ),
    "us police building a gallery": (
        {**DESK, "operator": "us_police", "task": "gallery_building"},
        "prohibited",
        ["MS-AOAI-1"],
    ),
    "us police dictating a report": ({**PATROL, "operator": "us_police", "task": "speech"}, "allow", []),
    "us police blurring faces": ({**PATROL, "operator": "us_police", "task": "detection"}, "allow", []),
    "us police before the rule": ({**DESK, "operator": "us_police", "date": "2024-04-30"}, "allow", []),
    "federal agents, handheld, with consent": (
        {**PATROL, "operator": "us_federal_le", "mount": "handheld", "consent": "valid"},
        "prohibited",
        ["MS-AOAI-2"],
    ),
    "the military is no law enforcement": ({**PATROL, "operator": "military", "consent": "valid"}, "allow", []),
    "a dash camera, nearly live": (
        {**PATROL, "mount": "dash", "timing": "near_real_time", "consent": "valid"},
        "prohibited",
        ["MS-AOAI-2"],
    ),
    "a body camera's recording, searched later": ({**PATROL, "timing": "recorded"}, "allow", []),
    "a body camera in the custody suite": ({**PATROL, "environment": "controlled", "consent": "valid"}, "allow", []),
    "a booking desk": (DESK, "allow", []),
    "a booking desk without consent": ({**DESK, "consent": "none"}, "prohibited", ["MS-AOAI-4"]),
    "a booking desk where no one said whether there is consent": (without(DESK, "consent"), "hold", ["MS-AOAI-4"]),
    "a camera that no one knows to be mobile": (
        {**without(PATROL, "camera", "mount"), "consent": "valid"},
        "hold",
        ["MS-AOAI-2"],
    ),
    "an operator that no one named": (without(DESK, "operator"), "hold", ["MS-AOAI-1"]),
    "a shop that tracks a person": (
        {**DESK, "operator": "private", "task": "detection", "consent": "none", "surveillance": True},
        "prohibited",
        ["MS-AOAI-4"],
    ),
    "a model of one's own": ({**PATROL, "service": "local"}, "allow", []),
}


@pytest.mark.parametrize(("facts", "effect", "deciding"), VECTORS.values(), ids=VECTORS.keys())
def test_the_microsoft_pack_decides_as_its_text_says(facts: Facts, effect: str, deciding: list[str]) -> None:
    decision = decide(check_facts(facts), MICROSOFT)
    assert (decision.effect, list(decision.deciding)) == (effect, deciding)


@pytest.mark.parametrize("warrant", [True, False])
@pytest.mark.parametrize(("facts", "effect", "deciding"), VECTORS.values(), ids=VECTORS.keys())
def test_a_warrant_changes_none_of_them(facts: Facts, effect: str, deciding: list[str], warrant: bool) -> None:
    decision = decide({**facts, "warrant": warrant}, MICROSOFT)
    assert (decision.effect, list(decision.deciding)) == (effect, deciding)


# --- vectors that ship, and those beside the checkout -----------------------------------------------------------------


@pytest.mark.parametrize("vector", shipped_vectors(), ids=lambda vector: f"{vector.pack}: {vector.id}")
def test_a_shipped_vector_decides_as_expected(vector: Vector) -> None:
    assert vector.problem() is None, vector.why


RULES = [(name, rule) for name in shipped_packs() for rule in load_pack(name).rules]


@pytest.mark.parametrize(("pack", "rule"), RULES, ids=[rule.id for _, rule in RULES])
def test_every_shipped_rule_has_vectors_both_ways_and_at_its_dates(pack: str, rule: Rule) -> None:
    vectors = [vector for vector in shipped_vectors() if vector.pack == pack]
    first, last = (day and day.isoformat() for day in (rule.start, rule.end))
    decides = {str(vector.facts["date"]) for vector in vectors if rule.id in vector.deciding and "date" in vector.facts}
    silent = {str(vector.facts["date"]) for vector in vectors if rule.id in vector.silent}

    assert decides
    assert silent
    if rule.start:
        assert first in decides
        assert (rule.start - timedelta(1)).isoformat() in silent
    if rule.end:
        assert last in decides
        assert (rule.end + timedelta(1)).isoformat() in silent


def _shared_vectors() -> list[ParameterSet]:
    if not SHARED.is_file():
        reason = "no ../shared/policy/vectors.jsonl beside this checkout"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(vector, id=vector.id) for vector in read_vectors(SHARED)]


@pytest.mark.parametrize("vector", _shared_vectors())
def test_a_shared_vector_decides_as_expected(vector: Vector) -> None:
    assert vector.problem() is None, vector.why
