"""Judgements: pure, remembered, and nobody's to change."""

from types import MappingProxyType

import msgspec
import pytest

from facewarden.detector import Call, Site
from facewarden.detector.errors import FactError, PackError
from facewarden.detector.judge import Judge, strictest
from facewarden.detector.sight.seen import NOTHING, Shown

TODAY = "2026-11-25"
SITE = Site(
    operator={"operator": "non_us_le", "on_behalf_of": "nobody"},
    facts={"timing": "real_time", "surveillance": False, "limited_access_approved": True, "consent": "valid"},
    cameras={"desk": {"mount": "desk", "environment": "controlled"}, "street": {"environment": "uncontrolled"}},
)
CALL = Call(service="azure_openai", task="identification")
MOBILE, CONTROLLED = Shown("mobile", "uncontrolled"), Shown("fixed", "consistent")


def test_what_was_seen_is_an_argument_and_nothing_else_is_looked_at() -> None:
    judge = Judge(SITE)

    assert judge.judge(CALL, "street", {"street": MOBILE}, TODAY).decision.effect == "prohibited"
    assert judge.judge(CALL, "desk", {"desk": CONTROLLED}, TODAY).decision.effect != "prohibited"
    assert judge.judge(CALL, "street", {}, TODAY) == judge.judge_one(CALL, "street", NOTHING, TODAY)


def test_a_call_of_no_known_source_is_judged_by_the_strictest_of_those_declared_and_seen() -> None:
    judge = Judge(SITE)
    seen = {"desk": CONTROLLED, "phone": MOBILE}
    each = [judge.judge_one(CALL, name, seen.get(name, NOTHING), TODAY) for name in ("desk", "street", "phone")]

    assert judge.judge(CALL, None, seen, TODAY) == strictest(each)


def test_a_judgement_cannot_be_changed_by_those_who_share_it() -> None:
    judge = Judge(SITE)
    facts = judge.judge(CALL, "desk", {}, TODAY).facts

    assert isinstance(facts.facts, MappingProxyType)
    with pytest.raises(TypeError):
        facts.facts["consent"] = "none"  # pyright: ignore[reportIndexIssue]
    with pytest.raises(AttributeError):
        facts.unconfirmed.append("mine")  # pyright: ignore[reportAttributeAccessIssue]
    assert judge.judge(CALL, "desk", {}, TODAY).facts is facts


@pytest.mark.parametrize(
    ("made_at", "date", "day", "origin"),
    [
        (None, None, TODAY, "clock"),
        (None, "2026-01-02", "2026-01-02", "declared"),
        (1_762_300_800.0, "2026-01-02", "2025-11-05", "call"),
    ],
)
def test_a_call_is_judged_by_its_own_day_else_by_the_one_declared_else_by_the_clock(
    made_at: float | None, date: str | None, day: str, origin: str
) -> None:
    facts = Judge(SITE, date=date).judge(msgspec.structs.replace(CALL, made_at=made_at), "desk", {}, TODAY).facts

    assert (facts.facts["date"], facts.origins["date"]) == (day, origin)


def test_without_packs_there_is_no_judge() -> None:
    with pytest.raises(PackError, match="no pack of rules"):
        Judge(SITE, [])


def test_a_date_that_is_none_is_told_at_once() -> None:
    with pytest.raises(FactError):
        Judge(SITE, date="tomorrow")


def test_a_clock_that_is_behind_the_packs_tells_no_day() -> None:
    judge = Judge(SITE)
    assert "date" not in judge.judge(CALL, "desk", {}, "2026-10-31").facts.facts
    assert judge.judge(CALL, "desk", {}, "2026-11-01").facts.facts["date"] == "2026-11-01"
    declared = Judge(SITE, date="2026-01-02").judge(CALL, "desk", {}, "1970-01-01")
    assert declared.facts.facts["date"] == "2026-01-02"
