"""What msgspec says of a value that is none of a kind, in the words of a person who writes TOML or JSON."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import inspect

# What decoding JSON that a person or another program wrote can raise: not JSON, not UTF-8, nested too deep.
UNREADABLE_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# The same of TOML, where a number may have too many digits as well.
UNREADABLE_TOML = (*UNREADABLE_JSON, ValueError)

_PLACED: Final = re.compile(r"(.*) - at `(?:key in )?\$\.?(.*)`", re.DOTALL)
_SAYINGS: Final = (
    (re.compile(r"Expected `datetime` with a timezone component"), "Expected `datetime`, with its zone"),
    (re.compile(r"Invalid RFC3339 encoded (datetime|date)"), r"Expected `\1`"),
    (re.compile(r"Object missing required field `(.*)`"), r"key '\1' is missing"),
    (re.compile(r"^Expected "), "expected "),
)
_WORDS: Final = {
    "array": "a list",
    "object": "a table of keys",
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "null",
    "date": "a date",
    "datetime": "a date and time",
}
_EXAMPLES: Final = {"date": ", YYYY-MM-DD", "datetime": " such as 2026-11-25T10:00:00Z"}
_KINDS: Final = re.compile(rf"(got )?`((?:{'|'.join(_WORDS)})(?: \| (?:{'|'.join(_WORDS)}))*)`")
_ENUM: Final = re.compile(r"Invalid enum value (.*)", re.DOTALL)


def plain(text: str, kind: Any = None) -> str:
    """The text of a `msgspec.ValidationError`, its place first.

    Args:
        text: as msgspec says it.
        kind: the type that was expected, where its listed values are to be named.
    """
    placed = _PLACED.fullmatch(text)
    said, place = placed.groups() if placed else (text, "")
    if enum := _ENUM.fullmatch(said):
        said = f"cannot be {enum[1]}; expected {' | '.join(_listed(inspect.type_info(kind)))}" if kind else said
    for saying, words in _SAYINGS:
        said = saying.sub(words, said)
    said = _KINDS.sub(lambda found: (found[1] or "") + _named(found[2].split(" | "), example=not found[1]), said)
    return f"{place}: {said}" if place.strip("[.]") or place[1:-1].isdigit() else said


def not_utf8(error: UnicodeDecodeError) -> str:
    """What to say of bytes that are no text."""
    return f"byte {error.object[error.start]:#04x} is not UTF-8; save it as UTF-8"


def _named(kinds: Sequence[str], *, example: bool) -> str:
    """Of what may be absent, what else it may be."""
    return " or ".join(
        _WORDS[one] + (_EXAMPLES.get(one, "") if example else "") for one in kinds if one != "null" or len(kinds) == 1
    )


def _listed(kind: inspect.Type) -> list[str]:
    """The values that a kind lists, also in what may be absent, and of what holds several."""
    if isinstance(kind, inspect.LiteralType):
        return [str(value) for value in kind.values]
    if isinstance(kind, inspect.UnionType):
        return [value for one in kind.types for value in _listed(one)]
    return _listed(kind.item_type) if isinstance(kind, inspect.ListType | inspect.VarTupleType) else []
