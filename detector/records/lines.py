"""Entries as lines of JSON, made fast: a call waits until its line is written.

Of calls that are alike in all but their moment and their name, as those of one model on one camera are, the rest is
encoded once.
"""

import math
from typing import Final, NamedTuple

import msgspec

from ..calls.wall import moment
from .entry import Decided, write
from .recorder import Judged
from .sink import Due, made

# Kinds of calls that are remembered.
_MOST: Final = 500
_encode: Final = msgspec.json.Encoder().encode


class _Alike(NamedTuple):
    """The line of calls that are alike, in the parts between what differs; and what it was made of, kept so that no
    other object can take its identity."""

    head: bytes
    until_time: bytes
    until_id: bytes
    tail: bytes
    kept: Judged


class Lines:
    """Makes lines of entries. May be used by any thread."""

    def __init__(self) -> None:
        self._alike: dict[tuple[object, ...], _Alike] = {}
        self._second = (-1, b"")

    def line(self, due: Due) -> tuple[bytes, bool]:
        """The line of an entry, with its end, and whether it is a call's; raises what making the entry raises."""
        if isinstance(due, Judged) and (line := self._quickly(due)):
            return line, True
        entry = made(due)
        return write(entry) + b"\n", isinstance(entry, Decided)

    def _quickly(self, judged: Judged) -> bytes:
        """The line of a call; empty where it is like no other."""
        found, call = judged.found, judged.call
        if not _is_plain(judged):
            return b""
        how = (found.source, found.how, found.confidence) if found else None
        said = (call.source, call.service, call.task, call.model, call.runtime)
        key = (said, id(judged.decision), id(judged.known), judged.refused, how)
        alike = self._alike.get(key) or self._remember(key, judged)
        at = found.at if found else call.at
        shown = b"null" if at is None else _encode(at)
        name = b"null" if call.id is None else _encode(call.id)
        return b"".join(
            (alike.head, shown, alike.until_time, self._time(judged.time), alike.until_id, name, alike.tail)
        )

    def _time(self, posix: float) -> bytes:
        """As msgspec writes the moment, its last second but once: it is asked for the same one many times."""
        known, text = self._second
        micros = round((posix - known) * 1e6)
        if not 0 < micros < 1_000_000:
            second = math.floor(posix)
            text = _encode(moment(second))[:-2]  # without `Z"`
            self._second = (second, text)
            micros = round((posix - second) * 1e6)
            if not 0 < micros < 1_000_000:
                return _encode(moment(posix))
        return b'%b.%06dZ"' % (text, micros)

    def _remember(self, key: tuple[object, ...], judged: Judged) -> _Alike:
        entry = judged.as_entry()
        line = write(msgspec.structs.replace(entry, at=None, id=None)) + b"\n"
        # Up to these keys there is nothing but texts, in which no quotation mark stands bare.
        head, _, rest = line.partition(b',"at":null')
        until_time, _, rest = rest.partition(b',"time":' + _encode(entry.time))
        until_id, _, tail = rest.partition(b',"id":null')
        if len(self._alike) >= _MOST:
            self._alike.clear()
        alike = _Alike(head + b',"at":', until_time + b',"time":', until_id + b',"id":', tail, judged)
        return self._alike.setdefault(key, alike)


def _is_plain(judged: Judged) -> bool:
    """Whether it brings nothing of its own but a name, and was judged: what is held for a failure of ours is like no
    other."""
    call = judged.call
    named = call.id is None or call.id.isascii()
    return named and bool(judged.known) and call.made_at is None and not call.facts and not call.own
