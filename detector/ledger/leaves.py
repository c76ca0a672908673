"""What the tree holds of an entry."""

from hashlib import sha256
from typing import Final

from .journal import AFTER, BEFORE, BETWEEN, SALT
from .tiles import Damaged

# Bytes of a line behind its entry.
TAIL: Final = len(BETWEEN) + 2 * SALT + len(AFTER)
# What the tree holds: canonical JSON, with the commitment in hexadecimal.
LEAF: Final = b'{"commitment":"%s","schema":"facewarden.leaf/1"}'
# How the line of an entry begins that was erased.
ERASED: Final = b'{"erased":'


def parts(text: bytes) -> tuple[bytes, bytes]:
    """The entry and the salt of a line without its end.

    Raises:
        Damaged: it is none.
    """
    tail = text[-TAIL:]
    salt = tail[len(BETWEEN) : -len(AFTER)]
    try:
        found = bytes.fromhex(salt.decode())
    except ValueError:
        found = b""
    frame = text[: len(BEFORE)], tail[: len(BETWEEN)], tail[-len(AFTER) :], found.hex().encode()
    if frame != (BEFORE, BETWEEN, AFTER, salt) or len(text) < len(BEFORE) + TAIL:
        raise Damaged("is no entry and its salt")
    return text[len(BEFORE) : -TAIL], found


def leaf(entry: bytes, salt: bytes) -> bytes:
    """What the tree holds of an entry: a promise of what it is, which says nothing of it.

    `{"commitment":SHA256(salt + entry),"schema":"facewarden.leaf/1"}`, canonical JSON.
    """
    return LEAF % sha256(salt + entry).hexdigest().encode()
