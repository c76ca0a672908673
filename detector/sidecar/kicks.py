"""Ends the sessions of MediaMTX whose consumer may read no longer; in the background, through its control API."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Final

from .doors.mediamtx import MediaMtxDoor, Session
from .gate import Gate
from .metrics import Metrics

# What the API calls the sessions of a protocol.
_KINDS: Final = {
    "rtsp": "rtspsessions",
    "rtsps": "rtspssessions",
    "rtmp": "rtmpconns",
    "rtmps": "rtmpsconns",
    "webrtc": "webrtcsessions",
    "srt": "srtconns",
    "hls": "hlssessions",
    "moq": "moqsessions",
}
_TIMEOUT_S: Final = 2.0
_PERIOD_S: Final = 1.0


class Kicker:
    """Looks at the sessions that were let in, once a second.

    Args:
        door: knows them.
        gate: says which of them may go on.
        api: address of the control API; None where the site names none, and sessions cannot be ended.
        metrics: counts them.
        log: told of a session that could not be ended, the first time.
    """

    def __init__(
        self,
        door: MediaMtxDoor,
        gate: Gate,
        api: Callable[[], str | None],
        metrics: Metrics,
        log: Callable[[str], None],
    ) -> None:
        self._door, self._gate, self._api, self._metrics, self._log = door, gate, api, metrics, log
        self._failed: set[str] = set()

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.sleep(_PERIOD_S)
            await self.look()

    async def look(self) -> None:
        """End those whose consumer may read no longer."""
        api = self._api()
        for session in [*self._door.sessions.values()] if api else ():
            if api and self._gate.closes(session.call):
                await self._end(api, session)

    async def _end(self, api: str, session: Session) -> None:
        kind = _KINDS.get(session.protocol)
        problem = "no such protocol" if kind is None else await asyncio.to_thread(_kick, api, kind, session.id)
        self._metrics.kicks.labels("failed" if problem else "ended").inc()
        if problem is None:
            self._gate.ask(session.call)  # on record: refused from here on
            self._door.sessions.pop(session.id, None)
            self._failed.discard(session.id)
        elif session.id not in self._failed:
            self._failed.add(session.id)
            self._log(f"session {session.id} of MediaMTX could not be ended: {problem}")


def _kick(api: str, kind: str, session: str) -> str | None:
    """End one; says why where that fails. One that is gone already, or never was one (RTSP asks for a connection before
    there is a session), is ended."""
    url = f"{api.rstrip('/')}/v3/{kind}/kick/{session}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=_TIMEOUT_S):  # noqa: S310 - of the site file, http by then
            return None
    except urllib.error.HTTPError as error:
        return None if error.code == 404 else f"status {error.code}"
    except OSError as error:
        return str(error)
