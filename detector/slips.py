"""Slips of a person's pen: a key that none of ours is, and the one that was meant."""

import json
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, cast, get_args, get_origin

import msgspec
from msgspec import UNSET, inspect

from .errors import FactError
from .plain import UNREADABLE_TOML, not_utf8, plain

_UNKNOWN = re.compile(r"Object contains unknown field `([^`]*)`(?: - at `\$(.*)`)?")
_AT = re.compile(r"\(at line (\d+), column \d+\)")
# What people write in TOML that is none, and the remedy.
_SLIPS = (
    (
        re.compile(r"=\s*(?:\d\d?[-./]\d\d?[-./]\d{4}|\d{4}[-./]\d\d?[-./]\d\d?)\b"),
        "a date is YYYY-MM-DD, and one that there is",
    ),
    (re.compile(r"^\s*[{<]|^\s*[\w-]+:(?:\s|$)"), 'this is no TOML, which has key = "value"'),
    (re.compile(r"=\s*\[\s*([A-Za-z][\w-]*)"), 'text stands in quotes: "{0}"'),
    (re.compile(r"^\s*([\w-]+)\s*=\s*([A-Za-z][\w ,-]*?)\s*(?:#.*)?$"), 'text stands in quotes: {0} = "{1}"'),
    (
        re.compile(r"""^\s*\[+(?:[\w-]+\.)*([^][."]*[^][."\x21-\x7f][^][."]*)\]"""),
        'such a name stands in quotes: "{0}"',
    ),
)
# What no plain key holds, and what may go on in the next line.
_NO_KEY = re.compile(rb"[][{}#\"']")
_LONG_TEXT = re.compile(rb"\"\"\"|'''")
# So many lines are left out: the file is read anew for each.
_MOST = 50
_STEP = re.compile(r"\.(\w+)|\[[^\]]*\]")


def explained(error: Exception, kind: type, text: bytes = b"") -> str:
    """The text of what decoding a `kind` from TOML raised; for a key that is not known, with the one that may have
    been meant, and those that there are."""
    if not (found := _UNKNOWN.fullmatch(str(error))):
        return plain(str(error)) if isinstance(error, msgspec.ValidationError) else toml_slip(error, text)
    keys = _keys(inspect.type_info(kind), found[2] or "")
    return f"{error}{meant(found[1], keys)}; known are {', '.join(keys)}"


def toml_slip(error: Exception, text: bytes) -> str:
    """The text of what reading TOML raised, and what is likely to mend the line that it names."""
    if isinstance(error, UnicodeDecodeError):
        return f"{not_utf8(error)} (at line {text.count(10, 0, error.start) + 1})"
    if "Cannot overwrite" in str(error):
        return f"{error}; the key stands there twice"
    line = _line_of(str(error), text)
    for slip, remedy in _SLIPS:
        if found := slip.search(line):
            return f"{error}; {remedy.format(*found.groups())}"
    return str(error)


def sifted_toml(text: bytes, kind: Any) -> tuple[Any, dict[str, object], list[str]]:
    """What of a TOML file is of a kind, as `sifted`; lines that are no TOML are left out where they are all of one key.

    Returns:
        The value, UNSET where nothing can be made of what is left; what the file says, as it was read; and its faults.
    """
    given, faults, left_out = _read_by_lines(text)
    if given is None:
        return UNSET, {}, faults
    value, more = sifted(given, kind)
    missing = tuple(f"key '{key}' is missing" for key in left_out)
    return value, given, faults + [fault for fault in more if not fault.endswith(missing)]


def _read_by_lines(text: bytes) -> tuple[dict[str, object] | None, list[str], list[str]]:
    """What TOML says, what is wrong with lines of it, and the keys of those; None where what follows cannot be read."""
    lines, faults, keys = text.split(b"\n"), list[str](), list[str]()
    while True:
        whole = b"\n".join(lines)
        try:
            return msgspec.toml.decode(whole, type=dict[str, object]), faults, keys
        except UNREADABLE_TOML as error:
            fault, number = toml_slip(error, whole), _number_in(str(error))
            key = _key_of(lines[number - 1]) if 0 < number <= len(lines) and len(keys) < _MOST else None
            if key is None:
                unread = "nothing after it" if number else "nothing of the file"
                return None, [*faults, f"{fault}; {unread} was read"], keys
            faults.append(fault)
            keys.append(key)
            lines[number - 1] = b""


def _key_of(line: bytes) -> str | None:
    """The key that a line is all of; None where it may go on in the next one, or is no key's."""
    key, sign, value = line.partition(b"=")
    whole = line.count(b"[") == line.count(b"]") and line.count(b"{") == line.count(b"}")
    if not sign or not key.strip() or _NO_KEY.search(key) or _LONG_TEXT.search(value) or not whole:
        return None
    return key.strip().decode(errors="replace")


def _number_in(message: str) -> int:
    """The number of the line that a message names; 0 where it names none."""
    place = _AT.search(message)
    return int(place[1]) if place else 0


def _line_of(message: str, text: bytes) -> str:
    lines, number = text.decode("utf-8", "replace").splitlines(), _number_in(message)
    return lines[number - 1] if 0 < number <= len(lines) else ""


def sifted(value: object, kind: Any, where: str = "") -> tuple[Any, list[str]]:
    """What of a value is of a kind, and what is wrong with the rest: tables are gone through key by key, so that no
    mistake hides another.

    Returns:
        The value, decoded as that kind, and its faults, a line each with its place; UNSET where nothing can be made of
        what is left. A required key that is not sound takes its table with it.
    """
    table = cast("dict[str, object]", value)
    if isinstance(value, dict) and (kinds := _kinds(kind, table)) is not None:
        parts = {
            key: sifted(part, kinds[key], f"{where}.{key}".lstrip(".")) for key, part in table.items() if key in kinds
        }
        sound = {key: part for key, (part, _) in parts.items() if part is not UNSET}
        faults = [fault for _, found in parts.values() for fault in found]
        faults += _unknown(table, kinds, where)
        if unsound := [key for key in _required(kind) if key not in sound]:
            return UNSET, faults + [_placed(where, f"key '{key}' is missing") for key in unsound if key not in table]
        made, more = _made(sound, kind, where)
        return made, faults + more
    return _made(table, kind, where)


def pruned(value: object, kind: Any) -> object:
    """A value less the keys of its tables that a kind has not: what a later version added is passed over."""
    table = cast("dict[str, object]", value)
    if isinstance(value, dict) and (kinds := _kinds(kind, table)) is not None:
        return {key: pruned(part, kinds[key]) for key, part in table.items() if key in kinds}
    return table


def _made(value: object, kind: Any, where: str) -> tuple[Any, list[str]]:
    try:
        return msgspec.convert(value, kind), []
    except (msgspec.ValidationError, FactError) as error:
        lines = [_near(value, plain(line, kind)) for line in str(error).splitlines()]
        return UNSET, [_placed(where, line) for line in lines]


def _placed(where: str, line: str) -> str:
    """A fault with its place; of an item of a list (`[0]: ...`) the place goes on."""
    return where + ("" if line.startswith("[") else ": ") + line if where else line


def _near(value: object, said: str) -> str:
    """A fault with the near miss: a number, or a truth, in quotes; one word where a list of them is expected."""
    if isinstance(value, str) and said.startswith("expected a list,"):
        return f'{said}; as a list it is ["{value}"]'
    if isinstance(value, str) and ", got text" in said and _is_bare(value):
        return f"{said}; {value} is written without quotes"
    return said


def _is_bare(value: str) -> bool:
    try:
        return not isinstance(json.loads(value), str | list | dict)
    except ValueError:
        return False


def _kinds(kind: Any, value: Mapping[str, object]) -> Mapping[str, Any] | None:
    """The kind of each key of a table of that kind; None where it is none that can be gone through."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    return dict.fromkeys(value, get_args(kind)[1]) if get_origin(kind) is dict else None


def _required(kind: Any) -> list[str]:
    """The keys without which a table of that kind is none."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return [field.encode_name for field in msgspec.structs.fields(kind) if field.required]
    return []


def _unknown(value: Mapping[str, object], kinds: Mapping[str, Any], where: str) -> list[str]:
    place = f"{where}: " if where else ""
    return [
        f"{place}unknown key '{key}'{meant(key, kinds)}; known are {', '.join(kinds)}"
        for key in value
        if key not in kinds
    ]


def meant(word: str, words: Iterable[str]) -> str:
    """What to say of the word that was meant; nothing where none is near."""
    return _meant(word, frozenset(words))


@lru_cache(64)  # a gate says it of the same call again and again
def _meant(word: str, words: frozenset[str]) -> str:
    near = get_close_matches(word, sorted(words), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _keys(kind: inspect.Type, path: str) -> list[str]:
    """The keys of the object that stands at a path (`.grants[...]`) in one of that kind."""
    for step in _STEP.finditer(path):
        kind = _inside(_object(kind), step[1])
    found = _object(kind)
    return [field.encode_name for field in found.fields] if isinstance(found, inspect.StructType) else []


def _inside(kind: inspect.Type, name: str | None) -> inspect.Type:
    if isinstance(kind, inspect.StructType):
        return next(field.type for field in kind.fields if field.encode_name == name)
    if isinstance(kind, inspect.DictType):
        return kind.value_type
    return kind.item_type if isinstance(kind, inspect.ListType | inspect.VarTupleType) else kind


def _object(kind: inspect.Type) -> inspect.Type:
    """Of what may be one thing or another, the one that has keys."""
    if isinstance(kind, inspect.UnionType):
        return next((one for one in kind.types if isinstance(one, inspect.StructType)), kind)
    return kind
