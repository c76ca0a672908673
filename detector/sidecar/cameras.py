"""The live sources of a site: each read by a thread of its own, and all looked at by a few."""

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, Protocol

import msgspec

from ...streams.errors import SourceError
from ...streams.feed import Feed
from ...streams.frame import Frame
from ...streams.leaving import WORK_S, leaves
from ...streams.live import LiveSource
from ...streams.opening import is_live
from ...streams.pushed import ADDRESS, PushedFeed
from ...streams.seconds import Seconds
from ...streams.shared import is_shared
from ...streams.shm import SharedFeed
from ...streams.source import Counters, Source, open_source
from ..budget import available_cores
from ..locks import Lock
from ..records.entry import Event
from ..sight.state import SourceState
from ..sight.thrift import Looking, Thrift
from ..sight.turns import Turns
from .pool import Pool

State = Literal["connecting", "live", "stale", "gone"]
# A fault is to be known within five seconds; after a minute nobody waits any more.
_STALE_S, _GONE_S = 4.0, 60.0
# Sources without a verdict that are looked at in full at once, for each core: of 1080p they take half of it.
_IN_FULL = 4
_TELL_AGAIN_S = 10.0  # a failure at every picture is one event, not fifteen a second
_LOST_AGAIN_S = 300.0  # a camera that is gone for the night is tried every few seconds, and told of with a count


class CameraStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with a source.

    Attributes:
        last_picture: seconds since its last one, decoded or not; None before the first.
        looking: how closely it is looked at.
        seen, skipped, dropped, unreadable, absent: seconds of it by what became of them, see `Seconds`.
        reconnects: how often it was lost, by reason.
        error: why it cannot be read, without credentials.
        absent_because: the seconds in which nothing came, by reason.
        looked: seconds by how closely it was looked at.
        clock_offset: seconds by which the camera's clock is behind ours, where it has one.
        late: seconds by which the last picture came later than the promptest of late.
        counters: pictures that were never handed on to be looked at.
    """

    name: str
    state: State
    last_picture: float | None = None
    looking: Looking = "full"
    seen: float = 0.0
    skipped: float = 0.0
    dropped: float = 0.0
    unreadable: float = 0.0
    absent: float = 0.0
    reconnects: dict[str, int] = {}
    error: str | None = None
    absent_because: dict[str, float] = {}
    looked: dict[Looking, float] = {}
    clock_offset: float | None = None
    late: float = 0.0
    counters: Counters = msgspec.field(default_factory=Counters)


class Eyes(Protocol):
    """What looks at pictures: a guard, or what stands for one."""

    def watch(self, source: str) -> SourceState: ...

    def observe(self, frame: Frame) -> None: ...

    def forget(self, source: str) -> None: ...


class Losses:
    """What to say of tries to reach a stream: of those that fail in the same way the first, and then how many."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}
        self._untold = 0

    def text(self, error: str | None, now: float) -> str | None:
        """What there is to say at `now`, seconds; None where it has been said.

        Args:
            error: why it was lost, or could not be reached; None where it is back.
        """
        if error is not None and now - self._told.get(error, -_LOST_AGAIN_S) < _LOST_AGAIN_S:
            self._untold += 1
            return None
        more, self._untold = (f" (tries that failed since: {self._untold})" if self._untold else ""), 0
        if error is None:
            self._told.clear()
            return f"the stream is back{more}"
        self._told[error] = now
        return f"the stream was lost: {error}{more}"


class _Camera:
    """One live source, and whoever looks at it."""

    def __init__(
        self, name: str, url: str, guard: Eyes, pool: Pool, note: Callable[[Event], None], turns: Turns | None
    ) -> None:
        self.name, self.url = name, url
        self._guard, self._note = guard, note
        self._thrift = Thrift(guard.watch(name), time.monotonic(), turns)
        self._failure_told = -_TELL_AGAIN_S
        self._losses = Losses()
        self._looked: float | None = None
        self.source = _open(url, name, self._told, partial(pool.wake, self.look))
        self.source.thrift = None if turns is None else self._thrift.allows

    def look(self) -> bool:
        """Look at one picture that waits; whether more do."""
        frame = self.source.handover.take()
        if frame is None:
            return False
        if frame.discontinuity:
            self._thrift.changed(frame.received_at)
            self._note(Event("clock", frame.media_time, frame.discontinuity, self.name))
        try:
            self._observe(frame)
        except Exception as error:  # noqa: BLE001 - whatever it is, the source goes on with its next picture
            self._failed(frame, error)
        return len(self.source.handover) > 0

    def _observe(self, frame: Frame) -> None:
        self._guard.observe(frame)
        self._thrift.state = self._guard.watch(self.name)  # another, where it was silent so long that it was forgotten
        self._looked = time.monotonic()
        self.source.seconds.mark("seen", self._looked)

    def _failed(self, frame: Frame, error: Exception) -> None:
        now = time.monotonic()
        self.source.seconds.mark("unreadable", now)
        self._thrift.changed(now)
        if now - self._failure_told >= _TELL_AGAIN_S:
            self._failure_told = now
            text = f"a picture could not be looked at: {type(error).__name__}"
            self._note(Event("stream", frame.media_time, text, self.name))

    def status(self) -> CameraStatus:
        source, now = self.source, time.monotonic()
        counts, absent = source.seconds.counts(now), source.seconds.absent(now)
        return CameraStatus(
            name=self.name,
            state=self._stand(now),
            last_picture=None if source.heard is None else round(now - source.heard, 3),
            looking=self._thrift.looking,
            **counts,
            absent=sum(absent.values()),
            absent_because={reason: float(seconds) for reason, seconds in absent.items()},
            reconnects=dict(source.reconnects),
            error=source.error,
            looked={how: round(seconds, 3) for how, seconds in self._thrift.seconds.items()},
            clock_offset=source.offset,
            late=round(source.late, 3),
            counters=source.counters,
        )

    def _stand(self, now: float) -> State:
        if self.source.heard is None or self._looked is None:
            return "connecting"
        silent = now - min(self.source.heard, self._looked)  # a picture that nobody could look at is none
        if silent > _GONE_S:
            return "gone"
        return "stale" if silent > _STALE_S or self.source.error is not None else "live"

    def _told(self, reason: str, error: str) -> None:
        text = self._losses.text(error if reason else None, time.monotonic())
        if text is not None:
            self._note(Event("stream", None, text, self.name))

    def close(self) -> None:
        self.source.close()

    def join(self, timeout: float) -> bool:
        return self.source.join(timeout)


def _open(url: str, name: str, told: Callable[[str, str], None], ready: Callable[[], None]) -> Feed:
    """The feed of an address; raises `SourceError` where it is none."""
    if url == ADDRESS:
        return PushedFeed(name, told=told, ready=ready)
    return (SharedFeed if is_shared(url) else LiveSource)(url, name, told=told, ready=ready)


class _Recording:
    """A file or a rendered scene under the name of a source: shown once, and then gone."""

    def __init__(self, name: str, url: str, guard: Eyes) -> None:
        self.name, self.url, self._guard = name, url, guard
        self._error: str | None = None
        self._heard: float | None = None
        self._seconds = Seconds(time.monotonic())
        self._source: Source | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"facewarden-{name}", daemon=True)
        leaves(self, WORK_S)
        self._thread.start()

    def status(self) -> CameraStatus:
        age = None if self._heard is None else time.monotonic() - self._heard
        going: State = "connecting" if age is None else "stale" if age > _STALE_S else "live"
        state: State = "gone" if self._ended.is_set() else going
        now = time.monotonic()
        counts, absent = self._seconds.counts(now), sum(self._seconds.absent(now).values())
        return CameraStatus(
            name=self.name, state=state, last_picture=age, error=self._error, **counts, absent=float(absent)
        )

    def close(self) -> None:
        self._ended.set()

    def join(self, timeout: float) -> bool:
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with open_source(self.url, self.name) as source:
                for frame in source:
                    if self._ended.is_set():
                        return
                    self._heard = time.monotonic()
                    self._guard.observe(frame)
                    self._seconds.mark("seen", time.monotonic())
        except SourceError as error:
            self._error = str(error)
        finally:
            self._ended.set()


class Cameras:
    """Reads live sources and hands their pictures to the guard. Every method may be called from any thread.

    Args:
        guard: looks at them.
        note: told of what happens to a source, from the threads that read and look; it must not wait.
        threads: how many look at pictures; by default one for each core that is ours.
        thrifty: decode key pictures alone while a verdict stands and nothing stirs, or others that have none come
            first, see `Thrift`; False decodes all.
    """

    def __init__(
        self, guard: Eyes, note: Callable[[Event], None], threads: int | None = None, *, thrifty: bool = True
    ) -> None:
        self._guard, self._note = guard, note
        self._turns = Turns(_IN_FULL * available_cores()) if thrifty else None
        self._pool = Pool(threads or available_cores())
        self._lock = Lock()
        self._cameras: dict[str, _Camera | _Recording] = {}
        self._wrong: dict[str, str] = {}

    def set(self, addresses: Mapping[str, str]) -> None:
        """Read these, URL by name: what is new is opened, what is gone is closed, the rest goes on. Never raises."""
        with self._lock:
            for name, camera in tuple(self._cameras.items()):
                if addresses.get(name) != camera.url:
                    self._cameras.pop(name).close()
                    self._guard.forget(name)
            self._wrong.clear()
            for name, url in addresses.items():
                if name not in self._cameras:
                    self._begin(name, url)

    def status(self, name: str) -> CameraStatus:
        """How it stands with a source; raises `KeyError` where none has that name."""
        if (wrong := self._wrong.get(name)) is not None:
            return CameraStatus(name=name, state="gone", error=wrong)
        return self._cameras[name].status()

    def statuses(self) -> tuple[CameraStatus, ...]:
        """The same of all."""
        with self._lock:
            names = (*self._cameras, *self._wrong)
        return tuple(map(self.status, names))

    def pushed(self, name: str) -> PushedFeed | None:
        """What takes the pictures that a host pushes to that source; None where none does."""
        camera = self._cameras.get(name)
        feed = camera.source if isinstance(camera, _Camera) else None
        return feed if isinstance(feed, PushedFeed) else None

    def close(self, timeout: float = 5.0) -> None:
        """End the reading, and wait for it that long, seconds, all together."""
        until = time.monotonic() + timeout
        with self._lock:
            cameras = tuple(self._cameras.values())
        for camera in cameras:
            camera.close()
        self._pool.close()
        for one in (*cameras, self._pool):
            one.join(max(0.0, until - time.monotonic()))

    def _begin(self, name: str, url: str) -> None:
        try:
            if is_live(url) or is_shared(url) or url == ADDRESS:
                self._cameras[name] = _Camera(name, url, self._guard, self._pool, self._note, self._turns)
            else:
                self._cameras[name] = _Recording(name, url, self._guard)
        except SourceError as error:  # an address that is none; it has its place among the answers
            self._wrong[name] = str(error)
