"""The proof that one entry is in a ledger, which holds without the ledger (C2SP tlog-proof)."""

import base64
from pathlib import Path

from ..errors import RecordError
from .anchors import heads
from .journal import lines_of
from .leaves import leaf, parts
from .merkle import included, inclusion_proof, leaf_hash
from .note import Note, NoteError, read_checkpoint, read_note
from .place import CHECKPOINT, WIDTH
from .public_keys import Verifier, signers
from .tiles import Damaged, Tiles

_HEADER = "c2sp.org/tlog-proof@v1"


def prove(ledger: Path, index: int) -> str:
    """The text of a `.tlog-proof` of an entry; its line of the record is the `extra`.

    It is under the last head that somebody outside has seen, where the entry was there by then, with the cosignatures.

    Raises:
        RecordError: there is no such entry under the signature, or the ledger does not hold there.
    """
    try:
        checkpoint = _head_for(ledger, index)
        size = read_checkpoint(checkpoint.text).size
        tiles = Tiles(ledger)
        hashes = inclusion_proof(index, size, lambda height, at: tiles.node(size, height, at))
        line = lines_of(ledger, index // WIDTH)[index % WIDTH]
    except (ValueError, Damaged, OSError, IndexError) as error:
        raise RecordError(f"{ledger}: entry {index} cannot be proven: {error}") from error
    texts = [_HEADER, f"extra {_base64(line)}", f"index {index}", *map(_base64, hashes), ""]
    return "\n".join([*texts, str(checkpoint)])


def proven(text: str, known: list[Verifier]) -> tuple[int, bytes]:
    """The index and the entry that a proof is of.

    Args:
        text: a proof with the entry's line.
        known: the keys to trust.

    Raises:
        NoteError: it proves nothing.
    """
    head, _, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if len(lines) < 3 or lines[0] != _HEADER or not lines[1].startswith("extra ") or lines[2][:6] != "index ":
        raise NoteError("is no proof of an entry of ours")
    note = read_note(checkpoint.encode())
    tree = read_checkpoint(note.text)
    try:
        index = int(lines[2][6:])
        entry, salt = parts(base64.b64decode(lines[1][6:], validate=True))
        hashes = [base64.b64decode(one, validate=True) for one in lines[3:]]
    except (ValueError, Damaged) as error:
        raise NoteError(f"is no proof of an entry of ours: {error}") from error
    if not signers(note, known) or not included(leaf_hash(leaf(entry, salt)), index, tree.size, hashes, tree.root):
        raise NoteError("does not hold")
    return index, entry


def _head_for(ledger: Path, index: int) -> Note:
    anchored = [note for size, note in heads(ledger) if size > index and len(note.signatures) > 1]
    return anchored[-1] if anchored else read_note((ledger / CHECKPOINT).read_bytes())


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
