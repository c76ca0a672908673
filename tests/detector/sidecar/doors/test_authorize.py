"""`POST /v1/authorize`."""

import msgspec
import pytest
from helpers.services import Running

from facewarden.detector.records import Decided, read_entries
from facewarden.detector.sidecar.doors.authorize import Authorized


def test_a_call_on_a_mobile_camera_is_prohibited_and_says_by_which_rule(shared: Running) -> None:
    answer = shared.ask(source="street")

    assert (answer["opens"], answer["decision"]["effect"]) == (False, "prohibited")
    assert "MS-AOAI-4" in answer["decision"]["deciding"]
    assert answer["source"] == "street"


def test_a_call_that_no_rule_closes_may_be_made(shared: Running) -> None:
    assert shared.ask(task="speech")["opens"] is True


def test_the_answer_is_what_its_type_says(shared: Running) -> None:
    answer = msgspec.convert(shared.ask(), Authorized)

    assert answer.decision.packs[0].name == "microsoft"


def test_a_call_without_an_id_is_given_one_of_its_own_and_one_with_an_id_keeps_it(shared: Running) -> None:
    assert shared.ask()["id"] != shared.ask()["id"]
    assert shared.ask(id="request-7")["id"] == "request-7"


def test_a_source_is_known_by_baggage_where_the_call_names_none(shared: Running) -> None:
    call = {"source": None, "service": "azure_openai", "task": "identification"}
    answer = shared.http.post("/v1/authorize", json=call, headers={"baggage": "facewarden.source=street"})

    assert answer.json()["source"] == "street"


def test_a_call_without_a_source_is_judged_by_the_strictest(shared: Running) -> None:
    answer = shared.ask(source=None)

    assert answer["decision"]["effect"] == "prohibited"
    assert answer["source"] is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "body:"),
        (b"[]", "body:"),
        (b'{"source": "street"}', "service"),
        (b'{"source": "street", "service": "none such", "task": null}', "service"),
        (b'{"source": "street", "service": null, "task": null, "fact": {"consent": "none"}}', "did you mean 'facts'"),
        (b"\xff", "body:"),
        (b"[" * 5000, "body:"),
    ],
)
def test_what_is_no_call_is_told_what_is_wrong(shared: Running, body: bytes, said: str) -> None:
    answer = shared.http.post("/v1/authorize", content=body)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_a_moment_that_a_caller_names_does_not_choose_the_day_to_judge_by(service: Running) -> None:
    service.ask(time="2001-01-01T00:00:00Z")

    service.stop()
    record = service.service.settings.record
    assert record is not None
    decided = [entry for entry in read_entries(record / "calls.jsonl") if isinstance(entry, Decided)]
    assert decided[0].known["date"] != "2001-01-01"


def test_what_is_answered_is_on_record_under_the_same_id(service: Running) -> None:
    answer = service.ask()

    service.stop()
    record = service.service.settings.record
    assert record is not None
    (decided,) = read_entries(record / "calls.jsonl")
    assert isinstance(decided, Decided)
    assert (decided.id, decided.effect) == (answer["id"], answer["decision"]["effect"])


def test_a_site_that_only_observes_lets_a_closed_call_through_and_says_so(service: Running) -> None:
    site = service.service.options.site
    site.write_text(site.read_text() + '\n[enforcement]\nmode = "observe"\n')
    assert service.http.post("/v1/reload").status_code == 200

    answer = service.ask()

    assert (answer["opens"], answer["let_through"], answer["decision"]["effect"]) == (True, True, "prohibited")
    assert 'facewarden_let_through_total{rule="MS-AOAI-4"} 1.0' in service.http.get("/metrics").text
