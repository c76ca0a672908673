"""The gate that every door of the service asks. It answers from memory: no lock, no disk, no network on the way."""

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Final, NamedTuple

import msgspec

from ..admission import Admission, Record, Ruling
from ..calls import Call
from ..calls.attribution import Attribution
from ..calls.attribution.baggage import source_in
from ..clock import Clock, SystemClock, today
from ..judge import Judgement, strictest
from ..policy import Decision
from ..recording.messages import Sighted
from ..sight.seen import NOTHING
from ..site.unclaimed import unclaimed_call
from ..slips import meant
from .shown import ShowingGuard
from .terms import Terms

# Seconds after which whoever looks after the sources has fallen silent.
_UNTOLD_S: Final = 5.0


class Answer(NamedTuple):
    """What came of a call.

    Attributes:
        id: what the call is called, here and on record.
        ruling: what was decided.
        note: what else there is to say: that its source cannot be looked at.
    """

    id: str
    ruling: Ruling
    note: str = ""

    @property
    def opens(self) -> bool:
        """Whether the call may be made: it is allowed, or the site wants nothing refused here."""
        return not self.ruling.refused

    @property
    def reason(self) -> str:
        """Why, in plain sentences."""
        return f"{self.ruling.decision.explanation} {self.note}".rstrip()


class _Now(NamedTuple):
    """What is exchanged as a whole, so that no call is judged by half of it."""

    terms: Terms
    admission: Admission


class Gate:
    """Rules on calls. May be asked from any thread.

    Args:
        guard: has the sources.
        terms: what to judge by, until `change`.
        record: keeps what was decided.
        clock: tells how old what was seen is, and what day it is.

    Attributes:
        unseen: why nobody looks at a source just now, by its name.
    """

    def __init__(self, guard: ShowingGuard, terms: Terms, record: Record, clock: Clock | None = None) -> None:
        self.unseen: Mapping[str, str] = {}
        self._told_at = math.inf
        self._guard, self._record, self._clock = guard, record, clock or SystemClock()
        self._boot, self._count = os.urandom(6).hex(), count(1)
        self.change(terms)

    @property
    def terms(self) -> Terms:
        """What calls are judged by."""
        return self._now.terms

    def change(self, terms: Terms) -> None:
        """Judge by these from here on."""
        judge = partial(self._judge, terms)
        self._now = _Now(terms, Admission(_attribute, judge, terms.site.enforcement, self._record))
        if self._guard.recording is not None:
            seed = self._guard.sight.seed
            self._guard.recording.session(terms.site, terms.judge.packs, terms.judge.date, seed)

    def tell(self, unseen: Mapping[str, str]) -> None:
        """Which sources nobody looks at, and why. Who has said so once has to go on saying it: where that ends, nobody
        knows whether anybody looks at anything."""
        self.unseen = unseen
        self._told_at = self._clock.now()

    def ask(self, call: Call, baggage: str = "", name: str | None = None) -> Answer:
        """Rule on a call that somebody is about to make. Never raises: a failure of ours holds the call.

        It is judged by what is believed now, on the day that it is, whatever moment the call says; without a name of
        its own it is given one.

        Args:
            call: what is known of it.
            baggage: the header of that name, which may say its source.
            name: what it is called, whatever it says itself.
        """
        return self._answer(self._now.admission, call, baggage, name)

    def ask_for(
        self, call: Call, find: Callable[[], Attribution | None], closed: str | None = None, *, observe: bool = False
    ) -> Answer:
        """As `ask`, on a call of which whoever brings it knows more.

        Args:
            call: what is known of it.
            find: finds whose picture it is on.
            closed: why every call of the program is held.
            observe: whether the program was started to be refused nothing.
        """
        terms = self._now.terms
        enforcement = terms.site.enforcement
        if observe:
            enforcement = msgspec.structs.replace(enforcement, mode="observe")
        admission = Admission(partial(_known, find), partial(self._judge, terms), enforcement, self._record)
        admission.closed = closed if enforcement.lost_tap == "hold" else None
        return self._answer(admission, call)

    def matters(self, call: Call, names: Iterable[str]) -> bool:
        """Whether the call may be made on some of these sources, and not on others."""
        terms, now, day = self._now.terms, self._clock.now(), today(self._clock)
        return len({_judge(terms, call, self._sighted(terms, name, now), day).decision.opens for name in names}) > 1

    def _answer(self, admission: Admission, call: Call, baggage: str = "", name: str | None = None) -> Answer:
        named = _named(call, name or call.id or f"{self._boot}-{next(self._count):x}")
        ruling = admission.admit(named, (), baggage)
        return Answer(str(named.id), ruling, self._note(ruling))

    def peek(self, call: Call) -> Decision:
        """What would be decided on a call, without anything coming of it; raises `FactError` as `Judge.judge` does."""
        terms = self._now.terms
        return _judge(terms, call, self._sighted(terms, call.source, self._clock.now()), today(self._clock)).decision

    def closes(self, call: Call) -> bool:
        """Whether a call, once let in, would be refused now; also where that cannot be said."""
        try:
            return self._now.terms.site.enforcement.refuses(self.peek(call))
        except Exception:  # noqa: BLE001 - what cannot be judged is not let go on
            return True

    def _note(self, ruling: Ruling) -> str:
        if ruling.found is None or ruling.decision.opens:
            return ""
        name, site = ruling.found.source, self._now.terms.site
        if why := self.unseen.get(name):
            return f"{name}: {why}."
        if name not in site.sources and name not in site.cameras:
            return f"The site names no source '{name}'{meant(name, {*site.sources, *site.cameras})}"
        return ""

    def _judge(self, terms: Terms, call: Call, source: str | None) -> Judgement:
        now, day = self._clock.now(), today(self._clock)
        sighted = self._sighted(terms, source, now)
        judgement = _judge(terms, call, sighted, day)
        if self._guard.recording is not None:
            self._guard.recording.ruled(call, now, day, sighted, judgement)
        return judgement

    def _sighted(self, terms: Terms, source: str | None, now: float) -> list[Sighted]:
        names: Sequence[str | None] = [source]
        if source is None:
            seen = (*self._guard.sight.snapshot(), *self._guard.afar)
            names = [*dict.fromkeys([*seen, *terms.site.cameras, *self.unseen])] or [None]
        return [self._sight(name, now) for name in names]

    def _sight(self, name: str | None, now: float) -> Sighted:
        """What a call is judged by of one source: of what nobody looks at, or too late, only what lasts."""
        state = self._guard.afar.get(name or "") or self._guard.watches.get(name or "")
        blind = name in self.unseen or now - self._told_at > _UNTOLD_S
        if state is None:
            return Sighted(name, None, NOTHING, blind)
        state.expect_call()
        seen = state.last
        return Sighted(name, seen, seen.lasting if blind else seen.on(now), blind)


def _judge(terms: Terms, call: Call, sighted: Iterable[Sighted], day: str) -> Judgement:
    return strictest(_judge_one(terms, call, one, day) for one in sighted)


def _judge_one(terms: Terms, call: Call, by: Sighted, day: str) -> Judgement:
    if by.blind:
        return terms.blind.judge_one(unclaimed_call(call), by.source, by.shown, day)
    return terms.judge.judge_one(call, by.source, by.shown, day)


def _attribute(call: Call, pictures: Iterable[object], baggage: str = "") -> Attribution | None:  # noqa: ARG001 - none come
    if call.source:
        return Attribution(call.source, "call", 1.0)
    name = source_in(baggage) if baggage else None
    return Attribution(name, "baggage", 0.9) if name else None


def _known(
    find: Callable[[], Attribution | None],
    call: Call,  # noqa: ARG001 - it is known already
    pictures: Iterable[object],  # noqa: ARG001 - as are these
    baggage: str = "",  # noqa: ARG001 - and this
) -> Attribution | None:
    return find()


def _named(call: Call, name: str) -> Call:
    """The same call, made now, under a name; the facts that it brings are not worked out again."""
    named = msgspec.structs.replace(call, id=name, made_at=None)
    if call.made_at is None:
        _ = call.said
        vars(named).update(vars(call))
    return named
