"""Connections to a server: kept for a moment, for the next request."""

import asyncio
import ssl
import time
from typing import Final
from urllib.parse import urlsplit

import h11

from .incoming import Unreached, Wire
from .limits import CONNECT_S, KEPT_S, PIECE, SERVER_S

_KEPT: Final = 64


class Pool:
    """Connections to one upstream.

    Args:
        url: `http(s)://HOST:PORT[/PATH]`.

    Attributes:
        host: what its `Host` is.
        path: what stands before every path.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        secured = parts.scheme == "https"
        self._name, self._port = parts.hostname or "", parts.port or (443 if secured else 80)
        self._tls = ssl.create_default_context() if secured else None
        self._idle: list[tuple[float, Wire]] = []
        self._sweep: asyncio.TimerHandle | None = None
        self.host, self.path = parts.netloc.rpartition("@")[2], parts.path.rstrip("/")

    async def take(self, *, fresh: bool = False) -> Wire:
        """A connection that nobody else uses, and with `fresh` one that nobody has used.

        Raises:
            Unreached: the server cannot be reached.
        """
        while self._idle and not fresh:
            since, wire = self._idle.pop()
            if time.monotonic() - since < KEPT_S and not wire.reader.at_eof() and not wire.writer.is_closing():
                return wire
            wire.cut()
        try:
            async with asyncio.timeout(CONNECT_S):
                pair = await asyncio.open_connection(self._name, self._port, ssl=self._tls, limit=PIECE)
        except (OSError, TimeoutError) as error:
            raise Unreached(f"it cannot be reached ({error})".replace(" ()", "")) from error
        return Wire(*pair, h11.CLIENT, SERVER_S)

    def give(self, wire: Wire) -> None:
        """Keep a connection whose answer is done, where it can be used again."""
        if wire.http.our_state is h11.DONE and wire.http.their_state is h11.DONE and len(self._idle) < _KEPT:
            wire.http.start_next_cycle()
            wire.kept = True
            self._idle.append((time.monotonic(), wire))
            self._sweep = self._sweep or asyncio.get_running_loop().call_later(KEPT_S, self._expire)
        else:
            wire.cut()

    def close(self) -> None:
        """End those that are kept."""
        if self._sweep is not None:
            self._sweep.cancel()
        for _, wire in self._idle:
            wire.cut()
        self._idle.clear()

    def _expire(self) -> None:
        """End those that nobody took in time: a server that ends may wait for them."""
        while self._idle and time.monotonic() - self._idle[0][0] >= KEPT_S:
            self._idle.pop(0)[1].cut()
        self._sweep = asyncio.get_running_loop().call_later(KEPT_S, self._expire) if self._idle else None
