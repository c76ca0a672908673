"""An audit from files to report, and the report against the contract."""

import resource
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from helpers.reports import answers, decisions, problems, reports
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector import Call, Site
from facewarden.detector.audit import Answer, Report, Unread, audit, read_report
from facewarden.detector.audit.formats import write_formats
from facewarden.detector.audit.past import Past
from facewarden.detector.audit.session import Session
from facewarden.detector.errors import CallLogError, FactError, InputError, PackError, RecordError, SiteError
from facewarden.detector.facts import check_facts
from facewarden.detector.judge import Judge
from facewarden.detector.policy import Decision, decide, load_packs
from facewarden.detector.sight.history import History
from facewarden.detector.sight.seen import Shown

SITE = """
[operator]
operator = "non_us_le"
on_behalf_of = "nobody"

[facts]
timing = "real_time"
surveillance = false
limited_access_approved = true
consent = "valid"
date = 2026-11-22

[places.street]
environment = "uncontrolled"

[places.desk]
environment = "controlled"

[cameras.unit-17]
place = "street"
mount = "dash"

[cameras.desk]
place = "desk"
mount = "desk"
"""
OWN_PACK = """
name = "own"
version = "1"
title = "Our own"

[[rules]]
id = "OWN-1"
title = "Ask first"
effect = "needs_authorisation"
certainty = "I"
citation = { text = "Standing order 7", url = "https://example.org/7" }
when = { task = "identification" }
"""
ON_THE_STREET: dict[str, object] = {
    "source": "unit-17",
    "at": 1.0,
    "service": "azure_openai",
    "task": "identification",
}
AT_THE_DESK = {**ON_THE_STREET, "source": "desk"}
OF_NO_SOURCE = {**ON_THE_STREET, "source": None}

POLICE: dict[str, object] = {
    "operator": "non_us_le",
    "on_behalf_of": "nobody",
    "timing": "real_time",
    "surveillance": False,
    "limited_access_approved": True,
}


class Silent:
    """A watcher that only remembers which sources were begun."""

    def __init__(self, begun: list[str] | None = None) -> None:
        self.begun = [] if begun is None else begun

    def begin(self, source: str, length: float | None) -> None:  # noqa: ARG002  (part of the interface)
        self.begun.append(source)

    def at(self, media_time: float) -> None: ...

    def done(self, answer: Answer | Unread) -> None: ...

    def interrupted(self) -> None: ...


@pytest.fixture
def audited(clip: Path, write_calls: Callable[..., Path], write_site: Callable[[str], Path]) -> Callable[..., Report]:
    """The report on calls on two cameras that are declared, one of them mobile."""
    site = write_site(SITE)

    def run(*calls: dict[str, object], street: str | Path = clip, max_seconds: float | None = None) -> Report:
        sources = [f"unit-17={street}", f"desk={clip}"]
        return Session(sources=sources, site=site, calls=write_calls(*calls), max_seconds=max_seconds).run(Silent())

    return run


Audit = Callable[..., Report]


# --- what is found ----------------------------------------------------------------------------------------------------


def test_each_call_is_judged_by_the_facts_of_its_source(audited: Audit) -> None:
    street, desk = audited(ON_THE_STREET, AT_THE_DESK).calls

    assert (street.decision.effect, street.facts["mount"], street.facts["camera"]) == ("prohibited", "dash", "mobile")
    assert (desk.decision.effect, desk.facts["camera"]) == ("allow", "fixed")


def test_a_controlled_place_that_the_pictures_do_not_bear_out_is_no_fact_and_says_so(audited: Audit) -> None:
    (desk,) = audited(AT_THE_DESK).calls

    assert "environment" not in desk.facts
    assert desk.unconfirmed == ("environment: declared controlled, not confirmed by what is seen",)


def test_calls_are_reported_in_the_order_of_the_log(audited: Audit) -> None:
    report = audited(*({**AT_THE_DESK, "at": at} for at in (1.5, 0.5, 1.0)))
    assert [call.at for call in report.calls] == [1.5, 0.5, 1.0]


def test_a_call_of_no_known_source_is_judged_by_the_strictest_and_says_so(audited: Audit) -> None:
    (call,) = audited(OF_NO_SOURCE).calls
    assert (call.decision.effect, call.note) == (
        "prohibited",
        "not attributed to a source: judged by the strictest of all",
    )


@pytest.mark.parametrize("at", [0.0, 1.0, 1.96])
def test_a_call_while_the_camera_ran_needs_no_note(audited: Audit, at: float) -> None:
    assert audited({**AT_THE_DESK, "at": at}).calls[0].note is None


def test_a_call_after_the_last_picture_is_noted(audited: Audit) -> None:
    (call,) = audited({**ON_THE_STREET, "at": 2.5}).calls
    assert (call.decision.effect, call.note) == ("prohibited", "after the last picture (2.0 s)")


SWEEP = "synthetic:body?seed=17&seconds=4"
WORN = {"source": "cam", "at": None, "service": "azure_openai", "task": "identification"}


def test_a_call_that_a_gate_refused_never_ran_and_violates_nothing() -> None:
    site = Site(operator=POLICE, cameras={"cam": {"mount": "body", "environment": "uncontrolled"}})
    made = Call(source="cam", at=1.0, service="azure_openai", facts={"consent": "none"})
    refused = msgspec.structs.replace(made, own={"refused": True, "shift": "night"})
    report = audit(Past(Judge(site), {}, "2026-11-22"), [], [made, refused])

    assert [call.decision.effect for call in report.calls] == ["prohibited"] * 2
    assert [(call.refused, call.own) for call in report.calls] == [(False, {}), (True, {"shift": "night"})]
    assert report.summary.violations == 1


NOT_KNOWN = "the moment is not known: judged by the strictest of the recording"


def test_a_call_whose_moment_is_not_known_is_judged_by_the_strictest_and_says_so(
    write_calls: Callable[..., Path], write_site: Callable[[str], Path]
) -> None:
    site = write_site(SITE.replace("cameras.unit-17", "cameras.other").replace('consent = "valid"\n', ""))
    calls = write_calls(WORN, {**WORN, "at": 0.0}, {**WORN, "at": 3.9}, {**WORN, "source": None})
    unknown, first, last, anywhere = Session(sources=[f"cam={SWEEP}"], site=site, calls=calls).run(Silent()).calls

    assert unknown.at is None
    assert (unknown.note, first.note, last.note) == (NOT_KNOWN, None, None)
    assert anywhere.note == f"not attributed to a source: judged by the strictest of all; {NOT_KNOWN}"
    assert {call.gate for call in (first, last)} == {"hold", "prohibited"}
    assert (unknown.gate, unknown.decision.effect) == (anywhere.gate, anywhere.decision.effect)
    assert (unknown.gate, unknown.decision.effect) == ("prohibited", "prohibited")


@pytest.mark.parametrize(
    ("at", "effect"), [(1.0, "allow"), (15.0, "hold"), (None, "hold")], ids=["watched", "in a gap", "unknown"]
)
def test_a_place_that_was_borne_out_for_a_while_is_not_for_a_call_of_an_unknown_moment(
    at: float | None, effect: str
) -> None:
    site = Site(
        operator={**POLICE, "consent": "valid"}, cameras={"cam": {"environment": "controlled", "mount": "body"}}
    )
    borne_out = Shown("unknown", "consistent")
    history = ((0.5, borne_out), (12.0, Shown("unknown", "unknown")))
    past = Past(Judge(site), {"cam": History(history, now=20.0, last=history[-1][1])}, "2026-11-22")
    (judged,) = audit(past, [], [Call(source="cam", at=at, service="azure_openai")]).calls

    assert (judged.gate, judged.decision.effect) == (effect, effect)


WARRANT = """
packs = ["us-states"]

[operator]
operator = "us_police"
on_behalf_of = "nobody"
country = "US"
region = "US-WA"

[facts]
timing = "real_time"
surveillance = false
exigency = false
court_order = false
purpose = "patrol"

[authorisations.order-17]
facts = { warrant = true }
from = 2026-11-01
until = 2026-11-10
"""


@pytest.mark.parametrize(
    ("time", "day", "effect"),
    [("2026-11-05T10:00:00.000Z", "2026-11-05", "conditions"), ("2026-11-11T00:00:00Z", "2026-11-11", "hold")],
)
def test_a_call_is_judged_by_the_day_on_which_it_was_made(
    write_calls: Callable[..., Path], write_site: Callable[[str], Path], time: str, day: str, effect: str
) -> None:
    calls = write_calls({**WORN, "at": 0.5, "service": "local", "time": time, "id": "r-1", "case": 7})
    session = Session(sources=["cam=synthetic:body?seed=17&seconds=1"], site=write_site(WARRANT), calls=calls)
    (call,) = replace(session, date="2027-01-01").run(Silent()).calls

    assert (call.facts["date"], call.origins["date"], call.decision.effect) == (day, "call", effect)
    assert (call.id, call.own) == ("r-1", {"case": 7})
    assert call.time == datetime.fromisoformat(time)


@pytest.mark.parametrize("said", ["by the call", "by the site"])
def test_a_day_that_a_fact_says_goes_before_the_one_on_which_a_call_was_made(
    said: str, write_calls: Callable[..., Path], write_site: Callable[[str], Path]
) -> None:
    site = write_site(WARRANT.replace("[facts]", "[facts]\ndate = 2026-11-07" if said == "by the site" else "[facts]"))
    facts = {"facts": {"date": "2026-11-07"}} if said == "by the call" else {}
    calls = write_calls({**WORN, "at": 0.5, "service": "local", "time": "2026-12-24T10:00:00Z", **facts})
    (call,) = Session(sources=["cam=synthetic:body?seed=17&seconds=1"], site=site, calls=calls).run(Silent()).calls

    assert (call.facts["date"], call.facts["warrant"]) == ("2026-11-07", True)


def test_the_calls_of_a_source_that_was_not_read_are_judged_by_what_is_declared(audited: Audit) -> None:
    report = audited(ON_THE_STREET, street="missing.mp4")

    assert (report.calls[0].decision.effect, report.summary.unread) == ("prohibited", 1)
    assert "judged by what is declared alone" in (report.calls[0].note or "")


def test_the_summary_counts_sources_calls_and_effects(audited: Audit) -> None:
    held = {**AT_THE_DESK, "facts": {"on_behalf_of": "us_police", "date": "2026-01-01"}, "task": "verification"}
    summary = audited(ON_THE_STREET, OF_NO_SOURCE, AT_THE_DESK, held, street="missing.mp4").summary

    assert (summary.sources, summary.unread, summary.calls) == (2, 1, 4)
    assert (summary.violations, summary.held) == (3, 0)
    assert summary.effects == {"allow": 1, "prohibited": 3}


def test_a_call_that_is_held_is_no_violation(clip: Path, write_calls: Callable[..., Path]) -> None:
    session = Session(sources=[f"desk={clip}"], calls=write_calls(AT_THE_DESK))
    summary = session.run(Silent()).summary

    assert (summary.violations, summary.held, summary.effects) == (0, 1, {"hold": 1})


def test_calls_by_the_wall_clock_find_their_moments_in_recordings_that_know_theirs(
    clip: Path, write_calls: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "later.mp4").write_bytes(clip.read_bytes())
    call = {key: value for key, value in AT_THE_DESK.items() if key != "at"}
    calls = write_calls(*({**call, "time": f"2026-11-23T10:0{time}Z"} for time in ("0:01", "1:00.5", "9:00")), call | {
        "time": "2026-11-23T09:00:00Z"
    })  # fmt: skip
    recorded = [f"desk={clip} recorded_from=2026-11-23T10:00:00Z"]
    recorded += [f"desk={tmp_path / 'later.mp4'} recorded_from=2026-11-23T10:01:00Z"]
    report = Session(sources=recorded, calls=calls).run(Silent())

    assert [call.at for call in report.calls] == [1.0, 60.5, 540.0, None]
    assert [bool(call.note) for call in report.calls] == [False, False, True, True]
    assert len(report.inputs) == 3


def test_a_call_that_lacks_its_authorisation_is_a_violation(
    clip: Path, write_calls: Callable[..., Path], tmp_path: Path
) -> None:
    pack = tmp_path / "own.toml"
    pack.write_text(OWN_PACK)
    session = Session(sources=[f"desk={clip}"], calls=write_calls(AT_THE_DESK), packs=[str(pack)])
    summary = session.run(Silent()).summary

    assert (summary.violations, summary.effects) == (1, {"needs_authorisation": 1})


def test_coverage_is_the_sum_over_the_sources(audited: Audit) -> None:
    report = audited()
    assert (report.coverage.frames, report.coverage.seconds) == (100, pytest.approx(4.0, abs=0.1))


def test_an_audit_without_calls_has_verdicts_alone(clip: Path) -> None:
    report = Session(sources=[str(clip)]).run(Silent())
    assert (len(report.sources), report.calls, report.summary.violations) == (1, (), 0)


def test_an_audit_of_which_nothing_could_be_read_covers_nothing() -> None:
    report = Session(sources=["missing.mp4"]).run(Silent())
    assert (report.coverage.frames, report.coverage.seconds, report.summary.unread) == (0, 0, 1)


# --- the report as evidence -------------------------------------------------------------------------------------------


def test_an_audit_done_twice_gives_the_same_bytes_but_for_the_day_it_was_made(audited: Audit) -> None:
    one, other = (audited(ON_THE_STREET, OF_NO_SOURCE, AT_THE_DESK) for _ in range(2))

    assert one.generated
    assert (
        msgspec.structs.replace(one, generated="").as_json() == msgspec.structs.replace(other, generated="").as_json()
    )


def test_every_reported_decision_can_be_made_again_from_its_facts(audited: Audit) -> None:
    calls = audited(ON_THE_STREET, OF_NO_SOURCE, AT_THE_DESK, {**ON_THE_STREET, "at": 9.9}).calls
    again = [decide(check_facts(call.facts), load_packs(["microsoft"])) for call in calls]
    assert again == [call.decision for call in calls]


def test_every_fact_says_where_it_came_from(audited: Audit) -> None:
    (call,) = audited({**AT_THE_DESK, "facts": {"consent": "none"}}).calls

    assert call.origins.keys() == call.facts.keys()
    assert (call.origins["consent"], call.origins["mount"], call.origins["task"]) == ("call", "declared", "call")


def test_every_file_it_rests_on_is_named_with_its_hash(audited: Audit, clip: Path, tmp_path: Path) -> None:
    inputs = {entry.path: entry.sha256 for entry in audited(AT_THE_DESK).inputs}
    files = (tmp_path / "site.toml", tmp_path / "calls.jsonl", clip)
    assert inputs == {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("prefix", ["", "file:", "file://"])
def test_a_recording_is_hashed_however_its_address_is_written(clip: Path, prefix: str) -> None:
    report = Session(sources=[f"{prefix}{clip}"]).run(Silent())
    assert [entry.sha256 for entry in report.inputs] == [sha256(clip.read_bytes()).hexdigest()]


def test_the_json_of_a_report_is_the_contract(audited: Audit) -> None:
    report: dict[str, Any] = msgspec.json.decode(audited(ON_THE_STREET).as_json())

    assert report.keys() >= {"sources", "calls", "coverage", "summary"}
    assert [source["source"] for source in report["sources"]] == ["unit-17", "desk"]
    assert report["sources"][0].keys() >= {"mobility", "environment", "faces", "coverage"}
    assert report["calls"][0].keys() >= {"source", "at", "decision"}
    assert report["calls"][0]["decision"].keys() >= {"effect", "rules", "deciding", "unknown", "packs"}


# --- written and read back --------------------------------------------------------------------------------------------


def test_a_report_is_read_back_as_it_was_written(audited: Audit, tmp_path: Path) -> None:
    report = audited(
        ON_THE_STREET, {**OF_NO_SOURCE, "at": None, "time": "2026-11-05T10:00:00Z", "case": [1]}, street="x"
    )
    assert read_report(write_formats(report, tmp_path / "report")) == report


@given(reports)
def test_any_report_is_read_back_as_it_was_written(report: Report) -> None:
    assert msgspec.json.decode(report.as_json(), type=Report) == report


@given(answers | st.builds(Unread, st.just("cam"), st.just("cam.mp4"), problems))
def test_any_answer_is_read_back_as_it_was_written(answer: Answer | Unread) -> None:
    assert msgspec.json.decode(msgspec.json.encode(answer), type=Answer | Unread) == answer


@given(decisions)
def test_any_decision_is_read_back_as_it_was_written(decision: Decision) -> None:
    assert msgspec.json.decode(msgspec.json.encode(decision), type=Decision) == decision


def test_a_report_says_its_kind_and_version(audited: Audit) -> None:
    report = msgspec.json.decode(audited(street="missing.mp4").as_json())
    assert report["schema"] == "facewarden.report/1"
    assert [source["schema"] for source in report["sources"]] == ["facewarden.unread/1", "facewarden.source/1"]


def test_keys_of_a_later_version_are_passed_over(audited: Audit, tmp_path: Path) -> None:
    report = audited(AT_THE_DESK)
    path = tmp_path / "report.json"
    path.write_bytes(msgspec.json.encode(_with_more(msgspec.json.decode(report.as_json()))))
    assert read_report(path) == report


def _with_more(part: object) -> object:
    """The same, with a key more in every object that has names of ours for keys."""
    if isinstance(part, dict):
        more = (
            {"of-a-later-version": 1}
            if {"schema", "decision", "effect", "frames", "max_in_frame"} & part.keys()
            else {}
        )
        return {**{key: _with_more(value) for key, value in part.items()}, **more}
    return [_with_more(one) for one in part] if isinstance(part, list) else part


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"schema": "facewarden.report/2"}', "facewarden.report/1"),
        ('{"sources": []}', "`generated`"),
        ("{", "truncated"),
        ("[]", "object"),
    ],
)
def test_what_is_no_report_of_ours_is_an_error_that_names_the_file(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(RecordError, match=r"report\.json: ") as error:
        read_report(path)
    assert words in str(error.value)


def test_a_report_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot be read"):
        read_report(tmp_path / "report.json")


# --- what a person wrote wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"site": Path("missing.toml")}, SiteError),
        ({"calls": Path("missing.jsonl")}, CallLogError),
        ({"packs": ["mircosoft"]}, PackError),
        ({"date": "soon"}, FactError),
        ({"sources": ["x=a.mp4", "x=b.mp4"]}, InputError),
    ],
)
def test_what_a_person_wrote_is_checked_before_the_first_picture_is_read(
    wrong: dict[str, Any], error: type[InputError]
) -> None:
    begun: list[str] = []
    with pytest.raises(error):
        replace(Session(sources=["synthetic:body"]), **wrong).run(Silent(begun))
    assert begun == []


def test_calls_on_a_source_that_is_not_audited_alone_are_an_error_that_names_it(audited: Audit) -> None:
    with pytest.raises(CallLogError, match=r"call 1 is on source 'roof'; this audit has: unit-17, desk"):
        audited({**AT_THE_DESK, "source": "roof"})


def test_a_call_on_a_source_that_is_not_audited_is_counted_and_not_judged(audited: Audit) -> None:
    report = audited(AT_THE_DESK, {**AT_THE_DESK, "source": "roof"})

    assert (report.summary.calls, report.summary.skipped) == (1, 1)
    assert "not judged: 1 call on 'roof': no recording of it is given (unit-17, desk)" in report.notes


def test_a_report_is_written_into_a_folder_that_is_made_for_it(audited: Audit, tmp_path: Path) -> None:
    report = audited()
    path = write_formats(report, tmp_path / "new" / "folder")
    assert (path.name, path.read_bytes()) == ("report.json", report.as_json())


def test_a_report_that_cannot_be_written_leaves_the_one_that_was_there(audited: Audit, tmp_path: Path) -> None:
    path = write_formats(audited(), tmp_path)
    whole = path.read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) // 2, limit[1]))
    try:
        with pytest.raises(InputError, match=r"report\.json: cannot be written \(File too large\)"):
            write_formats(audited(), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    assert path.read_bytes() == whole


def test_a_folder_that_cannot_be_written_to_is_an_error_that_names_it(audited: Audit, clip: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_formats(audited(), clip)
