"""The report of an audit: every source, every call, and all that is needed to decide again."""

from pathlib import Path
from typing import Final

import msgspec

from ..calls.wall import Moment
from ..errors import RecordError
from ..facts import Value
from ..plain import UNREADABLE_JSON
from ..policy import Decision, Effect
from ..policy.decision import PackIdentity
from ..sight.state import Coverage
from .replay import Answer, Unread

# The kind of error of a source that an audit did not come to.
INTERRUPTED: Final = "interrupted"


class JudgedCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A call, the facts it was judged by, and the decision.

    Attributes:
        at: media time of the picture, seconds; None where it is not known: then the strictest moment counts.
        decision: by all that is known of that moment after the whole recording: what a camera is mounted on does not
            change, an environment does.
        gate: the effect by what was known when the call was made, as a gate in its way would have had it.
        facts, origins: what `decision` rests on, and where each fact came from.
        contradictions: where what is declared and what is seen disagree.
        unconfirmed: claims that what is seen has not borne out, and that are therefore no facts.
        note: what else a reader should know of this call.
        picture: the file that shows what the camera saw then, where pictures were asked for.
        id: what others call it.
        time: when it was made, where the log says it.
        own: what else the log says of it.
        refused: whether a gate kept it from running, as the log says: then it violates nothing.
        would_open: single facts that would have opened a gate which is closed, see `openers`.
    """

    source: str | None
    at: float | None
    service: str | None
    task: str | None
    decision: Decision
    gate: Effect
    facts: dict[str, Value]
    origins: dict[str, str]
    contradictions: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    model: str | None = None
    runtime: str | None = None
    note: str | None = None
    picture: str | None = None
    id: str | None = None
    time: Moment | None = None
    own: dict[str, object] = {}
    refused: bool = False
    would_open: tuple[str, ...] = ()


class Input(msgspec.Struct, frozen=True):
    """A file that the report rests on."""

    path: str
    sha256: str


class RuleText(msgspec.Struct, frozen=True):
    """What a rule that was applied says, and what it rests on; `certainty` in words."""

    title: str
    citation: str
    url: str
    certainty: str


class LedgerHead(msgspec.Struct, frozen=True):
    """The signed head of the ledger that the call log lies beside.

    Attributes:
        folder: of the record.
        origin, entries: the ledger's name, and how many entries are under its signature.
        root: of their tree, base64, as its checkpoint has it.
        faults: where it did not hold when the report was made.
    """

    folder: str
    origin: str
    entries: int
    root: str
    faults: tuple[str, ...] = ()


class Made(msgspec.Struct, frozen=True):
    """How a report was made.

    Attributes:
        command: the command line, where it was made by one.
        packs: what was applied.
        rules: what the rules of them say, by id.
        manifest: sha256 over what was covered, see `audit.manifest.digest`.
        ledger: that the call log lies beside, where it does.
    """

    command: tuple[str, ...]
    packs: tuple[PackIdentity, ...]
    rules: dict[str, RuleText]
    manifest: str = ""
    ledger: LedgerHead | None = None


class Summary(msgspec.Struct, frozen=True):
    """How many. `effects` counts the calls by effect; a violation is one that ran all the same; `skipped` are calls on
    sources that were not given, which are not judged; `attributed` counts calls by how it is known whose picture was in
    them (see `Attribution.how`), or `nobody's`."""

    sources: int
    unread: int
    calls: int
    violations: int
    held: int
    effects: dict[str, int]
    skipped: int = 0
    attributed: dict[str, int] = {}


class Report(msgspec.Struct, frozen=True, tag_field="schema", tag="facewarden.report/1"):
    """Everything an audit found: `read_report` reads what `as_json` writes.

    `partial` where it was interrupted: the sources that it did not come to say so.
    `notes` say what was left out: calls on sources that were not given, sources that the site does not declare,
    declared cameras without a recording.

    Two runs over the same input differ in `generated` alone; so what the analysis cost, which never is the same
    twice, is left to `classify`.
    """

    generated: str
    facewarden: str
    inputs: tuple[Input, ...]
    sources: tuple[Answer | Unread, ...]
    calls: tuple[JudgedCall, ...]
    coverage: Coverage
    summary: Summary
    notes: tuple[str, ...] = ()
    made: Made | None = None
    partial: bool = False

    def as_json(self) -> bytes:
        """UTF-8, indented, with a newline at the end."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def read_report(path: str | Path) -> Report:
    """Read a report from its file; keys of a later facewarden are passed over.

    Raises:
        RecordError: it cannot be read, is no report, or one of a version that is not known here.
    """
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=Report)
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror})") from error
    except UNREADABLE_JSON as error:
        raise RecordError(f"{path}: {error}; expected {Report.__struct_config__.tag}") from error
