"""Bodies that have to be looked at: up to a bound, for a moment, and never kept."""

import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from .incoming import Incoming
from .limits import LOOKED_AT, TOGETHER


class Unreadable(Exception):
    """A body of which cannot be told what it says; the text says why."""


class Room:
    """How much of all bodies is looked at just now."""

    def __init__(self) -> None:
        self.taken = 0

    @asynccontextmanager
    async def body(self, request: Incoming) -> AsyncGenerator[bytes]:
        """The whole body, without its compression.

        Raises:
            Unreadable: it is too long, or compressed in a way that is not understood.
        """
        size = _declared(request)
        if self.taken + size > TOGETHER:
            raise Unreadable("too much is being looked at already")
        self.taken += size
        try:
            sent = await request.peek(min(size, LOOKED_AT) + 1)
            if not request.whole:
                raise Unreadable(f"its body is longer than {LOOKED_AT} bytes")
            yield plain(sent, request.value("content-encoding"), LOOKED_AT)
        finally:
            self.taken -= size


def _declared(request: Incoming) -> int:
    length = request.value("content-length")
    size = int(length) if length.isdigit() else LOOKED_AT if request.values("transfer-encoding") else 0
    if size > LOOKED_AT:
        raise Unreadable(f"its body is longer than {LOOKED_AT} bytes")
    return size


def plain(content: bytes, coding: str, most: int) -> bytes:
    """A body without its compression.

    Args:
        content: as it was sent; of a longer body the beginning.
        coding: its `Content-Encoding`.
        most: bytes that are looked at.

    Raises:
        Unreadable: it cannot be undone, or is longer than that.
    """
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return content
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise Unreadable(f"its Content-Encoding, {coding[:40]!r}, is not understood")
    undo: Any = zlib.decompressobj(31 if "gzip" in coding else 15)
    try:
        found: bytes = undo.decompress(content, most + 1)
    except zlib.error as error:
        raise Unreadable("its compression is broken") from error
    if len(found) > most or undo.unused_data:
        raise Unreadable("it is longer than it may be")
    return found
