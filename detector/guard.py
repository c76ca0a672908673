"""The frame loop for a program that embeds it: what is seen, and what is judged by it, behind one door."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..streams.frame import Frame
from .budget import Allowance
from .calls import Call
from .calls.aside import aside
from .calls.attribution.declared import Declared
from .clock import Clock, Recorded, SystemClock, today
from .environment import FaceDetector, load_detector
from .judge import Judge, Judgement
from .on_record import OnRecord
from .policy import Decision, Pack, ProhibitedInference
from .recording.messages import Sighted
from .records import Recorder
from .sight.seen import NOTHING, Seen, Shown, joined
from .sight.sight import LIVE_BUDGET_MS, Sight
from .sight.state import SourceState
from .site import Site

if TYPE_CHECKING:
    from .recording import Recording


# Judgements of calls that are kept.
_REMEMBERED = 1000
_DAY_S = 86400


class Guard:
    """Watches sources and decides on the inference calls made on them. All methods may be called from any thread.

    Args:
        site: what is declared; by default nothing is, and every call that a declaration could settle is held.
        packs: what to apply; by default the site's.
        live: shed analysis that exceeds its budget, and let what was seen grow stale. A replay of recordings does
            neither, so that its verdicts are the same on every machine.
        date: the day to judge calls by where neither site nor call says, nor when it was made, YYYY-MM-DD; by default
            today. A replay takes one day for all of its calls.
        find_faces: makes what finds faces, for each source; by default the site's detector, else the one that ships.
        clock: tells how old pictures are and what day it is; by default the machine's.
        budget_ms, allowance: what analysis may cost, where it is `live`; see `Sight`.
        seed: of the moments that are looked at; see `Sight`.
        recording: records what is seen and decided, so that it can be gone through again; whoever opened it closes it.
        others: what others have seen of each source by a moment of `clock`, where several look: with what is seen here
            it counts as `joined` says.
        record: the folder of a record, as `facewarden run` keeps one: `authorise` and `require` put each call into it,
            and hold it where it cannot be kept; the guard puts in what it sees, and what it does not. Close the guard
            then. Whoever has a record already gives that.

    Attributes:
        sight: the sources.
        declared: what the running code has been said to belong to.
        recording: what records it.

    Raises:
        FactError: `date` is none.
        ModelError: the site's face detector cannot be read, or is none that is known.
        PackError: a pack of the site's cannot be loaded, or there is none.
    """

    def __init__(
        self,
        site: Site | None = None,
        packs: Sequence[Pack] | None = None,
        *,
        live: bool = True,
        date: str | None = None,
        find_faces: Callable[[], FaceDetector] | None = None,
        clock: Clock | None = None,
        budget_ms: float = LIVE_BUDGET_MS,
        allowance: Allowance | None = None,
        seed: int = 0,
        recording: "Recording | None" = None,
        others: Callable[[float], Mapping[str, Shown]] | None = None,
        record: Recorder | str | Path | None = None,
    ) -> None:
        self.site = site or Site()
        self._judge = Judge(self.site, packs, date=date)
        self._clock = clock or (SystemClock() if live else Recorded())
        find_faces = find_faces or partial(load_detector, self.site.faces)
        if self.site.faces is not None:  # a bad file is told at once, and not at the first picture
            with aside():
                find_faces()
        budget = budget_ms if live else None
        self.sight = Sight(
            self._clock, budget_ms=budget, allowance=allowance, find_faces=find_faces, seed=seed, tape=recording
        )
        self.declared = Declared()
        self._others, self._states = others, self.sight.sources
        self._same: dict[tuple[int, str, Shown, str], tuple[Call, Judgement]] = {}
        self._known_day = (-1, "")
        self._today = None if live else today(self._clock)
        self.recording = recording
        if recording is not None:
            recording.session(self.site, self.packs, self._judge.date, seed)
        self._record = None if record is None else self._on_record(record)

    @property
    def packs(self) -> tuple[Pack, ...]:
        """The packs that calls are judged by."""
        return self._judge.packs

    @property
    def watches(self) -> Mapping[str, SourceState]:
        """The sources that are watched, by name."""
        return self._states

    def watch(self, source: str) -> SourceState:
        """What is known of a source; a new one begins with nothing."""
        return self.sight.begin(source)

    def observe(self, frame: Frame) -> None:
        """Take in the next frame of its source."""
        self.sight.observe(frame)
        if self._record is not None:
            self._record.account.seen(frame, self.watch(frame.source))

    def close(self) -> None:
        """Put on record what there is still to say, to the last entry, and end what the guard has opened."""
        if self._record is not None:
            self._record.close()

    def forget(self, source: str) -> None:
        """The source is gone: nothing of it is kept, and nothing is decided by it."""
        self.sight.forget(source)

    @contextmanager
    def source(self, name: str) -> Generator[None]:
        """Attribute the calls made in this block, by this thread or task, to the source `name`."""
        with self.declared.block(name):
            yield

    def authorise(self, call: Call, source: str | None = None) -> Decision:
        """Decide on a call by what is believed now; see `judge`. With a record it is on record when this returns."""
        if self._record is not None:
            return self._record.decide(call if source is None else replace(call, source=call.source or source))
        return self.judge(call, source=source).decision

    def judge_on(self, call: Call, source: str | None) -> Judgement:
        """As `judge`, by what is believed now of the source that was found. What was judged of the very same call by
        the very same is not judged again: nearly all calls of a program are such."""
        name = call.source or source
        if name is None or self.recording is not None:
            return self.judge(call, source=source)
        key = (id(call), name, self._shown(name, self._clock.now()), self._day())
        known = self._same.get(key)
        return known[1] if known is not None else self._remember(key, call)

    def require(self, call: Call) -> None:
        """As `authorise`, and raise `ProhibitedInference`, which carries the decision, where it closes the gate."""
        decision = self.authorise(call)
        if not decision.opens:
            raise ProhibitedInference(decision)

    def judge(self, call: Call, at: float | None = None, source: str | None = None) -> Judgement:
        """Decide on a call, and say by which facts.

        A call that no source is known for is judged by every source that is watched or declared, and the strictest
        decision counts.

        Args:
            call: the call; without a source of its own it belongs to that of the block it is made in (`source`).
            at: judge by what was believed at this media time, as a gate would have; by default by all that is known.
            source: whose picture was found to be in it, where the call does not say.

        Raises:
            FactError: the call brings a fact that is none.
        """
        name = call.source or source or self.declared.in_block()
        states = self._expecting(name)
        now, day = self._clock.now(), self._day()
        seen = {known: state.last for known, state in states.items()}
        if at is not None:
            shown = {known: state.history.at(at) for known, state in states.items()}
            seen = dict[str, Seen]()
        else:
            shown = {known: last.on(now) for known, last in seen.items()}
            shown = self._with_others(shown, name, now)
        judgement = self._judge.judge(call, name, shown, day)
        if self.recording is not None:
            names = self._judge.names(name, shown)
            sighted = [Sighted(one, seen.get(one or ""), shown.get(one or "", NOTHING)) for one in names]
            self.recording.ruled(call, now, day, sighted, judgement)
        return judgement

    def _on_record(self, record: Recorder | str | Path) -> OnRecord:
        def judge(call: Call, source: str | None) -> Judgement:
            return self.judge(call, source=source)

        return OnRecord(record, self.site, self.packs, self._clock, self.declared, judge)

    def _remember(self, key: tuple[int, str, Shown, str], call: Call) -> Judgement:
        """Judge anew. The call is kept with it, so that no other can take its identity."""
        _, name, shown, day = key
        if len(self._same) >= _REMEMBERED:
            self._same.clear()
        judgement = self._judge.judge_one(call, name, shown, day)
        self._same[key] = (call, judgement)
        return judgement

    def _shown(self, name: str, now: float) -> Shown:
        """What is known now of one source, which is told that a call is being decided on."""
        state = self._states.get(name)
        if state is not None:
            state.expect_call()
        shown = NOTHING if state is None else state.last.on(now)
        other = None if self._others is None else self._others(now).get(name)
        return shown if other is None else joined(shown, other)

    def _with_others(self, shown: dict[str, Shown], name: str | None, now: float) -> dict[str, Shown]:
        if self._others is None:
            return shown
        others = self._others(now)
        added = {known: other for known, other in others.items() if name is None or known == name}
        return {**shown, **{known: joined(shown.get(known, NOTHING), other) for known, other in added.items()}}

    def _expecting(self, name: str | None) -> dict[str, SourceState]:
        """The source, or all where it is not known; each is told that a call is being decided on."""
        states = {name: state} if name and (state := self.watches.get(name)) else {}
        if not name:
            states = {known: self.watches[known] for known in self.sight.snapshot()}
        for state in states.values():
            state.expect_call()
        return states

    def _day(self) -> str:
        if self._today is not None:
            return self._today
        number = int(self._clock.wall() // _DAY_S)
        if number != self._known_day[0]:
            self._known_day = number, today(self._clock)
        return self._known_day[1]
