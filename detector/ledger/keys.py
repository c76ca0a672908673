"""The keys that a ledger's heads are signed with, and what was signed last.

They lie in a folder of their own: beside the ledger, or where `FACEWARDEN_KEYS` says, out of reach of whoever can
write to the ledger. Who has the ledger alone can then neither sign another one nor bring back an older one unseen.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import InputError
from .durable import make_folder, write_durably
from .note import Checkpoint, NoteError, Verifier, read_checkpoint, verifier

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VARIABLE: Final = "FACEWARDEN_KEYS"
_PRIVATE = 0o600


def keys_folder(record: Path) -> Path:
    """Where the keys of a record's ledger are."""
    told = os.environ.get(VARIABLE)
    return Path(told) if told else record / "keys"


class Keys:
    """The keys of one ledger. Whoever calls holds the ledger's lock.

    Args:
        folder: where they are.
        origin: the ledger's name.
    """

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder, self._origin = folder, origin
        self._name = origin.rpartition("/")[2]

    def signer(self) -> "Ed25519PrivateKey":
        """The key to sign with; made on first use, for its owner alone to read.

        Raises:
            OSError: it cannot be read or made.
            InputError: the file is no key.
        """
        try:
            return _load(self._path)
        except FileNotFoundError:
            return self.renew()

    def renew(self) -> "Ed25519PrivateKey":
        """Make another key, and sign with that from here on; the one before is kept no longer.

        Raises:
            OSError: it cannot be made.
        """
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.generate()
        make_folder(self._folder)
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        write_durably(self._path, key.private_bytes(*form), _PRIVATE)
        return key

    def verifier(self) -> Verifier:
        """The public half of the key that is signed with."""
        return verifier(self._origin, self.signer())

    def signing(self) -> Checkpoint | None:
        """The last head that was about to be signed; None where none was yet.

        Raises:
            OSError: it cannot be read.
            InputError: the file is no head.
        """
        return self._remembered("signing")

    def signed(self) -> Checkpoint | None:
        """The last head whose signature is out; raises as `signing` does."""
        return self._remembered("signed")

    def about_to_sign(self, head: Checkpoint) -> None:
        """Remember a head, durably, before its signature leaves; raises `OSError` where that fails."""
        self._remember("signing", head)

    def has_signed(self, head: Checkpoint) -> None:
        """Remember that a head's signature is out; raises `OSError` where that fails."""
        self._remember("signed", head)

    def _remembered(self, what: str) -> Checkpoint | None:
        path = self._folder / f"{self._name}.{what}"
        try:
            return read_checkpoint(path.read_text())
        except FileNotFoundError:
            return None
        except (NoteError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: {error}") from error

    def _remember(self, what: str, head: Checkpoint) -> None:
        write_durably(self._folder / f"{self._name}.{what}", str(head).encode(), _PRIVATE)

    @property
    def _path(self) -> Path:
        return self._folder / f"{self._name}.pem"


def _load(path: Path) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = path.read_bytes()
    try:
        key = load_pem_private_key(content, None)
    except (ValueError, TypeError) as error:
        raise InputError(f"{path}: is no key ({error})") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path}: is no Ed25519 key")
    return key
