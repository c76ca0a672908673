"""Calls in a log: JSON lines, one call each."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path

import msgspec

from ..errors import UNREADABLE_JSON, CallLogError, FactError
from ..facts import NAMES
from .call import Call
from .wall import moment, read_seconds

REQUIRED = ("source", "at", "service", "task")
_KEYS = (*REQUIRED, "model", "runtime", "facts", "id", "time", "made_at")
# Keys of which the log has another form.
_NOT_WRITTEN = frozenset({"made_at", "own"})


def read_calls(path: str | Path) -> list[Call]:
    """Read and check a call log, in the order of its lines; empty lines are passed over.

    Raises:
        CallLogError: it cannot be read, or a line is no call; names the line and what was expected.
    """
    try:
        lines = Path(path).read_bytes().splitlines()
    except OSError as error:
        raise CallLogError(f"{path}: cannot be read ({error.strerror})") from error
    return [read_call(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]


def read_call(line: bytes, where: str, required: Collection[str] = REQUIRED) -> Call:
    """The call that a line of a log is.

    `time`, RFC 3339, is `made_at` as people write it. Keys that are none of a call's ride along in `own`, and so does
    what a watched program noted beside it, for it is judged anew.

    Args:
        line: one JSON object.
        where: where it stands, for errors.
        required: the keys that it must have.

    Raises:
        CallLogError: it is no call; names the key and what was expected.
    """
    try:
        given = msgspec.json.decode(line, type=dict[str, object])
        _check_keys(given, required)
        call = msgspec.convert(_as_call(given), Call)
        _ = call.brought
    except (*UNREADABLE_JSON, FactError) as error:
        raise CallLogError(f"{where}: {error}") from error
    return call


def write_call(call: Call) -> bytes:
    """The line of a log that a call is, without its end: `read_call` gives the same call back.

    A moment is written to the microsecond.
    """
    said = {name: getattr(call, name) for name in Call.__struct_fields__ if name not in _NOT_WRITTEN}
    kept = {name: value for name, value in said.items() if name != "id" or value is not None}
    time = {} if call.made_at is None else {"time": moment(call.made_at)}
    return msgspec.json.encode({**call.own, **kept, **time})


def _as_call(given: Mapping[str, object]) -> dict[str, object]:
    own = {name: value for name, value in given.items() if name not in _KEYS}
    said = {name: value for name, value in given.items() if name in _KEYS and name != "time"}
    if given.get("time") is not None:
        said["made_at"] = _read_time(given["time"])
    return {**said, "own": own}


def _read_time(text: object) -> float:
    try:
        return read_seconds(text)
    except msgspec.ValidationError as error:
        raise FactError(f"time: {error}") from error


def _check_keys(given: Mapping[str, object], required: Collection[str]) -> None:
    """Keys of a person's own are welcome, but not a slip by which a call would be judged by less than it says."""
    for key in required:
        if key not in given:
            raise FactError(f"key '{key}' is missing{_meant(key, given)}; a call needs {', '.join(required)}")
    if given.get("time") is not None and given.get("made_at") is not None:
        raise FactError("'time' and 'made_at' are one thing; give it once")
    for key in sorted(given.keys() - set(_KEYS)):
        if meant := _slip(key, given):
            raise FactError(f"unknown key '{key}'; did you mean '{meant}'? (known are {', '.join(_KEYS)})")
        if key in NAMES:
            raise FactError(f"'{key}' is a fact: it is said in 'facts'")


def _slip(key: str, given: Mapping[str, object]) -> str | None:
    """What a key of no known name must have been meant to be: the line lacks it, it decides, and the value would do."""
    would_do = {"facts": isinstance(given[key], dict), "time": _is_time(given[key])}
    lacking = [name for name, does in would_do.items() if does and name not in given]
    return next(iter(get_close_matches(key, lacking, n=1)), None)


def _is_time(value: object) -> bool:
    try:
        return bool(_read_time(value))
    except FactError:
        return False


def _meant(key: str, given: Mapping[str, object]) -> str:
    near = get_close_matches(key, [name for name in given if name not in _KEYS], n=1)
    return f" (is '{near[0]}' meant to be it?)" if near else ""
