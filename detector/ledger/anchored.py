"""The anchors of a ledger, held against it: who has seen which of its heads."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from ..errors import InputError
from . import stamps
from .anchors import FOLDER, STAMP
from .faults import ANCHOR, Faults
from .merkle import Node, root
from .note import Checkpoint, Note, NoteError, read_checkpoint, read_note
from .public_keys import Verifier, signed_by, time_of
from .tiles import Damaged, Tiles
from .trust import Policy

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_AUTHORITY: Final = "a time stamp"
# The last second of the year 9999.
_LATEST: Final = 253_402_300_799


class Anchor(msgspec.Struct, frozen=True):
    """Somebody has seen a head.

    Attributes:
        entries: how many were under it.
        by: who.
        time: when, RFC 3339; None where that is not known.
        checked: whether that was verified: for a witness its key is needed, for a time stamp a certificate.
    """

    entries: int
    by: str
    time: str | None
    checked: bool

    def __str__(self) -> str:
        when = "" if self.time is None else f", {self.time}"
        return f"the first {self.entries} entries: {self.by}{when}{'' if self.checked else ' (not checked)'}"


class Trusted(NamedTuple):
    """Whom to trust.

    Attributes:
        logs: the keys of the ledger.
        policy: of witnesses; None where none is given.
        authorities: certificates of those who stamp.
    """

    logs: Sequence[Verifier]
    policy: Policy | None = None
    authorities: Sequence["Certificate"] = ()


class Anchored:
    """Goes through the anchors of a ledger.

    Args:
        ledger: its folder.
        head: of the ledger.
        trusted: by whom.
        faults: takes what is found.

    Attributes:
        found: those that are there.
        quorum: how many entries are under the last head that the policy's quorum has seen; None where none has.
    """

    def __init__(self, ledger: Path, head: Checkpoint, trusted: Trusted, faults: Faults) -> None:
        self._ledger, self._head, self._trusted, self._faults = ledger, head, trusted, faults
        self._tiles = Tiles(ledger)
        self.found: list[Anchor] = []
        self.quorum: int | None = None

    def check(self) -> None:
        """Go through them all."""
        for path in sorted((self._ledger / FOLDER).glob("*"), key=lambda path: (len(path.stem), path.name)):
            if path.name.startswith("."):
                continue
            try:
                self._check(path)
            except (NoteError, Damaged, OSError) as error:
                self._faults.add(ANCHOR, f"{FOLDER}/{path.name}", error)
        policy = self._trusted.policy
        if policy and policy.quorum is not None and self.quorum is None:
            self._faults.add(ANCHOR, FOLDER, f"no head was seen by the quorum that is asked for ({policy.quorum})")

    def _check(self, path: Path) -> None:
        note = read_note(path.with_suffix("").read_bytes())
        head = read_checkpoint(note.text)
        if path.stem != str(head.size) or path.suffix not in ("", STAMP):
            raise NoteError("is no anchor, or of another head than its name says")
        if path.suffix:
            self._stamp(head, note.text, path.read_bytes())
        else:
            self._check_head(head)
            self._cosignatures(head, note)

    def _check_head(self, head: Checkpoint) -> None:
        beginning = head.origin == self._head.origin and head.size <= self._head.size
        if not beginning or root(head.size, self._node(head.size)) != head.root:
            raise NoteError(f"its {head.size} entries are not the beginning of this ledger")

    def _node(self, size: int) -> Node:
        return lambda height, index: self._tiles.node(size, height, index)

    def _cosignatures(self, head: Checkpoint, note: Note) -> None:
        if not signed_by(note, self._trusted.logs):
            raise NoteError("is signed by no key of this ledger that is known")
        policy = self._trusted.policy
        known = signed_by(note, policy.cosigners if policy else ())
        for key, content in known:
            self.found.append(Anchor(head.size, key.name, _moment(time_of(key.kind, content)), checked=True))
        ours = {(key.name, key.id) for key in (*self._trusted.logs, *(key for key, _ in known))}
        for one in note.signatures:
            if (one.name, one.key) not in ours and one.name != head.origin:
                self.found.append(Anchor(head.size, one.name, None, checked=False))
        if policy and policy.quorum is not None and policy.is_met({key for key, _ in known}):
            self.quorum = max(self.quorum or 0, head.size)

    def _stamp(self, head: Checkpoint, text: str, content: bytes) -> None:
        authorities = self._trusted.authorities
        try:
            stamp = stamps.read_stamp(content)
        except InputError as error:
            self.found.append(Anchor(head.size, f"{_AUTHORITY} ({error})", None, checked=False))
            return
        stamps.check_stamp(stamp, text, authorities)
        self.found.append(Anchor(head.size, _AUTHORITY, _rfc3339(stamp.time), checked=bool(authorities)))


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else _rfc3339(datetime.fromtimestamp(min(seconds, _LATEST), UTC))


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
