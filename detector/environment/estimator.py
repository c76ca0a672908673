"""The environment of a source: pictures in, belief out."""

from collections.abc import Callable
from typing import Final

import numpy as np
from msgspec import structs

from ...streams.frame import Frame, Image
from ..belief import EnvironmentBelief, Faces
from .faces import FaceDetector, load_detector
from .limits import Limits, shipped_limits
from .ofiq import Quality, assess
from .scene import Scene, SceneMeter
from .signs import OF_THE_FACE, Sign, face_signs, scene_signs
from .subject import People, Subject
from .tracks import Track
from .verdict import Verdict

# Seconds between two looks for faces: where they may soon settle something, while they may, and where they cannot.
_EAGER: Final = 0.25
_USUAL: Final = 0.5
_RARE: Final = 1.0
# Seconds for which a source is looked at eagerly: when it is new, and when something has changed.
_BOUT: Final = 2.0
# The share of the picture that moves when somebody stirs.
_STIRS: Final = 0.01
_ROUNDING: Final = 1e-3
NOT_ASSESSED: Final = -1.0


class EnvironmentEstimator:
    """Takes the pictures of one source in order and holds what they say of its environment.

    Faces are looked for four times a second while a source is new or has changed, twice while they may settle
    something, and once where a sign of the scene already speaks against it. Nothing but numbers is kept of them.
    Memory is constant, below 500 kB. The same pictures give the same belief.

    Args:
        find_faces: makes what finds faces, at the first look; by default the detector that ships.
        limits: the thresholds; by default those that ship.

    Attributes:
        belief: the verdict so far. Its `evidence` has the last measures, -1 where one could not be assessed, and a 1
            for each sign against a controlled place.
        faces: what was seen of faces.
        updated_at: media time of the last picture taken in, seconds.
    """

    def __init__(self, find_faces: Callable[[], FaceDetector] = load_detector, limits: Limits | None = None) -> None:
        self.belief = EnvironmentBelief()
        self.faces = Faces()
        self._find_faces = find_faces
        self._detector: FaceDetector | None = None
        self._limits = limits or shipped_limits()
        self._verdict = Verdict()
        self.updated_at = -np.inf
        self._begin()

    def _begin(self) -> None:
        self._meter, self._people = SceneMeter(), People(self._limits)
        self._subject, self._quality = Subject(0), Quality()
        self._face_signs: set[Sign] = set()
        self._began: float | None = None
        self._looked_at = self._eager_until = -np.inf
        self._stirred = False
        self._last_signs: set[Sign] = set()

    def restart(self) -> None:
        """The next picture does not continue the last one: a cut, or another stream."""
        self._verdict.forget()
        self._begin()
        self.belief = structs.replace(self.belief, consistent_with_controlled=False)

    def update(self, thumbnail: Image, frame: Frame, camera: str = "unknown", look: bool = True) -> None:
        """Take in one picture.

        Args:
            thumbnail: its luma, shape (h, w), uint8, about 320 px on its longest side.
            frame: what it was made from; the face's own pixels are taken from it, while it is assessed.
            camera: what is believed of the camera, `mobile | fixed | unknown`.
            look: whether there is time to look for faces.
        """
        time, limits = frame.media_time, self._limits
        self._began = time if self._began is None else self._began
        scene = self._meter.update(thumbnail, time, self._people.persons())
        signs = scene_signs(scene, camera, limits)
        looks = self._is_due(time, scene, signs)
        if looks and look:
            self._look(thumbnail, frame)
        elif looks:
            self.faces = structs.replace(self.faces, shed=self.faces.shed + 1)
        faced = looks and look and scene.background is not None and self._came_to_be_recognised()
        signs_now = signs | self._face_signs
        self._verdict.update(time, signs_now - OF_THE_FACE, self._looked_at, faced)
        self.updated_at = time
        self._believe(scene, signs_now)

    def _is_due(self, time: float, scene: Scene, signs: set[Sign]) -> bool:
        """Whether to look for faces now: by how new the source is, what has changed, and what faces could settle."""
        stirs = scene.moving is not None and scene.moving > _STIRS
        if (stirs and not self._stirred) or (self._last_signs and not signs) or time == self._began:
            self._eager_until = time + _BOUT if time - self._eager_until > _BOUT else self._eager_until
        self._stirred, self._last_signs = stirs, signs
        period = _RARE if signs else _EAGER if time < self._eager_until else _USUAL
        return time - self._looked_at >= period - _ROUNDING

    def _look(self, thumbnail: Image, frame: Frame) -> None:
        detector = self._detector = self._detector or self._find_faces()
        found, scale = detector.detect(thumbnail), max(frame.size) / max(thumbnail.shape)
        self._looked_at = frame.media_time
        self._subject = self._people.update(found, frame.media_time, scale)
        self._quality = Quality() if self._people.largest is None else _quality(self._people.largest, frame, scale)
        variety = self._people.variety(frame.media_time)
        self._face_signs = face_signs(self._subject, self._quality, variety, self._limits)
        self.faces = Faces(
            assessed=True,
            max_in_frame=max(self.faces.max_in_frame, len(found)),
            frames_with=self.faces.frames_with + bool(found),
            looked_at=self.faces.looked_at + 1,
            shed=self.faces.shed,
        )

    def _came_to_be_recognised(self) -> bool:
        """Whether the largest face has stayed, and nothing about it speaks against that."""
        subject = self._subject
        stayed = subject.dwell is not None and subject.dwell >= self._limits.dwell.value - _ROUNDING
        return stayed and subject.pose is not None and subject.speed is not None and not self._face_signs

    def _believe(self, scene: Scene, signs: set[Sign]) -> None:
        verdict = self._verdict
        numbers = scene._asdict() | _subject_numbers(self._subject) | structs.asdict(self._quality)
        evidence = {name: NOT_ASSESSED if number is None else round(number, 3) for name, number in numbers.items()}
        sure = verdict.progress if verdict.value == "unknown" else 1 - 0.5**verdict.causes
        self.belief = EnvironmentBelief(
            value=verdict.value,
            consistent_with_controlled=verdict.consistent,
            confidence=round(sure, 4),
            decided_at=None if verdict.decided_at is None else round(verdict.decided_at, 3),
            evidence=evidence | {f"sign_{sign}": 1.0 for sign in sorted(signs)},
        )


def _subject_numbers(subject: Subject) -> dict[str, float | None]:
    numbers = subject._asdict()
    pose = numbers.pop("pose")
    return numbers | dict(zip(("yaw", "pitch", "roll"), pose or (None, None, None), strict=True))


def _quality(track: Track, frame: Frame, scale: float) -> Quality:
    """The quality of a face in the full picture, of which only its surroundings are touched."""
    points = track.face.landmarks * scale
    middle, reach = points.mean(axis=0), 2.5 * float(np.hypot(*(points[1] - points[0])))
    left, top = (max(0, int(value - reach)) for value in middle)
    right, bottom = (max(0, int(value + reach)) for value in middle)
    return assess(frame.luma_in(slice(top, bottom), slice(left, right)), points - (left, top), track.pose)
