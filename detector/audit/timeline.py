"""What a source has shown over its media time, small enough to stand in a report."""

from itertools import pairwise
from typing import Final

import msgspec

from ...streams.frame import Frame
from ..belief import EnvironmentBelief, Mount
from ..sight.seen import Camera, Environment
from ..sight.state import SourceState

# Samples of the numbers: half a second apart at first; where there are more than this, every other is left out.
_MOST: Final = 600
_APART_S: Final = 0.5
# Seconds without a picture that are told as a gap.
_GAP_S: Final = 2.0
_MOST_GAPS: Final = 1000
_NOT_ASSESSED: Final = -1.0


class Span(msgspec.Struct, frozen=True):
    """What a gate knew from `since` to `until`, media time in seconds."""

    since: float
    until: float
    camera: Camera
    environment: Environment


class Gap(msgspec.Struct, frozen=True):
    """No picture came between the two, media time in seconds."""

    since: float
    until: float


class Sample(msgspec.Struct, frozen=True, omit_defaults=True):
    """Numbers of one moment.

    Attributes:
        at: media time, seconds.
        moves: how much all moved as a travelling camera's picture does, 0..1.
        still: how much of the background stood exactly, 0..1.
        light: mean luma of the picture, 0..255.
        faces: faces in the picture; None where nobody looked.
        turned: degrees that the largest face is turned from the camera, whichever side; None without a face.
        mount: what the camera is likely mounted on.
    """

    at: float
    moves: float
    still: float
    light: float | None = None
    faces: int | None = None
    turned: float | None = None
    mount: Mount = "unknown"


class Timeline(msgspec.Struct, frozen=True):
    """The spans, gaps and samples of a source, each in order of time."""

    spans: tuple[Span, ...]
    gaps: tuple[Gap, ...]
    samples: tuple[Sample, ...]


class Tracer:
    """Follows a source through a replay, in constant memory."""

    def __init__(self, state: SourceState) -> None:
        self._state = state
        self._samples: list[Sample] = []
        self._gaps: list[Gap] = []
        self._apart, self._due, self._last = _APART_S, 0.0, 0.0

    def see(self, frame: Frame) -> None:
        """The source has taken in its next picture."""
        at = frame.media_time
        if at - self._last > _GAP_S and not frame.spared and len(self._gaps) < _MOST_GAPS:
            self._gaps.append(Gap(round(self._last, 3), round(at, 3)))
        self._last = at
        if at >= self._due:
            self._due = at + self._apart
            self._samples.append(_sample(self._state, at))
        if len(self._samples) > _MOST:
            self._samples, self._apart = self._samples[::2], self._apart * 2

    def timeline(self) -> Timeline:
        """All that was followed."""
        return Timeline(_spans(self._state, self._last), tuple(self._gaps), tuple(self._samples))


def _spans(state: SourceState, end: float) -> tuple[Span, ...]:
    history = state.history
    turns = [0.0, *(since for since, _ in history.changes if since <= end), end]
    return tuple(Span(round(a, 3), round(b, 3), *history.at(a)) for a, b in pairwise(turns) if b > a)


def _sample(state: SourceState, at: float) -> Sample:
    mobility, environment = state.beliefs
    yaw = _assessed(environment, "yaw")
    faces = _assessed(environment, "faces")
    return Sample(
        at=round(at, 3),
        moves=mobility.evidence.get("moves", 0.0),
        still=mobility.evidence.get("still", 0.0),
        light=_assessed(environment, "brightness"),
        faces=None if faces is None else int(faces),
        turned=None if yaw is None else abs(yaw),
        mount=mobility.mount,
    )


def _assessed(belief: EnvironmentBelief, name: str) -> float | None:
    number = belief.evidence.get(name, _NOT_ASSESSED)
    return None if number == _NOT_ASSESSED else number
