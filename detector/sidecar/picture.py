"""What there is to see of the service: a value, made anew twice a second, that every reader shares."""

from typing import Final, Literal

import msgspec

from ..belief import EnvironmentBelief, Faces, MobilityBelief
from ..budget import Cost
from ..sight.state import Coverage
from ..sight.thrift import Looking
from .onvif.analytics import OnvifAnswer

State = Literal["connecting", "live", "stale", "gone"]
STATES: Final[tuple[State, ...]] = ("connecting", "live", "stale", "gone")


class SourceAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a live source: as `classify` says it, and how it stands with the source.

    Attributes:
        url: its address, without credentials.
        state: `connecting` before the first picture, `live`, `stale` where none came for a while, `gone`.
        last_picture: seconds since the last one; None before the first.
        looking: how closely it is looked at: `full`, `thrifty`, or `waiting` for its turn, thriftily until then.
        seconds: of it, by what became of them.
        looked: seconds by how closely it was looked at.
        late: seconds by which its last picture came later, by its stamp, than the promptest of late.
        clock_offset: seconds by which the camera's clock is behind ours; None where it tells none.
        reconnects: how often it was opened again, by reason.
        unseen: why calls on it are judged as if nobody looked; None where somebody does.
        problem: why it cannot be read, without credentials.
        onvif: what it recognises by itself, where it is asked that.
    """

    source: str
    url: str
    state: State
    last_picture: float | None
    mobility: MobilityBelief
    environment: EnvironmentBelief
    faces: Faces
    coverage: Coverage
    cost_ms: Cost
    looking: Looking = "full"
    seconds: dict[str, float] = {}
    looked: dict[Looking, float] = {}
    late: float = 0.0
    reconnects: dict[str, int] = {}
    clock_offset: float | None = None
    events: tuple[str, ...] = ()
    unseen: str | None = None
    problem: str | None = None
    onvif: OnvifAnswer | None = None


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the service does what it is for.

    Attributes:
        ready: whether calls are decided on.
        policy: the packs that are applied.
        record: why the record cannot be written; None where it can.
        untried: sources that were not yet tried.
        unseen: why nobody looks at a source just now, by its name: calls on it are held where that matters.
        reload: why the site file could not be read again; None where it could.
        ending: whether the service is about to stop.
    """

    ready: bool
    policy: tuple[str, ...] = ()
    record: str | None = None
    untried: tuple[str, ...] = ()
    unseen: dict[str, str] = {}
    reload: str | None = None
    ending: bool = False


class Picture(msgspec.Struct, frozen=True):
    """All of it at one moment."""

    sources: dict[str, SourceAnswer] = {}
    readiness: Readiness = Readiness(ready=False)
