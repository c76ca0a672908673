"""The environment of a source: pictures in, belief out."""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import numpy as np
from msgspec import structs

from ...streams.frame import Frame, Image
from ..belief import EnvironmentBelief, Faces
from .faces import FaceDetector, load_detector
from .limits import Limits, shipped_limits
from .ofiq import Quality, assess
from .scene import Scene, SceneMeter
from .signs import OF_THE_FACE, Sign, below_recommended, face_signs, scene_signs
from .subject import People, Subject
from .tracks import Track
from .verdict import Verdict

# Seconds between two looks for faces: where they may soon settle something, while they may, and where a sign of the
# scene speaks against it or all is confirmed and nothing stirs.
_EAGER: Final = 0.25
_USUAL: Final = 0.7
_RARE: Final = 1.0
# Seconds for which a source is looked at eagerly, when it is new and when something has changed, and seconds of rest.
_BOUT: Final = 2.0
_REST: Final = 4.0
# Seconds between two assessments of a face's quality, which changes slowly; and for how long a face is where it was
# found, so that the picture after the look can pay for that.
_ASSESSED: Final = 0.9
_STAYS: Final = 0.12
# The share of the picture that moves when somebody stirs.
_STIRS: Final = 0.01
_ROUNDING: Final = 1e-3
NOT_ASSESSED: Final = -1.0
# A new source is looked at as one whose signs have just gone.
_NEW: Final[set[Sign]] = {"dark"}


class Moment(NamedTuple):
    """What one picture has come to. Immutable: a belief can be made of it at any time, in any thread."""

    value: Literal["uncontrolled", "unknown"]
    consistent: bool
    decided_at: float | None
    confidence: float
    scene: Scene
    subject: Subject
    quality: Quality
    below_recommended: int | None
    signs: frozenset[Sign]


class EnvironmentEstimator:
    """Takes the pictures of one source in order and holds what they say of its environment.

    Faces are looked for up to four times a second while a source is new or has changed, and once a second where a sign
    of the scene already speaks against it, or where all is confirmed. Nothing but numbers is kept of them; of pictures
    some are, of 80 px, for five seconds. Memory is constant, below 500 kB. The same pictures give the same belief.

    Args:
        find_faces: makes what finds faces, at the first look; by default the detector that ships.
        limits: the thresholds; by default those that ship.

    Attributes:
        now: what the last picture came to; None before the first.
        faces: what was seen of faces.
        updated_at: media time of the last picture taken in, seconds.
        asked: set it when a call is decided on: faces are looked for eagerly, as when something has changed.
    """

    def __init__(self, find_faces: Callable[[], FaceDetector] = load_detector, limits: Limits | None = None) -> None:
        self.faces = Faces()
        self._find_faces = find_faces
        self._detector: FaceDetector | None = None
        self._limits = limits or shipped_limits()
        self.updated_at = -np.inf
        self.asked = False
        self._begin()

    def _begin(self) -> None:
        self.now: Moment | None = None
        self._made: tuple[Moment | None, EnvironmentBelief] | None = None
        self._verdict = Verdict(self._limits)
        self._meter, self._people = SceneMeter(), People(self._limits)
        self._subject, self._quality = Subject(0), Quality()
        self._face_signs: set[Sign] = set()
        self._looked_at = self._tried_at = self._assessed_at = self._eager_until = -np.inf
        self._period = _EAGER
        self._faced = self._owed = False
        self._stirred = False
        self._last_signs: set[Sign] = _NEW

    def restart(self) -> None:
        """The next picture does not continue the last one: nothing that was seen says anything of what comes."""
        self._begin()

    @property
    def belief(self) -> EnvironmentBelief:
        """The verdict so far.

        Its `evidence` has the last measures, -1 where one could not be assessed; `below_recommended`, how many of the
        recommendations for a capture the face falls short of; and a 1 for each sign against a controlled place. It is
        put together when it is asked for: who asks at every picture takes `now`.
        """
        now, made = self.now, self._made
        if made is None or made[0] is not now:
            made = self._made = now, _belief(now)
        return made[1]

    @property
    def value(self) -> Literal["uncontrolled", "unknown"]:
        """As in `belief`."""
        return "unknown" if self.now is None else self.now.value

    @property
    def consistent(self) -> bool:
        """Whether what is seen is what a controlled place looks like, as in `belief`."""
        now = self.now
        return now is not None and now.consistent

    def update(self, thumbnail: Image, frame: Frame, camera: str = "unknown") -> None:
        """Take in one picture.

        Args:
            thumbnail: its luma, shape (h, w), uint8, about 320 px on its longest side.
            frame: what it was made from.
            camera: what is believed of the camera, `mobile | fixed | unknown`.
        """
        time = frame.media_time
        largest = self._people.largest
        scene = self._meter.update(thumbnail, time, self._people.persons(), largest and largest.face.box)
        signs = scene_signs(scene, camera, self._limits)
        self._plan(time, scene, signs - OF_THE_FACE)
        told = scene.background is not None
        faced, self._faced = self._faced and told and "still" not in signs, False
        signs |= self._face_signs
        self._verdict.update(time, signs - OF_THE_FACE, self._looked_at, told, faced, camera)
        self.updated_at = time
        self.now = self._moment(scene, signs)

    def wants_faces(self, time: float) -> bool:
        """Whether faces should be looked for in a picture of that time."""
        return self._owed or time - self._tried_at >= self._period - _ROUNDING

    def look(self, thumbnail: Image, frame: Frame) -> None:
        """Look for faces in a picture, arguments as for `update`; not every such picture has to be taken in by that.

        Where one that was just found is still to be assessed, that is done instead. Its own pixels are taken from the
        frame for that, and are not kept.
        """
        owed, scale = self._owed, max(frame.size) / max(thumbnail.shape)
        if not owed or frame.media_time - self._looked_at > _STAYS:
            self._find(thumbnail, frame.media_time, scale)
        if owed:
            self._assess(frame, scale)
        variety = self._people.variety(frame.media_time)
        self._face_signs = face_signs(self._subject, self._quality, variety, self._limits)
        self._faced = (self._faced or self._looked_at == frame.media_time) and self._came_to_be_recognised()

    def _find(self, thumbnail: Image, time: float, scale: float) -> None:
        self._tried_at = time
        detector = self._detector = self._detector or self._find_faces()
        found = detector.detect(thumbnail)
        self._looked_at = time
        self._subject = self._people.update(found, time, scale)
        if self._people.largest is None:
            self._quality, self._assessed_at = Quality(), -np.inf
        self._owed = self._people.largest is not None and time - self._assessed_at >= _ASSESSED
        self.faces = Faces(
            assessed=True,
            max_in_frame=max(self.faces.max_in_frame, len(found)),
            frames_with=self.faces.frames_with + bool(found),
            looked_at=self.faces.looked_at + 1,
            shed=self.faces.shed,
        )

    def _assess(self, frame: Frame, scale: float) -> None:
        self._owed = False
        if self._people.largest is not None:
            self._quality, self._assessed_at = _quality(self._people.largest, frame, scale), frame.media_time

    def shed(self, time: float) -> None:
        """Count that there was no time to look for faces in a picture of that time."""
        self._tried_at = time
        self.faces = structs.replace(self.faces, shed=self.faces.shed + 1)

    def _plan(self, time: float, scene: Scene, signs: set[Sign]) -> None:
        """How soon to look again: by how new the source is, what has changed, and what faces could settle."""
        stirs = scene.moving is not None and scene.moving > _STIRS
        changed = (stirs and not self._stirred) or (self._last_signs and not signs) or self.asked
        self.asked = False
        if changed and time - self._eager_until > _REST:
            self._eager_until = time + _BOUT
        self._stirred, self._last_signs = stirs, signs
        eager, confirmed = time < self._eager_until, self._verdict.consistent
        if signs or (confirmed and not eager):
            self._period = _RARE
        else:
            self._period = _EAGER if eager and not confirmed else _USUAL

    def _came_to_be_recognised(self) -> bool:
        """Whether the largest face has stayed, and nothing about it speaks against that."""
        subject = self._subject
        stayed = subject.dwell is not None and subject.dwell >= self._limits.dwell.value - _ROUNDING
        return stayed and subject.pose is not None and subject.speed is not None and not self._face_signs

    def _moment(self, scene: Scene, signs: set[Sign]) -> Moment:
        verdict, limits = self._verdict, self._limits
        return Moment(
            value=verdict.value,
            consistent=verdict.consistent,
            decided_at=verdict.decided_at,
            confidence=verdict.progress if verdict.value == "unknown" else limits.sure.value,
            scene=scene,
            subject=self._subject,
            quality=self._quality,
            below_recommended=below_recommended(self._subject, self._quality, limits),
            signs=frozenset(signs),
        )


def _belief(now: Moment | None) -> EnvironmentBelief:
    if now is None:
        return EnvironmentBelief()
    numbers = now.scene._asdict() | _subject_numbers(now.subject) | structs.asdict(now.quality)
    numbers["below_recommended"] = now.below_recommended
    evidence = {name: NOT_ASSESSED if number is None else round(number, 3) for name, number in numbers.items()}
    return EnvironmentBelief(
        value=now.value,
        consistent_with_controlled=now.consistent,
        confidence=round(now.confidence, 4),
        decided_at=None if now.decided_at is None else round(now.decided_at, 3),
        evidence=evidence | {f"sign_{sign}": 1.0 for sign in sorted(now.signs)},
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
