"""One source of a recording, gone through again: the same frame loop, told what it read then."""

from collections.abc import Callable

import numpy as np

from ...streams.frame import Frame, Image, Size
from ...streams.telemetry import Motion
from ..belief import Faces
from ..budget import Budget, Stage, Unlimited
from ..environment import Assess, FaceDetector, Quality
from ..environment.ofiq import Landmarks, Pose
from ..sight.seen import Seen
from ..sight.state import Coverage, SourceState
from ..sight.tape import Beliefs
from .hearing import STAGES, Heard, SourceHearing
from .messages import Picture


class SourceAgain:
    """Takes the recorded pictures of one run of a source in order, and gives what came of each now.

    Args:
        source: its name.
        run: see `Picture`.
        find_faces: makes what finds faces.
        seed: of the moments that are looked at.
    """

    def __init__(self, source: str, run: int, find_faces: Callable[[], FaceDetector], seed: int = 0) -> None:
        self._heard: list[Heard] = []
        self._script = _Script(SourceHearing(source, run, self._heard.append))
        self._state = SourceState(
            source, Unlimited(), find_faces, f"{seed}/{source}", self._script, inside=lambda look: look
        )

    @property
    def coverage(self) -> Coverage:
        """What became of its pictures."""
        return self._state.coverage()

    def take(self, picture: Picture, look: Image | None) -> Heard:
        """Take in a picture; `look` is the luma that was looked at, shape (h, w), uint8, as stored."""
        self._script.picture = picture
        if picture.asked:
            self._state.expect_call()
        self._state.observe(_frame(picture, look))
        return self._heard.pop()


class _Script:
    """A `SourceTape` that answers for the live session, and hears what it is asked."""

    picture: Picture

    def __init__(self, hearing: SourceHearing) -> None:
        self._hearing = hearing

    def budget(self, budget: Budget) -> Budget:  # noqa: ARG002 - the answers are known
        return self._hearing.budget(_Answers(self))

    def assess(self, assess: Assess) -> Assess:  # noqa: ARG002 - as above
        return self._hearing.assess(self._quality)

    def _quality(self, patch: Image, landmarks: Landmarks, pose: Pose | None) -> Quality:  # noqa: ARG002 - as above
        return self.picture.quality or Quality()

    def begin(self, frame: Frame, asked: bool) -> Frame:
        return self._hearing.begin(frame, asked)

    def end(self, seen: Seen, beliefs: Beliefs, faces: Faces) -> None:
        self._hearing.end(seen, beliefs, faces)


class _Answers(Unlimited):
    def __init__(self, script: _Script) -> None:
        self._script = script

    def allows(self, stage: Stage, decided: bool) -> bool:  # noqa: ARG002 - what the live session answered
        return self._script.picture.allowed.get(STAGES[stage], True)


class _Kept:
    """The samples of a picture of which only what was looked at was kept."""

    def __init__(self, size: Size, look: Image | None) -> None:
        self.size, self._look = size, look

    def luma(self) -> Image:
        return np.zeros(self.size[::-1], np.uint8)

    def luma_part(self, rows: slice, columns: slice) -> Image:
        return self.luma()[rows, columns]

    def bgr(self) -> Image:
        return np.zeros((*self.size[::-1], 3), np.uint8)

    def scaled_luma(self, size: Size) -> Image:
        return np.zeros(size[::-1], np.uint8) if self._look is None else self._look


def _frame(picture: Picture, look: Image | None) -> Frame:
    sensors = picture.motion
    motion = sensors and Motion(
        np.asarray(sensors.acceleration, np.float64).reshape(-1, 3),
        np.asarray(sensors.rotation, np.float64).reshape(-1, 3),
        np.asarray(sensors.speed, np.float64),
    )
    width, height = picture.size
    size = (height, width) if picture.rotation % 180 else (width, height)
    return Frame(
        source=picture.source,
        index=picture.index,
        pixels=_Kept(size, look),
        media_time=picture.media_time,
        received_at=picture.received_at,
        captured_at=picture.captured_at,
        rotation=picture.rotation,
        discontinuity=picture.discontinuity,
        motion=motion,
    )
