"""What came of going through a recording again."""

from typing import cast

import msgspec
from msgspec import UNSET

from ..policy.decision import PackIdentity
from .coverage import Covered


class Difference(msgspec.Struct, frozen=True):
    """Where the session and what was made of its recording differ.

    Attributes:
        place: the picture or the call.
        what: the key, with dots between those that lie in each other.
        then, now: its values, as JSON.
    """

    place: str
    what: str
    then: str
    now: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what} was {self.then}, and is now {self.now}"


class Redecided(msgspec.Struct, frozen=True):
    """A call that is decided otherwise under other packs, or on another day.

    Attributes:
        number: of the call in its recording, or of its entry in a ledger, from 0.
        then, now: the effects.
        deciding: the rules that give the new one.
    """

    number: int
    source: str | None
    then: str
    now: str
    deciding: tuple[str, ...]


class Replayed(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.replayed/1"):
    """What came of going through a recording again.

    Attributes:
        recording: its file.
        sha256: of that.
        before: sha256 by name of the files of the same session that it goes on from, which were gone through as well.
        missing: the first of those that is not there; None where none is missing.
        torn: why it ends before its end; None where it does not.
        lost: messages that were not written, for there was no time: what came after them was not gone through again.
        from_looks: whether the looks were kept, and nothing before them is missing, so that the verdicts were found
            anew; else calls were decided by those that were recorded.
        coverage: what became of the pictures, and which seconds nobody saw, by source.
        pictures, measures, calls: how many were compared.
        attributed: how many calls were judged by one source alone, which was known to be theirs.
        software: the version of facewarden that recorded it.
        packs: what the calls were decided by.
        differences: the first, and how many more.
        redecided: calls that are decided otherwise, where packs or the day are others.
    """

    recording: str
    sha256: str
    before: dict[str, str] = {}
    missing: str | None = None
    torn: str | None
    lost: int
    from_looks: bool
    coverage: tuple[Covered, ...]
    pictures: int
    measures: int
    calls: int
    attributed: int = 0
    software: str = ""
    packs: tuple[PackIdentity, ...]
    first: Difference | None
    differences: int
    redecided: tuple[Redecided, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the same came of it, bit for bit."""
        return self.first is None


def first_difference(then: object, now: object, key: str = "") -> tuple[str, str, str]:
    """Where two values of JSON first differ: the key, and both values there."""
    if not (isinstance(then, dict) and isinstance(now, dict)):
        return key or "all of it", as_json(cast(object, then)), as_json(now)
    before, after = cast(dict[str, object], then), cast(dict[str, object], now)
    name = next(name for name in dict.fromkeys([*before, *after]) if before.get(name, UNSET) != after.get(name, UNSET))
    return first_difference(before.get(name, UNSET), after.get(name, UNSET), f"{key}.{name}" if key else name)


def as_json(value: object) -> str:
    """A value as JSON; of one that is not there, `nothing`."""
    return "nothing" if value is UNSET else msgspec.json.encode(value).decode()
