"""What a record is made of: one struct for each kind of thing that is recorded, written and read back here.

Each says its kind and version in `schema`. A later facewarden may add keys, which are passed over; where it changes
what a key means, or takes one away, it counts the version up, and what has another version than ours is passed over.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias, get_args

import msgspec
from msgspec.structs import asdict

from ..belief import EnvironmentBelief, MobilityBelief
from ..calls.wall import Moment, Seconds
from ..errors import RecordError
from ..plain import UNREADABLE_JSON
from .plain import as_plain


class Decided(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.decided/1"):
    """A call, and what was decided on it: a line of a call log, with more beside it.

    Attributes:
        source, at, service, task, model, runtime, facts, id: see `Call`; `source` as it was found.
        time: when it was made.
        attributed_by: how its source was found, see `Attribution`.
        attribution: how surely, 0..1.
        effect, deciding, unknown: the decision.
        refused: whether it was kept from running.
        known: the facts that the decision rests on: with the packs, enough to decide again.
        origins: where each of them came from, see `FactSet`.
        contradictions: where what is declared and what is seen disagree.
        packs: sha256 of each pack that was applied, by its name.
        off: ids of the rules of them that were switched off.
        own: what else the caller says of the call; beside the others in the line.
    """

    source: str | None
    at: Seconds | None
    service: str | None
    task: str | None
    time: Moment
    effect: str
    model: str | None = None
    runtime: str | None = None
    facts: dict[str, object] = {}
    id: str | None = None
    attributed_by: str | None = None
    attribution: float | None = None
    deciding: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    refused: bool = False
    known: dict[str, str | bool] = {}
    origins: dict[str, str] = {}
    contradictions: tuple[str, ...] = ()
    packs: dict[str, str] = {}
    off: tuple[str, ...] = ()
    own: dict[str, object] = {}


# What an event can be.
EVENTS: Final[dict[str, str]] = {
    "tap": "a tap was put in, proven or lost; a runtime that none covers was found",
    "model": "a model was identified, or could not be",
    "reload": "the site file was read again, and holds from here on, or is wrong",
    "source": "a live source came, fell silent, went away or came back",
    "clock": "the time stamps of a stream jumped, wrapped or began anew",
    "stream": "a live stream was lost, or is back",
    "camera": "a camera believed fixed moves or shows another scene",
    "analytics": "a camera recognises faces by itself, or no longer does, or a rule of it was removed",
    "environment": "a place that looked controlled no longer does",
    "faces": "faces could not be looked for",
    "lost": "entries were lost, because they could not be written",
    "process": "a program was started that is not watched, or only in part",
    "nested": "a call that may be made by this watch was refused by another of the same process",
    "anchor": "somebody outside has vouched for the ledger, or could not be asked",
    "recording": "a recording was closed, with the sha256 of its file, or has failed",
    "end": "the program that was watched has ended",
    "erased": "what an entry of the ledger said was erased, on an order",
    "failure": "something of facewarden's own failed",
}


class Event(msgspec.Struct, frozen=True, tag_field="schema", tag="facewarden.event/1"):
    """Something that happened, and is none of the others.

    Attributes:
        kind: a word for it, see `EVENTS`; a later facewarden may have others.
        at: media time, seconds, where it happened in a stream.
        text: what happened, in words.
        source: the source that it happened to, where it did to one.
        time: when it was recorded.
        pid: the process that recorded it.
    """

    kind: Annotated[str, msgspec.Meta(extra_json_schema={"examples": [*EVENTS]})]
    at: float | None
    text: str
    source: str | None = None
    time: Moment | None = None
    pid: int | None = None

    def __str__(self) -> str:
        """As a line of a report has it."""
        return self.text if self.at is None else f"at {self.at:.3f} s: {self.text}"


class Verdict(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.verdict/1"):
    """What is believed of a source has changed: the new beliefs, as `classify` has them.

    Attributes:
        at: media time of the picture that changed it, seconds.
    """

    source: str
    at: float
    mobility: MobilityBelief
    environment: EnvironmentBelief
    time: Moment
    pid: int | None = None


class Started(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.started/1"):
    """A process is watched from here on.

    Attributes:
        python: its version of Python.
        executable: the path of that.
    """

    pid: int
    time: Moment
    python: str
    executable: str
    text: str
    kind: Literal["started"] = "started"


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.ended/1"):
    """A process is no longer watched."""

    pid: int
    time: Moment
    text: str = ""
    kind: Literal["ended"] = "ended"


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.heartbeat/1"):
    """A process is watched still, whether anything happens in it or not; only a ledger has these.

    Attributes:
        entries: how many entries of this process are in the ledger before this one, since it was opened.
        running: for how many seconds, on a clock that nobody sets.
    """

    pid: int
    time: Moment
    entries: int
    running: float
    kind: Literal["heartbeat"] = "heartbeat"


class Terms(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.terms/1"):
    """By what a process watches and rules from here on; again when that has changed.

    Attributes:
        release: the version of facewarden.
        site: sha256 of what is declared, as JSON: of two equal ones the same is declared.
        packs: sha256 of each pack, by its name.
        off: ids of the rules of them that are switched off.
        mode: whether calls are refused: `enforce`, or `observe`.
    """

    release: str
    site: str
    packs: dict[str, str]
    off: tuple[str, ...]
    mode: str
    time: Moment
    pid: int | None = None
    kind: Literal["terms"] = "terms"


class Looked(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.looked/1"):
    """What became of a source in this process since the last such entry of it: they add up.

    Attributes:
        seconds: by what became of them: `seen`, `skipped` on purpose, `dropped` for want of time, `unreadable`, and
            `absent`, in which nothing came. The second that is under way is in the next.
        pictures: by the same, see `Coverage`; `in_part` of them were looked at for the camera's motion alone.
    """

    source: str
    seconds: dict[str, float]
    pictures: dict[str, int]
    time: Moment
    pid: int | None = None
    kind: Literal["looked"] = "looked"


Entry: TypeAlias = Decided | Event | Verdict | Started | Ended | Heartbeat | Terms | Looked


class _Head(msgspec.Struct):
    schema: str = ""


_KINDS: dict[str, type[Entry]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Entry)}
# The keys of a call's line that are not its caller's own.
_KEYS = frozenset({"schema", *Decided.__struct_fields__}) - {"own"}


def write(entry: Entry) -> bytes:
    """The entry as a line of JSON, without its end; what a caller said that is no JSON is written as text."""
    fields = {"schema": entry.__struct_config__.tag, **asdict(entry)}
    if isinstance(entry, Decided):
        del fields["own"]
        fields |= {key: value for key, value in entry.own.items() if key not in _KEYS}
    try:
        return msgspec.json.encode(fields)
    except (TypeError, ValueError, RecursionError):
        return msgspec.json.encode(as_plain(fields))


def read(line: bytes, where: str = "line") -> Entry | None:
    """The entry that a line is; None for one of a kind or version that is not known here.

    Raises:
        RecordError: it is no entry; `where` is where it stands.
    """
    try:
        kind = _KINDS.get(msgspec.json.decode(line, type=_Head).schema)
        return _read_call(line) if kind is Decided else kind and msgspec.json.decode(line, type=kind)
    except UNREADABLE_JSON as error:
        raise RecordError(f"{where}: {error}") from error


def read_entries(path: str | Path) -> Iterator[Entry]:
    """The entries of a file, in the order of its lines; see `read`.

    Raises:
        RecordError: it cannot be read, or a line of it is no entry.
    """
    try:
        lines = Path(path).read_bytes().splitlines()
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror})") from error
    entries = (read(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip())
    return (entry for entry in entries if entry is not None)


def _read_call(line: bytes) -> Decided:
    given = msgspec.json.decode(line, type=dict[str, object])
    own = {key: given.pop(key) for key in given.keys() - _KEYS}
    return msgspec.convert({**given, "own": own}, Decided)
