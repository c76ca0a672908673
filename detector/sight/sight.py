"""The sources that are watched: who they are, what was seen of each, and when one is gone."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ...streams.frame import Frame
from ..budget import Allowance, Budget, Unlimited, of_the_machine
from ..calls.aside import aside
from ..clock import Clock, SystemClock
from ..environment import FaceDetector, load_detector
from ..locks import Lock
from .seen import Seen
from .state import SourceState
from .tape import Tape

# Milliseconds of analysis a second of a live stream: 5 % of a core.
LIVE_BUDGET_MS = 50.0
# A source that has shown nothing for so long is gone; of more than so many the one that was silent longest is.
LIFETIME_S, MOST = 600.0, 1024


class Sight:
    """Holds the sources of a process. All methods may be called from any thread.

    Args:
        clock: tells how old pictures are.
        budget_ms: milliseconds of processor time a second of a stream that its analysis may take; None sheds nothing,
            as a replay must not.
        allowance: what all of them together may take; by default the one that all sources of the process share.
        find_faces: makes what finds faces, for each source.
        lifetime_s: seconds without a picture after which a source is forgotten: what has gone decides nothing.
        most: how many sources are kept.
        seed: of the moments that are drawn to look at, of live sources together with their name: who knows them could
            show something else between. The same one gives the same verdicts; a site may keep its own.
        tape: listens, where what is seen is to be gone through again.

    Attributes:
        seed: the same.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        budget_ms: float | None = LIVE_BUDGET_MS,
        allowance: Allowance | None = None,
        find_faces: Callable[[], FaceDetector] = load_detector,
        lifetime_s: float = LIFETIME_S,
        most: int = MOST,
        seed: int = 0,
        tape: Tape | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._budget_ms, self._allowance = budget_ms, allowance or of_the_machine()
        self._find_faces = find_faces
        self._lifetime, self._most = lifetime_s, most
        self.seed = seed
        self._tape = tape
        self._lock = Lock()
        self._states: dict[str, SourceState] = {}
        self._heard: dict[str, float] = {}

    @property
    def sources(self) -> Mapping[str, SourceState]:
        """The sources that are known, by name; changes as they come and go."""
        return MappingProxyType(self._states)

    def begin(self, source: str) -> SourceState:
        """What is known of a source; a new one begins with nothing."""
        return self._states.get(source) or self._begin(source)

    def observe(self, frame: Frame) -> None:
        """Take in the next frame of its source."""
        state = self.begin(frame.source)
        self._heard[frame.source] = self._clock.now()
        state.observe(frame)

    def forget(self, source: str) -> None:
        """The source is gone: nothing of it is kept, and nothing is decided by it. Forgetting twice does no harm."""
        with self._lock:
            self._states.pop(source, None)
            self._heard.pop(source, None)

    def snapshot(self) -> dict[str, Seen]:
        """What was seen of every source that is not gone, in the order in which they came."""
        self._forget_the_silent()
        return {name: state.last for name, state in tuple(self._states.items())}

    def _begin(self, source: str) -> SourceState:
        self._forget_the_silent()
        with aside():  # loaded here, and not within a frame's budget
            detector = self._find_faces()
        tape = None if self._tape is None else self._tape.source(source)
        made = SourceState(source, self._budget(), lambda: detector, self._drawn_by(source), tape)
        with self._lock:
            state = self._states.setdefault(source, made)
            self._heard.setdefault(source, self._clock.now())
        if len(self._heard) > self._most:
            self.forget(min(tuple(self._heard.items()), key=lambda heard: heard[1])[0])
        return state

    def _drawn_by(self, source: str) -> str:
        """What the moments to look at are drawn by: a recording shows the same whatever it is called."""
        recorded = self._budget_ms is None and self._tape is None
        return f"{self.seed}" if recorded else f"{self.seed}/{source}"

    def _budget(self) -> Budget:
        return Unlimited() if self._budget_ms is None else Budget(self._budget_ms, self._allowance, self._clock)

    def _forget_the_silent(self) -> None:
        since = self._clock.now() - self._lifetime
        for name in [name for name, heard in tuple(self._heard.items()) if heard < since]:
            self.forget(name)
