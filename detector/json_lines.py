"""JSON lines as people write them: what is no such line is told in plain words, with what was probably meant."""

import json
import re
import sys
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import Any, Final, cast

import msgspec

from .errors import FactError
from .plain import UNREADABLE_JSON, not_utf8, plain

_ONE_A_LINE: Final = "one JSON object a line is expected"
_TABLE: Final = re.compile(rb"\[[\w.\" -]+\]\s*(#.*)?|[\w.-]+\s*=.*")
_SECOND: Final = re.compile(rb"(\0[^\0]|[^\0]\0){2}")


def split_lines(text: bytes) -> list[bytes]:
    """The lines of a file, less the mark that some editors put before the first.

    Raises:
        FactError: the whole of it is something else: UTF-16, one JSON list, one object over many lines, CSV or TOML.
    """
    lines = without_mark(text).splitlines()
    first = next((line.strip() for line in lines if line.strip()), b"{")
    if not first.startswith(b"{") or (len(lines) > 1 and first == b"{"):
        _tell(text, first)
    return lines


def without_mark(text: bytes) -> bytes:
    """The text without a byte-order mark.

    Raises:
        FactError: the mark, or every second byte, says that it is UTF-16.
    """
    if text.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or _SECOND.match(text):
        raise FactError("this is UTF-16; save it as UTF-8")
    return text.removeprefix(BOM_UTF8)


def read_object(line: bytes) -> dict[str, object]:
    """The object that a line is.

    Raises:
        FactError: it is none, or a key of it stands twice.
    """
    line = without_mark(line)
    try:
        found = msgspec.json.decode(line, type=dict[str, object])
        json.loads(line, object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise FactError(not_utf8(error)) from error
    except UNREADABLE_JSON as error:
        raise FactError(f"{plain(str(error))}; {_hint(line)}") from error
    except ValueError as error:  # what only one of the two can read: a number of too many digits
        raise FactError(str(error)) from error
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict[str, Any]()
    for key, value in pairs:
        if key in found:
            raise FactError(f"key '{key}' stands twice")
        found[key] = value
    return found


def _hint(line: bytes) -> str:
    first = line.strip()
    if first in (b"{", b"}", b"},") or (first.startswith(b'"') and b":" in first):
        return f"{_ONE_A_LINE}: jq -c . FILE brings an object onto one line"
    if first.startswith(b"["):
        return f"{_ONE_A_LINE}: jq -c '.[]' FILE makes lines of a list"
    if b"'" in first and b'"' not in first:
        return "JSON has double quotes"
    if first.startswith((b"#", b"//")):
        return "JSON has no comments"
    if first.endswith((b",}", b",")):
        return "there is a comma too many"
    return _ONE_A_LINE


def _tell(text: bytes, first: bytes) -> None:
    """Say what a whole file is that does not begin as lines of objects do, where that can be told."""
    try:
        whole = cast(object, json.loads(without_mark(text)))
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, list):
        raise FactError(f"this is one JSON list, {_ONE_A_LINE}: jq -c '.[]' FILE makes lines of it")
    if isinstance(whole, dict):
        raise FactError(f"this is one JSON object over many lines, {_ONE_A_LINE}: jq -c . FILE makes that")
    if _TABLE.fullmatch(first):
        raise FactError(f"this looks like TOML, {_ONE_A_LINE}")
    if any(mark in first for mark in (b",", b";", b"\t")) and not first.startswith((b'"', b"[", b"{", b"}")):
        raise FactError(f'this looks like CSV, {_ONE_A_LINE}: {{"source": "cam", "at": 0.5, ...}}')


def show_json(value: object) -> None:
    """One JSON object on a line of standard output."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()
