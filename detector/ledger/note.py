"""Signed notes and checkpoints, as text (C2SP signed-note, tlog-checkpoint)."""

import base64
import binascii
from typing import Final, NamedTuple

_DASH = "\N{EM DASH} "
# A signature line has at least the id of its key and one byte.
_ID: Final = 4


class NoteError(ValueError):
    """A note, a checkpoint, a proof or a key is none, or its signature does not verify; the text says why."""


class Checkpoint(NamedTuple):
    """A ledger's head.

    Attributes:
        origin: which ledger's.
        size: its entries.
        root: of their tree, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


class Signature(NamedTuple):
    """A line below a note.

    Attributes:
        name: of the key.
        key: the id of it, 4 bytes.
        content: what was signed with it.
    """

    name: str
    key: bytes
    content: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {to_base64(self.key + self.content)}\n"


class Note(NamedTuple):
    """A text and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"


def read_note(content: bytes) -> Note:
    """The note that a file holds; raises `NoteError` where it is none."""
    try:
        text, _, signatures = content.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise NoteError("is no text") from None
    if not text or not signatures.endswith("\n") or any(ord(sign) < 0x20 and sign != "\n" for sign in text):
        raise NoteError("is no signed note")
    return Note(text + "\n", read_signatures(signatures))


def read_signatures(lines: str) -> tuple[Signature, ...]:
    """The signatures that lines are, each with its end; raises `NoteError` where one is none."""
    return tuple(map(_signature, lines.removesuffix("\n").split("\n")))


def read_checkpoint(text: str) -> Checkpoint:
    """The head that a note's text is; raises `NoteError` where it is none."""
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or not lines[1].isascii() or not lines[1].isdecimal():
        raise NoteError("is no checkpoint: an origin, a size and a root")
    head = Checkpoint(lines[0], int(lines[1][:20]), from_base64(lines[2]))
    if len(head.root) != 32 or str(head) != text:
        raise NoteError("is no checkpoint of ours: an origin, a size and a root, and nothing more")
    return head


def _signature(line: str) -> Signature:
    dash, _, rest = line.partition(_DASH)
    name, _, content = rest.partition(" ")
    signature = from_base64(content)
    if dash or not name or "+" in name or len(signature) <= _ID:
        raise NoteError("has a line that is no signature")
    return Signature(name, signature[:_ID], signature[_ID:])


def to_base64(content: bytes) -> str:
    """Bytes as base64 has them."""
    return base64.b64encode(content).decode()


def from_base64(text: str) -> bytes:
    """The bytes of a text, at least one; raises `NoteError` where it is not what `to_base64` makes of them."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content or to_base64(content) != text:
        raise NoteError(f"{text[:40]!r} is no base64")
    return content
