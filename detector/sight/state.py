"""One source: its estimators, what they have cost, and what is believed of it."""

import math
from collections import deque
from collections.abc import Callable
from time import thread_time_ns

import msgspec

from ...streams.frame import Frame, Image
from ...streams.source import Counters
from ...streams.telemetry import Motion
from ..belief import EnvironmentBelief, Faces, MobilityBelief
from ..budget import ENVIRONMENT, FACES, MOBILITY, Budget, Latency, Unlimited
from ..calls.aside import aside
from ..environment import BLIND, EnvironmentEstimator, FaceDetector, load_detector
from ..locks import Lock
from ..mobility import MobilityEstimator
from ..pace import DrawnPace
from ..records.entry import Event
from .glance import Glance
from .seen import NOTHING, Camera, Seen, Shown

# Pictures this large on their longest side, this often, tell ego-motion as well as full ones do.
ANALYSIS_SIDE = 320
ANALYSIS_PERIOD_S = 0.1
# A camera has to stand this long before that settles a fact: a car may wait at a light when its recording begins.
STOOD_FOR_S = 10.0
# A live camera that stood may be anywhere after so long without a picture.
STALE_S = 10.0
# What an environment's verdict takes, so that what it says of a moment is known only then: that a place is borne out,
# and that it is uncontrolled, which mobility and three seconds of two causes come before.
_BORNE_OUT_S, _FOUND_OUT_S = 1.0, 5.0
# Changes of what is believed that are kept: a broken stream must not fill the memory with them.
_REMEMBERED = 1000
_ROUNDING_S = 1e-3


class Coverage(msgspec.Struct, frozen=True):
    """What became of a source's pictures: `frames` is the sum of the four counts behind it.

    `analysed` were looked at, `in_part` of them for the camera's motion alone, because there was no time for more;
    `skipped` came between two pictures that were, as planned, and were at most looked at for faces; `dropped` were due,
    and shed or lost because there was no time; `unreadable` did not decode. `seconds` of media time were covered.
    """

    frames: int
    analysed: int
    skipped: int
    dropped: int
    unreadable: int
    seconds: float
    in_part: int = 0


class SourceState:
    """One source: its estimators, its counters, and what is believed of it.

    Any thread may hand pictures over, and one at a time is taken in. What was seen (`last`, `seen_at`) is read without
    waiting for one that is; all else waits for it.

    Args:
        name: of the source.
        budget: what its analysis may cost; by default nothing is shed.
        find_faces: makes what finds faces.
        seed: of the moments that are drawn to look at, together with the name.

    Attributes:
        cost: what each frame handed over has cost, in processor time.
        events: what contradicts what was believed before.
        last: what was seen, as of the last picture.
    """

    def __init__(
        self,
        name: str,
        budget: Budget | None = None,
        find_faces: Callable[[], FaceDetector] = load_detector,
        seed: int = 0,
    ) -> None:
        self.name = name
        self.cost = Latency()
        self.events: deque[Event] = deque(maxlen=_REMEMBERED)
        self.last = Seen(name)
        self._lock = Lock()
        self._history: tuple[tuple[float, Shown], ...] = ()
        self._mobility = MobilityEstimator()
        self._environment = EnvironmentEstimator(find_faces)
        self._budget = budget or Unlimited()
        self._pace, self._glance = DrawnPace(f"{seed}/{name}"), Glance(f"{seed}/{name}/glance")
        self._analysed = self._in_part = self._skipped = self._dropped = 0
        self._now = self._step = self._seconds = 0.0
        self._judged_at = -math.inf
        self._motion: Motion | None = None

    @property
    def beliefs(self) -> tuple[MobilityBelief, EnvironmentBelief]:
        """What is believed now of the camera and of its environment."""
        with self._lock:
            return self._mobility.belief, self._environment.belief

    @property
    def faces(self) -> Faces:
        """What was seen of faces."""
        return self._environment.faces

    def observe(self, frame: Frame) -> None:
        """Take in the next frame, and measure what that costs."""
        with self._lock:
            started = thread_time_ns()
            self._take(frame)
            self.last = self._see(frame)
            self.cost.add(thread_time_ns() - started)

    def pass_over(self) -> None:
        """Count a picture that is not to be taken in: another reader of the same camera brings them already."""
        with self._lock:
            self._skipped += 1

    def seen_at(self, at: float) -> Shown:
        """What might have settled the facts when the stream had come to `at`."""
        shown = next((shown for since, shown in reversed(self._history) if since <= at), NOTHING)
        return _blinded(shown) if at - self._now > BLIND else shown

    def seen_since(self, at: float) -> Shown:
        """What is known by now of the moment `at`: what a camera is mounted on stays, an environment does not."""
        found_out = self.seen_at(at + _FOUND_OUT_S).environment
        place = found_out if found_out == "uncontrolled" else self.seen_at(at + _BORNE_OUT_S).environment
        return Shown(self.last.camera, place)

    @property
    def moments(self) -> tuple[float, ...]:
        """Media times between which nothing changed of what was, or since is, known of a moment; 0 is the first."""
        waits = (0.0, _BORNE_OUT_S, _FOUND_OUT_S)
        turns = (since - wait + _ROUNDING_S for since, _ in self._history for wait in waits)
        times = sorted({0.0, *(turn for turn in turns if turn > 0)})
        return tuple({(self.seen_at(at), self.seen_since(at)): at for at in reversed(times)}.values())

    def expect_call(self) -> None:
        """A call is being decided on, and more may follow: faces matter now."""
        self._environment.asked = True

    def coverage(self, counters: Counters | None = None) -> Coverage:
        """The counts so far, together with those of the source."""
        counters = counters or Counters()
        with self._lock:
            dropped = self._dropped + counters.dropped
            frames = self._analysed + self._skipped + dropped + counters.unreadable
            seconds = round(self._seconds + self._step, 3)
            return Coverage(frames, self._analysed, self._skipped, dropped, counters.unreadable, seconds, self._in_part)

    def _take(self, frame: Frame) -> None:
        if frame.discontinuity or frame.media_time < self._now:
            self._mobility.restart()
            self._environment.restart()
        if frame.media_time < self._now:  # the host opened its camera anew
            self._now = frame.media_time
            self._pace.restart(frame.media_time)
        self._step = frame.media_time - self._now
        self._seconds += self._step
        if self._step > BLIND and self._history:
            self._history = (*self._history, (self._now + BLIND, _blinded(self._history[-1][1])))[-_REMEMBERED:]
        self._now = frame.media_time
        self._budget.earn(self._step)
        self._motion = frame.motion or self._motion
        period = ANALYSIS_PERIOD_S * self._mobility.spacing
        if self._pace.has_come(frame.media_time, period):
            self._pace.step(frame.media_time, period)
        elif self._mobility.value == "mobile" or not self._glance.unlike(frame):
            self._skipped += 1
            self._look(frame, None)
            return
        if self._budget.allows(MOBILITY, self._decided):
            self._analyse(frame)
        else:
            self._dropped += 1

    @property
    def _decided(self) -> bool:
        return self._mobility.value != "unknown"

    def _analyse(self, frame: Frame) -> None:
        started = thread_time_ns()
        self._analysed += 1
        thumbnail = frame.thumbnail(ANALYSIS_SIDE)
        self._glance.looked(thumbnail)
        camera, consistent = self._mobility.value, self._environment.consistent
        self._mobility.update(thumbnail, frame.media_time, self._motion)
        self._motion = None
        if self._budget.allows(ENVIRONMENT, self._decided):
            self._environment.update(thumbnail, frame, self._mobility.value)
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
            with aside():  # our own detector is a model that runs in the host's process
                self._environment.look(frame.thumbnail(ANALYSIS_SIDE) if thumbnail is None else thumbnail, frame)
        except Exception as error:  # noqa: BLE001 - a site's detector may do anything; the host's loop goes on
            self._environment.shed(frame.media_time)
            self._note("faces", f"faces could not be looked for ({error})")
        self._budget.spend((thread_time_ns() - started) / 1e6)

    def _note_changes(self, camera: str, consistent: bool) -> None:
        """Make events of what is no longer believed: before the picture, the camera was `camera`."""
        if self._mobility.value != camera == "fixed":
            self._note("camera", "the camera, believed fixed until then, moves or shows another scene")
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
        received = frame.received_at
        return Seen(self.name, camera, environment, self._now, received, received + STALE_S, self._judged_at + BLIND)


def _blinded(shown: Shown) -> Shown:
    """The same, where nothing was looked at since: a place may have changed."""
    return shown._replace(environment="unknown") if shown.environment == "consistent" else shown
