"""Anchors: what somebody outside has said of a head. They lie beside the ledger, in `anchor/`.

`anchor/SIZE` is the head of that many entries with the cosignatures of witnesses, a signed note; `anchor/SIZE.tsr` is a
time stamp of its text by an authority (RFC 3161).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..errors import InputError, RecordError
from . import outside, stamps
from .durable import write_durably
from .note import Note, NoteError, read_checkpoint, read_note
from .place import CHECKPOINT
from .public_keys import signed_by
from .tiles import Tiles
from .trust import Witness

FOLDER: Final = "anchor"
STAMP: Final = ".tsr"


def remember_head(ledger: Path) -> Note:
    """Keep the head as it is, to be anchored; gives it, with what anchors it already has.

    Raises:
        RecordError: there is none.
        OSError: it cannot be kept.
    """
    try:
        note = read_note((ledger / CHECKPOINT).read_bytes())
        kept = _path(ledger, read_checkpoint(note.text).size)
        if kept.exists() and (before := read_note(kept.read_bytes())).text == note.text:
            return before
    except (OSError, NoteError) as error:
        raise RecordError(f"{ledger}: has no head to anchor ({error})") from error
    write_durably(kept, str(note).encode())
    return note


def cosigned(ledger: Path, witness: Witness) -> Note:
    """Have a witness cosign the head, and keep that.

    Raises:
        RecordError: there is no head.
        InputError: the witness cannot be reached, or refuses.
        NoteError: it answers with something else.
        OSError: it cannot be kept.
    """
    note = remember_head(ledger)
    known = [size for size, head in heads(ledger) if signed_by(head, [witness.key])]
    new = outside.ask_witness(witness, note, max(known, default=0), Tiles(ledger))
    others = [one for one in note.signatures if (one.name, one.key) != (witness.key.name, witness.key.id)]
    note = Note(note.text, (*others, *new))
    write_durably(_path(ledger, read_checkpoint(note.text).size), str(note).encode())
    return note


def stamped(ledger: Path, url: str) -> None:
    """Have an authority stamp the head, and keep that; raises as `cosigned` does."""
    note = remember_head(ledger)
    _keep_stamp(ledger, note, outside.ask_authority(url, note.text))


def take_stamp(ledger: Path, content: bytes) -> int:
    """Keep a time stamp that was fetched by hand; gives how many entries are under the head that it is of.

    Raises:
        InputError: it is of no head that was remembered.
        NoteError: it is none.
        OSError: it cannot be kept.
    """
    stamp = stamps.read_stamp(content)
    for size, note in heads(ledger):
        try:
            stamps.check_stamp(stamp, note.text, ())
        except NoteError:
            continue
        _keep_stamp(ledger, note, content)
        return size
    raise InputError("it is a time stamp of no head of this ledger that was asked for")


def heads(ledger: Path) -> Iterator[tuple[int, Note]]:
    """The heads that were remembered, by how many entries are under them, from the first; others are passed over."""
    sizes = sorted(int(path.name) for path in (ledger / FOLDER).glob("*") if path.name.isdecimal())
    for size in sizes:
        try:
            yield size, read_note(_path(ledger, size).read_bytes())
        except (NoteError, OSError):
            continue


def _path(ledger: Path, size: int) -> Path:
    return ledger / FOLDER / str(size)


def _keep_stamp(ledger: Path, note: Note, content: bytes) -> None:
    write_durably(_path(ledger, read_checkpoint(note.text).size).with_suffix(STAMP), content)
