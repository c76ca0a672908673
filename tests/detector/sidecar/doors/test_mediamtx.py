"""MediaMTX's questions, and the sessions that are ended when a verdict turns."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers.local_server import LocalServer
from helpers.services import SITE, Running, running, wait_for

USERS = """
[mediamtx]
api = "{api}"

[mediamtx.users.facewarden]
password_file = "password"
actions = ["read"]

[mediamtx.users.camera]
actions = ["publish"]

[mediamtx.users.matcher]
service = "azure_openai"
task = "identification"
"""
# Allowed on a fixed camera that a person agreed to; never on a mobile one.
FIXED = SITE.replace('[cameras.street]\nmount = "body"\n', "").replace('consent = "none"', 'consent = "valid"')


@pytest.fixture
def api() -> Generator[LocalServer]:
    """What takes the place of MediaMTX's control API."""
    with LocalServer() as server:
        yield server


@pytest.fixture
def mediamtx(tmp_path: Path, api: LocalServer) -> Generator[Running]:
    site = tmp_path / "site.toml"
    site.write_text(FIXED + USERS.format(api=api.url))
    (tmp_path / "password").write_text("correct horse\n")
    with running(site) as found:
        found.cameras.show("street", "fixed")
        yield found


def ask(running: Running, user: str = "matcher", action: str = "read", **question: Any) -> httpx.Response:
    asked = {
        "ip": "10.0.0.7", "user": user, "password": "", "token": "", "action": action, "path": "street",
        "protocol": "rtsp", "id": "c0ffee", "query": "", "userAgent": "x",
    }  # fmt: skip
    return running.http.post("/v1/mediamtx/auth", json=asked | question)


def test_a_consumer_may_read_what_its_call_may_be_made_on(mediamtx: Running) -> None:
    assert ask(mediamtx).status_code == 200


def test_a_consumer_may_not_read_a_mobile_camera_and_is_told_in_a_line(mediamtx: Running) -> None:
    mediamtx.cameras.show("street", "mobile")
    answer = ask(mediamtx)

    assert answer.status_code == 403
    assert "MS-AOAI" in answer.text
    assert "\n" not in answer.text


def test_who_gives_no_name_is_asked_for_it_and_counts_for_nothing(mediamtx: Running) -> None:
    assert ask(mediamtx, user="").status_code == 401
    assert "mediamtx_sessions_total{" not in mediamtx.http.get("/metrics").text


def test_facewarden_itself_reads_with_its_password_whatever_the_verdict(mediamtx: Running) -> None:
    mediamtx.cameras.show("street", "mobile")

    assert ask(mediamtx, "facewarden", password="correct horse").status_code == 200
    assert ask(mediamtx, "facewarden", password="wrong").status_code == 401


@pytest.mark.parametrize(
    ("user", "action"), [("camera", "read"), ("camera", "api"), ("matcher", "publish"), ("x", "read")]
)
def test_nobody_does_what_the_site_does_not_name(mediamtx: Running, user: str, action: str) -> None:
    assert ask(mediamtx, user, action).status_code == 403


def test_a_camera_publishes(mediamtx: Running) -> None:
    assert ask(mediamtx, "camera", "publish").status_code == 200


def test_a_session_that_asks_twice_is_counted_and_recorded_once(mediamtx: Running) -> None:
    first, second = ask(mediamtx, id="connection"), ask(mediamtx, id="session")

    assert first.headers["x-facewarden-id"] == second.headers["x-facewarden-id"]
    assert 'mediamtx_sessions_total{answer="let in"} 1.0' in mediamtx.http.get("/metrics").text


def test_a_path_that_is_no_source_is_held(mediamtx: Running) -> None:
    assert ask(mediamtx, path="attic").status_code == 403


def test_when_a_verdict_turns_the_sessions_are_ended_and_not_within_an_answer(
    mediamtx: Running, api: LocalServer
) -> None:
    ask(mediamtx, id="connection")
    ask(mediamtx, id="session")
    assert api.arrived == []

    mediamtx.cameras.show("street", "mobile")

    kicks = {"/v3/rtspsessions/kick/session", "/v3/rtspsessions/kick/connection"}
    wait_for(lambda: {arrived.path for arrived in api.arrived} == kicks)
    wait_for(lambda: 'mediamtx_kicks_total{result="ended"} 2.0' in mediamtx.http.get("/metrics").text)


def test_a_session_that_cannot_be_ended_is_tried_again(mediamtx: Running, api: LocalServer) -> None:
    api.status = 500
    ask(mediamtx)
    mediamtx.cameras.show("street", "mobile")

    wait_for(lambda: len(api.arrived) >= 2)
    assert 'mediamtx_kicks_total{result="failed"}' in mediamtx.http.get("/metrics").text


@pytest.mark.parametrize("body", [b"", b"[]", b'{"user": 1}', b"\xff"])
def test_what_is_no_question_lets_nobody_in(mediamtx: Running, body: bytes) -> None:
    assert mediamtx.http.post("/v1/mediamtx/auth", content=body).status_code == 403
