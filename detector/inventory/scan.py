"""Identify every model file of a folder or an image."""

from collections.abc import Iterator
from hashlib import file_digest
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import msgspec

from ...streams.errors import printable
from ..errors import ModelError
from ..identity import Identity, identify, identify_bytes
from ..identity.formats import format_of
from ..identity.known import Knowledge, shipped
from ..identity.opening import IN_PARTS, LARGEST
from .choice import LEFT_OUT, Choice
from .found import File, Passed
from .unseen import why_unseen
from .walk import walk

_MAY_BE_IN_PARTS = (*IN_PARTS, "onnx")


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One model file, or a place that could not be read, or was not looked at.

    Attributes:
        path: where it is; `!/` leads into an archive.
        format: of the file, by its content; `published` where only its hash is known.
        bytes: its size.
        identity: what it is; None where it could not be read.
        error: why not, one line.
        skipped: why it was not looked at, one line.
        meant: whether that is as it should be: a link, a pipe, a file that a pattern leaves out.
    """

    path: str
    format: str = ""
    bytes: int = 0
    identity: Identity | None = None
    error: str | None = None
    skipped: str | None = None
    meant: bool = False


def scan(root: str | Path, choice: Choice | None = None) -> Iterator[Entry]:
    """Find and identify the model files, one after the other.

    A broken one is an entry with an error, and the others are done.

    Raises:
        ModelError: there is no such folder or file.
    """
    root, choice = Path(root), choice or Choice()
    try:
        if not root.exists():
            raise ModelError(f"{printable(str(root))}: no such folder or file")
    except OSError as error:
        raise ModelError(f"{printable(str(root))}: cannot be read ({error.strerror})") from error
    for found in walk(root, choice):
        label = printable(found.label)
        if isinstance(found, Passed):
            reason = printable(found.reason)
            if found.broken:
                yield Entry(label, error=reason)
            else:
                yield Entry(label, skipped=reason, meant=found.meant)
        elif not choice.takes(label):
            yield Entry(label, skipped=LEFT_OUT, meant=True)
        elif entry := _entry(found, label, choice):
            yield entry


def _entry(file: File, label: str, choice: Choice) -> Entry | None:
    try:
        kind = format_of(file.stream, file.size) or _published(file, choice.known)
        if kind is None:
            reason = why_unseen(file)
            return Entry(label, bytes=file.size, skipped=reason) if reason else None
        identity = msgspec.structs.replace(_identify(file, kind, choice), path=label)
        return Entry(label, kind, file.size, identity)
    except ModelError as error:
        return Entry(label, error=str(error))
    except OSError as error:
        return Entry(label, error=f"cannot be read ({error.strerror or error})")
    except ValueError as error:
        return Entry(label, error=printable(str(error)))


def _identify(file: File, kind: str, choice: Choice) -> Identity:
    if file.path:
        return identify(file.path, choice.known, limits=choice.limits, cached=choice.cached)
    if file.size > LARGEST:
        raise ValueError(f"larger than {LARGEST / 1e9:.0f} GB, and in an archive")
    if kind not in _MAY_BE_IN_PARTS or file.archive is None:
        file.stream.seek(0)
        return identify_bytes(file.stream.read(), file.label, choice.known, limits=choice.limits, cached=choice.cached)
    with TemporaryDirectory() as folder:
        return identify(file.extract(Path(folder), LARGEST), choice.known, limits=choice.limits, cached=choice.cached)


def _published(file: File, given: Knowledge | None) -> str | None:
    """Whether it is a published model of a format that has no mark of its own."""
    known = given or shipped()
    if file.size not in known.sizes:  # hashing all there is would take long
        return None
    return "published" if any(_digest(file, kind) in known.hashes for kind in ("sha256", "sha384")) else None


def _digest(file: File, kind: str) -> str:
    file.stream.seek(0)
    return file_digest(cast(BufferedReader, file.stream), kind).hexdigest()
