"""A whole file of entries at once: where its lines, its bundle and its tile agree, as they nearly always do, nothing in
them has to be looked at one by one."""

from binascii import hexlify
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from .journal import AFTER, BEFORE, BETWEEN, SALT, lines_of
from .leaves import LEAF
from .place import WIDTH
from .tiles import ENTRIES, Damaged, Tiles, bundle

_SALT_AT: Final = -(2 * SALT + len(AFTER))
_ENTRY_ENDS: Final = _SALT_AT - len(BETWEEN)
# What stands in a file of entries between those of two lines, and in a bundle around each commitment.
_NEXT: Final = AFTER + b"\n" + BEFORE
_BEFORE_COMMITMENT, _AFTER_COMMITMENT = bundle([LEAF % (b"0" * 64)]).split(b"0" * 64)
_HASHED: Final = b"\0" + LEAF


def agreed(folder: Path, number: int, width: int) -> tuple[list[bytes], bytes] | None:
    """The hashes of the first entries of a file, as the tree has them, and its lines.

    Args:
        folder: the ledger's.
        number: of the file.
        width: how many entries of it are signed.

    Returns:
        None where anything is not as it should be, or an entry was erased.
    """
    try:
        lines, tiles = lines_of(folder, number), Tiles(folder)
        stored, tile = tiles.read(ENTRIES, number, width), tiles.read(0, number, width)
    except (Damaged, OSError):
        return None
    commitments = _commitments(lines[:width]) if width <= len(lines) <= WIDTH else None
    if not commitments or stored != _bundled(commitments):
        return None
    hashes = [sha256(_HASHED % one).digest() for one in commitments]
    return (hashes, b"\n".join(lines[:width])) if b"".join(hashes) == tile else None


def _bundled(commitments: Sequence[bytes]) -> bytes:
    between = _AFTER_COMMITMENT + _BEFORE_COMMITMENT
    return _BEFORE_COMMITMENT + between.join(commitments) + _AFTER_COMMITMENT


def _commitments(lines: Sequence[bytes]) -> list[bytes] | None:
    """What the tree promises of lines, in hexadecimal; None where one of them is not the line of an entry."""
    texts = b"".join([text[_SALT_AT : -len(AFTER)] for text in lines])
    try:
        salts = bytes.fromhex(texts.decode())
    except ValueError:
        return None
    framed = BEFORE + _NEXT.join([text[len(BEFORE) : -len(AFTER)] for text in lines]) + AFTER
    if framed != b"\n".join(lines) or salts.hex().encode() != texts or len(salts) != SALT * len(lines):
        return None
    if {text[_ENTRY_ENDS:_SALT_AT] for text in lines} != {BETWEEN}:
        return None
    entries = [text[len(BEFORE) : _ENTRY_ENDS] for text in lines]
    salted = zip(range(0, len(salts), SALT), entries, strict=True)
    return [hexlify(sha256(salts[start : start + SALT] + entry).digest()) for start, entry in salted]
