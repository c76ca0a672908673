"""Calls from a log: JSON lines, one call each."""

from pathlib import Path

import msgspec

from ..errors import UNREADABLE_JSON, CallLogError, FactError
from .call import Call

_REQUIRED = ("source", "at", "service", "task")


def read_calls(path: str | Path) -> list[Call]:
    """Read and check a call log, in the order of its lines; empty lines are passed over.

    Raises:
        CallLogError: it cannot be read, or a line is no call; names the line and what was expected.
    """
    try:
        lines = Path(path).read_bytes().splitlines()
    except OSError as error:
        raise CallLogError(f"{path}: cannot be read ({error.strerror})") from error
    return [_read_call(f"{path}:{number}", line) for number, line in enumerate(lines, 1) if line.strip()]


def _read_call(where: str, line: bytes) -> Call:
    try:
        given = msgspec.json.decode(line, type=dict[str, object])
        missing = [key for key in _REQUIRED if given.get(key) is None and not (key == "source" and key in given)]
        if missing:
            raise CallLogError(f"{where}: key '{missing[0]}' is missing; a call needs {', '.join(_REQUIRED)}")
        call = msgspec.json.decode(line, type=Call)
        call.declared()
    except (*UNREADABLE_JSON, FactError) as error:
        raise CallLogError(f"{where}: {error}") from error
    return call
