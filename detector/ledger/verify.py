"""Whether a ledger holds: its content, its chain, its signature, each for itself, and where it does not."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..errors import InputError, RecordError
from .anchored import Anchor, Anchored, Trusted
from .chain import origin_of, published
from .content import Content
from .copies import check_copies
from .faults import CHAIN, CONTENT, SIGNATURE, Fault, Faults
from .journal import lines_of
from .keys import Keys, keys_folder
from .merkle import EMPTY, root
from .note import Checkpoint, NoteError, read_checkpoint, read_note
from .place import CHECKPOINT, LEDGER, ORIGIN, VERIFIERS, WIDTH
from .public_keys import Verifier, signers
from .tiles import Damaged, Tiles
from .trust import Policy

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


class Verification(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.verification/1"):
    """What was found of a ledger.

    Attributes:
        ledger: its name.
        entries: how many are under its signature.
        waiting: how many are durable, and not signed yet; nothing is proven of them.
        erased: how many were erased on an order that is on record.
        signed_by: the keys that signed its head.
        anchors: who outside has seen which of its heads.
        quorum: how many entries are under the last head that the quorum of the policy has seen; None where none has, or
            none is asked for.
        faults: where it does not hold.
    """

    ledger: str
    entries: int
    waiting: int
    erased: int
    signed_by: tuple[str, ...]
    anchors: tuple[Anchor, ...]
    quorum: int | None
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """Whether no fault was found."""
        return not self.faults


def ledger_of(folder: Path) -> tuple[Path, Path]:
    """The folder of a record's ledger and that of its keys; the former may be named itself.

    Raises:
        RecordError: there is no ledger.
    """
    for ledger in (folder / LEDGER, folder):
        if any((ledger / name).exists() for name in (ORIGIN, CHECKPOINT, VERIFIERS)):
            return ledger, keys_folder(ledger.parent)
    raise RecordError(f"{folder}: there is no ledger")


def verify(
    folder: Path,
    since: bytes | None = None,
    policy: Policy | None = None,
    authorities: Sequence["Certificate"] = (),
    workers: int = 1,
) -> Verification:
    """Go through a whole ledger, and hold the plain lines beside it against it.

    Args:
        folder: the record's, or the ledger's own. Where its keys are at hand, so is what was signed last, and an
            older state that was brought back is found.
        since: an earlier head of it, a signed note: whether this is the same ledger, grown.
        policy: the keys to trust, and the witnesses who must have seen a head of it; without one, the keys that are
            published beside it, and no witness.
        authorities: certificates of those whose time stamps are to be trusted.
        workers: processes that go through the files of a large one.

    Raises:
        RecordError: there is no ledger.
    """
    ledger, keys = ledger_of(folder)
    faults = Faults()
    origin = _origin(ledger, faults)
    last = _last(keys, origin)
    trusted = Trusted(policy.logs if policy else _published(ledger, faults), policy, authorities)
    head, by = _head(ledger, origin, trusted.logs, last is not None, faults)
    content = Content(ledger, head.size, faults, workers)
    content.check()
    if head.root and content.root != head.root:
        faults.add(CHAIN, CHECKPOINT, f"the tree of {head.size} entries has another root than was signed")
    if last and (head.size < last.size or (head.size == last.size and head.root not in (b"", last.root))):
        faults.add(SIGNATURE, CHECKPOINT, f"is not the last: a head of {last.size} entries was signed")
    if since is not None:
        _check_since(Tiles(ledger), head, since, trusted.logs, faults)
    if not any(fault.part == CONTENT for fault in faults.found):
        check_copies(ledger.parent, ledger, faults)
    anchored = Anchored(ledger, head, trusted, faults)
    anchored.check()
    return Verification(
        ledger=head.origin,
        entries=head.size,
        waiting=content.waiting,
        erased=len(content.erased),
        signed_by=tuple(map(str, by)),
        anchors=tuple(anchored.found),
        quorum=anchored.quorum,
        faults=tuple(faults.found),
    )


def _origin(ledger: Path, faults: Faults) -> str:
    try:
        return origin_of(ledger)
    except RecordError as error:
        faults.add(CHAIN, ORIGIN, error)
        return ""


def _last(keys: Path, origin: str) -> Checkpoint | None:
    try:
        return Keys(keys, origin).signed()
    except (InputError, OSError):
        return None


def _published(ledger: Path, faults: Faults) -> Sequence[Verifier]:
    try:
        return published(ledger)
    except (NoteError, OSError) as error:
        faults.add(SIGNATURE, VERIFIERS, error)
        return ()


def _head(
    ledger: Path, origin: str, trusted: Sequence[Verifier], expected: bool, faults: Faults
) -> tuple[Checkpoint, list[Verifier]]:
    try:
        note = read_note((ledger / CHECKPOINT).read_bytes())
        head = read_checkpoint(note.text)
        by = signers(note, trusted)
    except FileNotFoundError:
        if expected or (ledger / "tile").exists() or (ledger / VERIFIERS).exists():
            faults.add(SIGNATURE, CHECKPOINT, "is not there")
        return Checkpoint(origin, 0, EMPTY), []
    except (NoteError, OSError) as error:
        faults.add(SIGNATURE, CHECKPOINT, error)
        return Checkpoint(origin, _entries(ledger), b""), []
    if not by:
        faults.add(SIGNATURE, CHECKPOINT if trusted else VERIFIERS, "there is no known key that has signed the head")
    if head.origin != origin:
        faults.add(CHAIN, ORIGIN, f"says {origin!r}, and {CHECKPOINT} {head.origin!r}")
    return head, by


def _entries(ledger: Path) -> int:
    """How many entries there are, for want of a head that says so."""
    number = 0
    while (count := len(lines_of(ledger, number))) == WIDTH:
        number += 1
    return number * WIDTH + count


def _check_since(tiles: Tiles, head: Checkpoint, since: bytes, trusted: Sequence[Verifier], faults: Faults) -> None:
    try:
        note = read_note(since)
        old = read_checkpoint(note.text)
        if not signers(note, trusted):
            raise NoteError("is signed by no key that is known")
        grown = old.origin == head.origin and old.size <= head.size
        if not grown or root(old.size, lambda height, index: tiles.node(old.size, height, index)) != old.root:
            faults.add(CHAIN, "earlier checkpoint", f"its {old.size} entries are not the beginning of this ledger")
    except (NoteError, Damaged) as error:
        faults.add(SIGNATURE if isinstance(error, NoteError) else CHAIN, "earlier checkpoint", error)
