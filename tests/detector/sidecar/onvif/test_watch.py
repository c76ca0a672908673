"""Cameras that recognise faces by themselves: it is told, judged, and ended where the site allows that."""

import gc
import json
import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers.onvif_camera import Configured, OnvifCamera
from helpers.services import HOUSE, RULED, Running, running, wait_for

from facewarden.detector.records import Decided, read_entries
from facewarden.detector.sidecar.client import Client, follow

pytest.importorskip("onvif")

FACES = Configured("watch-list", "tt:FaceRecognition")
LINE = Configured("fence", "tt:LineDetector")
TOPIC = "tns1:RuleEngine/Recognition/Face"


def site_of(camera: OnvifCamera, folder: Path, more: str = "") -> Path:
    """A site at which nobody may identify anybody, whose street has that camera."""
    (folder / "house.toml").write_text(HOUSE)
    (folder / "password").write_text(f"{camera.password}\n")
    table = (
        f'[sources.street.onvif]\nurl = "{camera.url}"\nuser = "{camera.user}"\npassword_file = "password"\n{more}\n'
    )
    path = folder / "site.toml"
    path.write_text(RULED + table)
    return path


def known(service: Running) -> dict[str, Any]:
    service.look()
    return service.http.get("/v1/sources/street").json().get("onvif", {})


def listening(camera: OnvifCamera) -> None:
    """Once its rules were looked at, and it is listened to."""
    wait_for(lambda: "PullMessages" in camera.asked, 60)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in folder.rglob("*.jsonl") for line in path.read_text().splitlines()]


def test_that_a_camera_recognises_faces_by_itself_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with OnvifCamera((LINE, FACES), topics={FACES.type: TOPIC, LINE.type: "tns1:RuleEngine/LineDetector"}) as camera:
        record = tmp_path / "record"
        with running(site_of(camera, tmp_path), record=record) as service:
            listening(camera)
            found, metrics = known(service), service.http.get("/metrics").text
            follow(Client(service.url), as_json=False, watch=False)
        told = [line["text"] for line in lines(record) if line.get("kind") == "analytics"]

    assert found["rules"] == ["fence (LineDetector)", "watch-list (FaceRecognition)"]
    assert 'facewarden_onvif_recognises{source="street"} 1.0' in metrics
    assert told == ["it recognises faces by itself: watch-list (FaceRecognition)"]
    assert "by itself" in " ".join(capsys.readouterr().out.split())
    assert camera.rules == [LINE, FACES]  # nobody was allowed to remove any
    assert camera.wrong == []


def test_what_it_recognises_becomes_a_call_of_the_record_without_whom(tmp_path: Path) -> None:
    with OnvifCamera((FACES,)) as camera:
        record = tmp_path / "record"
        with running(site_of(camera, tmp_path), record=record) as service:
            listening(camera)
            camera.say(TOPIC, "watch-list", operation="Initialized", EnrollmentID="p-9")
            camera.say("tns1:RuleEngine/Recognition/LicensePlate", "plates", PlateNumber="XY 12")
            camera.say(TOPIC, "watch-list", EnrollmentID="p-12", Likelihood="0.93", Label="Blacklisted")
            wait_for(lambda: known(service).get("recognitions") == 1, 60)
        found = lines(record)
    calls = [entry for entry in read_entries(next(record.rglob("calls.jsonl"))) if isinstance(entry, Decided)]

    assert [(call.source, call.effect, call.refused, call.model) for call in calls] == [
        ("street", "prohibited", False, "watch-list")
    ]
    assert calls[0].own["likelihood"] == "0.93"
    assert "p-12" not in json.dumps(found)
    assert camera.wrong == []


def test_where_the_site_allows_it_a_rule_that_is_prohibited_is_removed(tmp_path: Path) -> None:
    with OnvifCamera((LINE, FACES)) as camera:
        record = tmp_path / "record"
        with running(site_of(camera, tmp_path, "remove_rules = true"), record=record) as service:
            listening(camera)
            found = known(service)
        told = [line["text"] for line in lines(record) if line.get("kind") == "analytics"]

    assert (found["removed"], found["recognises"]) == (1, False)
    assert camera.rules == [LINE]
    assert "watch-list (FaceRecognition) recognised faces, which is prohibited, and was removed" in told[0]


@pytest.mark.parametrize("undecided", ["a fact is missing", "it may"])
def test_a_rule_stays_where_it_is_not_prohibited(tmp_path: Path, undecided: str) -> None:
    with OnvifCamera((FACES,)) as camera:
        path = site_of(camera, tmp_path, "remove_rules = true")
        when = (
            'task = ["identification"]\nsurveillance = true'
            if undecided == "a fact is missing"
            else 'task = ["emotion"]'
        )
        text = (tmp_path / "house.toml").read_text().partition("[rules.when]")[0]
        (tmp_path / "house.toml").write_text(f"{text}[rules.when]\n{when}\n")
        if undecided == "a fact is missing":
            path.write_text(path.read_text().replace("surveillance = false\n", ""))
        with running(path) as service:
            listening(camera)
            assert known(service)["recognises"] is True

    assert camera.rules == [FACES]
    assert "DeleteRules" not in camera.asked


def test_makers_name_what_they_have_in_their_own_way_and_answer_what_they_know(tmp_path: Path) -> None:
    module = Configured("id", "acme:FaceIdentifier")
    vip = Configured("vip", "acme:Vip")
    own = {vip.type: f"{TOPIC}/Vip"}
    with OnvifCamera((LINE, vip), (module,), own) as camera, running(site_of(camera, tmp_path)) as service:
        listening(camera)
        whole = known(service)
    with OnvifCamera((LINE,), (module, Configured("faces", "tt:FaceDetector"))) as camera:
        camera.refuses = {"GetRules", "GetSupportedRules", "GetSupportedAnalyticsModules"}
        with running(site_of(camera, tmp_path, "remove_rules = true")) as service:
            listening(camera)
            part = known(service)

    assert (whole["recognises"], whole["rules"]) == (True, ["fence (LineDetector)", "vip (Vip)"])
    assert (part["recognises"], part["modules"]) == (True, ["id (FaceIdentifier)", "faces (FaceDetector)"])


def test_a_camera_that_does_not_let_us_in_is_a_problem_and_its_password_stands_nowhere(tmp_path: Path) -> None:
    with OnvifCamera((FACES,)) as camera:
        record, path = tmp_path / "record", site_of(camera, tmp_path)
        camera.password = "another"
        with running(path, record=record) as service:
            wait_for(lambda: known(service).get("problem"), 60)
            shown = json.dumps(known(service)) + service.http.get("/metrics").text
        found = json.dumps(lines(record))

    assert "not Authorized" in shown
    assert "hunter2" not in shown + found
    assert "it cannot be asked by ONVIF" in found


def test_a_camera_is_asked_where_the_site_says_and_nowhere_else(tmp_path: Path) -> None:
    with OnvifCamera((FACES,)) as camera, running(site_of(camera, tmp_path)) as service:
        listening(camera)  # though it says that it is at 192.0.2.7
        path = tmp_path / "site.toml"
        path.write_text(path.read_text().partition("[sources.street.onvif]")[0] + "# the end")
        assert httpx.post(f"{service.url}/v1/reload").status_code in (200, 204)
        wait_for(lambda: known(service) == {})


def test_a_camera_that_wants_the_digest_of_http_is_given_it(tmp_path: Path) -> None:
    with OnvifCamera((FACES,), digest=True) as camera, running(site_of(camera, tmp_path)) as service:
        listening(camera)

        assert known(service)["recognises"] is True
        assert camera.digests >= len(camera.asked) > 0
        assert camera.wrong == []


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # aiohttp leaves what failed to be closed
@pytest.mark.parametrize("trusted", [True, False])
def test_its_certificate_is_held_against_those_that_the_site_names(tmp_path: Path, trusted: bool) -> None:
    for name in ("camera", "other"):
        certify(tmp_path, name)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "camera.pem", tmp_path / "camera.key")
    more = f'ca_file = "{"camera" if trusted else "other"}.pem"'
    with OnvifCamera((FACES,), tls=tls) as camera, running(site_of(camera, tmp_path, more)) as service:
        wait_for(lambda: known(service).get("recognises") or known(service).get("problem"), 60)

        assert known(service).get("recognises", False) is trusted
        assert trusted or "ertificate" in known(service)["problem"]
    gc.collect()  # what aiohttp has left is told here, and not in another test


def certify(folder: Path, name: str) -> None:
    """A certificate of a camera's own."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem", "-subj", f"/CN={name}"]
    subprocess.run([*command, *files], check=True, capture_output=True)
