"""Looks at the faces of one source: whose they are is not asked, what they show is."""

from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np
from msgspec import structs

from ...streams.frame import Frame, Image
from ..belief import Faces
from .faces import FaceDetector
from .limits import Limits
from .ofiq import Assess, Quality, assess
from .plane import Plane
from .pose import Landmarks, Pose
from .rim import framed
from .signs import Sign, face_signs
from .subject import People, Subject
from .tracks import Track

# Seconds between two assessments of a face's quality, which changes slowly; and for how long a face is where it was
# found, so that the picture after the look can pay for that.
_ASSESSED: Final = 0.9
_STAYS: Final = 0.12
# Assessments for which a frame that was seen round a face is remembered: a look may miss one of its sides.
_FRAMED: Final = 3
_ROUNDING: Final = 1e-3


class Looks:
    """Looks for faces, follows them, and assesses the largest.

    Nothing but numbers is kept of them, and close-ups of the largest, of 36 px, for a second.

    Args:
        find_faces: makes what finds faces, at the first look.
        limits: the thresholds.
        assess: measures the quality of a face.

    Attributes:
        faces: counts of what was seen, over all that the source has shown.
        people: those who are followed.
        subject, quality: what the last look has shown, and the last assessment.
        signs: what the people's look speaks against.
        looked_at, tried_at: when faces were last looked for, and when that was last wanted; seconds.
        recognised: whether the last look found a face that came to be recognised.
    """

    def __init__(self, find_faces: Callable[[], FaceDetector], limits: Limits, assess: Assess = assess) -> None:
        self.faces = Faces()
        self._find_faces, self._limits, self._measure = find_faces, limits, assess
        self._detector: FaceDetector | None = None
        self.begin()

    def begin(self) -> None:
        """What follows shows nobody who was seen before."""
        self.people = People(self._limits)
        self.subject, self.quality = Subject(0), Quality()
        self.signs: set[Sign] = set()
        self.looked_at = self.tried_at = self._assessed_at = -np.inf
        self.recognised = self.owed = False
        self._plane = Plane()
        self._framed: deque[float] = deque(maxlen=_FRAMED)
        self._track: Track | None = None

    def look(self, thumbnail: Image, frame: Frame) -> None:
        """Look for faces in a picture, or assess the one that was just found; arguments as for the estimator's."""
        owed, scale = self.owed, max(frame.size) / max(thumbnail.shape)
        if not owed or frame.media_time - self.looked_at > _STAYS:
            self._find(thumbnail, frame.media_time, scale)
        if owed:
            self._assess(thumbnail, frame, scale)
        variety = self.people.variety(frame.media_time)
        self.signs = face_signs(self.subject, self.quality, variety, self._limits)
        just_found = self.recognised or self.looked_at == frame.media_time
        self.recognised = just_found and self._came_to_be_recognised()

    def shed(self, time: float) -> None:
        """Count that there was no time to look in a picture of that time."""
        self.tried_at = time
        self.faces = structs.replace(self.faces, shed=self.faces.shed + 1)

    def _find(self, thumbnail: Image, time: float, scale: float) -> None:
        self.tried_at = time
        detector = self._detector = self._detector or self._find_faces()
        found = detector.detect(thumbnail)
        self.looked_at = time
        subject = self.people.update(found, time, scale)
        self._follow(self.people.largest)
        face = self.people.largest and self.people.largest.face
        unexplained = self._plane.update(thumbnail, face, time)
        self.subject = subject._replace(unexplained=unexplained, framed=max(self._framed, default=None))
        self.owed = face is not None and time - self._assessed_at >= _ASSESSED
        self.faces = Faces(
            assessed=True,
            max_in_frame=max(self.faces.max_in_frame, len(found)),
            frames_with=self.faces.frames_with + bool(found),
            looked_at=self.faces.looked_at + 1,
            shed=self.faces.shed,
        )

    def _follow(self, largest: Track | None) -> None:
        """Forget what was assessed of another face."""
        if largest is None:
            self.quality, self._assessed_at = Quality(), -np.inf
        if largest is not self._track:
            self._plane.forget()
            self._framed.clear()
        self._track = largest

    def _assess(self, thumbnail: Image, frame: Frame, scale: float) -> None:
        self.owed = False
        if self.people.largest is None:
            return
        self.quality = self._measure(*_close_up(self.people.largest, frame, scale))
        self._framed.append(framed(thumbnail, self.people.largest.face))
        self.subject = self.subject._replace(framed=max(self._framed))
        self._assessed_at = frame.media_time

    def _came_to_be_recognised(self) -> bool:
        """Whether the largest face has stayed, has been assessed, and nothing about it speaks against that."""
        subject = self.subject
        stayed = subject.dwell is not None and subject.dwell >= self._limits.dwell - _ROUNDING
        told = None not in (subject.pose, subject.speed, subject.unexplained, subject.framed)
        return stayed and told and not self.signs


def _close_up(track: Track, frame: Frame, scale: float) -> tuple[Image, Landmarks, Pose | None]:
    """A face in the full picture, of which only its surroundings are touched, as `assess` takes it."""
    points = track.face.landmarks * scale
    middle, reach = points.mean(axis=0), 2.5 * float(np.hypot(*(points[1] - points[0])))
    left, top = (max(0, int(value - reach)) for value in middle)
    right, bottom = (max(0, int(value + reach)) for value in middle)
    return frame.luma_in(slice(top, bottom), slice(left, right)), points - (left, top), track.pose
