from helpers.facts import fact_sets
from hypothesis import given

from facewarden.detector.facts import CHOICES, FLAGS, camera_of, check_facts
from facewarden.detector.policy import decide, load_packs
from facewarden.detector.policy.otherwise import openers

MICROSOFT = load_packs(["microsoft"])
BODY_CAMERA = {
    "service": "azure_openai",
    "task": "identification",
    "operator": "non_us_le",
    "on_behalf_of": "nobody",
    "camera": "mobile",
    "mount": "body",
    "environment": "uncontrolled",
    "timing": "real_time",
    "consent": "valid",
    "surveillance": False,
    "limited_access_approved": True,
    "date": "2026-11-22",
}


def test_a_body_camera_on_the_street_would_be_open_were_it_fixed_or_the_place_controlled() -> None:
    changes = openers(check_facts(BODY_CAMERA), MICROSOFT)

    assert {"camera = fixed", "environment = controlled", "timing = recorded", "task = detection"} <= set(changes)
    assert "operator = us_police" not in changes


def test_where_the_gate_is_open_there_is_nothing_to_change() -> None:
    assert openers(check_facts({**BODY_CAMERA, "camera": "fixed", "mount": "desk"}), MICROSOFT) == ()


@given(fact_sets)
def test_every_change_that_is_named_opens_the_gate(facts: dict[str, str | bool]) -> None:
    for change in openers(facts, MICROSOFT):
        name, _, text = change.partition(" = ")
        value = text == "true" if name in FLAGS else text
        changed = {**facts, name: value}
        if name == "mount":
            changed["camera"] = camera_of(value)
        if name == "camera":
            changed.pop("mount", None)
        assert name in FLAGS or value in CHOICES[name]
        assert decide(changed, MICROSOFT).opens
        assert not decide(facts, MICROSOFT).opens
