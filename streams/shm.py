"""Pictures of a host on the same machine, from shared memory: `shm:NAME`. The layout stands in `shared.py`."""

import math
import os
import stat
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from .base import Source
from .connection import STALL_S
from .errors import (
    SourceDenied,
    SourceNotFound,
    SourceTimedOut,
    SourceUnreachable,
    UnreadableSource,
    UnsupportedSource,
)
from .feed import DEPTH
from .frame import Image
from .push import as_pixels
from .pushed import MOST_PIXELS
from .reading import PATIENCE_S, ReadFeed
from .shared import ALIGNED, HEAD, SLOT, Layout, parse_layout, shared_path

# Seconds between two looks whether a picture has come: a third of the time between two of 30 a second.
_POLL_S: Final = 0.01
# Seconds from one look whether another file has the name by now to the next.
_LOOK_S: Final = 1.0


class Shown(NamedTuple):
    """A picture out of a ring, copied: shape (height * 3 / 2, width), uint8."""

    samples: Image
    stamp: float
    captured_at: float | None


class Ring:
    """The file that a host writes, open for reading. What it holds is never mapped: a writer that cuts it off short
    would end a process that has.

    Raises:
        SourceError: there is none, or it is none.
    """

    def __init__(self, address: str) -> None:
        self._address, self._path = address, shared_path(address)
        try:
            self._file = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            raise SourceNotFound(address, "no host writes there") from None
        except OSError as error:
            raise SourceDenied(address, f"cannot be read ({error.strerror})") from None
        try:
            self.layout = self._check()
        except BaseException:
            os.close(self._file)
            raise
        self.missed, self._seen = 0, self._written()  # what stands there already may be of yesterday

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    @property
    def replaced(self) -> bool:
        """Whether another file has the name by now: the host ended in the middle, and began anew."""
        try:
            return os.stat(self._path).st_ino != os.fstat(self._file).st_ino  # noqa: PTH116 - of a descriptor, too
        except FileNotFoundError:
            return True

    def next(self) -> Shown | None:
        """The newest picture, if it was not given before; those between are counted in `missed`.

        Raises:
            SourceError: the writer has ended.
        """
        newest = self._written()
        if newest == self._seen:
            return None
        self.missed += max(0, newest - self._seen - 1)
        self._seen = newest
        found = self._copy(newest)
        self.missed += found is None  # it was overwritten meanwhile
        return found

    def _written(self) -> int:
        head = os.pread(self._file, HEAD.size, 0)
        if len(head) != HEAD.size:
            raise UnreadableSource(self._address, "the host has cut its file short")
        *_, written, ended = HEAD.unpack(head)
        if ended:
            raise SourceUnreachable(self._address, "the host has ended")
        return written

    def _copy(self, number: int) -> Shown | None:
        layout, at = self.layout, ALIGNED + (number - 1) % self.layout.slots * self.layout.stride
        samples = np.empty(layout.picture, np.uint8)
        sequence, stamp, captured = self._slot(at)
        if sequence != 2 * number or os.preadv(self._file, [samples.data], at + ALIGNED) != layout.picture:
            return None
        if self._slot(at)[0] != 2 * number:
            return None
        picture = samples.reshape(layout.height * 3 // 2, layout.width)
        return Shown(picture, stamp, captured if math.isfinite(captured) else None)

    def _slot(self, at: int) -> tuple[int, float, float]:
        head = os.pread(self._file, SLOT.size, at)
        return SLOT.unpack(head) if len(head) == SLOT.size else (0, math.nan, math.nan)

    def _check(self) -> Layout:
        found = os.fstat(self._file)
        head = os.pread(self._file, HEAD.size, 0) if stat.S_ISREG(found.st_mode) else b""
        layout = parse_layout(head) if len(head) == HEAD.size else None
        if layout is None or layout.size > found.st_size:
            raise UnreadableSource(self._address, "this is no ring of pictures; see docs/live.md for the layout")
        if layout.width * layout.height > MOST_PIXELS:
            raise UnsupportedSource(self._address, f"its pictures have more than {MOST_PIXELS} pixels")
        return layout


class SharedFeed(ReadFeed):
    """A live source that reads what a host writes with `SharedPictures`, or as that does.

    Args:
        address: `shm:NAME`.
        name: the source's name; the address by default.
        patience, depth, told, ready: see `ReadFeed`.

    Raises:
        UnsupportedSource: no ring can have that name.
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
        shared_path(address)
        super().__init__(name or address, address, patience=patience, depth=depth, told=told, ready=ready)
        self._thread.start()

    def _session(self) -> None:
        ring = Ring(self._shown)
        try:
            self._read(ring, self._missed)
        finally:
            ring.close()

    def _read(self, ring: Ring, missed: int) -> None:
        last, came, begun = self.heard, time.monotonic(), False
        looked = came
        while not self._stop.wait(_POLL_S):
            shown, now = ring.next(), time.monotonic()
            self._missed = missed + ring.missed
            if shown is not None:
                came = self.heard = now
                if not begun:
                    begun = True
                    self._back(last, now)
                self._take(shown, ring.layout)
            if now - looked > _LOOK_S:
                looked = now
                self._check(ring, now - came)

    def _check(self, ring: Ring, quiet: float) -> None:
        if ring.replaced:
            said = "the host has ended" if quiet > _LOOK_S else "a second host writes under this name, and is read now"
            raise SourceUnreachable(self._shown, said)
        if quiet > STALL_S:
            raise SourceTimedOut(self._shown, "the host writes no more pictures")

    def _take(self, shown: Shown, layout: Layout) -> None:
        order = "nv12" if layout.form == "nv12" else "yuv420p"
        self._hand_over(as_pixels(self.name, shown.samples, order), shown.stamp, shown.captured_at)


def open_shared(url: str, name: str | None, assume_fps: float | None) -> Source:  # noqa: ARG001 - it has its own time
    """A source that gives up after a while, for whoever reads it as a file; its first error ends it.

    Raises:
        SourceError: see `SharedFeed`.
    """
    return SharedFeed(url, name, patience=PATIENCE_S)
