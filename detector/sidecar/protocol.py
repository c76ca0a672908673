"""The limits of a connection: how many there are, how long a request may take to come, how long its head may be."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, cast

from starlette.responses import Response
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from .access import AtOnce
from .gateway.clients import common_name

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

# Connections at once: each costs memory and a descriptor, whoever holds it.
MOST: Final = 1024
# Bytes of a request's line and headers.
LONGEST_HEAD: Final = 32 << 10
# Bytes of a body that is gathered before anybody is asked.
LONGEST_AT_ONCE: Final = 64 << 10
# Seconds in which a request has to be wholly here, from its first byte, or from when the connection was made.
SLOWEST_S: Final = 10.0

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class _Gathered:
    """A transport that writes once in a turn of the loop what was written in several parts: an answer's head and body
    cost one call of the system in place of two."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._parts: list[bytes] = []
        self.abort, self.is_closing = transport.abort, transport.is_closing
        self.get_extra_info = transport.get_extra_info
        self.pause_reading, self.resume_reading = transport.pause_reading, transport.resume_reading

    def write(self, data: bytes) -> None:
        """Write it before the loop's next turn ends."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        """Write what is left, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts and not self._transport.is_closing():
            self._transport.write(b"".join(self._parts))
        self._parts.clear()


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's own, which knows none of these limits itself.

    What the application answers at once is asked without a task of its own as soon as the request is here.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._coming = True
        self._head = 0
        self._at_once: Callable[[Scope], AtOnce | None] = getattr(self.config.app, "at_once", _never)
        self._ready: AtOnce | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if (client := common_name(transport.get_extra_info("peercert"))) is not None:
            self.app_state = {**self.app_state, "client": client}
        self.transport = cast(asyncio.Transport, _Gathered(transport, self.loop))
        if len(self.connections) > MOST:
            transport.abort()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self._head > LONGEST_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        if self._coming and self._deadline is None:
            self._wait()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._arrived()
        self._coming = True

    def on_headers_complete(self) -> None:
        self._head = -(1 << 62)  # what comes now is no head
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if self._ready is not None and len(self.cycle.body) > LONGEST_AT_ONCE:
            self._ready = None
            super()._start_asgi_task(self.cycle, cast(Any, self).app)

    def on_message_complete(self) -> None:
        self._head = 0
        self._arrived()
        self._coming = False
        super().on_message_complete()
        ready, self._ready = self._ready, None
        if ready is not None:
            self._answer(self.cycle, ready(bytes(self.cycle.body)))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        here = cycle is self.cycle and cycle.more_body and not cycle.waiting_for_100_continue
        taken = here and not self.flow.write_paused
        self._ready = self._at_once(cast(Scope, cycle.scope)) if taken else None
        if self._ready is None:
            super()._start_asgi_task(cycle, app)

    def _answer(self, cycle: RequestResponseCycle, answer: Response | Awaitable[Response]) -> None:
        if isinstance(answer, Response):
            self._write(cycle, answer)
        else:
            task = self.loop.create_task(self._later(cycle, answer))
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)

    async def _later(self, cycle: RequestResponseCycle, answer: Awaitable[Response]) -> None:
        self._write(cycle, await answer)

    def _write(self, cycle: RequestResponseCycle, response: Response) -> None:
        if cycle.disconnected:
            return
        content = [STATUS_LINE[response.status_code]]
        for name, value in response.raw_headers:
            content += (name, b": ", value, b"\r\n")
        ends = "connection" in response.headers
        content.append(b"\r\n" if cycle.keep_alive or ends else b"connection: close\r\n\r\n")
        if cycle.scope["method"] != "HEAD":
            content.append(bytes(response.body))
        self.transport.write(b"".join(content))
        cycle.response_started = cycle.response_complete = True
        if ends or not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(SLOWEST_S, self._late)

    def _arrived(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()


def _never(_: Scope) -> None:
    """Of an application that answers nothing at once."""
