"""Live streams: a thread for each, which never waits for whoever takes its pictures, and comes back after a loss."""

import atexit
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final, cast
from weakref import WeakSet

from av.video.frame import VideoFrame

from .backoff import Backoff
from .base import DEFAULT_RATE, Source
from .clock import MediaClock
from .connection import STALL_S, Connection
from .errors import SourceError, UnreadableSource
from .frame import Frame, Size
from .handover import Handover
from .opening import parse_live
from .seconds import Seconds
from .video import DecodedPixels, clockwise

# Seconds that somebody who reads a live source as if it were a file waits for it to come back.
PATIENCE_S: Final = 30.0
_DEPTH: Final = 2
_LEAVING_S: Final = 1.0


class LiveSource(Source):
    """A stream over a network, or a camera of this machine, as a source that reconnects by itself.

    A daemon thread reads and decodes; `depth` pictures wait at most, then the oldest is dropped and counted. After a
    loss it tries again, ever less often up to every five seconds, and media time takes the gap.

    Args:
        address: see `parse_live`.
        name: the source's name; the address without credentials by default.
        patience: seconds without a picture after which it gives up, with the error; None never does.
        told: called in the reading thread with (reason, error line) when the stream is lost, and ("", "") when it is
            back. It must not wait.
        ready: called in the reading thread when a picture waits in `handover`. It must not wait.

    Attributes:
        handover: the pictures that wait.
        seconds: what became of each second.
        thrifty: set it, and only what is needed is decoded (see `Decoder`); clear it, and every picture is.
        reconnects: how often the stream was lost, by reason.
        error: why it cannot be read now, without credentials; None while it can.
        heard: when the last picture came, decoded or not; monotonic seconds.
        offset: seconds by which the camera's clock is behind ours, as of the last picture; None where it has none.
    """

    def __init__(
        self,
        address: str,
        name: str | None = None,
        *,
        patience: float | None = None,
        depth: int = _DEPTH,
        told: Callable[[str, str], None] | None = None,
        ready: Callable[[], None] | None = None,
    ) -> None:
        self._opening = parse_live(address)
        super().__init__(name or self._opening.shown)
        self._patience, self._told, self._ready = patience, told, ready
        self.handover = Handover(depth)
        self.seconds = Seconds(time.monotonic())
        self.thrifty = False
        self.reconnects: Counter[str] = Counter()
        self.error: str | None = None
        self.heard: float | None = None
        self.offset: float | None = None
        self._clock = MediaClock(step=1 / DEFAULT_RATE)
        self._size: Size | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"facewarden-{self.name}", daemon=True)
        _RUNNING.add(self)
        self._thread.start()

    def frames(self) -> Iterator[Frame]:
        for frame in self.handover:
            self.seconds.mark("seen", time.monotonic())
            yield frame

    def close(self) -> None:
        """End it; the thread ends when its read does, or its time is out."""
        self._stop.set()
        self.handover.end()

    def join(self, timeout: float) -> bool:
        """Wait for the thread; whether it has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        backoff, begun = Backoff(self.name), time.monotonic()
        while not self._stop.is_set():
            opened = time.monotonic()
            try:
                with Connection(self._opening) as connection:
                    self._read(connection)
            except SourceError as error:
                self._lost(error)
            except Exception as error:  # noqa: BLE001 - the thread must go on; the text may hold a password
                self._lost(UnreadableSource(self._opening.shown, f"reading failed ({type(error).__name__})"))
            now = time.monotonic()
            if self._patience is not None and now - (self.heard or begun) > self._patience:
                return
            lasted = max(0.0, (self.heard or opened) - opened)
            self._stop.wait(backoff.wait(lasted))

    def _lost(self, error: SourceError) -> None:
        if self._stop.is_set():
            return
        self.error = str(error)
        self.reconnects[error.kind] += 1
        self.seconds.because(error.kind, time.monotonic())
        never = self.heard is None and self._patience is not None
        overdue = self._patience is not None and time.monotonic() - (self.heard or 0.0) > self._patience
        if never or overdue:
            self._stop.set()
            self.handover.end(error)
        if self._told:
            self._told(error.kind, str(error))

    def _read(self, connection: Connection) -> None:
        """Read until it is over; the first picture of a connection begins anew on the stream's clock."""
        if connection.step:
            self._clock.step = connection.step
        decoder, last, decoded = connection.decoder, self.heard, time.monotonic()
        begun = False
        unreadable = self.counters.unreadable
        for packet in connection.packets():
            if self._stop.is_set():
                return
            now = self.heard = time.monotonic()
            skipped = decoder.skipped
            for picture in decoder.decode(packet, now, thrifty=self.thrifty):
                if not begun:
                    begun = True
                    self._back(last, now)
                decoded = now
                self._hand_over(connection, picture)
            if decoder.skipped > skipped:
                decoded = now
                self.counters.skipped += decoder.skipped - skipped
                self.seconds.mark("skipped", now)
            elif self.counters.unreadable < unreadable + decoder.unreadable:
                self.counters.unreadable = unreadable + decoder.unreadable
                self.seconds.mark("unreadable", now)
            if now - decoded > STALL_S:
                raise UnreadableSource(self._opening.shown, "pictures come, and none of them can be decoded")

    def _back(self, last: float | None, now: float) -> None:
        lost, self.error = self.error, None
        self.seconds.because("silent", now)
        self._clock.reconnected(None if last is None else now - last)
        if self._told and lost is not None:
            self._told("", "")

    def _hand_over(self, connection: Connection, picture: VideoFrame) -> None:
        pts = None if picture.pts is None else float(picture.pts * cast(Fraction, picture.time_base))
        media, event = self._clock.stamp(pts if connection.stamped else time.monotonic())
        base = connection.capture_base
        captured = None if base is None or pts is None else base + pts
        self.offset = None if captured is None else time.time() - captured
        frame = self._stamped(
            DecodedPixels(picture),
            media,
            event or self._resized((picture.width, picture.height)),
            captured_at=captured,
            rotation=clockwise(picture.rotation),
        )
        before = self.handover.dropped
        self.handover.put(frame)
        if self.handover.dropped > before:
            self.seconds.mark("dropped", frame.received_at)
        self.counters.dropped = self.handover.dropped
        if self._ready:
            self._ready()

    def _resized(self, size: Size) -> str | None:
        before, self._size = self._size, size
        if before is None or before == size:
            return None
        return f"the picture's size changed, from {before[0]}x{before[1]} to {size[0]}x{size[1]}"


def open_live(url: str, name: str | None, assume_fps: float | None) -> Source:  # noqa: ARG001 - a stream has its own time
    """A live source that gives up after a while, for whoever reads it as a file; its first error ends it."""
    return LiveSource(url, name, patience=PATIENCE_S)


_RUNNING: "WeakSet[LiveSource]" = WeakSet()


@atexit.register
def _leave() -> None:
    """End the readers, and wait for them a moment: a process that ends must not wait for a network."""
    running, until = tuple(_RUNNING), time.monotonic() + _LEAVING_S
    for source in running:
        source.close()
    for source in running:
        source.join(max(0.0, until - time.monotonic()))
