"""The environment of a source: pictures in, belief out."""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import numpy as np
from msgspec import structs

from ...streams.frame import Frame, Image
from ..belief import EnvironmentBelief, Faces
from .eagerness import Eagerness
from .faces import FaceDetector, load_detector
from .limits import Limits, shipped_limits
from .looks import Looks
from .ofiq import Assess, Quality, assess
from .scene import Scene, SceneMeter
from .signs import OF_THE_FACE, Sign, below_recommended, scene_signs
from .subject import Subject
from .verdict import Verdict

NOT_ASSESSED: Final = -1.0


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
    of the scene already speaks against it, or where all is confirmed. Nothing but numbers is kept of them, and
    close-ups of the largest, of 36 px, for a second; of pictures some are, of 80 px, for five seconds. Memory is
    constant, below 500 kB. The same pictures give the same belief.

    Args:
        find_faces: makes what finds faces, at the first look; by default the detector that ships.
        limits: the thresholds; by default those that ship.
        assess: measures the quality of a face.

    Attributes:
        now: what the last picture came to; None before the first.
        updated_at: media time of the last picture taken in, seconds.
    """

    def __init__(
        self,
        find_faces: Callable[[], FaceDetector] = load_detector,
        limits: Limits | None = None,
        assess: Assess = assess,
    ) -> None:
        self._limits = limits or shipped_limits()
        self._looks = Looks(find_faces, self._limits, assess)
        self._eagerness = Eagerness()
        self.updated_at = -np.inf
        self._begin()

    def _begin(self) -> None:
        self.now: Moment | None = None
        self._made: tuple[Moment | None, EnvironmentBelief] | None = None
        self._verdict, self._meter = Verdict(self._limits), SceneMeter()
        self._looks.begin()
        self._eagerness.begin()

    def restart(self) -> None:
        """The next picture does not continue the last one: nothing that was seen says anything of what comes."""
        self._begin()

    @property
    def faces(self) -> Faces:
        """What was seen of faces."""
        return self._looks.faces

    @property
    def asked(self) -> bool:
        """Set it when a call is decided on: faces are looked for eagerly, as when something has changed."""
        return self._eagerness.asked

    @asked.setter
    def asked(self, asked: bool) -> None:
        self._eagerness.asked = asked

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

    def update(self, thumbnail: Image, frame: Frame, camera: str = "unknown", carried: bool = False) -> None:
        """Take in one picture.

        Args:
            thumbnail: its luma, shape (h, w), uint8, about 320 px on its longest side.
            frame: what it was made from.
            camera: what is believed of the camera, `mobile | fixed | unknown`.
            carried: whether one that is called neither may well be mobile.
        """
        time, looks = frame.media_time, self._looks
        scene = self._meter.update(thumbnail, time, looks.people.persons(), looks.people.heads())
        signs = scene_signs(scene, camera, self._limits, carried)
        self._eagerness.plan(time, scene, signs, self._verdict.consistent)
        told = scene.background is not None
        recognised = looks.recognised and told
        looks.recognised = False
        signs |= looks.signs
        self._verdict.update(time, signs - OF_THE_FACE, looks.looked_at, told, recognised, camera)
        self.updated_at = time
        self.now = self._moment(scene, signs)

    def wants_faces(self, time: float) -> bool:
        """Whether faces should be looked for in a picture of that time."""
        return self._looks.owed or self._eagerness.due(time, self._looks.tried_at)

    def look(self, thumbnail: Image, frame: Frame) -> None:
        """Look for faces in a picture, arguments as for `update`; not every such picture has to be taken in by that.

        Where one that was just found is still to be assessed, that is done instead. Its own pixels are taken from the
        frame for that, and are not kept.
        """
        self._looks.look(thumbnail, frame)

    def shed(self, time: float) -> None:
        """Count that there was no time to look for faces in a picture of that time."""
        self._looks.shed(time)

    def _moment(self, scene: Scene, signs: set[Sign]) -> Moment:
        verdict, looks, limits = self._verdict, self._looks, self._limits
        return Moment(
            value=verdict.value,
            consistent=verdict.consistent,
            decided_at=verdict.decided_at,
            confidence=verdict.progress if verdict.value == "unknown" else limits.sure,
            scene=scene,
            subject=looks.subject,
            quality=looks.quality,
            below_recommended=below_recommended(looks.subject, looks.quality, limits),
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
