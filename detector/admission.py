"""The one way in: what becomes of an inference call, whichever door it comes by."""

from collections.abc import Callable, Iterable
from time import time
from typing import Final, Protocol

import msgspec
from msgspec.structs import replace

from .calls import Call
from .calls.attribution.attribution import Attribution
from .enforcement import Enforcement
from .facts import Settled
from .judge import Judgement, strictest
from .policy import Decision, held
from .records import Judged

_NOTHING: Final = Settled({}, {}, (), ())


class Attribute(Protocol):
    """Finds whose picture a call is on; None where that is not known."""

    def __call__(self, call: Call, pictures: Iterable[object], baggage: str = "") -> Attribution | None: ...


class Record(Protocol):
    """Keeps what was decided. `failed` is why it cannot; None while it can."""

    @property
    def failed(self) -> str | None: ...

    def call(self, judged: Judged) -> None: ...

    def event(self, kind: str, text: str) -> None: ...


class Ruling(msgspec.Struct, frozen=True):
    """What was decided on a call, and whether it is kept from running."""

    decision: Decision
    found: Attribution | None
    refused: bool


class Admission:
    """Attributes, judges, enforces and records calls. May be called from any thread.

    Args:
        attribute: finds whose picture a call is on.
        judge: decides on a call, given the source that was found.
        enforcement: what a closed gate does.
        record: keeps what was decided.

    Attributes:
        closed: why every call is held, whatever the policy says: a tap was lost. None where there is no reason.
    """

    def __init__(
        self,
        attribute: Attribute,
        judge: Callable[[Call, str | None], Judgement],
        enforcement: Enforcement,
        record: Record,
    ) -> None:
        self.closed: str | None = None
        self._attribute, self._judge = attribute, judge
        self._enforcement, self._record = enforcement, record

    def admit(self, call: Call, pictures: Iterable[object] = (), baggage: str = "") -> Ruling:
        """Rule on a call that is about to be made. Never raises: a failure of ours holds the call.

        Args:
            call: what is known of it.
            pictures: what it is given, to find its source by; made as they are asked for.
            baggage: its own header of that name, where it is a request.
        """
        found: Attribution | None = None
        known = _NOTHING
        try:
            # 1. Whose picture is it?
            found = self._attribute(call, pictures, baggage)
            # 2. May it run, by what is declared, what it brings and what was seen? Not while the gate is closed.
            decision, known, found = self._decide(call, found)
        except Exception as error:  # noqa: BLE001 - whatever failed, the call is held
            decision = held(f"facewarden itself failed: {error}")
            self._record.event("failure", f"a call could not be judged: {type(error).__name__}: {error}")
        # 3. Does the site want it refused?
        judged = Judged(time(), call, found, decision, self._enforcement.refuses(decision), *known[:3])
        # 4. It is on record before anything comes of it, or held.
        self._record.call(judged)
        if not judged.refused and (reason := self._record.failed):
            decision = held(reason)
            judged.hold(decision, self._enforcement.refuses(decision))
        # 5. The door that it came by refuses it, or lets it through.
        return Ruling(judged.decision, found, judged.refused)

    def _decide(self, call: Call, found: Attribution | None) -> tuple[Decision, Settled, Attribution | None]:
        """The decision, the facts that it rests on, and the source that it was made for."""
        reason = self.closed or self._record.failed
        if reason:
            return held(reason), _NOTHING, found
        if found is None or not found.others:
            facts, decision = self._judge(call, found.source if found else None)
            return decision, facts, found
        # Pictures of several sources are in it, and it may run only where it may run on each.
        every = (found.source, *found.others)
        judged = {source: self._judge(call, source) for source in every}
        (facts, decision) = counts = strictest(judged.values())
        source = next(name for name in every if judged[name] is counts)
        others = tuple(name for name in every if name != source)
        return decision, facts, replace(found, source=source, others=others)
