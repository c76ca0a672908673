"""One fact set, one decision: by `decide`, `policy explain`, an audit and the guard."""

from random import Random

import msgspec
import pytest

from facewarden.detector import Call, Guard
from facewarden.detector.audit import audit
from facewarden.detector.audit.past import Past
from facewarden.detector.facts import CHOICES, FLAGS, Value, check_facts
from facewarden.detector.judge import Judge
from facewarden.detector.policy import decide, load_packs
from facewarden.detector.policy.explain import explain
from facewarden.detector.policy.lines import Refused, decide_lines
from facewarden.detector.policy.pack import shipped_packs
from facewarden.detector.site import Site

PACKS = load_packs(shipped_packs())
PLACES: dict[str, tuple[Value, ...]] = {
    "country": ("US", "de", "EL", "CA", "UK"),
    "region": ("US-OR", "us-ca", "US-VA", "CA-AB", "GB-ENG"),
    "city": ("Portland", "portland, OR", "SF", "Bend", "San  Francisco"),
    "date": ("2020-01-01", "2024-05-01", "2026-11-26", "2030-08-02"),
}
# What the pictures have to bear out is no fact to a guard that has seen none.
SEEN = {"environment": ("uncontrolled",)}
VALUES: dict[str, tuple[Value, ...]] = {**CHOICES, **dict.fromkeys(FLAGS, (True, False)), **PLACES, **SEEN}


def fact_set(number: int) -> dict[str, Value]:
    drawn = Random(number)
    some = {name: drawn.choice(VALUES[name]) for name in sorted(VALUES) if drawn.random() < 0.7}
    return {"date": "2026-11-26", "service": "azure_openai", "task": "identification", **some}


@pytest.mark.parametrize("number", range(200))
def test_a_fact_set_is_decided_the_same_everywhere(number: int) -> None:
    facts = fact_set(number)
    own: dict[str, object] = {name: value for name, value in facts.items() if name not in ("service", "task")}
    call = Call("cam", at=0.0, service=str(facts["service"]), task=str(facts["task"]), facts=own)
    guard = Guard(Site(), PACKS, live=False)
    (line,) = decide_lines([msgspec.json.encode(facts)], PACKS)
    assert not isinstance(line, Refused)

    decisions = [
        line,
        decide(check_facts(facts), PACKS),
        explain(check_facts(facts), PACKS).decision,
        guard.authorise(call),
        audit(Past(Judge(Site(), PACKS), {}, "2026-11-26"), [], [call]).calls[0].decision,
    ]
    assert len({(one.effect, one.deciding, one.unknown, one.rules, one.obligations) for one in decisions}) == 1
