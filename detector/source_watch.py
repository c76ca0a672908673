"""One source: its estimators, what they have cost, and what is believed of it."""

import math
import time
from collections import deque
from collections.abc import Callable
from time import perf_counter_ns
from typing import NamedTuple

import msgspec

from ..streams.frame import Frame, Image
from ..streams.source import Counters
from ..streams.telemetry import Motion
from .belief import EnvironmentBelief, Faces, MobilityBelief
from .budget import Budget, Latency
from .calls.aside import aside
from .environment import BLIND, EnvironmentEstimator, FaceDetector, load_detector
from .mobility import MobilityEstimator

# Pictures this large on their longest side, this often, tell ego-motion as well as full ones do.
ANALYSIS_SIDE = 320
ANALYSIS_PERIOD = 0.1
# Seconds that a camera has to stand before that settles a fact: a car may wait at a light when its recording begins.
STOOD_FOR = 10.0
# Seconds without a picture after which a live camera that stood may be anywhere.
STALE = 10.0
# Seconds that an environment's verdict takes, so that what it says of a moment is known only then: that a place is
# borne out, and that it is uncontrolled, which mobility and three seconds of two causes come before.
_BORNE_OUT, _FOUND_OUT = 1.0, 5.0
# The share of the budget that each stage leaves to those before it.
_MOBILITY_RESERVE, _ENVIRONMENT_RESERVE, _FACES_RESERVE = 0.0, 0.5, 0.6
# Changes of what is believed that are kept: a broken stream must not fill the memory with them.
_REMEMBERED = 1000
# Stamps are sums of floats; a picture this close to its turn has come.
_ROUNDING = 1e-3


class Seen(NamedTuple):
    """What the pictures of a source have shown; `unknown` where they have not.

    `camera` is `mobile | fixed | unknown`, `environment` is `uncontrolled | consistent | unknown`: what is seen is at
    most consistent with a controlled place.
    """

    camera: str
    environment: str

    def blinded(self) -> "Seen":
        """The same, where nothing was looked at since: a place may have changed."""
        return self._replace(environment="unknown") if self.environment == "consistent" else self


UNSEEN = Seen("unknown", "unknown")


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


class Watch:
    """One source: its estimators, its counters, and what is believed of it.

    Attributes:
        cost: what each frame handed over has cost.
        events: what contradicts what was believed before, in words.
    """

    def __init__(
        self, name: str, budget_ms: float | None, find_faces: Callable[[], FaceDetector] = load_detector
    ) -> None:
        self.name = name
        self._live = budget_ms is not None
        self.cost = Latency()
        self.events: deque[str] = deque(maxlen=_REMEMBERED)
        self._history: deque[tuple[float, Seen]] = deque(maxlen=_REMEMBERED)
        self._mobility = MobilityEstimator()
        self._environment = EnvironmentEstimator(find_faces)
        self._budget = Budget(budget_ms)
        self._analysed = self._in_part = self._skipped = self._dropped = 0
        self._now = self._step = self._seconds = self._due = 0.0
        self._received_at = self._judged_at = -math.inf
        self._motion: Motion | None = None

    @property
    def beliefs(self) -> tuple[MobilityBelief, EnvironmentBelief]:
        """What is believed now of the camera and of its environment."""
        return self._mobility.belief, self._environment.belief

    @property
    def faces(self) -> Faces:
        """What was seen of faces."""
        return self._environment.faces

    def observe(self, frame: Frame) -> None:
        """Take in the next frame, and measure what that costs."""
        started = perf_counter_ns()
        self._take(frame)
        self.cost.add(perf_counter_ns() - started)

    def seen(self, at: float | None = None) -> Seen:
        """What may settle the facts `camera` and `environment`: now, or when the stream had come to `at`."""
        if at is not None:
            seen = next((seen for since, seen in reversed(self._history) if since <= at), UNSEEN)
            return seen.blinded() if at - self._now > BLIND else seen
        clock = time.monotonic() if self._live else -math.inf
        mobility, environment = self._mobility.belief, self._environment
        stood = self._now - (mobility.decided_at or 0.0) >= STOOD_FOR
        doubtful = mobility.value == "fixed" and (clock - self._received_at > STALE or not stood)
        blind = max(self._now - environment.updated_at, clock - self._judged_at) > BLIND
        consistent = environment.consistent and not blind
        return Seen("unknown" if doubtful else mobility.value, "consistent" if consistent else environment.value)

    def seen_since(self, at: float) -> Seen:
        """What is known by now of the moment `at`: what a camera is mounted on stays, an environment does not."""
        found_out = self.seen(at + _FOUND_OUT).environment
        place = found_out if found_out == "uncontrolled" else self.seen(at + _BORNE_OUT).environment
        return Seen(self.seen().camera, place)

    @property
    def moments(self) -> tuple[float, ...]:
        """Media times between which nothing changed of what was, or since is, known of a moment; 0 is the first."""
        waits = (0.0, _BORNE_OUT, _FOUND_OUT)
        turns = (since - wait + _ROUNDING for since, _ in self._history for wait in waits)
        times = sorted({0.0, *(turn for turn in turns if turn > 0)})
        return tuple({(self.seen(at), self.seen_since(at)): at for at in reversed(times)}.values())

    def expect_call(self) -> None:
        """A call is being decided on, and more may follow: faces matter now."""
        self._environment.asked = True

    def coverage(self, counters: Counters | None = None) -> Coverage:
        """The counts so far, together with those of the source."""
        counters = counters or Counters()
        dropped = self._dropped + counters.dropped
        frames = self._analysed + self._skipped + dropped + counters.unreadable
        seconds = round(self._seconds + self._step, 3)
        return Coverage(frames, self._analysed, self._skipped, dropped, counters.unreadable, seconds, self._in_part)

    def _take(self, frame: Frame) -> None:
        if frame.discontinuity or frame.media_time < self._now:
            self._mobility.restart()
            self._environment.restart()
        if frame.media_time < self._now:  # the host opened its camera anew
            self._now = self._due = frame.media_time
        self._step = frame.media_time - self._now
        self._seconds += self._step
        if self._step > BLIND and self._history:
            self._history.append((self._now + BLIND, self._history[-1][1].blinded()))
        self._now, self._received_at = frame.media_time, frame.received_at
        self._budget.earn(self._step)
        self._motion = frame.motion or self._motion
        if frame.media_time < self._due - _ROUNDING:
            self._skipped += 1
            self._look(frame, None)
            return
        period = ANALYSIS_PERIOD * self._mobility.spacing
        self._due = max(self._due, frame.media_time - period) + period
        if self._budget.allows(_MOBILITY_RESERVE):
            self._analyse(frame)
        else:
            self._dropped += 1

    def _analyse(self, frame: Frame) -> None:
        started = perf_counter_ns()
        self._analysed += 1
        thumbnail = frame.thumbnail(ANALYSIS_SIDE)
        camera, consistent = self._mobility.belief.value, self._environment.consistent
        self._mobility.update(thumbnail, frame.media_time, self._motion)
        self._motion = None
        if self._budget.allows(_ENVIRONMENT_RESERVE):
            self._environment.update(thumbnail, frame, self._mobility.belief.value)
            self._judged_at = frame.received_at
        else:
            self._in_part += 1
        self._note_changes(camera, consistent)
        self._budget.spend((perf_counter_ns() - started) / 1e6)
        self._look(frame, thumbnail)
        self._remember(frame.media_time)

    def _look(self, frame: Frame, thumbnail: Image | None) -> None:
        """Look for faces, best in a picture that is passed over else: one that is analysed waits for such a one."""
        patience = 0.0 if thumbnail is None else ANALYSIS_PERIOD / 2
        if not self._environment.wants_faces(frame.media_time - patience):
            return
        if not self._budget.allows(_FACES_RESERVE):
            self._environment.shed(frame.media_time)
            return
        started = perf_counter_ns()
        try:
            with aside():  # our own detector is a model that runs in the host's process
                self._environment.look(frame.thumbnail(ANALYSIS_SIDE) if thumbnail is None else thumbnail, frame)
        except Exception as error:  # noqa: BLE001 - a site's detector may do anything; the host's loop goes on
            self._environment.shed(frame.media_time)
            self._note(f"faces could not be looked for ({error})")
        self._budget.spend((perf_counter_ns() - started) / 1e6)

    def _note_changes(self, camera: str, consistent: bool) -> None:
        """Make events of what is no longer believed: before the picture, the camera was `camera`."""
        if self._mobility.belief.value != camera == "fixed":
            self._note("the camera, believed fixed until then, moves or shows another scene")
        if consistent and not self._environment.consistent:
            self._note("the environment no longer looks like a controlled one")

    def _note(self, event: str) -> None:
        self.events.append(f"at {self._now:.3f} s: {event}")

    def _remember(self, media_time: float) -> None:
        seen = self.seen()
        if seen != (self._history[-1][1] if self._history else UNSEEN):
            self._history.append((media_time, seen))
