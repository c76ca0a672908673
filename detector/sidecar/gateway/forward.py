"""One request's way to the server, and its answer's way back: nothing of either is changed but what is of a hop."""

import asyncio
from contextlib import suppress
from typing import Any, Literal, cast

import h11
import msgspec

from ..problems import MEDIA_TYPE, Problem
from .incoming import Cut, Headers, Incoming, Wire, onward
from .pool import Pool


class Broken(Exception):
    """An answer that had begun cannot be brought to its end: its connection has to be cut, so that nobody takes it for
    whole."""


async def forward(request: Incoming, pool: Pool, host: Literal["client", "upstream"], *, twice: bool) -> int:
    """Send a request on, and its answer back; gives the answer's status.

    Args:
        request, pool, host: what, where, and whose name it has there.
        twice: whether to ask twice is the same as once: it may be, where the server closes a kept connection just then.

    Raises:
        Broken: the answer ended in the middle.
        Cut: the server gives no answer, or the client is gone.
    """
    head = _head(request, pool, host)
    server = await pool.take()
    try:
        return await _converse(request, pool, server, head)
    except (Cut, h11.RemoteProtocolError):
        if not (twice and server.kept and server.ended and request.again()):
            raise
    return await _converse(request, pool, await pool.take(fresh=True), head)


async def _converse(request: Incoming, pool: Pool, server: Wire, head: h11.Request) -> int:
    sending = asyncio.ensure_future(_send(request, server, head))
    try:
        status = await _answer(request, server, sending)
        if sending.done():
            sending.result()
            pool.give(server)
        else:  # it answered before it had heard all: neither connection can be used again
            request.wire.http.send_failed()
            server.cut()
    except BaseException:
        server.cut()
        raise
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError, Cut, h11.ProtocolError, Broken):
            await sending
    return status


def _head(request: Incoming, pool: Pool, host: Literal["client", "upstream"]) -> h11.Request:
    headers = onward(request.headers)
    if host == "upstream":
        headers = [(key, pool.host.encode() if key.lower() == b"host" else value) for key, value in headers]
    if all(key.lower() != b"host" for key, _ in headers):  # HTTP/1.0 needs none, and what goes on is HTTP/1.1
        headers = [(b"Host", pool.host.encode()), *headers]
    return h11.Request(method=request.method, target=(pool.path + request.target).encode("latin-1"), headers=headers)


async def _send(request: Incoming, server: Wire, head: h11.Request) -> None:
    begins = [head]  # goes with the first piece of the body, or with its end
    async for piece in request.body():
        await server.send(*begins, h11.Data(data=cast(bytes, piece)))
        begins = []
    await server.send(*begins, h11.EndOfMessage(headers=onward(request.trailers)))


async def _answer(request: Incoming, server: Wire, sending: "asyncio.Future[None]") -> int:
    client = request.wire
    head: h11.Response | None = None
    said: list[Any] = []
    while True:
        event = await _next(server, sending, begun=head is not None, waiting=not said)
        if event is None:
            await client.send(*said)
            said = []
            continue
        if isinstance(event, h11.EndOfMessage):
            await client.send(*said, _end(event, client))
            assert head is not None  # noqa: S101 - h11 gives none before
            return head.status_code
        if isinstance(event, h11.Data):
            said.append(event)
        elif isinstance(event, h11.Response):
            head = event
            said.append(_same(event))
        elif not isinstance(event, h11.InformationalResponse):
            raise Broken if head is not None else Cut("it ended without an answer")
        elif event.status_code != 100:  # which we have said ourselves
            said.append(_same(event))


def _end(event: h11.EndOfMessage, client: Wire) -> h11.EndOfMessage:
    trailers = list(event.headers.raw_items()) if client.http.their_http_version != b"1.0" else []
    return h11.EndOfMessage(headers=onward(trailers))


async def _next(server: Wire, sending: "asyncio.Future[None]", *, begun: bool, waiting: bool) -> Any:
    """What the server says next; None where it is not here and nobody waits for it."""
    try:
        event = server.ready()
        if event is not None or not waiting:
            return event
        return await (server.event() if sending.done() else _either(server, sending))
    except (Cut, h11.RemoteProtocolError) as error:
        if begun:
            raise Broken(str(error)) from error
        raise


async def _either(server: Wire, sending: "asyncio.Future[None]") -> Any:
    """What the server says next; where it says nothing because the client does not, the client's failure is told."""
    reading = asyncio.ensure_future(server.event())
    try:
        await asyncio.wait((reading, sending), return_when=asyncio.FIRST_COMPLETED)
        if sending.done() and sending.exception() is not None and not reading.done():
            sending.result()
        return await reading
    finally:
        reading.cancel()


def _same(event: Any) -> Any:
    headers: Headers = onward(list(event.headers.raw_items()))
    return type(event)(status_code=event.status_code, reason=event.reason, headers=headers)


async def refuse(wire: Wire, status: int, body: bytes, said: dict[str, str], *, head_only: bool = False) -> None:
    """Answer in the place of the server."""
    headers = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), **said}
    await wire.send(h11.Response(status_code=status, headers=list(headers.items())))
    if not head_only:
        await wire.send(h11.Data(data=body))
    await wire.send(h11.EndOfMessage())


def problem_of(status: int, title: str, detail: str) -> bytes:
    """The body that says what is wrong."""
    return msgspec.json.encode(Problem(title, status, detail))
