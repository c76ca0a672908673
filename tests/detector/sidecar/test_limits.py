"""What a caller may do to the service: anything, and it goes on, closed."""

import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest
from helpers.services import CALL, Running, running, wait_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facewarden.detector.sidecar import protocol, serve

DOORS = ("/v1/authorize", "/v1/check", "/v1/check/x?y", "/access/v1/evaluation", "/v1/mediamtx/auth")
json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=30) | st.sampled_from(sorted(CALL.values())),
    lambda part: (
        st.lists(part, max_size=4)
        | st.dictionaries(
            st.sampled_from(["source", "service", "task", "facts", "at", "id", "subject"]) | st.text(), part
        )
    ),
    max_leaves=8,
)


def connect(running: Running) -> socket.socket:
    host, port = running.service.addresses[0].rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=10)


def answer_to(running: Running, raw: bytes) -> bytes:
    """Everything that comes back until the service closes the connection, or is silent."""
    with connect(running) as talk:
        talk.sendall(raw)
        talk.settimeout(0.5)
        parts: list[bytes] = []
        try:
            while part := talk.recv(65536):
                parts.append(part)
        except TimeoutError:
            pass
        return b"".join(parts)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(door=st.sampled_from(DOORS), body=st.binary(max_size=200) | json.map(str).map(str.encode))
def test_no_body_opens_the_gate_or_breaks_it(shared: Running, door: str, body: bytes) -> None:
    answer = shared.http.post(door, content=body)

    assert answer.status_code in (200, 400, 401, 403)
    if answer.status_code == 200:
        assert answer.json().get("opens", answer.json().get("decision")) is False


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(door=st.sampled_from(DOORS), call=json)
def test_no_json_breaks_a_door(shared: Running, door: str, call: object) -> None:
    import json as js

    answer = shared.http.post(door, content=js.dumps(call))

    assert answer.status_code in (200, 400, 401, 403)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /v1/check HTTP/1.1\r\nhost: x\r\nbad\x00header: y\r\n\r\n",
        b"POST /v1/authorize HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n",
        b"POST /v1/authorize HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc",
        b"GET /%ff%fe/%00 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /v1/check?%ff=%00&source=%80 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET http://elsewhere/v1/check HTTP/1.1\r\nhost: x\r\n\r\n",
        b"CONNECT elsewhere:443 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /v1/events HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_no_raw_bytes_break_it(shared: Running, raw: bytes) -> None:
    first = answer_to(shared, raw).partition(b"\r\n")[0]

    assert b" 500 " not in first
    assert b" 200 " not in first or b"/v1/events" in raw
    assert shared.http.get("/healthz").status_code == 200


def test_a_body_that_is_too_long_is_not_read(shared: Running) -> None:
    assert shared.http.post("/v1/authorize", content=b" " * (64 << 10) + b"{}").status_code == 413
    assert shared.http.post("/v1/authorize", content=iter([b" " * 40_000] * 3)).status_code == 413


def test_headers_that_are_too_long_end_the_connection(shared: Running) -> None:
    with connect(shared) as talk:
        talk.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n")
        sent, answer = 0, b""
        try:
            while sent < 10 << 20 and not answer:
                talk.sendall(b"x-filler: " + b"y" * 8000 + b"\r\n")
                sent += 8012
                talk.settimeout(0.01 if sent > 40_000 else 10)
                try:
                    answer = talk.recv(100) if sent > 40_000 else b""
                except TimeoutError:
                    continue
        except ConnectionError:
            pass  # closed meanwhile, which is as good

    assert sent < 1 << 20
    assert b"200" not in answer


def test_who_sends_slowly_is_cut_off(shared: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "SLOWEST_S", 0.3)
    with connect(shared) as silent, connect(shared) as slow, connect(shared) as slower:
        slow.sendall(b"GET /healthz HT")
        slower.sendall(b"POST /v1/authorize HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{")
        began = time.monotonic()
        for one in (silent, slow, slower):
            with suppress(ConnectionResetError):
                assert one.recv(100) == b""
        assert time.monotonic() - began < 5


def test_who_is_in_the_middle_of_a_request_when_the_service_ends_is_cut_off(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "_DRAIN_S", 0)
    with running(site) as service, connect(service) as talk:
        talk.sendall(b"POST /v1/authorize HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{")
        service.http.get("/healthz")  # what was sent before is with the service
        service.stop()

        with suppress(ConnectionResetError):
            assert talk.recv(100) == b""


def test_a_stream_of_events_is_not_cut_off_for_being_slow(shared: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "SLOWEST_S", 0.2)
    with shared.http.stream("GET", "/v1/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": facewarden"
        time.sleep(0.5)
        shared.ask(id="late")
        assert "late" in next(line for line in lines if line.startswith("data:"))


def test_more_connections_than_there_may_be_are_not_served(shared: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    shared.http.get("/healthz")
    monkeypatch.setattr(protocol, "MOST", 3)
    talks = [connect(shared) for _ in range(8)]
    try:
        time.sleep(0.2)
        closed = 0
        for talk in talks:
            talk.settimeout(0.05)
            try:
                closed += talk.recv(1) == b""
            except TimeoutError:
                pass
            except ConnectionError:
                closed += 1
        assert closed >= 5
    finally:
        for talk in talks:
            talk.close()
    assert shared.http.get("/healthz").status_code == 200


def test_descriptors_do_not_grow(shared: Running) -> None:
    shared.ask()
    before = shared.connections()
    assert before >= 2  # where it listens, and that of our client
    for _ in range(200):
        answer_to_nothing = connect(shared)
        answer_to_nothing.sendall(b"nonsense")
        answer_to_nothing.close()

    wait_for(lambda: shared.connections() <= before)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/authorize", b'{"source": "street", "service": null, "task": "speech", "task": "identification"}', 400),
        (
            "/v1/authorize",
            b'{"source": "street", "service": null, "task": "speech", "facts": {"a": 1, "\\u0061": 2}}',
            400,
        ),
        ("/access/v1/evaluation", b'{"subject": {"type": "user", "id": "a", "id": "b"}}', 400),
        ("/v1/mediamtx/auth", b'{"user": "a", "user": "b", "action": "read", "path": "street"}', 403),
        ("/beta/litellm_basic_guardrail_api", b'{"texts": ["Who is this?"], "texts": []}', 400),
    ],
)
def test_a_key_that_comes_twice_is_told_and_nothing_is_opened(
    shared: Running, path: str, body: bytes, status: int
) -> None:
    answer = shared.http.post(path, content=body)

    assert answer.status_code == status
    assert "a key comes twice" in answer.text
