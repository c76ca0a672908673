"""What there is to see: sources, readiness, numbers, events, the document, and the command that shows it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from helpers.services import Running, wait_for

from facewarden.detector.sidecar import serve
from facewarden.detector.sidecar.openapi import document
from facewarden.detector.sidecar.picture import SourceAnswer
from facewarden.detector.site import Site, load_site


def test_a_source_is_told_as_classify_tells_it_with_how_it_stands(shared: Running) -> None:
    sources = shared.http.get("/v1/sources").json()
    street = shared.http.get("/v1/sources/street").json()

    assert [source["source"] for source in sources] == ["street", "desk"]
    assert msgspec.convert(street, SourceAnswer).state == "live"
    assert street["last_picture"] == 0.04
    assert {"mobility", "environment", "faces", "coverage", "cost_ms"} <= street.keys()


def test_a_source_that_there_is_not_is_404(shared: Running) -> None:
    assert shared.http.get("/v1/sources/attic").status_code == 404


def test_no_credentials_stand_in_any_answer(service: Running) -> None:
    service.cameras.tell("street", state="gone", error="rtsp://***@127.0.0.1:1/street: refused")
    service.look()
    texts = [service.http.get(path).text for path in ("/v1/sources", "/readyz", "/metrics", "/openapi.json")]
    texts.append(service.http.post("/v1/reload").text)

    assert all("hunter2" not in text for text in texts)


def test_it_is_ready_once_every_source_was_tried(service: Running) -> None:
    service.cameras.tell("desk", state="connecting", last_picture=None)
    service.look()
    assert service.http.get("/readyz").status_code == 503
    assert service.http.get("/readyz").json()["untried"] == ["desk"]

    service.cameras.tell("desk", state="connecting", last_picture=None, error="nobody answers")
    service.look()
    assert service.http.get("/readyz").status_code == 200


def test_the_numbers_are_such_as_prometheus_takes(shared: Running) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed; on Debian: apt-get install prometheus")
    shared.ask()
    shared.http.get("/v1/check")
    text = shared.http.get("/metrics").content
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()


def test_the_numbers_tell_of_decisions_sources_and_the_gate(service: Running) -> None:
    service.ask()
    service.ask(task="speech")
    service.ask(facts={"consent": "none"}, source="elsewhere")
    text = service.http.get("/metrics").text

    for line in (
        'facewarden_decisions_total{effect="prohibited"}',
        'facewarden_decisions_total{effect="allow"} 1.0',
        'facewarden_rule_decisions_total{effect="prohibited",rule="MS-AOAI-4"}',
        'facewarden_gate_seconds_bucket{door="authorize",le="0.005"}',
        'facewarden_source_state{source="street",state="live"} 1.0',
        'facewarden_source_mobility{mobility="unknown",source="street"} 1.0',
        'facewarden_last_picture_seconds{source="street"} 0.04',
        'facewarden_pictures_total{fate="dropped",source="street"} 0.0',
        "facewarden_ready 1.0",
        "process_resident_memory_bytes",
    ):
        assert line in text, line


def test_verdicts_and_decisions_are_told_as_they_come(service: Running) -> None:
    with service.http.stream("GET", "/v1/events") as stream:
        lines = stream.iter_lines()
        next(lines)
        service.cameras.show("street", "mobile")
        service.look()
        service.ask(id="first")
        told = [next(line for line in lines if line.startswith(("event", "data"))) for _ in range(4)]

    assert told[0::2] == ["event: verdict", "event: decision"]
    assert json.loads(told[1].removeprefix("data: "))["source"] == "street"
    assert json.loads(told[3].removeprefix("data: "))["id"] == "first"


def test_who_comes_late_may_ask_for_the_latest(service: Running) -> None:
    service.ask(id="before")
    with service.http.stream("GET", "/v1/events?latest=1") as stream:
        found = next(line for line in stream.iter_lines() if "before" in line)

    assert found.startswith("data:")


def test_too_many_who_listen_are_told(shared: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facewarden.detector.sidecar.events._MOST", 0)

    assert shared.http.get("/v1/events").status_code == 503


def test_the_document_names_every_address_and_every_type_that_it_speaks_of(shared: Running) -> None:
    found: dict[str, Any] = shared.http.get("/openapi.json").json()
    named = {text.rpartition("/")[2] for text in _references(found)}

    assert found == json.loads(json.dumps(document()))
    assert named <= found["components"]["schemas"].keys()
    assert {"/v1/authorize", "/v1/check", "/access/v1/evaluation", "/v1/mediamtx/auth"} <= found["paths"].keys()


def test_what_is_answered_is_what_the_document_says(shared: Running) -> None:
    from jsonschema import Draft202012Validator

    whole = document()

    def check(value: Any, kind: str) -> None:
        Draft202012Validator({"$ref": f"#/components/schemas/{kind}", "components": whole["components"]}).validate(
            value
        )

    check(shared.ask(), "Authorized")
    check(shared.http.get("/v1/sources/street").json(), "SourceAnswer")
    check(shared.http.get("/readyz").json(), "Readiness")
    check(shared.http.get("/v1/check").json(), "Problem")


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return here + [text for part in value.values() for text in _references(part)]
    return [text for part in value for text in _references(part)] if isinstance(value, list) else []


def test_the_status_is_shown_to_a_person_and_to_a_machine(shared: Running, facewarden: Callable[..., Any]) -> None:
    shown, told = facewarden("status", shared.url), facewarden("status", shared.url, "--json")

    assert (shown.returncode, told.returncode) == (0, 0)
    assert "street" in shown.stdout
    assert json.loads(told.stdout)["readiness"]["ready"] is True


def test_a_service_that_does_not_answer_is_status_2(facewarden: Callable[..., Any]) -> None:
    done = facewarden("status", "http://127.0.0.1:9")

    assert done.returncode == 2
    assert "does not answer" in done.stderr


def test_a_service_that_is_not_ready_is_status_1(service: Running, facewarden: Callable[..., Any]) -> None:
    service.cameras.tell("desk", state="connecting", last_picture=None)
    service.look()

    assert facewarden("status", service.url).returncode == 1


def test_the_reload_of_a_wrong_file_changes_nothing_and_says_why(service: Running) -> None:
    site = service.service.options.site
    before = site.read_text()
    site.write_text(before.replace('operator = "non_us_le"', 'operator = "aliens"'))
    answer = service.http.post("/v1/reload")

    assert answer.status_code == 409
    assert "aliens" in answer.json()["detail"]
    assert service.ask()["decision"]["effect"] == "prohibited"
    service.look()
    assert "aliens" in service.http.get("/readyz").json()["reload"]


def test_a_file_with_nothing_in_it_is_taken_for_one_that_is_being_written(service: Running) -> None:
    site, before = service.service.options.site, service.http.get("/v1/sources").json()
    for text in ("", "\n# to be written\n"):
        site.write_text(text)
        answer = service.http.post("/v1/reload")
        assert (answer.status_code, "nothing stands in it" in answer.json()["detail"]) == (409, True)

    assert [one["source"] for one in service.http.get("/v1/sources").json()] == [one["source"] for one in before]
    assert service.ask()["decision"]["effect"] == "prohibited"


def test_a_file_that_breaks_off_is_taken_for_one_that_is_being_written(service: Running) -> None:
    site = service.service.options.site
    whole = site.read_text()
    for cut in ("limited_access_approved", "mount"):
        site.write_text(whole[: whole.index(cut)])
        answer = service.http.post("/v1/reload")
        assert (answer.status_code, "it breaks off within a table" in answer.json()["detail"]) == (409, True)
    assert [one["source"] for one in service.http.get("/v1/sources").json()] == ["street", "desk"]
    site.write_text(whole[: whole.index("mount")] + "# the end")
    assert service.http.post("/v1/reload").status_code == 200


def test_a_file_that_is_written_while_it_is_read_changes_nothing(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(path: Path) -> Site:
        whole = path.read_text()
        path.write_text(whole[: whole.index("mount")])
        return load_site(path)

    monkeypatch.setattr(serve, "load_site", cut)
    answer = service.http.post("/v1/reload")
    assert (answer.status_code, "while it was read" in answer.json()["detail"]) == (409, True)
    assert [one["source"] for one in service.http.get("/v1/sources").json()] == ["street", "desk"]


def test_the_last_table_may_be_taken_out(service: Running) -> None:
    site = service.service.options.site
    whole = site.read_text()
    site.write_text(whole[: whole.index("[sources.desk]")])
    assert service.http.post("/v1/reload").status_code == 200
    assert [one["source"] for one in service.http.get("/v1/sources").json()] == ["street"]


def test_a_reload_opens_what_is_new_ends_what_is_gone_and_leaves_the_rest_alone(service: Running) -> None:
    site, cameras = service.service.options.site, service.cameras
    site.write_text(site.read_text().replace("[sources.desk]", "[sources.lobby]").replace("/desk", "/lobby"))
    assert service.http.post("/v1/reload").status_code == 200

    assert cameras.addresses.keys() == {"street", "lobby"}
    assert [url.rpartition("/")[2] for url in cameras.opened] == ["street", "desk", "lobby"]
    assert [source["source"] for source in service.http.get("/v1/sources").json()] == ["street", "lobby"]


def test_what_takes_a_restart_is_said(service: Running) -> None:
    site = service.service.options.site
    begun = site.read_text()
    site.write_text(begun + '\n[serve]\ngrpc = "127.0.0.1:7071"\n')
    said = [service.http.post("/v1/reload").json()["reload"] for _ in range(2)]
    site.write_text(begun + "# as it was\n")

    assert said == ["grpc: takes a restart"] * 2
    assert service.http.post("/v1/reload").json()["reload"] is None


def test_it_ends_when_told_and_closes_what_it_reads(service: Running) -> None:
    with service.http.stream("GET", "/v1/events") as stream:
        lines = stream.iter_lines()
        next(lines)
        service._loop.call_soon_threadsafe(service.service.stop)  # pyright: ignore[reportPrivateUsage]
        assert all(line.startswith((":", "event", "data")) or not line for line in lines)

    wait_for(lambda: service.status == 0)
    assert service.cameras.closed
