"""A request to a service as a client or an HTTP library is about to send it, and what its body holds."""

import base64
import binascii
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast
from urllib.parse import parse_qs

import msgspec

from ...plain import UNREADABLE_JSON

# Bytes of a JSON body that are read; one that is longer says nothing. OpenAI takes 50 MB a request.
_MOST_BYTES = 64 << 20
# Values of a JSON body that are looked at, numbers in lists apart: tokens come by the million.
_MOST_VALUES = 100_000
_NUMBERS = (int, float)
# How pictures begin: JPEG, PNG, GIF, TIFF of both orders, JPEG 2000, JPEG XL; WebP, BMP, AVIF and HEIC some bytes
# further on.
_BEGINNINGS = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x00\x0cJXL",
    b"\x00\x00\x00\x0cjP",
)
_CONTAINERS = (b"ftypavif", b"ftypheic", b"ftypheix", b"ftypmif1")
# Where the head of a form's part ends: some servers take lines that end in one character as well.
_PART = re.compile(rb"\r\n\r\n|\n\r?\n|\r\r")
_NAME = re.compile(rb'\bname="?([^";\r\n]*)', re.IGNORECASE)
_FILE = re.compile(rb"^content-disposition:[^\r\n]*;\s*filename\*?\s*=", re.IGNORECASE | re.MULTILINE)
_BOM = b"\xef\xbb\xbf"


class TooMany(ValueError):
    """A JSON value with more in it than is looked at."""


@dataclass(frozen=True)
class Request:
    """What is about to be sent.

    Attributes:
        method: GET, POST, ...
        url: absolute, with its query.
        headers: names in any case.
        body: bytes or text as they go over the wire, or the JSON value that will become them; None where it is a
            stream, which is not ours to read.
        service: whose client sends it, where that is known; a value of the fact `service`.
    """

    method: str
    url: str
    headers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: object = None
    service: str | None = None

    def header(self, name: str) -> str:
        """The value of a header, whatever the case of its name; empty where there is none."""
        values = (value for key, value in self.headers.items() if _text(key).lower() == name)
        return _text(next(values, ""))

    @cached_property
    def query(self) -> dict[str, str]:
        """The first value of each key of the URL's query, keys in lower case."""
        given = parse_qs(self.url.partition("?")[2], keep_blank_values=True)
        return {key.lower(): values[0] for key, values in given.items()}

    @cached_property
    def json(self) -> object:
        """The JSON value of the body; None where it cannot be read."""
        if isinstance(self.body, bytes | bytearray | str):
            return _decode(self.body) if len(self.body) <= _MOST_BYTES else None
        return self.body

    @property
    def table(self) -> Mapping[str, Any]:
        """The JSON value of the body where it is a table; else an empty one."""
        value: Any = self.json
        return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}

    @cached_property
    def form(self) -> tuple[tuple[str, str], ...]:
        """The fields of a form that are no files, in order; none where the body is none."""
        content_type = self.header("content-type")
        if not (content_type.startswith("multipart/") and isinstance(self.body, bytes)):
            return ()
        parts = _parts(self.body, content_type)
        return tuple((_name(head), content.decode("utf-8", "replace")) for head, content in parts if _is_field(head))

    def pictures(self) -> Iterator[bytes]:
        """The pictures in the body, as encoded as they are: from JSON, from a form, or the body itself."""
        if self.header("content-type").startswith("multipart/") and isinstance(self.body, bytes):
            parts = _parts(self.body, self.header("content-type"))
            yield from (content for head, content in parts if not _is_field(head))
        elif isinstance(self.body, bytes) and is_picture(self.body):
            yield self.body
        else:
            with suppress(TooMany):
                for _, value in values(self.json):
                    yield from _picture(value)


def values(value: object) -> Generator[tuple[str, object]]:
    """Every value in a JSON value, tables and lists too, in order, each with the key that it stands under; no numbers
    that stand in lists.

    Raises:
        TooMany: it has more than 100,000.
    """
    stack: list[tuple[str, object]] = [("", value)]
    for _ in range(_MOST_VALUES):
        if not stack:
            return
        key, value = stack.pop()
        yield key, value
        if isinstance(value, Mapping):
            table = cast(Mapping[Any, object], value)
            stack.extend((str(name), inner) for name, inner in reversed([*table.items()]))
        elif isinstance(value, list | tuple):
            told = (inner for inner in cast(list[object], value) if type(inner) not in _NUMBERS)
            stack.extend((key, inner) for inner in reversed([*told]))
    if stack:
        raise TooMany


def is_picture(value: object) -> bool:
    """Whether a JSON value is a picture, as bytes, as base64 or as a data URL; told by how it begins."""
    if isinstance(value, str):
        return value.startswith("data:image/") or _begins(_decoded(value[:16]))
    return isinstance(value, bytes | bytearray) and _begins(bytes(value[:12]))


def _begins(head: bytes) -> bool:
    bitmap = head.startswith(b"BM") and head[6:10] == bytes(4)
    return bitmap or head.startswith(_BEGINNINGS) or head[8:].startswith(b"WEBP") or head[4:].startswith(_CONTAINERS)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, b"+/" if {"+", "/"} & {*text} else b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""  # no base64


def _picture(value: object) -> Iterable[bytes]:
    if isinstance(value, bytes | bytearray):
        yield bytes(value)
    elif isinstance(value, str) and is_picture(value):
        yield _decoded(value.partition(",")[2] if value.startswith("data:") else value)


def _parts(body: bytes, content_type: str) -> Iterator[tuple[bytes, bytes]]:
    """Of each part of a form its head and its content."""
    boundary = content_type.partition("boundary=")[2].partition(";")[0].strip('"').encode()
    for part in body.split(b"--" + boundary) if boundary else ():
        head, *content = _PART.split(part, maxsplit=1)
        if content:
            yield head, content[0].removesuffix(b"\r\n")


def _is_field(head: bytes) -> bool:
    return _FILE.search(head) is None


def _name(head: bytes) -> str:
    found = _NAME.search(head)
    return found[1].decode("utf-8", "replace") if found else ""


def _decode(body: bytes | bytearray | str) -> object:
    try:
        if isinstance(body, str):
            return msgspec.json.decode(body.removeprefix("\ufeff"))
        return msgspec.json.decode(body.removeprefix(_BOM))  # many servers' readers pass over it
    except UNREADABLE_JSON:
        return None


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
