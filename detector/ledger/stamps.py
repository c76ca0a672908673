"""Time stamps of an authority (RFC 3161), by rfc3161-client."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..errors import InputError
from .note import NoteError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

QUERY: Final = "application/timestamp-query"
REPLY: Final = "application/timestamp-reply"
_SHA256: Final = "2.16.840.1.101.3.4.2.1"


class Stamp(NamedTuple):
    """What an authority says: it has seen the hash of a text at that time.

    Attributes:
        time: when.
        imprint: the sha256 of the text, 32 bytes.
        response: as the library has it.
    """

    time: datetime
    imprint: bytes
    response: Any


def request(text: str) -> bytes:
    """What an authority is asked, DER; raises `InputError` where the library is not installed."""
    from_library = _library()
    builder = from_library.TimestampRequestBuilder().data(text.encode())
    return builder.hash_algorithm(from_library.HashAlgorithm.SHA256).build().as_bytes()


def read_stamp(content: bytes) -> Stamp:
    """The stamp that an answer is, DER; it proves nothing yet.

    Raises:
        NoteError: it is none, or the authority has refused.
        InputError: the library is not installed.
    """
    decode = _library().decode_timestamp_response
    try:
        response = decode(content)
        if response.status:
            raise NoteError(f"the authority has refused: {', '.join(response.status_string) or response.status}")
        imprint = response.tst_info.message_imprint
        if imprint.hash_algorithm.dotted_string != _SHA256:
            raise NoteError(f"is a stamp of another hash than SHA-256: {imprint.hash_algorithm.dotted_string}")
        return Stamp(response.tst_info.gen_time, imprint.message, response)
    except NoteError:
        raise
    except Exception as error:
        raise NoteError(f"is no time stamp ({error})") from error


def check_stamp(stamp: Stamp, text: str, trusted: Sequence["Certificate"]) -> None:
    """Hold a stamp against the text, and where certificates are given, its signature against them.

    Raises:
        NoteError: it is of another text, or none of those certificates stands behind it.
    """
    if stamp.imprint != sha256(text.encode()).digest():
        raise NoteError("is a time stamp of something else")
    library = _library()
    for certificate in trusted:
        try:
            library.VerifierBuilder().add_root_certificate(certificate).build().verify_message(
                stamp.response, text.encode()
            )
        except library.VerificationError:
            continue
        return
    if trusted:
        raise NoteError("none of the authorities that are trusted stands behind it")


def read_certificates(path: Path) -> list["Certificate"]:
    """The certificates of a file, PEM.

    Raises:
        InputError: it cannot be read, or holds none.
    """
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: holds no certificates ({error})") from error


def _library() -> Any:
    try:
        import rfc3161_client
    except ModuleNotFoundError as error:
        raise InputError("time stamps need the extra 'anchor': pip install 'facewarden[anchor]'") from error
    return rfc3161_client
