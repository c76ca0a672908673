"""Asking others to vouch for a head: a witness for its cosignature, an authority for a time stamp; over HTTP."""

from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from ...streams.address import has_host, redacted
from ..errors import InputError
from . import stamps
from .merkle import consistency_proof
from .note import Note, NoteError, Signature, read_checkpoint, read_signatures, to_base64
from .public_keys import signed_by
from .tiles import Damaged, Tiles
from .trust import Witness

_WAIT_S: Final = 20
_MOST: Final = 1 << 20
_SIZE: Final = "text/x.tlog.size"
_CONFLICT: Final = 409


def ask_witness(witness: Witness, note: Note, old: int, tiles: Tiles) -> tuple[Signature, ...]:
    """Have a witness cosign a head (C2SP tlog-witness).

    Args:
        witness: whom to ask, at its `url`.
        note: the head.
        old: the size of the last head that it has cosigned, as far as we know.
        tiles: of the ledger.

    Returns:
        Its signatures, verified.

    Raises:
        InputError: it cannot be reached, or refuses.
        NoteError: what it answers is no cosignature of its.
    """
    url = f"{(witness.url or '').rstrip('/')}/add-checkpoint"
    for _ in range(2):
        try:
            answer = _post(url, _question(note, old, tiles), "text/plain")
        except HTTPError as error:
            known = error.read(_MOST).decode(errors="replace").strip()
            if error.code != _CONFLICT or error.headers.get_content_type() != _SIZE or not known.isdecimal():
                raise InputError(f"{witness.name} ({redacted(url)}) refuses: {error.code} {known[:200]}") from error
            old = int(known)
            continue
        return _cosignatures(witness, note, answer)
    raise InputError(f"{witness.name} ({redacted(url)}) has seen a head that is not one of this ledger")


def ask_authority(url: str, text: str) -> bytes:
    """Have an authority stamp a text; gives its answer, DER, which was found to be of this text.

    Raises:
        InputError: it cannot be reached, or refuses; or the library for it is not installed.
        NoteError: what it answers is no stamp of this text.
    """
    question = stamps.request(text)
    try:
        answer = _post(url, question, stamps.QUERY)
    except HTTPError as error:
        raise InputError(f"{redacted(url)} refuses: {error.code} {error.reason}") from error
    stamps.check_stamp(stamps.read_stamp(answer), text, ())
    return answer


def _question(note: Note, old: int, tiles: Tiles) -> bytes:
    size = read_checkpoint(note.text).size
    if old > size:
        raise InputError(f"a witness has seen a head of {old} entries: this one, of {size}, is older")
    try:
        proof = consistency_proof(old, size, lambda height, index: tiles.node(size, height, index))
    except Damaged as damage:
        raise InputError(f"{tiles.folder}: {damage}") from damage
    return "".join(f"{line}\n" for line in (f"old {old}", *map(to_base64, proof), "", note)).encode()[:-1]


def _cosignatures(witness: Witness, note: Note, answer: bytes) -> tuple[Signature, ...]:
    try:
        lines = read_signatures(answer.decode())
    except UnicodeDecodeError as error:
        raise NoteError(f"{witness.name} has answered with what is no text") from error
    ours = tuple(line for line in lines if (line.name, line.key) == (witness.key.name, witness.key.id))
    if not signed_by(Note(note.text, ours), [witness.key]):
        raise NoteError(f"{witness.name} has answered with no cosignature of its key")
    return ours


def _post(url: str, content: bytes, kind: str) -> bytes:
    if not has_host(url, "http", "https"):
        raise InputError(f"{redacted(url)!r} is no address: http://... or https://...")
    request = Request(url, content, {"Content-Type": kind, "User-Agent": "facewarden"})  # noqa: S310 - as above
    try:
        with urlopen(request, timeout=_WAIT_S) as answer:  # noqa: S310 - as above
            return answer.read(_MOST)
    except HTTPError:
        raise
    except (URLError, HTTPException, OSError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise InputError(f"{redacted(url)} cannot be reached ({reason})") from error
