"""One source: its estimators, what they have cost, and what is believed of it."""

from collections import deque
from collections.abc import Callable
from time import thread_time_ns

import msgspec

from ...streams.frame import Frame, Image
from ...streams.source import Counters
from ...streams.telemetry import Motion
from ..belief import EnvironmentBelief, Faces, MobilityBelief
from ..budget import ENVIRONMENT, FACES, MOBILITY, Budget, Cost, Latency, Unlimited
from ..calls.aside import aside
from ..environment import BLIND, EnvironmentEstimator, FaceDetector, assess, load_detector
from ..locks import Lock
from ..mobility import MobilityEstimator
from ..pace import DrawnPace
from ..records.entry import Event
from .bars import Bars
from .glance import Glance
from .history import History, blinded
from .seen import NOTHING, Camera, Seen, Shown
from .tape import SourceTape

# Pictures this large on their longest side, this often, tell ego-motion as well as full ones do.
ANALYSIS_SIDE = 320
ANALYSIS_PERIOD_S = 0.1
# A camera has to stand this long before that settles a fact: a car may wait at a light when its recording begins.
STOOD_FOR_S = 10.0
# A live camera that stood may be anywhere after so long without a picture.
STALE_S = 10.0
# Changes of what is believed that are kept: a broken stream must not fill the memory with them.
_REMEMBERED = 1000


class Coverage(msgspec.Struct, frozen=True):
    """What became of a source's pictures: `frames` is the sum of the four counts behind it.

    `analysed` were looked at, `in_part` of them for the camera's motion alone, because there was no time for more;
    `skipped` came between two pictures that were, as planned, and were at most looked at for faces; `dropped` were due,
    and shed or lost because there was no time; `unreadable` did not decode. `seconds` of media time were
    watched: of a gap no more than a picture stands for, and of a jump of the time stamps nothing.
    """

    frames: int
    analysed: int
    skipped: int
    dropped: int
    unreadable: int
    seconds: float
    in_part: int = 0

    def beside(self, counters: Counters) -> "Coverage":
        """The same, with those pictures that were never handed over to be looked at."""
        never = counters.skipped + counters.dropped + counters.unreadable
        return msgspec.structs.replace(
            self,
            frames=self.frames + never,
            skipped=self.skipped + counters.skipped,
            dropped=self.dropped + counters.dropped,
            unreadable=self.unreadable + counters.unreadable,
        )


class SourceState:
    """One source: its estimators, its counters, and what is believed of it.

    Any thread may hand pictures over, and one at a time is taken in. What was seen (`last`, `history`) is read without
    waiting for one that is; all else waits for it.

    Args:
        name: of the source.
        budget: what its analysis may cost; by default nothing is shed.
        find_faces: makes what finds faces.
        seed: of the moments that are drawn to look at.
        tape: listens, where it is to be gone through again.
        inside: gives what is to be looked at of a picture; by default all within its black bars.

    Attributes:
        cost: what each frame handed over has cost, in processor time.
        events: what contradicts what was believed before.
        last: what was seen, as of the last picture.
        calls: how many calls on it were decided on.
    """

    def __init__(
        self,
        name: str,
        budget: Budget | None = None,
        find_faces: Callable[[], FaceDetector] = load_detector,
        seed: str = "0",
        tape: SourceTape | None = None,
        inside: Callable[[Frame], Frame] | None = None,
    ) -> None:
        self.name = name
        self.cost = Latency()
        self.events: deque[Event] = deque(maxlen=_REMEMBERED)
        self.last = Seen(name)
        self._lock = Lock()
        self._history: tuple[tuple[float, Shown], ...] = ()
        with aside():  # our own networks are models that run in the host's process
            self._mobility = MobilityEstimator()
        self._pace, self._glance = DrawnPace(seed), Glance(f"{seed}/glance")
        self._tape, self._asked = tape, False
        self._inside = inside or Bars().inside
        budget = budget or Unlimited()
        self._budget = budget if tape is None else tape.budget(budget)
        self._environment = EnvironmentEstimator(find_faces, assess=assess if tape is None else tape.assess(assess))
        self.calls = 0
        self._analysed = self._in_part = self._skipped = self._dropped = 0
        self._now = self._step = self._seconds = self._watched = 0.0
        self._judged_at: float | None = None
        self._motion: Motion | None = None

    @property
    def beliefs(self) -> tuple[MobilityBelief, EnvironmentBelief]:
        """What is believed now of the camera and of its environment."""
        with self._lock:
            return self._believed()

    @property
    def stirs(self) -> bool:
        """Whether the last picture, before which others were left out, shows that the camera may have moved."""
        return self._mobility.stirs

    @property
    def faces(self) -> Faces:
        """What was seen of faces."""
        return self._environment.faces

    def observe(self, frame: Frame) -> None:
        """Take in the next frame, and measure what that costs."""
        with self._lock:
            started = thread_time_ns()
            asked, frame = self._expect(), self._inside(frame)
            if self._tape is not None:
                frame = self._tape.begin(frame, asked)
            self._take(frame)
            self.last = self._see(frame)
            self.cost.add(thread_time_ns() - started)
            if self._tape is not None:
                self._tape.end(self.last, self._believed, self._environment.faces)

    def pass_over(self) -> None:
        """Count a picture that is not to be taken in: another reader of the same camera brings them already."""
        with self._lock:
            self._skipped += 1

    @property
    def history(self) -> History:
        """Every change of what was seen, the latest thousand, as a value."""
        return History(
            self._history, self._now, self._now + self._watched, Shown(self.last.camera, self.last.environment)
        )

    @property
    def cost_ms(self) -> Cost:
        """What each frame handed over has cost, in words of a report."""
        return self.cost.summary()

    def expect_call(self, calls: int = 1) -> None:
        """Calls are being decided on, and more may follow: faces matter from the next picture on."""
        self._asked = True
        self.calls += calls

    def coverage(self, counters: Counters | None = None) -> Coverage:
        """The counts so far, together with those of the source."""
        counters = counters or Counters()
        with self._lock:
            seconds = round(self._seconds + self._watched, 3)
            frames = self._analysed + self._skipped + self._dropped
            own = Coverage(frames, self._analysed, self._skipped, self._dropped, 0, seconds, self._in_part)
        return own.beside(counters)

    def _believed(self) -> tuple[MobilityBelief, EnvironmentBelief]:
        return self._mobility.belief, self._environment.belief

    def _expect(self) -> bool:
        """Whether calls were decided on since the last picture. They come on any thread; what becomes of a picture may
        depend on those before it, and not on one in its midst, which nobody could tell again."""
        if not self._asked:
            return False
        self._asked, self._environment.asked = False, True
        return True

    def _take(self, frame: Frame) -> None:
        self._pass_time(frame)
        self._budget.earn(self._step)
        self._motion = frame.motion or self._motion
        period = ANALYSIS_PERIOD_S * self._mobility.spacing
        if self._pace.has_come(frame.media_time, period):
            self._pace.step(frame.media_time, period)
        elif self._mobility.value == "mobile" or not self._glance.unlike(frame):
            self._skipped += 1
            self._look(frame, None)
            return
        else:
            self._pace.wary = True
        if not self._budget.allows(MOBILITY, self._decided):
            self._dropped += 1
        elif frame.spared:
            self._skim(frame)
        else:
            self._analyse(frame)

    def _pass_time(self, frame: Frame) -> None:
        """Go on to its moment: estimators begin anew after a break, and what was watched until then is counted."""
        if frame.discontinuity or frame.media_time < self._now:
            self._mobility.restart()
            self._environment.restart()
        if frame.media_time < self._now:  # the host opened its camera anew
            self._now = frame.media_time
            self._pace.restart(frame.media_time)
        self._step = frame.media_time - self._now
        if not (frame.discontinuity and self._step > BLIND):
            self._seconds += self._step if frame.spared else min(self._step, BLIND)
            self._watched = self._watched if frame.spared else min(self._step, BLIND)
        else:
            self._seconds += self._watched
        if self._step > BLIND and self._history:
            self._history = (*self._history, (self._now + BLIND, blinded(self._history[-1][1])))[-_REMEMBERED:]
        self._now = frame.media_time

    def _skim(self, frame: Frame) -> None:
        """Look at a picture before which others were left out: a place is told by those that follow closely alone."""
        self._analysed += 1
        thumbnail = frame.thumbnail(ANALYSIS_SIDE)
        self._glance.looked(thumbnail)
        self._mobility.glance(thumbnail, frame.media_time)
        self._look(frame, thumbnail)
        self._remember(frame.media_time)

    @property
    def _decided(self) -> bool:
        return self._mobility.value != "unknown"

    def _analyse(self, frame: Frame) -> None:
        started = thread_time_ns()
        self._analysed += 1
        thumbnail = frame.thumbnail(ANALYSIS_SIDE)
        self._glance.looked(thumbnail)
        camera, consistent = self._mobility.value, self._environment.consistent
        with aside():
            self._mobility.update(thumbnail, frame.media_time, self._motion)
        self._motion = None
        if self._budget.allows(ENVIRONMENT, self._decided):
            self._environment.update(thumbnail, frame, self._mobility.value, self._mobility.seems_mobile)
            self._judged_at = frame.received_at
        else:
            self._in_part += 1
        self._note_changes(camera, consistent)
        self._budget.spend((thread_time_ns() - started) / 1e6)
        self._look(frame, thumbnail)
        self._remember(frame.media_time)

    def _look(self, frame: Frame, thumbnail: Image | None) -> None:
        """Look for faces, best in a picture that is passed over else: one that is analysed waits for such a one."""
        patience = 0.0 if thumbnail is None else ANALYSIS_PERIOD_S / 2
        if not self._environment.wants_faces(frame.media_time - patience):
            return
        if not self._budget.allows(FACES, self._decided):
            self._environment.shed(frame.media_time)
            return
        started = thread_time_ns()
        try:
            with aside():
                self._environment.look(frame.thumbnail(ANALYSIS_SIDE) if thumbnail is None else thumbnail, frame)
        except Exception as error:  # noqa: BLE001 - a site's detector may do anything; the host's loop goes on
            self._environment.shed(frame.media_time)
            self._note("faces", f"faces could not be looked for ({error})")
        self._budget.spend((thread_time_ns() - started) / 1e6)

    def _note_changes(self, camera: str, consistent: bool) -> None:
        """Make events of what is no longer believed: before the picture, the camera was `camera`."""
        if self._mobility.value != camera == "fixed":
            self._note("camera", "the camera, believed fixed until then, moves or shows another scene")
        if self._mobility.value != camera == "mobile":
            self._note("camera", "the camera, believed mobile until then, stands: what is before it had moved")
        if consistent and not self._environment.consistent:
            self._note("environment", "the environment no longer looks like a controlled one")

    def _note(self, kind: str, text: str) -> None:
        self.events.append(Event(kind, self._now, text, self.name))

    def _remember(self, media_time: float) -> None:
        shown = self._shown()
        if shown != (self._history[-1][1] if self._history else NOTHING):
            self._history = (*self._history, (media_time, shown))[-_REMEMBERED:]

    def _shown(self) -> Shown:
        mobility, environment = self._mobility, self._environment
        camera: Camera = mobility.value
        if camera == "fixed" and self._now - (mobility.decided_at or 0.0) < STOOD_FOR_S:
            camera = "unknown"
        consistent = environment.consistent and self._now - environment.updated_at <= BLIND
        return Shown(camera, "consistent" if consistent else environment.value)

    def _see(self, frame: Frame) -> Seen:
        camera, environment = self._shown()
        received, judged = frame.received_at, self._judged_at
        until = None if judged is None else judged + BLIND
        return Seen(self.name, camera, environment, self._now, received, received + STALE_S, until)
