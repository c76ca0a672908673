"""Envoy's external authorisation, by gRPC."""

from collections.abc import Generator
from pathlib import Path

import pytest
from helpers.services import SITE, Running, running

from facewarden.detector.protobuf import field
from facewarden.detector.sidecar.doors.wire import Message, inner

grpc = pytest.importorskip("grpc")

METHOD = "/envoy.service.auth.v3.Authorization/Check"
SAID = {"source": "street", "service": "azure_openai", "consumer": "matcher"}
DENIED, OK, ERROR = 2, 3, 5  # fields of CheckResponse


def question(task: str, headers: dict[str, str] | None = None) -> bytes:
    """A `CheckRequest`, as Envoy makes it."""

    def mapped(number: int, values: dict[str, str]) -> bytes:
        return b"".join(field(number, field(1, key) + field(2, value)) for key, value in values.items())

    http = (
        field(1, "7")
        + field(2, "POST")
        + mapped(3, headers or {})
        + field(4, "/v2/models/arcface/infer")
        + field(5, "models.local")
    )
    request = field(1, field(1, 1)) + field(2, http)
    return field(1, field(1, field(1, b"")) + field(4, request) + mapped(10, {**SAID, "task": task}))


def status(answer: bytes) -> int:
    """The code of `google.rpc.Status`."""
    return next((value for number, value in fields_of(inner(answer, 1)) if number == 1), 0)


def fields_of(message: bytes) -> list[tuple[int, int]]:
    from facewarden.detector.sidecar.doors.wire import fields

    return [(number, value) for number, value in fields(message) if isinstance(value, int)]


def headers(answer: bytes, kind: int) -> dict[str, str]:
    options = (inner(option, 1) for option in Message(inner(answer, kind)).all(2))
    return {inner(header, 1).decode(): inner(header, 2).decode() for header in options}


@pytest.fixture(scope="module")
def envoy(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    site = tmp_path_factory.mktemp("site") / "site.toml"
    site.write_text(SITE)
    with running(site, grpc="127.0.0.1:0") as found:
        yield found


def ask(envoy: Running, asked: bytes, metadata: tuple[tuple[str, str], ...] = ()) -> bytes:
    with grpc.insecure_channel(f"127.0.0.1:{envoy.service.grpc_port}") as channel:
        return channel.unary_unary(METHOD)(asked, timeout=10, metadata=metadata)


def test_a_call_that_may_not_be_made_is_denied_with_the_reason(envoy: Running) -> None:
    answer = ask(envoy, question("identification"))

    assert status(answer) == 7
    assert fields_of(inner(answer, DENIED, 1)) == [(1, 403)]
    assert "MS-AOAI-4" in headers(answer, DENIED)["x-facewarden-rule"]
    assert b"MS-AOAI-4" in inner(answer, DENIED, 3)


def test_a_call_that_may_be_made_is_ok(envoy: Running) -> None:
    answer = ask(envoy, question("speech"))

    assert status(answer) == 0
    assert headers(answer, OK)["x-facewarden-decision"] == "allow"
    assert not inner(answer, DENIED)


def test_what_the_route_says_prevails_over_the_headers_of_a_client(envoy: Running) -> None:
    sent = {"x-facewarden-task": "speech", "x-facewarden-source": "desk"}

    assert status(ask(envoy, question("identification", sent))) == 7


@pytest.mark.parametrize("asked", [b"", b"\xff\xff", b"\x0a\x05abc"])
def test_a_question_that_cannot_be_read_is_not_let_through(envoy: Running, asked: bytes) -> None:
    answer = ask(envoy, asked)

    assert status(answer) != 0
    assert not inner(answer, OK)


def test_where_the_record_cannot_be_written_it_is_an_error_and_no_denial(envoy: Running) -> None:
    from facewarden.detector.sidecar.doors.envoy_grpc import answer

    class Failed:
        failed = "the record cannot be written"

        def call(self, judged: object) -> None: ...

        def event(self, kind: str, text: str) -> None: ...

    from facewarden.detector.sidecar.gate import Gate

    gate = Gate(envoy.service.guard, envoy.service.gate.terms, Failed())
    said = answer(gate, question("speech"))

    assert status(said) == 14
    assert b"cannot be written" in inner(said, ERROR, 3)


def test_a_token_is_asked_for_where_there_is_one(site: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("0123456789abcdef\n")
    with running(site, grpc="127.0.0.1:0", token_file=tmp_path / "token") as envoy:
        asked = question("speech")
        assert status(ask(envoy, asked, (("authorization", "Bearer 0123456789abcdef"),))) == 0
        with pytest.raises(grpc.RpcError, match="UNAUTHENTICATED"):
            ask(envoy, asked)
