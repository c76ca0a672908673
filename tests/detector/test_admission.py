"""The one way in: attributed, judged, enforced and recorded, in this order, whatever fails."""

from collections.abc import Iterable

import pytest

from facewarden.detector.admission import Admission
from facewarden.detector.calls import Call
from facewarden.detector.calls.attribution import Attribution
from facewarden.detector.enforcement import Enforcement
from facewarden.detector.facts import Settled
from facewarden.detector.judge import Judgement
from facewarden.detector.policy import Decision, held
from facewarden.detector.records import Judged

CALL = Call(service="azure_openai")
FOUND = Attribution("unit-17", "content", 0.9, 3.2)
FACTS = Settled({"task": "identification"}, {"task": "call"}, (), ())
ALLOWED = Decision(effect="allow", rules=(), deciding=(), unknown=(), packs=(), explanation="No rule.")


class Noted:
    """A record that notes what it is given."""

    def __init__(self) -> None:
        self.failed: str | None = None
        self.calls: list[Judged] = []
        self.events: list[tuple[str, str]] = []

    def call(self, judged: Judged) -> None:
        self.calls.append(judged)

    def event(self, kind: str, text: str) -> None:
        self.events.append((kind, text))


@pytest.fixture
def noted() -> Noted:
    return Noted()


def found(call: Call, pictures: Iterable[object], baggage: str = "") -> Attribution | None:  # noqa: ARG001
    return FOUND


def nobody(call: Call, pictures: Iterable[object], baggage: str = "") -> Attribution | None:  # noqa: ARG001
    return None


def lost(call: Call, pictures: Iterable[object], baggage: str = "") -> Attribution | None:  # noqa: ARG001
    raise ValueError("no such picture")


def admission(noted: Noted, attribute: object = found, decision: Decision = ALLOWED, **how: object) -> Admission:
    def judge(_: Call, source: str | None) -> Judgement:
        assert source == "unit-17"
        return Judgement(FACTS, decision)

    return Admission(attribute, judge, Enforcement(**how), noted)  # pyright: ignore[reportArgumentType]


def test_a_call_is_attributed_judged_and_recorded_before_anything_comes_of_it(noted: Noted) -> None:
    ruling = admission(noted).admit(CALL)

    assert (ruling.decision.effect, ruling.found, ruling.refused) == ("allow", FOUND, False)
    (judged,) = noted.calls
    assert (judged.call, judged.found, judged.decision, judged.refused) == (CALL, FOUND, ALLOWED, False)
    assert judged.known == FACTS.facts


def test_a_call_whose_picture_is_nobody_s_is_judged_as_such(noted: Noted) -> None:
    def judge(_: Call, source: str | None) -> Judgement:
        return Judgement(FACTS, ALLOWED if source is None else held("not asked for"))

    ruling = Admission(nobody, judge, Enforcement(), noted).admit(CALL)
    assert (ruling.decision, ruling.found, ruling.refused, noted.events) == (ALLOWED, None, False, [])


def test_a_closed_gate_refuses_where_the_site_enforces(noted: Noted) -> None:
    assert admission(noted, decision=held("a reason")).admit(CALL).refused
    assert not admission(noted, decision=held("a reason"), mode="observe").admit(CALL).refused
    assert [judged.refused for judged in noted.calls] == [True, False]


def test_a_failure_of_ours_holds_the_call_and_is_an_event(noted: Noted) -> None:
    ruling = admission(noted, lost).admit(CALL)

    assert (ruling.decision.effect, ruling.refused) == ("hold", True)
    assert noted.events == [("failure", "a call could not be judged: ValueError: no such picture")]
    assert len(noted.calls) == 1


def test_every_call_is_held_while_a_tap_is_lost_or_the_record_cannot_be_written(noted: Noted) -> None:
    one = admission(noted)
    one.closed = "a tap is lost"
    assert "a tap is lost" in one.admit(CALL).decision.explanation

    one.closed, noted.failed = None, "the disk is full"
    assert "the disk is full" in one.admit(CALL).decision.explanation

    noted.failed = None
    assert one.admit(CALL).decision.effect == "allow"


def test_a_call_on_pictures_of_several_sources_may_run_only_where_it_may_on_each(noted: Noted) -> None:
    mixed = Attribution("desk", "content", 0.9, others=("body", "door"))

    def judge(_: Call, source: str | None) -> Judgement:
        return Judgement(FACTS, held("it moves") if source == "body" else ALLOWED)

    gate = Admission(lambda *_, **__: mixed, judge, Enforcement(), noted)
    ruling = gate.admit(CALL)
    assert ruling.refused
    assert ruling.found is not None
    assert (ruling.found.source, ruling.found.others) == ("body", ("desk", "door"))


def test_a_call_that_cannot_be_recorded_is_held_and_that_is_what_will_be_recorded() -> None:
    class Full(Noted):
        def call(self, judged: Judged) -> None:
            super().call(judged)
            self.failed = "the disk is full"

    noted = Full()
    ruling = admission(noted).admit(CALL)
    (judged,) = noted.calls
    assert ruling.refused
    assert (ruling.decision.effect, judged.decision.effect, judged.refused) == ("hold", "hold", True)
    assert admission(Full(), mode="observe").admit(CALL).refused is False
