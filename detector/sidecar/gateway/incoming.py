"""A client's side of a connection: requests in, answers out, by HTTP/1.1."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any, Final, TypeAlias, cast

import h11

from .limits import AGAIN, CLIENT_S, HEAD, HEAD_S, IDLE_S, PIECE

Headers: TypeAlias = list[tuple[bytes, bytes]]
# What ends with the connection that it is said on (RFC 9110, 7.6.1); how a body is framed stays, for it is kept.
_HOP: Final = frozenset({
    b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization", b"upgrade",
})  # fmt: skip
_ABSOLUTE: Final = re.compile(r"https?://[^/?#]*(?=[/?]|$)", re.IGNORECASE)
_FRAMING: Final = frozenset({b"content-length", b"transfer-encoding", b"host"})


class Cut(Exception):
    """The other end is gone, or takes too long."""


class Unreached(Cut):
    """A server that takes no connection."""


class Wire:
    """One end of a connection, and what it says in HTTP.

    Args:
        reader, writer: the connection.
        role: whether we are its server or its client.
        patience: seconds without a byte after which the other end is given up.

    Attributes:
        kept: whether it was used before, and nothing has come by it since.
        ended: whether the other end has closed it.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, role: type[h11.SERVER | h11.CLIENT],
        patience: float,
    ) -> None:  # fmt: skip
        self.reader, self.writer, self.patience = reader, writer, patience
        self.http = h11.Connection(our_role=role, max_incomplete_event_size=HEAD)
        self.kept = self.ended = False

    async def event(self, patience: float | None = None) -> Any:
        """What comes next.

        Raises:
            Cut: the other end is gone, or silent for too long.
            h11.RemoteProtocolError: it does not speak HTTP.
        """
        while True:
            event = self.http.next_event()
            if event is not h11.NEED_DATA:
                return event
            self.http.receive_data(await self.read(patience or self.patience))

    def ready(self) -> Any:
        """What comes next, where it is here already; else None."""
        event = self.http.next_event()
        return None if event is h11.NEED_DATA else event

    async def send(self, *events: Any) -> None:
        """Say these in one go, once the other end takes it.

        Raises:
            Cut: it does not.
        """
        parts = [part for event in events if (part := cast(bytes | None, self.http.send(event)))]
        if not parts:
            return
        try:
            self.writer.write(parts[0] if len(parts) == 1 else b"".join(parts))
            transport = self.writer.transport
            if transport.get_write_buffer_size() > PIECE or transport.is_closing():
                async with asyncio.timeout(self.patience):
                    await self.writer.drain()
        except (OSError, TimeoutError) as error:
            self.ended = self.ended or not isinstance(error, TimeoutError)
            raise Cut(_words(error)) from error

    async def read(self, patience: float) -> bytes:
        """Some bytes; none where the other end is done.

        Raises:
            Cut: there are none for so many seconds.
        """
        try:
            async with asyncio.timeout(patience):
                piece = await self.reader.read(PIECE)
        except (OSError, TimeoutError) as error:
            self.ended = self.ended or not isinstance(error, TimeoutError)
            raise Cut(_words(error)) from error
        self.kept, self.ended = self.kept and not piece, self.ended or not piece
        return piece

    def cut(self) -> None:
        """End it at once: what the other end has not taken by now is lost."""
        self.writer.transport.abort()

    async def close(self) -> None:
        """End it, once the other end has taken what was written; one that does not take it is cut."""
        self.writer.close()
        try:
            async with asyncio.timeout(self.patience):
                await self.writer.wait_closed()
        except (OSError, TimeoutError):
            pass  # it is gone, or is not reading
        finally:
            self.cut()


class Incoming:
    """A request: its head, and its body as far as it is here.

    Args:
        wire: where it comes from.
        request: its head.

    Attributes:
        method: upper-case.
        target: its path and query.
        headers: as they came, names in their own case.
        trailers: those after the body, once that has been read.
    """

    def __init__(self, wire: Wire, request: h11.Request) -> None:
        self.wire = wire
        self.method, self.target = request.method.decode(), _of_origin(request.target.decode("latin-1"))
        self.headers: Headers = list(request.headers.raw_items())
        self.trailers: Headers = []
        self.whole = False
        self._kept: list[bytes | bytearray] = []
        self._sent: list[bytes | bytearray] | None = []

    def values(self, name: str) -> list[str]:
        """The values of a header."""
        wanted = name.encode()
        return [value.decode("latin-1") for key, value in self.headers if key.lower() == wanted]

    def value(self, name: str) -> str:
        """The one value of a header; empty where there is none, or several."""
        values = self.values(name)
        return values[0] if len(values) == 1 else ""

    async def peek(self, most: int) -> bytes:
        """The body from its beginning: `most` bytes of it or a little more; less where it is `whole`. It is sent on
        all the same.

        Raises:
            Cut, h11.RemoteProtocolError: it does not come.
        """
        size = sum(map(len, self._kept))
        while size < most and not self.whole:
            piece = await self._next()
            size += len(piece)
            self._kept.append(piece)
        content = b"".join(self._kept)
        self._kept = [content]
        return content

    async def body(self) -> AsyncGenerator[bytes | bytearray]:
        """All of it, what was looked at first."""
        while self._kept or not self.whole:
            piece = self._kept.pop(0) if self._kept else await self._next()
            if piece:
                self._note(piece)
                yield piece

    def again(self) -> bool:
        """Have `body` begin anew; whether it can, which a long one cannot."""
        if self._sent is None:
            return False
        self._kept, self._sent = self._sent + self._kept, []
        return True

    def _note(self, piece: bytes | bytearray) -> None:
        if self._sent is not None:
            self._sent.append(piece)
            if sum(map(len, self._sent)) > AGAIN:
                self._sent = None

    async def _next(self) -> bytes | bytearray:
        if self.wire.http.they_are_waiting_for_100_continue:
            await self.wire.send(h11.InformationalResponse(status_code=100, headers=[]))
        event = await self.wire.event()
        if isinstance(event, h11.Data):
            return event.data  # not copied: there may be much of it
        if isinstance(event, h11.EndOfMessage):
            self.whole, self.trailers = True, list(event.headers.raw_items())
            return b""
        raise Cut("it ended in the middle of a request")


def _words(error: OSError) -> str:
    return "it takes too long" if isinstance(error, TimeoutError) else f"it closed the connection ({error})"


def _of_origin(target: str) -> str:
    """A target without the scheme and the host that it may name (RFC 9112, 3.2.2): there is one upstream."""
    named = _ABSOLUTE.match(target)
    return target if named is None else "/" + target[named.end() :].removeprefix("/")


async def next_request(wire: Wire) -> Incoming | None:
    """The next request of a client; None where it ends.

    Raises:
        Cut, h11.RemoteProtocolError: it does not come.
    """
    event = wire.http.next_event()
    if event is h11.NEED_DATA:
        wire.http.receive_data(await wire.read(IDLE_S))
        try:
            async with asyncio.timeout(HEAD_S):
                event = await wire.event()
        except TimeoutError as error:
            raise Cut("its head takes too long") from error
    if not isinstance(event, h11.Request):
        return None
    if event.http_version not in (b"1.0", b"1.1"):
        raise h11.RemoteProtocolError("another version of HTTP", error_status_hint=505)
    request = Incoming(wire, event)
    if len(request.target) + sum(len(name) + len(value) for name, value in request.headers) > HEAD:
        raise h11.RemoteProtocolError("a long head", error_status_hint=431)  # h11 minds those that come in pieces
    return request


def onward(headers: Headers) -> Headers:
    """The headers less those that end with their connection."""
    named = {
        part.strip().lower() for key, value in headers if key.lower() == b"connection" for part in value.split(b",")
    }
    ended = (_HOP | named) - _FRAMING
    return [(key, value) for key, value in headers if key.lower() not in ended]


def of_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Wire:
    """A client's connection."""
    return Wire(reader, writer, h11.SERVER, CLIENT_S)
