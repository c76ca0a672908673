"""Entries as lines of JSON, made fast: a call waits until its line is written.

Of calls that are alike in all but their moment, as those of one model on one camera are, the rest is encoded once.
"""

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

    parts: tuple[bytes, bytes, bytes, bytes]
    kept: Judged


class Lines:
    """Makes lines of entries. May be used by any thread."""

    def __init__(self) -> None:
        self._alike: dict[tuple[object, ...], _Alike] = {}

    def line(self, due: Due) -> tuple[bytes, bool]:
        """The line of an entry, with its end, and whether it is a call's; raises what making the entry raises."""
        if isinstance(due, Judged) and _is_plain(due):
            return self._quickly(due), True
        entry = made(due)
        return write(entry) + b"\n", isinstance(entry, Decided)

    def _quickly(self, judged: Judged) -> bytes:
        found, call = judged.found, judged.call
        how = (found.source, found.how) if found else None
        key = (id(call), id(judged.decision), id(judged.known), how, judged.refused)
        alike = self._alike.get(key) or self._remember(key, judged)
        head, until_time, until_attribution, tail = alike.parts
        at, sure = (found.at, round(found.confidence, 3)) if found else (call.at, None)
        time = _encode(moment(judged.time))
        return b"".join((head, _encode(at), until_time, time, until_attribution, _encode(sure), tail))

    def _remember(self, key: tuple[object, ...], judged: Judged) -> _Alike:
        entry = judged.as_entry()
        line = write(msgspec.structs.replace(entry, at=None, attribution=None)) + b"\n"
        # Up to these keys there is nothing but texts, in which no quotation mark stands bare.
        head, _, rest = line.partition(b',"at":null')
        until_time, _, rest = rest.partition(b',"time":' + _encode(entry.time))
        until_attribution, _, tail = rest.partition(b',"attribution":null')
        if len(self._alike) >= _MOST:
            self._alike.clear()
        parts = (head + b',"at":', until_time + b',"time":', until_attribution + b',"attribution":', tail)
        return self._alike.setdefault(key, _Alike(parts, judged))


def _is_plain(judged: Judged) -> bool:
    """Whether it brings nothing of its own, and was judged: what is held for a failure of ours is like no other."""
    call = judged.call
    return bool(judged.known) and call.made_at is None and call.id is None and not call.facts and not call.own
