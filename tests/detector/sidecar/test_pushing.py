"""Pictures pushed to a service, and written beside it: a camera of these is judged as any other."""

import os
import socket
import time
from collections.abc import Generator
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.services import SITE, Running, running, wait_for

from facewarden.detector.sidecar import cameras
from facewarden.detector.sidecar.cameras import Cameras
from facewarden.streams.pushed import MOST_BYTES
from facewarden.streams.shared import FOLDER, SharedPictures
from facewarden.streams.synthetic import SyntheticSource

NAME = f"facewarden-service-{os.getpid()}"
SOURCES = f'[sources.street]\nurl = "push:"\n[sources."yard/west"]\nurl = "push:"\n[sources.desk]\nurl = "shm:{NAME}"\n'
RAW = {"x-facewarden-format": "i420", "x-facewarden-width": "64", "x-facewarden-height": "48"}
PICTURE = bytes(64 * 48 * 3 // 2)
TOKEN, PUSHES = "a-token-that-is-long-enough", "the-token-of-those-who-push"
SERVED = '[serve]\npush_token_file = "push"\n'


@pytest.fixture
def service(tmp_path: Path) -> Generator[Running]:
    site, token = tmp_path / "site.toml", tmp_path / "token"
    (tmp_path / "push").write_text(PUSHES)
    declared = SITE[: SITE.index("[sources")].replace('mount = "body"', "public_space = true")
    site.write_text(declared.replace('consent = "none"', 'consent = "valid"') + SOURCES + SERVED)
    token.write_text(TOKEN)
    with running(site, lambda guard, note: Cameras(guard, note), token_file=token) as found:
        found.http.headers.update({"authorization": f"Bearer {TOKEN}", "x-facewarden-token": PUSHES})
        yield found


def i420(bgr: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)


@pytest.mark.slow
def test_cameras_of_a_host_come_to_their_verdicts_and_calls_on_them_are_ruled(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cameras, "_STALE_S", 1.5)

    def push(number: int, bgr: np.ndarray) -> None:
        jpeg = number % 2 == 1
        data = cv2.imencode(".jpg", bgr)[1].tobytes() if jpeg else i420(bgr).tobytes()
        size = {"x-facewarden-width": "320", "x-facewarden-height": "180", "x-facewarden-format": "i420"}
        headers = {"content-type": "Image/JPEG; q=1"} if jpeg else size
        stamp = {"x-facewarden-stamp": str(number / 15), "x-facewarden-captured-at": str(time.time())}
        answer = service.http.put("/v1/sources/street/picture", content=data, headers={**headers, **stamp})
        assert answer.status_code == 204, answer.text

    before = service.ask()["decision"]["effect"]
    scenes = (SyntheticSource(scene, seed=3, seconds=3, fps=15, size=(320, 180)) for scene in ("body", "fixed"))
    footage = [(walks.bgr(), stands.bgr()) for walks, stands in zip(*scenes, strict=True)]
    number, camera = 0, ""
    with SharedPictures(NAME, 320, 180) as shared:
        for number, (walks, stands) in enumerate(cycle([*footage, *reversed(footage)])):
            push(number, walks)
            shared.write(i420(stands), number / 15)
            camera = service.http.get("/v1/sources/desk").json()["mobility"]["value"]
            if number == 600 or (camera == "fixed" and service.ask()["decision"]["effect"] == "prohibited"):
                break
            time.sleep(0.005)
    street = service.http.get("/v1/sources/street").json()

    assert (before, service.ask()["decision"]["effect"]) == ("hold", "prohibited")
    assert (street["mobility"]["value"], camera) == ("mobile", "fixed")
    assert not (FOLDER / NAME).exists()
    wait_for(lambda: service.http.get("/v1/sources/street").json()["coverage"]["frames"] == number + 1)
    wait_for(lambda: {one["state"] for one in service.http.get("/v1/sources").json()[::2]} == {"stale"})


@pytest.mark.parametrize("token", [TOKEN, "another-one-of-them", ""])
def test_pictures_are_taken_with_the_token_for_them_alone(service: Running, token: str) -> None:
    answer = service.http.put(
        "/v1/sources/street/picture", content=PICTURE, headers={**RAW, "x-facewarden-token": token}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("street", RAW, PICTURE, 204),
        ("yard/west", RAW, PICTURE, 204),
        ("desk", RAW, PICTURE, 404),
        ("attic", RAW, PICTURE, 404),
        ("street", {}, PICTURE, 400),
        ("street", {**RAW, "x-facewarden-format": "rgb"}, PICTURE, 400),
        ("street", {**RAW, "x-facewarden-width": "-64"}, PICTURE, 400),
        ("street", {**RAW, "x-facewarden-width": "9" * 5000}, PICTURE, 400),
        ("street", {**RAW, "x-facewarden-stamp": "nan"}, PICTURE, 400),
        ("street", {**RAW, "x-facewarden-captured-at": "yesterday"}, PICTURE, 400),
        ("street", RAW, PICTURE[1:], 400),
        ("street", {"content-type": "image/jpeg"}, b"no jpeg", 400),
        ("street", RAW, bytes(MOST_BYTES + 1), 413),
    ],
)
def test_what_is_no_picture_is_refused_with_the_reason(
    service: Running, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = service.http.put(f"/v1/sources/{path}/picture", content=body, headers=headers)

    assert answer.status_code == status
    assert status == 204 or answer.json()["detail"]


def test_a_picture_that_comes_slowly_keeps_others_of_its_source_waiting_and_nobody_else(service: Running) -> None:
    host, port = service.service.addresses[0].rsplit(":", 1)
    head = "".join(f"{key}: {value}\r\n" for key, value in {**RAW, "authorization": f"Bearer {PUSHES}"}.items())
    begun = f"PUT /v1/sources/street/picture HTTP/1.1\r\nhost: x\r\n{head}content-length: 4608\r\n\r\n".encode()

    def put(source: str) -> int:
        return service.http.put(f"/v1/sources/{source}/picture", content=PICTURE, headers=RAW).status_code

    def beside_a_slow_one() -> tuple[int, int]:
        with socket.create_connection((host, int(port))) as slow:
            slow.sendall(begun)
            time.sleep(0.05)  # where it comes second all the same, it is the one that is refused
            return put("street"), put("yard%2Fwest")

    wait_for(lambda: beside_a_slow_one() == (429, 204))
    wait_for(lambda: put("street") == 204)
