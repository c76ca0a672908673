"""The frame loop: the one place where frames, calls and policy meet."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import NamedTuple

from ..streams.frame import Frame
from .calls import Call
from .calls.aside import aside
from .calls.attribution.declared import Declared
from .environment import FaceDetector, load_detector
from .facts import FactSet, Value, check_fact, today, with_seen
from .policy import Decision, Pack, ProhibitedInference, decide, load_packs
from .site import Site
from .source_watch import UNSEEN, Seen, Watch

# Milliseconds of analysis a second of a live stream: 5 % of a core.
LIVE_BUDGET_MS = 50.0
# Judgements that are kept.
_REMEMBERED = 1000


class Judgement(NamedTuple):
    """A decision and the facts it was made by. Shared by all calls of a kind: not to be changed."""

    facts: FactSet
    decision: Decision


class Guard:
    """Watches sources and decides on the inference calls made on them.

    Frames of one source come from one thread at a time; different sources and calls may come from any thread.

    Args:
        site: what is declared; by default nothing is, and every call that a declaration could settle is held.
        packs: what to apply; by default the site's.
        live: shed analysis that exceeds `LIVE_BUDGET_MS`. A replay does not, so that its verdicts are the same on
            every machine.
        date: the day to judge calls by where neither site nor call says, nor when it was made, YYYY-MM-DD; by default
            today. A replay takes one day for all of its calls.
        find_faces: makes what finds faces, for each source; by default the site's detector, else the one that ships.

    Raises:
        FactError: `date` is none.
        ModelError: the site's face detector cannot be read, or is none that is known.
        PackError: a pack of the site's cannot be loaded.
    """

    def __init__(
        self,
        site: Site | None = None,
        packs: Sequence[Pack] | None = None,
        *,
        live: bool = True,
        date: str | None = None,
        find_faces: Callable[[], FaceDetector] | None = None,
    ) -> None:
        self.site = site or Site()
        self.packs = load_packs(self.site.packs, self.site.off, self.site.pins) if packs is None else tuple(packs)
        self.watches: dict[str, Watch] = {}
        self.declared = Declared()
        self._budget_ms = LIVE_BUDGET_MS if live else None
        self._date = None if date is None else check_fact("date", date)
        self._today = None if live else today()
        self._judged = lru_cache(_REMEMBERED)(self._judge_anew)
        self._find_faces = find_faces or partial(load_detector, self.site.faces)
        if self.site.faces is not None:  # a bad file is told at once, and not at the first picture
            self._detector()

    def watch(self, source: str) -> Watch:
        """What is known of a source; a new one begins with nothing."""
        return self.watches.get(source) or self._begin(source)

    def _begin(self, source: str) -> Watch:
        detector = self._detector()  # loaded here, and not within a frame's budget
        return self.watches.setdefault(source, Watch(source, self._budget_ms, lambda: detector))

    def _detector(self) -> FaceDetector:
        with aside():
            return self._find_faces()

    def observe(self, frame: Frame) -> None:
        """Take in the next frame of its source."""
        self.watch(frame.source).observe(frame)

    @contextmanager
    def source(self, name: str) -> Generator[None]:
        """Attribute the calls made in this block, by this thread or task, to the source `name`."""
        with self.declared.block(name):
            yield

    def authorise(self, call: Call, source: str | None = None) -> Decision:
        """Decide on a call by what is believed now; see `judge`."""
        return self.judge(call, source=source).decision

    def require(self, call: Call) -> None:
        """As `authorise`, and raise `ProhibitedInference`, which carries the decision, where it closes the gate."""
        decision = self.authorise(call)
        if not decision.opens:
            raise ProhibitedInference(decision)

    def judge(
        self, call: Call, at: float | None = None, source: str | None = None, *, hindsight: bool = False
    ) -> Judgement:
        """Decide on a call, and say by which facts.

        A call that no source is known for is judged by every source that is watched or declared, and the strictest
        decision counts.

        Args:
            call: the call; without a source of its own it belongs to that of the block it is made in (`source`).
            at: judge by what was believed at this media time, as a gate would have; by default by all that is known.
            source: whose picture was found to be in it, where the call does not say.
            hindsight: judge it by what is known by now of its moment (`Call.at`): what its camera is mounted on, and
                what its environment was then. Where the moment is not known, by what is believed now.

        Raises:
            FactError: the call brings a fact that is none.
        """
        name = call.source or source or self.declared.in_block()
        names = [name] if name else list({**self.watches, **self.site.cameras}) or [None]
        judgements = [self._judge(call, one, at, hindsight) for one in names]
        return max(judgements, key=lambda judgement: judgement.decision.strictness)

    def _judge(self, call: Call, source: str | None, at: float | None, hindsight: bool) -> Judgement:
        seen = UNSEEN
        if watch := self.watches.get(source or ""):
            watch.expect_call()
            seen = watch.seen_since(call.at) if hindsight and call.at is not None else watch.seen(at)
        return self._judged(source, call.brought, *self._day_of(call), seen)

    def _day_of(self, call: Call) -> tuple[Value, str]:
        """The day to judge a call by where no fact names one, and where that is from."""
        if call.day:
            return call.day, "call"
        return (self._date, "declared") if self._date else (self._today or today(), "clock")

    def _judge_anew(
        self, source: str | None, brought: tuple[tuple[str, Value], ...], day: Value, named_by: str, seen: Seen
    ) -> Judgement:
        """All that a judgement rests on is an argument, so that equal ones can be remembered."""
        facts = self.site.declared(source, dict(brought), day)
        for name, value in brought:
            facts.put(name, value, "call")
        if "date" not in facts.facts:
            facts.put("date", day, named_by)
        facts = with_seen(facts, *seen)
        return Judgement(facts, decide(facts.facts, self.packs))
