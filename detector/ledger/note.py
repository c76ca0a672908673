"""Signed notes and checkpoints, as text (C2SP signed-note, tlog-checkpoint, tlog-cosignature)."""

import base64
import binascii
import struct
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519: Final = 0x01
# What a witness signs with: the time, and Ed25519.
COSIGNATURE: Final = 0x04
_DASH = "\N{EM DASH} "
# A signature line has at least the id of its key and one byte.
_ID = 4


class NoteError(ValueError):
    """A note, a checkpoint, a proof or a key is none, or its signature does not verify; the text says why."""


class Verifier(NamedTuple):
    """The public half of a key.

    Attributes:
        name: whose it is.
        kind: `ED25519` or `COSIGNATURE`.
        key: 32 bytes.
    """

    name: str
    kind: int
    key: bytes

    @property
    def id(self) -> bytes:
        """What tells it from other keys of that name, 4 bytes."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:_ID]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(bytes([self.kind]) + self.key)}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether it has signed that text of a note."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        signed = text.encode()
        if self.kind == COSIGNATURE:
            signed, signature = _cosigned(text, signature[:8]), signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, signed)
        except (InvalidSignature, ValueError):
            return False
        return True


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
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


class Note(NamedTuple):
    """A text and its signatures: the name, the id of the key, the signature."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def __str__(self) -> str:
        lines = (f"{_DASH}{name} {_base64(key + signature)}\n" for name, key, signature in self.signatures)
        return f"{self.text}\n{''.join(lines)}"


def read_verifier(text: str) -> Verifier:
    """The key that a line is; raises `NoteError` where it is none."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not parts[0] or " " in parts[0]:
        raise NoteError(f"{text.strip()[:40]!r} is no verifier key: NAME+ID+KEY")
    key = _bytes(parts[2])
    if key[:1] not in (bytes([ED25519]), bytes([COSIGNATURE])) or len(key) != 33:
        raise NoteError(f"the key of {parts[0]} is of a kind that is not known here")
    verifier = Verifier(parts[0], key[0], key[1:])
    if verifier.id.hex() != parts[1]:
        raise NoteError(f"the key of {parts[0]} is damaged: its id is not that of its bytes")
    return verifier


def read_note(content: bytes) -> Note:
    """The note that a file holds; raises `NoteError` where it is none."""
    try:
        text, _, signatures = content.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise NoteError("is no text") from None
    if not text or not signatures.endswith("\n") or any(ord(sign) < 0x20 and sign != "\n" for sign in text):
        raise NoteError("is no signed note")
    return Note(text + "\n", tuple(map(_signature, signatures[:-1].split("\n"))))


def read_checkpoint(text: str) -> Checkpoint:
    """The head that a note's text is; raises `NoteError` where it is none."""
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or not lines[1].isascii() or not lines[1].isdecimal():
        raise NoteError("is no checkpoint: an origin, a size and a root")
    head = Checkpoint(lines[0], int(lines[1][:20]), _bytes(lines[2]))
    if len(head.root) != 32 or str(head) != text:
        raise NoteError("is no checkpoint of ours: an origin, a size and a root, and nothing more")
    return head


def signers(note: Note, known: Iterable[Verifier]) -> list[Verifier]:
    """Which of the keys have signed a note; other keys' signatures are passed over.

    Raises:
        NoteError: a signature of one of them does not verify.
    """
    keys: Mapping[tuple[str, bytes], Verifier] = {(key.name, key.id): key for key in known}
    found = list[Verifier]()
    for name, identity, signature in note.signatures:
        if key := keys.get((name, identity)):
            if not key.verifies(note.text, signature):
                raise NoteError(f"the signature of {name} does not verify")
            found.append(key)
    return found


def sign(text: str, name: str, key: "Ed25519PrivateKey") -> Note:
    """A note with one signature."""
    return Note(text, ((name, verifier(name, key).id, key.sign(text.encode())),))


def cosign(text: str, name: str, key: "Ed25519PrivateKey", time: int) -> tuple[str, bytes, bytes]:
    """A signature that a witness adds: it has seen this head at that time, POSIX seconds."""
    stamp = struct.pack(">Q", time)
    return name, verifier(name, key, COSIGNATURE).id, stamp + key.sign(_cosigned(text, stamp))


def verifier(name: str, key: "Ed25519PrivateKey", kind: int = ED25519) -> Verifier:
    """The public half of a key."""
    return Verifier(name, kind, key.public_key().public_bytes_raw())


def _cosigned(text: str, stamp: bytes) -> bytes:
    return f"cosignature/v1\ntime {int.from_bytes(stamp, 'big')}\n{text}".encode()


def _signature(line: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(_DASH)
    name, _, content = rest.partition(" ")
    signature = _bytes(content)
    if dash or not name or "+" in name or len(signature) <= _ID:
        raise NoteError("has a line that is no signature")
    return name, signature[:_ID], signature[_ID:]


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content or _base64(content) != text:
        raise NoteError(f"{text[:40]!r} is no base64")
    return content
