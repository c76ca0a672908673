"""The record of a gate: what it decides and what happens to it, as entries."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from ..calls.wall import moment
from .entry import Decided, Entry
from .here import event
from .sink import Sink

if TYPE_CHECKING:
    from ..calls import Call
    from ..calls.attribution import Attribution
    from ..policy import Decision


class Judged(msgspec.Struct):
    """A call as a gate saw it; called, it makes its entry.

    Attributes:
        time: POSIX seconds.
        call: the call.
        found: whose picture was found to be in it.
        decision, refused: what came of it.
        known: the facts that the decision rests on.
        origins: where each came from.
        contradictions: where what is declared and what is seen disagree.
    """

    time: float
    call: "Call"
    found: "Attribution | None"
    decision: "Decision"
    refused: bool
    known: Mapping[str, str | bool] = {}
    origins: Mapping[str, str] = {}
    contradictions: tuple[str, ...] = ()

    def __call__(self) -> Decided:
        return self.as_entry()

    def hold(self, decision: "Decision", refused: bool) -> None:
        """It could not be kept in time, and so it is held: that is what will be kept of it."""
        self.decision, self.refused = decision, refused
        self.known, self.origins, self.contradictions = {}, {}, ()

    def as_entry(self) -> Decided:
        """The entry of the call; it was made when it was judged, unless it says another time itself."""
        call, found, decision = self.call, self.found, self.decision
        return Decided(
            source=found.source if found else call.source,
            at=found.at if found else call.at,
            service=call.service,
            task=call.task,
            time=moment(self.time if call.made_at is None else call.made_at),
            effect=decision.effect,
            model=call.model,
            runtime=call.runtime,
            facts=call.facts,
            id=call.id,
            attributed_by=found.how if found else None,
            attribution=round(found.confidence, 3) if found else None,
            deciding=decision.deciding,
            unknown=decision.unknown,
            refused=self.refused,
            known=dict(self.known),
            origins=dict(self.origins),
            contradictions=self.contradictions,
            packs={pack.name: pack.sha256 for pack in decision.packs},
            off=tuple(rule for pack in decision.packs for rule in pack.off),
            own=call.own,
        )


class Recorder:
    """Puts what a gate has to say into a sink.

    Args:
        sink: keeps it.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    @property
    def failed(self) -> str | None:
        """Why nothing more can be kept at present; None while it can."""
        return self._sink.failed

    def call(self, judged: Judged) -> None:
        """Keep a call; where that fails, `failed` says why."""
        self._sink.put(judged)

    def event(self, kind: str, text: str) -> None:
        """Keep an event of this process; see `EVENTS` for its kinds."""
        self._sink.put(event(kind, text))

    def put(self, entry: Entry) -> None:
        """Keep an entry of any other kind."""
        self._sink.put(entry)

    def close(self) -> None:
        """Keep what was said, to the last entry, and end."""
        self._sink.close()
