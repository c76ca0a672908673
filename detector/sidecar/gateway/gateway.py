"""The gateway of one upstream by HTTP: it takes connections, and what comes by them goes on, or is refused."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from typing import Final

import h11

from ..doors.door import refusal, told
from ..metrics import Metrics
from .forward import Broken, forward, problem_of, refuse
from .incoming import Cut, Incoming, Unreached, Wire, next_request, of_client
from .limits import CONNECTIONS, HEAD, PIECE
from .pool import Pool
from .ruling import Rules
from .services import KINDS

_CLOSE: Final = {"connection": "close"}
_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})


class Gateway:
    """Stands in front of one upstream.

    Args:
        rules: rule on what is asked of it.
        metrics: count its answers.
        failed: told of failures of ours.
    """

    def __init__(self, rules: Rules, metrics: Metrics, failed: Callable[[str], None]) -> None:
        self._rules, self._metrics, self._failed = rules, metrics, failed
        self._pool = Pool(rules.upstream.url)
        self._door = f"gateway {rules.name}"
        kind = KINDS.get(rules.upstream.kind)
        own = kind is None or kind.own_host
        self._host: Final = rules.upstream.host or ("client" if own else "upstream")
        self._clients: set[asyncio.Task[None]] = set()
        self._idle: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._ends = False

    async def start(self, bound: socket.socket, tls: ssl.SSLContext | None) -> None:
        """Take connections there."""
        self._server = await asyncio.start_server(self._accept, sock=bound, ssl=tls, limit=PIECE, backlog=CONNECTIONS)

    async def stop(self, seconds: float) -> None:
        """Take no more; end those that are there after so many seconds."""
        self._ends = True
        if self._server is not None:
            self._server.close()
        for idle in [*self._idle]:
            idle.cancel()
        if self._clients:
            await asyncio.wait(self._clients, timeout=seconds)
        for one in self._clients:
            one.cancel()
        if self._clients:
            await asyncio.wait(self._clients)
        self._pool.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._ends or len(self._clients) >= CONNECTIONS:
            writer.transport.abort()
            return
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)
        wire = of_client(reader, writer)
        try:
            await self._converse(wire, task)
        except (Broken, Cut, OSError, asyncio.CancelledError):  # which `stop` alone asks for
            wire.cut()
        except h11.LocalProtocolError as error:  # the server says what cannot be said to this client
            self._failed(f"{self._door}: {error}")
            wire.cut()
        finally:
            await wire.close()

    async def _converse(self, wire: Wire, task: asyncio.Task[None]) -> None:
        """Request after request, as long as both sides want."""
        while True:
            try:
                self._idle.add(task)
                try:
                    request = await next_request(wire)
                finally:
                    self._idle.discard(task)
                if request is None:
                    return
                await self._serve(request)
            except h11.RemoteProtocolError as error:
                await _complain(wire, error)
                return
            if wire.http.our_state is not h11.DONE or wire.http.their_state is not h11.DONE:
                return
            wire.http.start_next_cycle()

    async def _serve(self, request: Incoming) -> None:
        started = perf_counter()
        if request.values("content-length") and request.values("transfer-encoding"):
            raise h11.RemoteProtocolError("the length of its body is said in two ways")
        try:
            ruled = await self._rules.rule(request)
        except (Cut, h11.RemoteProtocolError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever failed, nothing goes on
            self._failed(f"{self._door}: {type(error).__name__}: {error}")
            body = problem_of(503, "Cannot decide", "facewarden itself failed; its log says how.")
            await self._refuse(request, 503, body, {})
            return
        self._metrics.took(self._door, perf_counter() - started)
        if ruled.answer is not None and not ruled.answer.opens:
            await self._refuse(request, 403, refusal(ruled.answer), told(ruled.answer))
        elif ruled.loads:
            await self._load(request)
        else:
            await self._forward(request)

    async def _load(self, request: Incoming) -> None:
        """Other models may stand under the names from here on, and again once the server has answered."""
        self._rules.forget()
        try:
            await self._forward(request)
        finally:
            self._rules.forget()

    async def _forward(self, request: Incoming) -> None:
        try:
            status = await forward(request, self._pool, self._host, twice=self._may_be_asked_twice(request))
            self._metrics.answered(self._door, status)
        except (Cut, h11.RemoteProtocolError) as error:
            if isinstance(error, Unreached):  # what is there when it comes back may be another
                self._rules.forget()
            if request.wire.http.our_state is not h11.SEND_RESPONSE or request.wire.http.their_state is h11.ERROR:
                raise
            await self._refuse(request, 502, problem_of(502, "The upstream gives no answer", str(error)[:300]), {})

    def _may_be_asked_twice(self, request: Incoming) -> bool:
        """A model gives the same once more; what else only some methods promise (RFC 9110, 9.2.2), or a client does."""
        promised = request.method in _IDEMPOTENT or bool(request.values("idempotency-key"))
        return promised or self._rules.upstream.kind == "oip"

    async def _refuse(self, request: Incoming, status: int, body: bytes, said: dict[str, str]) -> None:
        """Answer in the server's place; what the client would still send is not waited for."""
        self._metrics.answered(self._door, status)
        ends = {} if request.whole or request.wire.http.their_state is h11.DONE else _CLOSE
        await refuse(request.wire, status, body, {**said, **ends}, head_only=request.method == "HEAD")
        if ends:
            await _let_go(request.wire)


async def _let_go(wire: Wire) -> None:
    """Take a little of what is still coming, so that the answer is not lost with the connection."""
    with suppress(OSError, TimeoutError):
        if wire.writer.can_write_eof():
            wire.writer.write_eof()
        async with asyncio.timeout(1.0):
            for _ in range(256):
                if not await wire.reader.read(PIECE):
                    return


async def _complain(wire: Wire, error: h11.RemoteProtocolError) -> None:
    if wire.http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
        raise Cut(str(error))
    status = error.error_status_hint
    text = f"A head has at most {HEAD} bytes." if status == 431 else f"This is no HTTP/1.1: {error}"
    await refuse(wire, status, problem_of(status, "Not a request", text[:300]), _CLOSE)
    await _let_go(wire)
