"""Envoy's external authorisation over gRPC: `envoy.service.auth.v3.Authorization/Check`.

What the route's `context_extensions` say (`source`, `service`, `task`, `model`, `client` or `consumer`) goes first, for
no client can write there; then the request's headers, as at `/v1/check`. A call that may not be made is a
`denied_response`; where facewarden itself cannot decide it is an `error_response`, which Envoy counts apart, and closes
on unless it is told to let failures pass.
"""

import hmac
from typing import Any, Final

import grpc
from msgspec.structs import replace
from starlette.datastructures import Headers

from ...errors import InputError
from ...protobuf import field
from ..gate import Gate
from ..problems import MEDIA_TYPE
from ..settings import Settings
from ..telemetry import of_trace
from .check import call_of, held
from .door import refusal, told
from .wire import Message, headers, inner

SERVICE: Final = "envoy.service.auth.v3.Authorization"
_OK, _DENIED, _UNAVAILABLE = 0, 7, 14  # of google.rpc.Code
# Bytes of a question: Envoy puts the client's headers in, and of its body what it is told to.
_MOST: Final = 256 << 10


def answer(gate: Gate, question: bytes) -> bytes:
    """The `CheckResponse` to a `CheckRequest`. Never raises."""
    try:
        attributes = Message(inner(question, 1))
        http = Message(inner(attributes.last(4), 2))
        said, given = attributes.table(10), http.table(3)
        method, target, host = (http.last(number).decode() for number in (2, 4, 5))
        known = {name: (value,) for name, value in ({"client": said.get("consumer", "")} | said).items() if value}
        call = call_of(held(method, host, target or None, Headers(given), known))
    except (ValueError, UnicodeDecodeError) as error:
        return _error(f"the question cannot be read: {error}")
    if consumer := said.get("consumer"):
        call = replace(call, own={**call.own, "consumer": consumer})
    of_trace(given.get("traceparent", ""))
    found = gate.ask(call, given.get("baggage", ""))
    if found.opens:
        return field(1, b"") + field(3, headers(2, told(found)))
    if not found.ruling.decision.packs:  # held because something of ours does not work: no rule has said so
        return _error(found.reason, told(found))
    return field(1, field(1, _DENIED)) + field(2, _denial(403, refusal(found), told(found)))


def serve(gate: Gate, settings: Settings) -> "tuple[grpc.aio.Server, int]":
    """A server that is ready to be started, and its port.

    Raises:
        InputError: it cannot listen there.
    """
    server = grpc.aio.server(options=(("grpc.max_receive_message_length", _MOST), ("grpc.so_reuseport", 0)))
    server.add_generic_rpc_handlers((_handlers(gate, settings.tokens.ask),))
    address = str(settings.grpc)
    try:
        secret = credentials(settings)
        port = server.add_secure_port(address, secret) if secret else server.add_insecure_port(address)
    except (OSError, RuntimeError) as error:
        raise InputError(f"{address}: cannot be listened on ({error})") from error
    if not port:
        raise InputError(f"{address}: cannot be listened on")
    return server, port


def _handlers(gate: Gate, token: str | None) -> Any:
    async def check(question: bytes, context: Any) -> bytes:
        if token is not None and not _knows(dict(context.invocation_metadata() or ()), token):
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "facewarden: another token")
        return answer(gate, question)

    # Without a deserialiser the bytes come as they are.
    return grpc.method_handlers_generic_handler(SERVICE, {"Check": grpc.unary_unary_rpc_method_handler(check)})


def _knows(metadata: dict[str, str], token: str) -> bool:
    given = metadata.get("x-facewarden-token") or metadata.get("authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), token.encode())


def credentials(settings: Settings) -> "grpc.ServerCredentials | None":
    """What connections are secured by; None where they are not."""
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    pair = (settings.tls_key.read_bytes(), settings.tls_cert.read_bytes())
    ca = settings.client_ca and settings.client_ca.read_bytes()
    return grpc.ssl_server_credentials([pair], ca or None, require_client_auth=ca is not None)


def _error(why: str, said: dict[str, str] | None = None) -> bytes:
    text = f"facewarden cannot decide: {why}".encode()
    return field(1, field(1, _UNAVAILABLE)) + field(5, _denial(403, text, said or {}, "text/plain"))


def _denial(status: int, body: bytes, said: dict[str, str], kind: str = MEDIA_TYPE) -> bytes:
    return field(1, field(1, status)) + headers(2, {**said, "content-type": kind}) + field(3, body)
