"""Slips of a person's pen: a key that none of ours is, and the one that was meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from msgspec import inspect

_UNKNOWN = re.compile(r"Object contains unknown field `([^`]*)`(?: - at `\$(.*)`)?")
_STEP = re.compile(r"\.(\w+)|\[[^\]]*\]")


def explained(error: Exception, kind: type) -> str:
    """The text of what decoding a `kind` raised; for a key that is not known, with the one that may have been meant,
    and those that there are."""
    if not (found := _UNKNOWN.fullmatch(str(error))):
        return str(error)
    keys = _keys(inspect.type_info(kind), found[2] or "")
    return f"{error}{meant(found[1], keys)}; known are {', '.join(keys)}"


def meant(word: str, words: Iterable[str]) -> str:
    """What to say of the word that was meant; nothing where none is near."""
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
