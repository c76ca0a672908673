"""The public halves of keys, as text, and what they verify (C2SP signed-note, tlog-cosignature)."""

import struct
from collections.abc import Callable, Iterable
from hashlib import sha256
from types import ModuleType
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from .note import Checkpoint, Note, NoteError, Signature, from_base64, read_checkpoint, to_base64

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

PrivateKey: TypeAlias = "Ed25519PrivateKey | MLDSA44PrivateKey"
# What a ledger signs with.
ED25519: Final = 0x01
# What a cosigner signs with: the time, and a signature.
COSIGNATURE: Final = 0x04
ML_DSA_COSIGNATURE: Final = 0x06
_BYTES: Final = {ED25519: 32, COSIGNATURE: 32, ML_DSA_COSIGNATURE: 1312}
_ID, _STAMP = 4, 8


class Verifier(NamedTuple):
    """The public half of a key.

    Attributes:
        name: whose it is.
        kind: `ED25519`, `COSIGNATURE` (of Ed25519) or `ML_DSA_COSIGNATURE`.
        key: its bytes, 32 of Ed25519, 1312 of ML-DSA-44.
    """

    name: str
    kind: int
    key: bytes

    @property
    def id(self) -> bytes:
        """What tells it from other keys of that name, 4 bytes."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:_ID]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes([self.kind]) + self.key)}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether it has signed that text of a note.

        Raises:
            NoteError: the text is no checkpoint, or this cannot be told here: see `ml_dsa`.
        """
        from cryptography.exceptions import InvalidSignature

        try:
            stamp = b"" if self.kind == ED25519 else signature[:_STAMP]
            _VERIFY[self.kind](self.key, signature[len(stamp) :], _signed(self.name, self.kind, text, stamp))
        except NoteError:
            raise
        except (InvalidSignature, ValueError):
            return False
        return True


def signed_by(note: Note, known: Iterable[Verifier]) -> list[tuple[Verifier, bytes]]:
    """Which of the keys have signed a note, and their signatures; those of other keys are passed over.

    Raises:
        NoteError: a signature of one of them does not verify.
    """
    keys = {(key.name, key.id): key for key in known}
    found = list[tuple[Verifier, bytes]]()
    for name, identity, content in note.signatures:
        if key := keys.get((name, identity)):
            if not key.verifies(note.text, content):
                raise NoteError(f"the signature of {name} does not verify")
            found.append((key, content))
    return found


def signers(note: Note, known: Iterable[Verifier]) -> list[Verifier]:
    """Which of the keys have signed a note; raises as `signed_by` does."""
    return [key for key, _ in signed_by(note, known)]


def read_verifier(text: str) -> Verifier:
    """The key that a line is; raises `NoteError` where it is none."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not parts[0] or " " in parts[0]:
        raise NoteError(f"{text.strip()[:40]!r} is no verifier key: NAME+ID+KEY")
    key = from_base64(parts[2])
    if _BYTES.get(key[0]) != len(key) - 1:
        raise NoteError(f"the key of {parts[0]} is of a kind that is not known here")
    verifier = Verifier(parts[0], key[0], key[1:])
    if verifier.id.hex() != parts[1]:
        raise NoteError(f"the key of {parts[0]} is damaged: its id is not that of its bytes")
    return verifier


def verifier(name: str, key: PrivateKey, kind: int = ED25519) -> Verifier:
    """The public half of a key."""
    return Verifier(name, kind, key.public_key().public_bytes_raw())


def signature(text: str, name: str, key: "Ed25519PrivateKey") -> Signature:
    """A ledger's own, of a text."""
    return Signature(name, verifier(name, key).id, key.sign(text.encode()))


def cosignature(text: str, name: str, key: PrivateKey, kind: int, time: int) -> Signature:
    """A cosigner's: it has seen this head at that time, POSIX seconds, and none that contradicts it."""
    stamp = struct.pack(">Q", time)
    return Signature(name, verifier(name, key, kind).id, stamp + key.sign(_signed(name, kind, text, stamp)))


def time_of(kind: int, content: bytes) -> int | None:
    """When a signature of that kind was made, POSIX seconds; None where it does not say."""
    return None if kind == ED25519 else int.from_bytes(content[:_STAMP], "big")


def _signed(name: str, kind: int, text: str, stamp: bytes) -> bytes:
    """What is signed of a text."""
    if kind == COSIGNATURE:
        return f"cosignature/v1\ntime {int.from_bytes(stamp, 'big')}\n{text}".encode()
    return _subtree(name, read_checkpoint(text), stamp) if kind == ML_DSA_COSIGNATURE else text.encode()


def _subtree(name: str, head: Checkpoint, stamp: bytes) -> bytes:
    cosigner, origin = name.encode(), head.origin.encode()
    whole = struct.pack(">QQ", 0, head.size) + head.root
    return b"".join((b"subtree/v1\n\0", bytes([len(cosigner)]), cosigner, stamp, bytes([len(origin)]), origin, whole))


def _ed25519(key: bytes, signature: bytes, signed: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)


def ml_dsa() -> ModuleType:
    """What signs with ML-DSA-44; raises `NoteError` where `cryptography` here has none."""
    try:
        from cryptography.hazmat.primitives.asymmetric import mldsa
    except ImportError:
        raise NoteError("a key of ML-DSA-44 needs a newer `cryptography`: pip install -U cryptography") from None
    return mldsa


def _ml_dsa(key: bytes, signature: bytes, signed: bytes) -> None:
    ml_dsa().MLDSA44PublicKey.from_public_bytes(key).verify(signature, signed)


_VERIFY: Final[dict[int, Callable[[bytes, bytes, bytes], None]]] = {
    ED25519: _ed25519,
    COSIGNATURE: _ed25519,
    ML_DSA_COSIGNATURE: _ml_dsa,
}
