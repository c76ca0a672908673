"""The keys that a ledger's heads are signed with, and what was signed last.

They lie in a folder of their own: beside the ledger, or where `FACEWARDEN_KEYS` says, out of reach of whoever can
write to the ledger. Who has the ledger alone can then neither sign another one nor bring back an older one unseen.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import InputError
from .durable import make_folder, write_durably
from .note import Checkpoint, Note, NoteError, read_checkpoint
from .public_keys import ED25519, ML_DSA_COSIGNATURE, PrivateKey, Verifier, cosignature, ml_dsa, signature, verifier

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

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

    def sign(self, head: Checkpoint, time: int) -> Note:
        """A head under the ledger's signature, and the cosignature of ML-DSA-44 where there is a key for that.

        Args:
            head: what to sign; it was remembered with `about_to_sign`.
            time: POSIX seconds.

        Raises:
            OSError: a key cannot be read or made.
            InputError: a file is no key.
        """
        text, cosigner = str(head), self._cosigner()
        own = signature(text, head.origin, self._signer())
        if cosigner is None:
            return Note(text, (own,))
        return Note(text, (own, cosignature(text, head.origin, cosigner, ML_DSA_COSIGNATURE, time)))

    def renew(self, post_quantum: bool = False) -> None:
        """Make other keys, and sign with them from here on; those before are kept no longer.

        Args:
            post_quantum: cosign with ML-DSA-44 from here on, as well where that was not done before.

        Raises:
            OSError: one cannot be made.
            InputError: there is no ML-DSA-44 here.
        """
        if post_quantum or self._cosigner() is not None:
            self._make(self._ml_dsa_path, _new_ml_dsa())
        self._make_signer()

    def verifiers(self) -> list[Verifier]:
        """The public halves of the keys that are signed with; raises as `sign` does."""
        own, cosigner = verifier(self._origin, self._signer(), ED25519), self._cosigner()
        return [own] if cosigner is None else [own, verifier(self._origin, cosigner, ML_DSA_COSIGNATURE)]

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

    # --- files --------------------------------------------------------------------------------------------------------

    def _signer(self) -> "Ed25519PrivateKey":
        """Made on first use, for its owner alone to read."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        try:
            key = _load(self._path)
        except FileNotFoundError:
            return self._make_signer()
        if not isinstance(key, Ed25519PrivateKey):
            raise InputError(f"{self._path}: is no Ed25519 key")
        return key

    def _cosigner(self) -> "MLDSA44PrivateKey | None":
        if not self._ml_dsa_path.exists():
            return None
        key: Any = _load(self._ml_dsa_path)
        if not isinstance(key, _ml_dsa().MLDSA44PrivateKey):
            raise InputError(f"{self._ml_dsa_path}: is no ML-DSA-44 key")
        return key

    def _make_signer(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.generate()
        self._make(self._path, key)
        return key

    def _make(self, path: Path, key: PrivateKey) -> None:
        from cryptography.hazmat.primitives import serialization

        make_folder(self._folder)
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        write_durably(path, key.private_bytes(*form), _PRIVATE)

    @property
    def _path(self) -> Path:
        return self._folder / f"{self._name}.pem"

    @property
    def _ml_dsa_path(self) -> Path:
        return self._folder / f"{self._name}.ml-dsa.pem"


def _load(path: Path) -> object:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise InputError(f"{path}: is no key ({error})") from error


def _ml_dsa() -> Any:
    try:
        return ml_dsa()
    except NoteError as error:
        raise InputError(str(error)) from error


def _new_ml_dsa() -> "MLDSA44PrivateKey":
    return _ml_dsa().MLDSA44PrivateKey.generate()
