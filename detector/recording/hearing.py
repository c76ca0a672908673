"""What listens to one source: its budget, its measure of faces and its looks, a picture at a time."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Final, NamedTuple

from msgspec.structs import replace as replace_struct

from ...streams.frame import Frame, Image, Pixels, Size
from ..belief import EnvironmentBelief, Faces, MobilityBelief
from ..budget import ENVIRONMENT, FACES, MOBILITY, Budget, Stage
from ..environment import Assess, Quality
from ..environment.ofiq import Landmarks, Pose
from ..sight.seen import Seen
from ..sight.tape import Beliefs
from .messages import Measured, Picture, Sensors

STAGES: Final = {MOBILITY: "mobility", ENVIRONMENT: "environment", FACES: "faces"}


class Heard(NamedTuple):
    """A picture, as it was heard.

    Attributes:
        picture: less its look.
        look: the luma that was looked at, shape (h, w), uint8, a copy, as stored; None where nothing was.
        measured: what was believed then, where that is to be kept.
    """

    picture: Picture
    look: Image | None
    measured: Measured | None

    def with_digest(self) -> Picture:
        """The picture with the hash of its look."""
        return self.picture if self.look is None else replace_struct(self.picture, look=digest_of_look(self.look))


def digest_of_look(look: Image) -> str:
    """The sha256 of luma, shape (h, w), uint8, row by row, in hexadecimal."""
    return sha256(look.tobytes()).hexdigest()


class SourceHearing:
    """A `SourceTape`.

    Args:
        name: of the source.
        run: which of those that began.
        put: takes what was heard of a picture.
    """

    def __init__(self, name: str, run: int, put: Callable[[Heard], None]) -> None:
        self._name, self._run, self._put = name, run, put
        self._number = 0
        self._allowed: dict[str, bool] = {}
        self._told: tuple[object, ...] = ()
        self._asked = False
        self._forget()

    def budget(self, budget: Budget) -> Budget:
        return _HeardBudget(budget, self._allowed.__setitem__)

    def assess(self, assess: Assess) -> Assess:
        def heard(patch: Image, landmarks: Landmarks, pose: Pose | None) -> Quality:
            self._quality = assess(patch, landmarks, pose)
            return self._quality

        return heard

    def begin(self, frame: Frame, asked: bool) -> Frame:
        self._forget()
        self._frame, self._asked = frame, asked
        return replace(frame, pixels=_HeardPixels(frame.pixels, self._see))

    def end(self, seen: Seen, beliefs: Beliefs, faces: Faces) -> None:
        picture = self._picture(seen)
        self._put(Heard(picture, self._look, self._measured(seen, beliefs, faces)))
        self._number += 1

    def _forget(self) -> None:
        self._allowed.clear()
        self._look: Image | None = None
        self._quality: Quality | None = None

    def _see(self, look: Image) -> None:
        self._look = look.copy()

    def _picture(self, seen: Seen) -> Picture:
        frame, look = self._frame, self._look
        return Picture(
            source=self._name,
            run=self._run,
            number=self._number,
            index=frame.index,
            media_time=frame.media_time,
            received_at=frame.received_at,
            captured_at=frame.captured_at,
            size=frame.size,
            rotation=frame.rotation,
            discontinuity=frame.discontinuity,
            motion=sensors_of(frame),
            asked=self._asked,
            allowed=dict(self._allowed),
            look_size=None if look is None else (look.shape[1], look.shape[0]),
            quality=self._quality,
            seen=seen,
        )

    def _measured(self, seen: Seen, beliefs: Beliefs, faces: Faces) -> Measured | None:
        told = (seen.camera, seen.environment, int(seen.at or 0.0))
        if told == self._told or not self._allowed.get("mobility"):
            return None
        self._told = told
        return measured(self._name, self._run, self._number, seen, beliefs, faces)


def measured(source: str, run: int, number: int, seen: Seen, beliefs: Beliefs, faces: Faces) -> Measured:
    """What is believed after a picture."""
    mobility: MobilityBelief
    environment: EnvironmentBelief
    mobility, environment = beliefs()
    return Measured(
        source=source,
        run=run,
        number=number,
        at=seen.at or 0.0,
        mobility=mobility,
        environment=environment,
        faces=faces,
    )


def sensors_of(frame: Frame) -> Sensors | None:
    """What the camera's own sensors measured, in plain numbers."""
    motion = frame.motion
    if motion is None:
        return None
    return Sensors(motion.acceleration.tolist(), motion.rotation.tolist(), motion.speed.tolist())


class _HeardBudget(Budget):
    def __init__(self, budget: Budget, hear: Callable[[str, bool], None]) -> None:
        self._budget, self._hear = budget, hear

    def earn(self, seconds: float) -> None:
        self._budget.earn(seconds)

    def allows(self, stage: Stage, decided: bool) -> bool:
        allowed = self._budget.allows(stage, decided)
        self._hear(STAGES[stage], allowed)
        return allowed

    def spend(self, ms: float) -> None:
        self._budget.spend(ms)


class _HeardPixels:
    def __init__(self, pixels: Pixels, see: Callable[[Image], None]) -> None:
        self._pixels, self._see = pixels, see

    @property
    def size(self) -> Size:
        return self._pixels.size

    def luma(self) -> Image:
        return self._pixels.luma()

    def luma_part(self, rows: slice, columns: slice) -> Image:
        return self._pixels.luma_part(rows, columns)

    def bgr(self) -> Image:
        return self._pixels.bgr()

    def scaled_luma(self, size: Size) -> Image:
        look = self._pixels.scaled_luma(size)
        self._see(look)
        return look
