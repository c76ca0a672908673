"""Live streams over a network, and cameras of this machine."""

import time
from collections.abc import Callable
from threading import Event, Lock
from typing import Final

from av.video.frame import VideoFrame

from .again import Again
from .base import Source
from .connection import STALL_S, Connection
from .decoding import Decoder
from .errors import UnreadableSource
from .feed import DEPTH
from .opening import parse_live
from .reading import PATIENCE_S, ReadFeed
from .video import DecodedPixels, clockwise

# Seconds from one connection's beginning to the next one's: finding out what is in a stream of 1080p takes so much of
# a core. The rest of its opening is waiting for its peer, in which it holds up nobody.
_APART_S: Final = 0.03
# Seconds from one key picture to the next, where encoders save most.
_KEY_S: Final = 30.0


class Turns:
    """Begins, that lie so many seconds apart."""

    def __init__(self, apart: float) -> None:
        self._apart, self._lock, self._next = apart, Lock(), 0.0

    def wait(self, stop: Event) -> None:
        """Wait for one's turn, or until `stop`."""
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now)
            self._next = turn + self._apart
        if stop.wait(turn - now):
            with self._lock:  # whoever comes later need not wait for those that are gone
                self._next -= self._apart


_TURNS: Final = Turns(_APART_S)


class LiveSource(ReadFeed):
    """A stream over a network, or a camera of this machine, as a source that reconnects by itself.

    Args:
        address: see `parse_live`.
        name: the source's name; the address without credentials by default.
        patience, depth, told, ready: see `ReadFeed`.
    """

    def __init__(
        self,
        address: str,
        name: str | None = None,
        *,
        patience: float | None = None,
        depth: int = DEPTH,
        told: Callable[[str, str], None] | None = None,
        ready: Callable[[], None] | None = None,
    ) -> None:
        self._opening, self._again = parse_live(address), Again()
        shown = self._opening.shown
        super().__init__(name or shown, shown, patience=patience, depth=depth, told=told, ready=ready)
        self._thread.start()

    def _session(self) -> None:
        _TURNS.wait(self._stop)
        if self._stop.is_set():
            return
        with Connection(self._opening) as connection:
            self._read(connection)

    def _read(self, connection: Connection) -> None:
        """Read until it is over; the first picture of a connection begins anew on the stream's clock."""
        if connection.step:
            self._clock.step = connection.step
        decoder, last, decoded = connection.decoder, self.heard, time.monotonic()
        opened = decoded
        begun, spared, before = False, 0, (self.counters.skipped, self.counters.unreadable)
        self._again.begin()
        for packet in connection.packets():
            if self._stop.is_set():
                return
            if connection.listed and self._again.is_old(packet):
                continue
            now = self.heard = time.monotonic()
            thrifty = self.thrift is not None and self.thrift(now)
            for picture in decoder.decode(packet, now, thrifty=thrifty):
                if not begun:
                    begun = True
                    self._back(last, now)
                decoded = now
                self._take(connection, picture, spared=decoder.skipped > spared)
                spared = decoder.skipped
            if self._count(decoder, *before):
                decoded = now
            # To open it took a while in which no picture came either. Some streams have no key pictures.
            waits = not begun and not decoder.begun
            if now - decoded > STALL_S or (waits and now - connection.began > STALL_S):
                self._undecoded(decoder, now - opened)

    def _undecoded(self, decoder: Decoder, since: float) -> None:
        """Tell that nothing can be decoded. Whoever came into the midst of a long group of pictures waits for the next
        key picture, for by a new connection it would come into the midst again."""
        if decoder.begun or since > _KEY_S:
            raise UnreadableSource(self._shown, "pictures come, and none of them can be decoded")
        if self.error is None:
            self._lost(UnreadableSource(self._shown, "no key picture has come yet, on which the others stand"))

    def _count(self, decoder: Decoder, skipped: int, unreadable: int) -> bool:
        """Count what a connection has left out, and what did not decode, beside that before it; whether any was left
        out just now."""
        counters, now = self.counters, time.monotonic()
        spared = counters.skipped < skipped + decoder.skipped
        if spared:
            self.seconds.mark("skipped", now)
        elif counters.unreadable < unreadable + decoder.unreadable:
            self.seconds.mark("unreadable", now)
        counters.skipped, counters.unreadable = skipped + decoder.skipped, unreadable + decoder.unreadable
        return spared

    def _take(self, connection: Connection, picture: VideoFrame, *, spared: bool) -> None:
        pts = None if picture.pts is None else float(picture.pts * connection.time_base)
        base = connection.capture_base
        captured = None if base is None or pts is None else base + pts
        stamp = pts if connection.stamped else time.monotonic()
        self._hand_over(DecodedPixels(picture), stamp, captured, rotation=clockwise(picture.rotation), spared=spared)


def open_live(url: str, name: str | None, assume_fps: float | None) -> Source:  # noqa: ARG001 - a stream has its own time
    """A live source that gives up after a while, for whoever reads it as a file; its first error ends it."""
    return LiveSource(url, name, patience=PATIENCE_S)
