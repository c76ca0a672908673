"""Calls in a log: JSON lines, one call each."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import msgspec

from ..errors import CallLogError, FactError
from ..fact_table import FactTable, Service, Task
from ..facts import NAMES
from ..json_lines import read_object, split_lines
from ..plain import plain
from ..slips import sifted
from .call import Call
from .wall import Moment, Posix, Seconds, moment

# What the schema of a line begins with that facewarden wrote itself.
_OURS = "facewarden."
# What a call is judged by that may have a value which it cannot have.
_JUDGED = {"service": str, "task": str, "facts": dict}
_REQUIRED = ("source", "at", "service", "task")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A call as a line of a log has it, see `Call`; keys of its user's own stand beside these.

    Attributes:
        at: where it is not said, there is a `time`.
        id: what others call it; a number, too.
        time: when it was made, RFC 3339; or in POSIX seconds, `made_at`.
    """

    source: str | None
    at: Seconds | None = None
    service: Service | None
    task: Task | None
    model: str | None = None
    runtime: str | None = None
    facts: FactTable = {}
    id: str | int | None = None
    time: Moment | None = None
    made_at: Posix | None = None

    def as_call(self, own: dict[str, object]) -> Call:
        """The call, with what is its user's own.

        Raises:
            msgspec.ValidationError: it was made before 1970 or after 9999.
        """
        made_at = self.made_at if self.time is None else msgspec.convert(self.time.timestamp(), Posix)
        said = {key: getattr(self, key) for key in _KEYS if key not in ("id", "time", "made_at")}
        return Call(**said, id=None if self.id is None else str(self.id), made_at=made_at, own=own)


_KEYS = Line.__struct_fields__


def read_calls(path: str | Path) -> list[Call]:
    """Read and check a call log, in the order of its lines; empty lines are passed over.

    Raises:
        CallLogError: it cannot be read, or some lines are no calls; a line of text for each, with what was expected.
    """
    try:
        lines = split_lines(Path(path).read_bytes())
    except OSError as error:
        raise CallLogError(f"{path}: cannot be read ({error.strerror})") from error
    except FactError as error:
        raise CallLogError(f"{path}: {error}") from error
    calls, problems = list[Call](), list[str]()
    for number, line in enumerate(lines, 1):
        try:
            if line.strip():
                calls.append(read_call(line, f"{path}:{number}"))
        except CallLogError as error:
            problems.append(str(error))
    if problems:
        raise CallLogError("\n".join(problems))
    return calls


def read_call(line: bytes, where: str) -> Call:
    """The call that a line of a log is.

    Keys that are none of a call's ride along in `own`, and so does what a watched program noted beside it, for it is
    judged anew.

    Args:
        line: one JSON object.
        where: where it stands, for errors.

    Raises:
        CallLogError: it is no call; names the key and what was expected.
    """
    try:
        given = read_object(line)
    except FactError as error:
        raise CallLogError(f"{where}: {error}") from error
    said = {key: value for key, value in given.items() if key in _KEYS}
    if not (faults := [*_wrong_keys(given)]):
        try:
            call = msgspec.convert(said, Line).as_call({key: given[key] for key in given if key not in _KEYS})
            _ = call.brought
            return call
        except (msgspec.ValidationError, FactError) as error:
            faults = [plain(str(error))]
    raise CallLogError("\n".join(f"{where}: {fault}" for fault in _wrong_values(said, faults)))


def write_call(call: Call) -> bytes:
    """The line of a log that a call is, without its end: `read_call` gives the same call back.

    A moment is written to the microsecond.
    """
    said = {key: getattr(call, key) for key in Call.__struct_fields__ if key not in ("made_at", "own")}
    if call.made_at is not None:
        said["time"] = moment(call.made_at)
    return msgspec.json.encode({**call.own, **said})


def _wrong_keys(given: Mapping[str, object]) -> Iterator[str]:
    """Keys of a person's own are welcome, but not a slip by which a call would be judged by less than it says."""
    ours = str(given.get("schema", "")).startswith(_OURS)  # whose keys a later version may have added to
    own = () if ours else sorted(given.keys() - set(_KEYS))
    slips = {key: meant for key in own if (meant := _slip(key, given))}
    for key in _REQUIRED:
        if key not in given and not (key == "at" and (_has_time(given) or "time" in slips.values())):
            also = " (in place of 'at' a 'time' will do)" if key == "at" else ""
            yield f"key '{key}' is missing{_meant(key, given)}; a call needs {', '.join(_REQUIRED)}{also}"
    if given.get("time") is not None and given.get("made_at") is not None:
        yield "'time' and 'made_at' are one thing; give it once"
    for key, meant in slips.items():
        yield f"unknown key '{key}'; did you mean '{meant}'? (known are {', '.join(_KEYS)})"
    for key in own:
        if key in NAMES:
            yield f"'{key}' is a fact: it is said in 'facts'"


def _wrong_values(said: Mapping[str, object], found: Sequence[str]) -> list[str]:
    """What was found wrong with a line first, and what else is: its values one by one."""
    _, faults = sifted({**dict.fromkeys(_REQUIRED), **said}, Line)
    sound = {key: said[key] for key, kind in _JUDGED.items() if isinstance(said.get(key), kind)}
    try:
        _ = msgspec.convert(sound, Call).brought
    except FactError as error:
        faults.append(str(error))
    return [*(one for one in found if not any(one in other for other in faults)), *faults]


def _has_time(given: Mapping[str, object]) -> bool:
    """Whether it says when it was made; a key that is `at` in other letters is a slip of that."""
    said = given.get("time") is not None or given.get("made_at") is not None
    return said and "at" not in map(str.lower, given)


def _slip(key: str, given: Mapping[str, object]) -> str | None:
    """What a key of no known name must have been meant to be: the line lacks it, it decides, and the value would do."""
    would_do = {"facts": isinstance(given[key], dict), "time": _is_time(given[key])}
    lacking = [name for name, does in would_do.items() if does and name not in given]
    return next(iter(get_close_matches(key, lacking, n=1)), None)


def _is_time(value: object) -> bool:
    try:
        return bool(msgspec.convert(value, Moment))
    except msgspec.ValidationError:
        return False


def _meant(key: str, given: Mapping[str, object]) -> str:
    own = {name.lower(): name for name in given if name not in _KEYS}
    near = get_close_matches(key, own, n=1)
    return f" (is '{own[near[0]]}' meant to be it?)" if near else ""
