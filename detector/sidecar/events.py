"""Verdicts and decisions as they come, as server-sent events (WHATWG HTML, section 9.2)."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ..records import Due, made, write
from ..records.entry import Decided, Verdict
from .problems import problem

# Entries that a slow listener may be behind; older ones are left out, and it is told how many.
_BEHIND = 1000
# Entries that a new listener is shown first, where it asks for what has been.
_LATEST = 200
# Listeners at once.
_MOST = 32
# Seconds after which a silent stream says that it lives.
_ALIVE_S = 15.0


class Listener:
    """One who listens: a queue that drops its oldest."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._due = loop, deque[Due](maxlen=_BEHIND)
        self._woken = asyncio.Event()
        self.missed, self.ended = 0, False

    def put(self, entry: Due) -> None:
        """Hand an entry over; from any thread."""
        self.missed += len(self._due) == _BEHIND
        self._due.append(entry)
        self._wake()

    def end(self) -> None:
        """There will be no more; from any thread."""
        self.ended = True
        self._wake()

    async def wait(self) -> list[Due]:
        """What has come; empty where nothing has for a while."""
        try:
            await asyncio.wait_for(self._woken.wait(), _ALIVE_S)
        except TimeoutError:
            return []
        self._woken.clear()
        return [self._due.popleft() for _ in range(len(self._due))]

    def _wake(self) -> None:
        if not self._woken.is_set() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)


class Hub:
    """Passes entries on to those who listen; keeps the latest for those who come."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self.latest: deque[Due] = deque(maxlen=_LATEST)
        self._closed = False

    def put(self, entry: Due) -> None:
        """Pass an entry on; from any thread."""
        self.latest.append(entry)
        for listener in self._listeners:
            listener.put(entry)

    def listen(self, loop: asyncio.AbstractEventLoop) -> Listener | None:
        """A new listener; None where there are too many, or no more is to come."""
        if self._closed or len(self._listeners) >= _MOST:
            return None
        listener = Listener(loop)
        self._listeners = (*self._listeners, listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """It listens no more."""
        self._listeners = tuple(one for one in self._listeners if one is not listener)

    def close(self) -> None:
        """No more is to come."""
        self._closed = True
        for listener in self._listeners:
            listener.end()


async def events(request: Request) -> Response:
    """Entries of the record as they come; `?latest=1` begins with those that were before."""
    hub: Hub = request.app.state.hub
    before = list(hub.latest) if request.query_params.get("latest") else []
    listener = hub.listen(asyncio.get_running_loop())
    if listener is None:
        return problem(503, "Too many listen", f"{_MOST} listen already, or the service ends.")
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_stream(hub, listener, before), media_type="text/event-stream", headers=headers)


async def _stream(hub: Hub, listener: Listener, before: list[Due]) -> AsyncIterator[bytes]:
    try:
        yield b": facewarden\n\n" + b"".join(map(_text, before))
        while not listener.ended:
            due = await listener.wait()
            missed, listener.missed = listener.missed, 0
            lost = f": {missed} entries were left out\n\n".encode() if missed else b""
            yield lost + b"".join(map(_text, due)) or b": alive\n\n"
    finally:
        hub.leave(listener)


def _text(due: Due) -> bytes:
    entry = made(due)
    kind = "decision" if isinstance(entry, Decided) else "verdict" if isinstance(entry, Verdict) else "event"
    return b"event: " + kind.encode() + b"\ndata: " + write(entry) + b"\n\n"
