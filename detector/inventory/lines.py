"""A line of the inventory as a machine reads it."""

import msgspec

from ..identity import Identity
from ..identity.answer import Unreadable
from .scan import Entry


class Found(Identity, frozen=True, kw_only=True):
    """A model: where it is, its format and size, and what it is.

    Attributes:
        format: of the file, by its content; `published` where only its hash is known.
        bytes: its size.
    """

    format: str
    bytes: int


class Skipped(msgspec.Struct, frozen=True):
    """A file that may be a model and was not looked at, or a place that was passed over.

    Attributes:
        path: where it is.
        skipped: why, one line.
    """

    path: str
    skipped: str


def line(entry: Entry) -> Found | Unreadable | Skipped:
    """What is written of an entry."""
    if entry.identity is not None:
        return Found(**msgspec.structs.asdict(entry.identity), format=entry.format, bytes=entry.bytes)
    if entry.skipped is not None:
        return Skipped(entry.path, entry.skipped)
    return Unreadable(entry.path, {"kind": "model", "message": entry.error or ""})
