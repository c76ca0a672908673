"""`POST /v1/ask`."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest
from helpers.services import CALL, SITE, Running, running

from facewarden.detector.calls.attribution.asked import CallQuestion, as_planes, as_views
from facewarden.detector.calls.attribution.pictures import pictures
from facewarden.detector.sidecar.doors.ask import read_names

LINE = {**CALL, "at": None}


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Generator[httpx.Client]:
    """A client of a service's Unix socket."""
    folder = tmp_path_factory.mktemp("socket")
    (folder / "site.toml").write_text(
        SITE.replace('consent = "none"', 'consent = "valid"\nenvironment = "uncontrolled"')
    )
    with running(folder / "site.toml", listen=("127.0.0.1:0", f"unix:{folder}/socket")):
        transport = httpx.HTTPTransport(uds=f"{folder}/socket")
        with httpx.Client(transport=transport, base_url="http://localhost", timeout=10) as client:
            yield client


def effect(socket: httpx.Client, **question: Any) -> str | None:
    answer = socket.post("/v1/ask", json={"call": {**LINE, "source": None}, **question})
    assert answer.status_code == 200, answer.text
    refused = answer.json()["refused"]
    return refused and refused["effect"]


def test_it_answers_only_over_the_unix_socket_where_no_token_is_asked_for(shared: Running) -> None:
    assert shared.http.post("/v1/ask", json={"call": LINE}).status_code == 403


def test_a_token_lets_it_be_asked_elsewhere(site: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a-token-of-sixteen-letters")
    with running(site, token_file=tmp_path / "token") as service:
        headers = {"x-facewarden-token": "a-token-of-sixteen-letters"}
        assert service.http.post("/v1/ask", json={"call": LINE}, headers=headers).status_code == 200
        assert service.http.post("/v1/ask", json={"call": LINE}).status_code == 401


def test_the_camera_is_the_one_that_is_said_or_whose_address_was_read(socket: httpx.Client) -> None:
    said = {"source": "street", "how": "block", "confidence": 1.0}
    assert effect(socket, said=said) == "prohibited"
    assert effect(socket, shown=["rtsp://127.0.0.1:1/street"]) == "prohibited"
    assert effect(socket, shown=["rtsp://127.0.0.1:1/desk"]) == "hold"
    assert effect(socket, shown=["rtsp://elsewhere/street"]) == "hold"


def test_a_program_without_a_tap_is_held_unless_it_only_wants_to_hear_of_it(socket: httpx.Client) -> None:
    speech = {**LINE, "task": "detection"}
    assert effect(socket, call=speech) is None
    assert effect(socket, call=speech, closed="a tap is lost") == "hold"
    assert effect(socket, call=speech, closed="a tap is lost", observe=True) is None


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"call": 1}', b'{"call": {}}', b'{"call": {}, "views": [{"width": 0, "luma": "AAAA"}]}']
)
def test_what_is_no_question_is_told_so(socket: httpx.Client, body: bytes) -> None:
    assert socket.post("/v1/ask", content=body).status_code == 400


def test_views_are_the_pictures_as_they_are_compared() -> None:
    batch = np.random.default_rng(1).normal(size=(2, 3, 112, 96)).astype(np.float32)
    (given, _), (seen, _) = pictures(batch), as_planes(as_views([batch]))
    assert seen.shape == given.shape
    assert np.corrcoef(given.ravel(), seen.ravel())[0, 1] > 0.9999


def test_cameras_are_known_by_their_addresses_whoever_reads_them(tmp_path: Path) -> None:
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "one.png").touch()
    sources = {"street": "rtsp://user:secret@camera/1", "desk": "/dev/video3", "files": f"{tmp_path}/faces"}

    def names(*shown: str, read: tuple[str, ...] = ()) -> set[str]:
        return set(read_names(CallQuestion(msgspec.Raw(b"{}"), shown=shown, read=read), sources))

    assert names("rtsp://camera/1", "rtsp://other:one@camera/1") == {"street"}
    assert names("device-3") == {"desk"}
    assert names("desk") == {"desk"}
    assert names(read=(f"{tmp_path}/faces/one.png", "/etc/hosts")) == {"files"}
    assert names("rtsp://user:secret@phone/1") == {"rtsp://***@phone/1"}
