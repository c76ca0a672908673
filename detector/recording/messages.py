"""What a recording is made of, beside the schemas of Foxglove: one struct for each kind of message.

Each says its kind and version in `schema`. A later facewarden may add keys; where it changes what one means it counts
the version up, and a message of another version than ours is passed over.
"""

from functools import cache
from typing import Final, TypeAlias, get_args

import msgspec

from ...streams.frame import Rotation
from ..belief import EnvironmentBelief, Faces, MobilityBelief
from ..calls import Call
from ..environment import Quality
from ..errors import FactError, RecordError
from ..plain import UNREADABLE_JSON
from ..policy import Decision
from ..policy.decision import PackIdentity
from ..records.plain import as_plain
from ..sight.seen import Seen, Shown
from ..site import Site
from ..slips import pruned


class Session(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.session/1"):
    """Under what calls are judged from here on.

    Attributes:
        software: which facewarden.
        site: what is declared, less where its sources are and how it is served.
        packs: the packs that are applied.
        date: the day to judge by where neither site nor call says; None where that is the day on which a call is made.
        keeps_looks: whether what was looked at is kept, or its hash alone.
        seed: of the moments that are drawn to look at.
        after: sha256 of the file that this one goes on from; None where the session begins here.
    """

    software: str
    site: Site
    packs: tuple[PackIdentity, ...]
    date: str | None
    keeps_looks: bool
    seed: int = 0
    after: str | None = None


class Sensors(msgspec.Struct, frozen=True):
    """What the camera's own sensors measured, see `Motion`."""

    acceleration: list[list[float]]
    rotation: list[list[float]]
    speed: list[float]


class Picture(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.picture/1"):
    """A picture that was handed over, and what became of it.

    Attributes:
        source: its name.
        run: counts the sources that began; one that was forgotten and came back has another.
        number: counts the pictures of a run, from 0.
        index, media_time, received_at, captured_at, rotation, discontinuity: see `Frame`.
        size: width and height in pixels, upright.
        motion: what the camera's own sensors measured.
        asked: whether calls on it were decided on since the picture before.
        allowed: what the budget answered, by the stage that asked: `mobility`, `environment`, `faces`. A stage that is
            not in it did not ask: a picture without `mobility` was skipped.
        look: sha256 of the luma that was looked at, rows of bytes; None where nothing was.
        look_size: its width and height.
        quality: of the face that was assessed in it.
        seen: what was seen of the source, as of this picture.
    """

    source: str
    run: int
    number: int
    index: int
    media_time: float
    received_at: float
    captured_at: float | None = None
    size: tuple[int, int]
    rotation: Rotation = 0
    discontinuity: str | None = None
    motion: Sensors | None = None
    asked: bool = False
    allowed: dict[str, bool] = {}
    look: str | None = None
    look_size: tuple[int, int] | None = None
    quality: Quality | None = None
    seen: Seen

    @property
    def fate(self) -> str:
        """`analysed`, `in part`, `skipped` or `dropped`, as `Coverage` counts them."""
        if "mobility" not in self.allowed:
            return "skipped"
        if not self.allowed["mobility"]:
            return "dropped"
        return "analysed" if self.allowed.get("environment", True) else "in part"


class Measured(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.measured/1"):
    """What was believed of a source after a picture, and the measures behind it: where that changed, else each second.

    Attributes:
        source, run, number: of that picture.
        at: its media time, seconds.
    """

    source: str
    run: int
    number: int
    at: float
    mobility: MobilityBelief
    environment: EnvironmentBelief
    faces: Faces


class Sighted(msgspec.Struct, frozen=True):
    """What a call was judged by of one source.

    Attributes:
        source: its name; None where no source was known.
        seen: what was seen of it, as of its last picture; None before the first, and where it was not asked for what is
            believed now.
        shown: what of that held still.
        blind: whether nobody could look at it, so that what is claimed in the caller's favour did not count.
    """

    source: str | None
    seen: Seen | None
    shown: Shown
    blind: bool = False


class Ruled(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="facewarden.ruled/1"):
    """A call was judged.

    Attributes:
        number: counts them, from 0.
        call: what was known of it, less what it says beside (`own`).
        now: the moment, on the clock of `received_at`, seconds.
        today: the day it was.
        sighted: the sources that it was judged by, of which the strictest decision counts.
        decision: that.
        known, origins: the facts that it rests on, and where each came from.
    """

    number: int
    call: Call
    now: float
    today: str
    sighted: tuple[Sighted, ...]
    decision: Decision
    known: dict[str, str | bool]
    origins: dict[str, str]


class Lost(msgspec.Struct, frozen=True, tag_field="schema", tag="facewarden.lost/1"):
    """Messages were lost here, for there was no time to write them: from here on nothing can be gone through again."""

    count: int


Message: TypeAlias = Session | Picture | Measured | Ruled | Lost
TOPICS: Final[dict[type[Message], str]] = {
    Session: "/session",
    Picture: "/pictures",
    Measured: "/measures",
    Ruled: "/calls",
    Lost: "/lost",
}
_KINDS: Final[dict[str, type[Message]]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Message)}


def write(message: Message) -> bytes:
    """The message as JSON; what a caller said that is no JSON is written as text."""
    try:
        return msgspec.json.encode(message)
    except (TypeError, ValueError, RecursionError):
        return msgspec.json.encode({"schema": name_of(message), **_plain(message)})


def read(schema: str, data: bytes) -> Message | None:
    """The message that JSON is; None for one of a kind or version that is not known here.

    Raises:
        RecordError: it is none.
    """
    kind = _KINDS.get(schema)
    try:
        if kind is Session:
            return _read_session(data)
        return None if kind is None else msgspec.json.decode(data, type=kind)
    except (*UNREADABLE_JSON, FactError) as error:
        raise RecordError(f"{schema}: {error}") from error


def _read_session(data: bytes) -> Session:
    """A session: keys that are strange in a site file are passed over in one that was recorded."""
    fields = msgspec.json.decode(data, type=dict[str, object])
    if "site" in fields:
        fields["site"] = pruned(fields["site"], Site)
    return msgspec.convert(fields, Session)


def _plain(message: Message) -> dict[str, object]:
    return {name: as_plain(value) for name, value in msgspec.structs.asdict(message).items()}


def name_of(message: Message) -> str:
    """The name of its schema."""
    return str(message.__struct_config__.tag)


@cache
def schema_of(kind: type[Message]) -> bytes:
    """The JSON Schema of a kind."""
    return msgspec.json.encode(msgspec.json.schema(kind, schema_hook=lambda _: {"description": "anything"}))
