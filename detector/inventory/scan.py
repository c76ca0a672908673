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
from ..identity.known import shipped
from ..identity.opening import LARGEST
from .walk import File, Unreadable, walk

_IN_PARTS = ("openvino", "onnx")  # formats whose weights may lie in a file beside them


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One model file, or a place that could not be read.

    Attributes:
        path: where it is; `!/` leads into an archive.
        format: of the file, by its content; `published` where only its hash is known.
        bytes: its size.
        identity: what it is; None where it could not be read.
        error: why not, one line.
    """

    path: str
    format: str = ""
    bytes: int = 0
    identity: Identity | None = None
    error: str | None = None


def scan(root: str | Path) -> Iterator[Entry]:
    """Find and identify the model files; a broken one is an entry with an error, and the others are done.

    Raises:
        ModelError: there is no such folder or file.
    """
    root = Path(root)
    try:
        if not root.exists():
            raise ModelError(f"{root}: no such folder or file")
    except OSError as error:
        raise ModelError(f"{root}: cannot be read ({error.strerror})") from error
    for file in walk(root):
        if isinstance(file, Unreadable):
            yield Entry(printable(file.label), error=printable(file.reason))
        elif entry := _entry(file):
            yield entry


def _entry(file: File) -> Entry | None:
    label = printable(file.label)
    try:
        kind = format_of(file.stream, file.size) or _published(file)
        if kind is None:
            return None
        identity = msgspec.structs.replace(_identify(file, kind), path=label)
        return Entry(label, kind, file.size, identity)
    except ModelError as error:
        return Entry(label, error=str(error))
    except OSError as error:
        return Entry(label, error=f"cannot be read ({error.strerror or error})")


def _identify(file: File, kind: str) -> Identity:
    if file.path:
        return identify(file.path)
    if kind not in _IN_PARTS and file.size <= LARGEST:
        file.stream.seek(0)
        return identify_bytes(file.stream.read(), file.label)
    with TemporaryDirectory() as folder:
        return identify(file.extract(Path(folder)))


def _published(file: File) -> str | None:
    """Whether it is a published model of a format that has no mark of its own."""
    known = shipped()
    if file.size not in known.sizes:  # hashing all there is would take long
        return None
    return "published" if any(_digest(file, kind) in known.hashes for kind in ("sha256", "sha384")) else None


def _digest(file: File, kind: str) -> str:
    file.stream.seek(0)
    return file_digest(cast(BufferedReader, file.stream), kind).hexdigest()
