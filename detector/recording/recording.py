"""A recording as it is made: heard on any thread, written by one of its own, durable within a second."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Final, TypeAlias

import cv2
import msgspec

from ...streams.frame import Image
from ...streams.recording import Recorded
from ..calls import Call
from ..clock import Clock, SystemClock
from ..judge import Judgement
from ..policy import Pack
from ..policy.decision import PackIdentity
from ..records.entry import Event
from ..release import release
from ..site import Site
from ..site.serving import MediaMtx, Serving
from . import foxglove
from .hearing import Heard, SourceHearing
from .messages import Lost, Ruled, Session, Sighted
from .parts import LIMITS, Parts, RecordingLimits, ours

# Seconds between two times that what was written is made durable.
_PERIOD: Final = 0.5
# Messages that may wait to be written.
_MOST: Final = 2000
# Seconds without a picture that are a gap.
_GAP_S: Final = 4.0
_NS: Final = 1_000_000_000
_Due: TypeAlias = tuple[float, Heard | Ruled | Session | Event | Lost]


class Recording:
    """Records what a guard sees and decides. Every method may be called from any thread, and none waits or raises.

    What cannot be written in time is counted, and the recording says so at that place; where the file cannot be written
    the recording ends there, and `failed` says why. It is a record and no gate: calls are decided on all the same.

    Args:
        folder: where its files go; made if need be.
        keep_looks: keep the luma of what was looked at, 320 px on its longest side, so that the session can be gone
            through again from the pictures on. By default hashes of it are kept alone: people may be seen in it.
        clock: the day and the hour; the guard's own.
        most: how many messages may wait to be written.
        told: told the name and the sha256 of each file that was closed, and why, where the recording ends because it
            cannot be written.
        limits: what ends a file of it, and begins the next.

    Attributes:
        failed: why nothing more is recorded; None while it is.
        keeps_looks: see `keep_looks`.

    Raises:
        InputError: the folder cannot be written to.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        keep_looks: bool = False,
        clock: Clock | None = None,
        most: int = _MOST,
        told: Callable[[str], None] = lambda _: None,
        limits: RecordingLimits = LIMITS,
    ) -> None:
        self._clock, self.keeps_looks, self._most = clock or SystemClock(), keep_looks, most
        self._told = told
        self.failed: str | None = None
        self._parts = Parts(Path(folder), self._clock, limits, self._closed)
        self._lock = threading.Lock()
        self._due: deque[_Due] = deque()
        self._lost = 0
        self._runs, self._calls = count(), count()
        self._last: dict[str, tuple[float, int]] = {}
        self._told_closed = set[tuple[str | None, ...]]()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="facewarden-recording", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        """The file that is written."""
        return self._parts.path

    # --- what is heard ------------------------------------------------------------------------------------------------

    def source(self, name: str) -> SourceHearing:
        """What listens to a source that begins."""
        return SourceHearing(name, next(self._runs), self._put)

    def begun(self) -> int:
        """The run of a source that begins in another process, see `Picture.run`."""
        return next(self._runs)

    def heard(self, heard: Heard) -> None:
        """What was heard of a picture in another process."""
        self._put(heard)

    def lose(self, messages: int) -> None:
        """So many were lost before they came here."""
        with self._lock:
            self._lost += messages

    def session(self, site: Site, packs: Sequence[Pack], date: str | None, seed: int = 0) -> None:
        """Calls are judged by these from here on."""
        self._put(
            Session(
                software=release(),
                site=msgspec.structs.replace(site, sources={}, serve=Serving(), mediamtx=MediaMtx()),
                packs=tuple(PackIdentity(pack.name, pack.version, pack.sha256, pack.off) for pack in packs),
                date=date,
                seed=seed,
                keeps_looks=self.keeps_looks,
            )
        )

    def ruled(self, call: Call, now: float, today: str, sighted: Sequence[Sighted], judgement: Judgement) -> None:
        """A call was judged by what was seen of these sources."""
        facts, decision = judgement
        self._put(
            Ruled(
                number=next(self._calls),
                call=msgspec.structs.replace(call, own={}) if call.own else call,
                now=now,
                today=today,
                sighted=tuple(sighted),
                decision=decision,
                known=dict(facts.facts),
                origins=dict(facts.origins),
            )
        )

    def note(self, event: Event) -> None:
        """Something happened."""
        self._put(event)

    def close(self) -> str | None:
        """Write what was heard, to the last message, and end; gives the last file's sha256, None where it failed."""
        if self._ended.is_set():
            return None
        self._ended.set()
        self._thread.join()
        self._guarded(self._drain)
        if self.failed is not None:
            return None
        digest = self._guarded(self._parts.close)
        self.failed = self.failed or f"{self.path}: the recording is closed"
        return digest

    def _put(self, heard: Heard | Ruled | Session | Event) -> None:
        if self.failed is not None:
            return
        with self._lock:
            if len(self._due) >= self._most:
                self._lost += 1
                return
            if self._lost:
                self._due.append((self._clock.wall(), Lost(self._lost)))
                self._lost = 0
            self._due.append((self._clock.wall(), heard))

    # --- what is written ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._ended.wait(_PERIOD):
            self._guarded(self._drain)

    def _guarded(self, work: Callable[[], str | None]) -> str | None:
        try:
            return None if self.failed else work()
        except Exception as error:  # noqa: BLE001 - a recording that fails ends; what it records goes on
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            self.failed = f"{self.path}: the recording has ended, for it cannot be written ({reason})"
            self._due.clear()
            self._told(self.failed)
            return None

    def _closed(self, name: str, digest: str) -> None:
        self._told(f"{name}: sha256 {digest}")

    def _drain(self) -> None:
        self._told_closed.clear()
        while self._due:
            wall, heard = self._due.popleft()
            at = int(wall * _NS)
            self._parts.turn(at)
            if isinstance(heard, Session):
                self._parts.begin(heard, at)
            for message, schema in self._written(heard, at):
                self._parts.write(message, schema)
        if self._lost and self._ended.is_set():
            self._parts.write(*ours(Lost(self._lost), int(self._clock.wall() * _NS)))
        self._parts.flush()

    def _written(self, heard: object, at: int) -> Iterator[tuple[Recorded, bytes]]:
        match heard:
            case Heard():
                yield from self._picture(heard, at)
            case Ruled():
                yield ours(heard, at)
                if not heard.decision.opens and self._tells(heard):
                    yield _theirs(_closed(heard, at))
            case Event():
                name, warning = heard.source or "facewarden", heard.kind in ("failure", "lost")
                yield _theirs(foxglove.log(f"{heard.kind}: {heard.text}", name, at, warning=warning))
            case Lost():
                yield ours(heard, at)
            case _:
                pass

    def _tells(self, ruled: Ruled) -> bool:
        """Whether viewers are to be told of a closed call: of those alike that are written at once, of the first."""
        alike = (ruled.decision.effect, ruled.decision.explanation, *(sighted.source for sighted in ruled.sighted))
        new = alike not in self._told_closed
        self._told_closed.add(alike)
        return new

    def _picture(self, heard: Heard, at: int) -> Iterator[tuple[Recorded, bytes]]:
        picture = heard.with_digest()
        if heard.look is not None and self.keeps_looks:
            yield _theirs(foxglove.image(picture.source, _png(heard.look), at))
        yield ours(picture, at)
        if heard.measured is not None:
            yield ours(heard.measured, at)
        received, before = self._last.get(picture.source, (picture.received_at, at))
        if picture.received_at - received > _GAP_S:
            yield _theirs(foxglove.event(before, at, at, kind="gap", source=picture.source, text="no picture came"))
        self._last[picture.source] = picture.received_at, at


def _theirs(message: Recorded) -> tuple[Recorded, bytes]:
    return message, foxglove.SCHEMAS[message.schema]


def _closed(ruled: Ruled, at: int) -> Recorded:
    sources = ", ".join(sighted.source or "?" for sighted in ruled.sighted)
    metadata = {"effect": ruled.decision.effect, "text": ruled.decision.explanation, "source": sources}
    return foxglove.event(at, at, at, kind="call", **metadata)


def _png(look: Image) -> bytes:
    return cv2.imencode(".png", look)[1].tobytes()
