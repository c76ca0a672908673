"""A key that comes twice in a JSON value: one reader takes the first, another the last."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast

from .request import TooMany, values

# What may be a key.
_KEY: Final = re.compile(rb'"\s*:')


def says_two_things(body: bytes, value: object) -> bool:
    """Whether a key comes twice in one of the tables of a JSON body, or that cannot be told.

    What may be a key in it is counted: where there are no more than were read, none comes twice. That a text has a
    quotation mark and a colon in it is seldom, and read once more.

    Args:
        body: as it came; no JSON says nothing twice.
        value: what was read of it.
    """
    try:
        keys = sum(len(cast(Mapping[str, Any], one)) for _, one in values(value) if isinstance(one, Mapping))
    except TooMany:
        return _has_twice(body)
    return sum(1 for _ in _KEY.finditer(body)) != keys and _has_twice(body)


def _has_twice(body: bytes) -> bool:
    def checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise _Twice
        return found

    try:
        json.loads(body, object_pairs_hook=checked)
    except (_Twice, RecursionError):  # nested as deeply as can just be read, it may have one
        return True
    except ValueError:
        return False
    return False


class _Twice(Exception):
    pass
