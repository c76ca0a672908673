"""What the processes of one watch show each other: a camera may be read in one, and recognised from in another.

What is shared is what attribution compares and what was believed, of the last two seconds, in memory alone.
"""

import math
import os
from collections.abc import Mapping
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..calls.attribution.recent import AREA, THUMB, THUMBS, VIEWS, Recent, Showing, Shown, Thumb, thumb_of
from ..sight.seen import Seen, joined
from ..sight.seen import Shown as Believed
from ..sight.sight import LIFETIME_S
from .board import PICTURES, Board, Slot

_THUMB = THUMB[0] * THUMB[1]
# Seconds between two looks at what others believe.
_LOOK_S = 0.1
# Where views begin: after the thumbs.
_VIEWS = THUMBS * _THUMB
assert _VIEWS + VIEWS * AREA <= PICTURES  # noqa: S101 - a matter of the constants alone


class _View(msgspec.Struct, array_like=True, frozen=True):
    at: float
    place: int
    height: int
    width: int


class _Thumb(msgspec.Struct, array_like=True, frozen=True):
    at: float
    place: int


class _Text(msgspec.Struct, array_like=True, frozen=True):
    """What stands in a slot beside its pictures."""

    seen: Seen
    views: tuple[_View, ...] = ()
    thumbs: tuple[_Thumb, ...] = ()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Text).decode
_Placed: TypeAlias = dict[int, Shown | Thumb]


class Telling:
    """Shows the others what this process reads. Each source has one thread at a time that tells of it.

    Args:
        board: where.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._own: dict[str, _Own] = {}
        self._process = os.getpid()

    def tell(self, recent: Recent, seen: Seen) -> None:
        """What a source has shown so far, and what is believed of it; little is done where it has shown nothing new."""
        if self._process != os.getpid():  # forked: what is there is the parent's
            self._process, self._own = os.getpid(), {}
        own = self._own.get(seen.source) or self._own.setdefault(seen.source, _Own(self._board.claim()))
        own.tell(recent, seen)


class _Own:
    """A slot of this process."""

    def __init__(self, slot: Slot | None) -> None:
        self._slot = slot
        self._told: tuple[Thumb, ...] | None = None
        self._views: _Placed = {}
        self._thumbs: _Placed = {}

    def tell(self, recent: Recent, seen: Seen) -> None:
        if self._slot is None or recent.thumbs is self._told:
            return
        self._told = recent.thumbs
        new = {
            **_place(self._thumbs, recent.thumbs, THUMBS, 0, _THUMB),
            **_place(self._views, recent.views, VIEWS, _VIEWS, AREA),
        }
        views = tuple(_View(one.at, place, *one.luma.shape) for place, one in self._views.items())
        thumbs = tuple(_Thumb(one.at, place) for place, one in self._thumbs.items())
        self._slot.write(_encode(_Text(seen, views, thumbs)), new)


def _place(
    placed: _Placed, now: tuple[Shown, ...] | tuple[Thumb, ...], most: int, start: int, size: int
) -> dict[int, memoryview]:
    """Give each picture a place, in their order; the new ones and where they go."""
    for place in [place for place, one in placed.items() if not any(one is kept for kept in now)]:
        del placed[place]
    free = [place for number in range(most) if (place := start + number * size) not in placed]
    new = [one for one in now if not any(one is kept for kept in placed.values())]
    added = dict(zip(free, new, strict=False))
    placed.update(added)
    return {place: np.ascontiguousarray(one.luma).data.cast("B") for place, one in added.items()}


class Others:
    """What the other processes show.

    Args:
        board: where.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._known: dict[Slot, _Known] = {}
        self._seen: tuple[float, dict[str, Believed]] = (-math.inf, {})

    def seen(self, now: float) -> dict[str, Believed]:
        """What is believed of each source at a moment of the clock that all of them share, looked at every so often."""
        looked, seen = self._seen
        if not looked <= now < looked + _LOOK_S:
            seen = self._look(now)
            self._seen = now, seen
        return seen

    def _look(self, now: float) -> dict[str, Believed]:
        found: dict[str, Believed] = {}
        for seen in (known.text.seen for known in self._current()):
            if seen.received_at is not None and now - seen.received_at < LIFETIME_S:
                shown = seen.on(now)
                found[seen.source] = joined(found[seen.source], shown) if seen.source in found else shown
        return found

    def with_own(self, own: Mapping[str, Recent]) -> Mapping[str, Showing]:
        """What sources have shown here, and in the process that has read them last."""
        found: dict[str, Showing] = dict(own)
        for known in sorted(self._current(), key=lambda known: known.text.seen.received_at or 0.0):
            name, recent = known.text.seen.source, known.recent()
            found[name] = own[name].beside(recent) if name in own else recent
        return found

    def _current(self) -> "list[_Known]":
        return [known for slot in self._board.slots() if slot.owner != os.getpid() and (known := self._of(slot))]

    def _of(self, slot: Slot) -> "_Known | None":
        known, changes = self._known.get(slot), slot.changes
        if known is not None and known.changes == changes:
            return known
        try:
            text = slot.read(lambda text, _: _decode(text))
        except msgspec.DecodeError:  # nothing is in it yet
            return None
        if text is not None:
            known = self._known[slot] = _Known(slot, changes, text, known)
        return known


class _Known:
    """What is known of another's slot."""

    def __init__(self, slot: Slot, changes: int, text: _Text, before: "_Known | None") -> None:
        self.changes, self.text, self._slot = changes, text, slot
        self._views: dict[_View, Shown] = before._views if before else {}
        self._thumbs: dict[_Thumb, Thumb] = before._thumbs if before else {}
        self._recent: Showing | None = None

    def recent(self) -> Showing:
        """The pictures, copied when they are first asked for, and those of them that are new."""
        if self._recent is None:
            taken = self._slot.read(self._taken)
            if taken is None:  # it is being changed at this moment
                return Showing(tuple(self._views.values()), tuple(self._thumbs.values()))
            self._views, self._thumbs = taken
            self._recent = Showing(tuple(self._views.values()), tuple(self._thumbs.values()))
        return self._recent

    def _taken(self, text: bytes, pictures: memoryview) -> tuple[dict[_View, Shown], dict[_Thumb, Thumb]]:
        told = _decode(text)
        views = {one: self._views.get(one) or _view(one, pictures) for one in told.views}
        return views, {one: self._thumbs.get(one) or _thumb(one, pictures) for one in told.thumbs}


def _view(one: _View, pictures: memoryview) -> Shown:
    return Shown(one.at, _copied(pictures, one.place, one.height, one.width))


def _thumb(one: _Thumb, pictures: memoryview) -> Thumb:
    return thumb_of(one.at, _copied(pictures, one.place, THUMB[1], THUMB[0]))


def _copied(pictures: memoryview, place: int, height: int, width: int) -> NDArray[np.uint8]:
    size = max(0, min(height * width, len(pictures) - place))
    return np.frombuffer(pictures[place : place + size], np.uint8).reshape(height, width).copy()
