"""What a program hands over as JSON will have it: a record is written whatever is in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

import msgspec

from ...streams.errors import printable

# Levels of lists and objects; what lies deeper, or holds itself, is written as text.
_DEEPEST: Final = 20


def as_plain(value: object, depth: int = _DEEPEST) -> object:
    """The value, with text for whatever is no JSON, and `?` for what is no text."""
    if value is None or isinstance(value, bool | int | float | datetime | msgspec.Struct):
        return value
    if isinstance(value, Mapping) and depth:
        table = cast(Mapping[object, object], value)
        return {printable(str(key)): as_plain(part, depth - 1) for key, part in table.items()}
    if isinstance(value, list | tuple) and depth:
        return [as_plain(part, depth - 1) for part in cast(list[object], value)]
    return printable(value if isinstance(value, str) else repr(cast(object, value)))
