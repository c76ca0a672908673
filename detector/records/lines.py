"""Entries as lines of JSON, made fast: of calls that are alike in all but their moment and their name, as those of one
model on one camera are, the rest is encoded once.
"""

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from ..calls.wall import moment
from .entry import Decided, write
from .recorder import Judged
from .sink import Due, made

# Kinds of calls that are remembered.
MOST: Final = 500
# The longest name of a call that is like others, as JSON, bytes.
NAME: Final = 43
_NULL: Final = b"null"
_encode: Final = msgspec.json.Encoder().encode
# What stands before each of what differs.
_KEYS: Final = (b',"at":', b',"time":', b',"id":', b',"attribution":')


# What a call has of its own: when it was made (POSIX seconds), where in its stream (seconds), how surely its source was
# found (both not a number where that is not known), and its name as JSON.
Own: TypeAlias = tuple[float, float, float, bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """Calls that are alike.

    Attributes:
        parts: their line, with its end, but for what each has of its own.
        held: the objects that they are known by, kept so that no other can take the identity of one.
    """

    parts: tuple[bytes, ...]
    held: tuple[object, ...]


class Clockwork:
    """Moments as msgspec writes them, its last second but once: it is asked for the same one many times."""

    def __init__(self) -> None:
        self._second = (-1, b"")

    def text(self, posix: float) -> bytes:
        """A moment as JSON."""
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


def line_of(parts: tuple[bytes, ...], own: Own, clockwork: Clockwork) -> bytes:
    """The line of a call, by the parts of its kind and what it has of its own."""
    head, until_time, until_name, until_sure, tail = parts
    time, at, confidence, name = own
    where = _NULL if math.isnan(at) else _encode(at)
    sure = _NULL if math.isnan(confidence) else _encode(round(confidence, 3))
    return b"".join((head, where, until_time, clockwork.text(time), until_name, name, until_sure, sure, tail))


class Lines:
    """Makes lines of entries. May be used by any thread."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[object, ...], Kind] = {}
        self._clockwork = Clockwork()

    def line(self, due: Due) -> tuple[bytes, bool]:
        """The line of an entry, with its end, and whether it is a call's; raises what making the entry raises."""
        if isinstance(due, Judged) and (kind := self.kind(due)) is not None and (own := own_of(due)) is not None:
            return line_of(kind.parts, own, self._clockwork), True
        entry = made(due)
        return write(entry) + b"\n", isinstance(entry, Decided)

    def kind(self, judged: Judged) -> Kind | None:
        """Which calls a call is like; None where it is the first of its kind, or like no other."""
        found, said = judged.found, judged.call.said
        if said is None or not judged.known:
            return None
        how = None if found is None else (found.source, found.how)
        key = (said, id(judged.decision), id(judged.known), judged.refused, how)
        return self._kinds.get(key) or self._remember(key, judged)

    def _remember(self, key: tuple[object, ...], judged: Judged) -> None:
        entry = judged.as_entry()
        line = write(msgspec.structs.replace(entry, at=None, id=None, attribution=None)) + b"\n"
        if len(self._kinds) >= MOST:
            self._kinds.clear()
        held = judged.decision, judged.known  # not the call itself, which may be held yet
        self._kinds[key] = Kind(_parted(line, _encode(entry.time)), held)


def own_of(judged: Judged) -> Own | None:
    """What a call has of its own; None where that is not of the usual form."""
    found, name = judged.found, judged.call.id
    at, confidence = (judged.call.at, math.nan) if found is None else (found.at, found.confidence)
    if at is None:
        at = math.nan
    elif type(at) is not float:
        return None
    if name is None:
        return judged.time, at, confidence, _NULL
    text = _encode(name)
    return (judged.time, at, confidence, text) if len(text) <= NAME else None


def _parted(line: bytes, time: bytes) -> tuple[bytes, ...]:
    """A line without what differs. Up to the last of its keys there is nothing but texts, in which no quotation mark
    stands bare."""
    parts: list[bytes] = []
    for key, value in zip(_KEYS, (b"null", time, b"null", b"null"), strict=True):
        part, _, line = line.partition(key + value)
        parts.append(part + key)
    return (*parts, line)
