"""Calls in a log: JSON lines, one call each."""

from pathlib import Path

import msgspec

from ..errors import UNREADABLE_JSON, CallLogError, FactError
from .call import Call

_REQUIRED = ("source", "at", "service", "task")


class Record(Call, frozen=True, forbid_unknown_fields=True, omit_defaults=False, kw_only=True):
    """A call as a watched program's log has it: with what was decided on it then.

    Attributes:
        time: when it was made, UTC, ISO 8601.
        attributed_by: how its source was found, see `Attribution`.
        attribution: how surely, 0..1.
        effect, deciding: the decision.
        refused: whether it was kept from running.
    """

    time: str | None = None
    attributed_by: str | None = None
    attribution: float | None = None
    effect: str | None = None
    deciding: tuple[str, ...] = ()
    refused: bool = False


def read_calls(path: str | Path) -> list[Call]:
    """Read and check a call log, in the order of its lines; empty lines are passed over.

    What a watched program noted beside its calls (see `Record`) is read over: they are judged anew.

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
        missing = [key for key in _REQUIRED if key not in given]
        if missing:
            raise CallLogError(f"{where}: key '{missing[0]}' is missing; a call needs {', '.join(_REQUIRED)}")
        record = msgspec.json.decode(line, type=Record)
        call = Call(**{name: getattr(record, name) for name in Call.__struct_fields__})
        _ = call.brought
    except (*UNREADABLE_JSON, FactError) as error:
        raise CallLogError(f"{where}: {error}") from error
    return call
