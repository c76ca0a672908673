"""The people in the picture: how many, and whether the largest face is that of someone who came to be recognised."""

from collections import deque
from statistics import median
from typing import Final, NamedTuple

import numpy as np

from .faces import Face
from .limits import Limits
from .pose import Pose
from .scene import Box
from .tracks import Track, Tracker

# Seconds of faces by which their variety is judged, and how many sightings and faces that takes.
_VARIETY: Final = 10.0
_ENOUGH: Final = 12
# Dwells over which pose, speed and growth are taken: more than a second, lest rare looks leave one sighting alone.
_RECENT: Final = 1.5
# A person about a face: this many widths to either side of its middle, this many heights above its top.
_ASIDE: Final = 1.7
_ABOVE: Final = 0.75
_HEAD: Final = 0.9
# Pixels beyond which, and below which, a detector has gone wrong.
_FARTHEST: Final = 1e5
_SMALLEST: Final = 1.0


class Subject(NamedTuple):
    """What one look has shown of the people; numbers are of the largest face, None where they could not be told.

    Attributes:
        faces: how many whose score could be that of the largest.
        second: square root of the areas of another face and the largest, at most 1; others count from a lower score on
            than who bears the place out.
        dwell: seconds that the largest has been followed.
        width, eyes: its width and the distance between its eyes, pixels of the full picture.
        score: how surely it is a face, median over the same time as its pose, 0..1.
        seen: its width in the picture that was looked at, pixels.
        pose: medians over one and a half times the threshold's dwell, either way.
        speed, growth: widths, and relative change of size, a second, over the same time.
        unexplained: the share of its contrast that changes by more than a plane would (`plane.py`).
        framed: the share of a rectangle that is seen closed round it (`rim.py`).
    """

    faces: int
    second: float | None = None
    dwell: float | None = None
    width: float | None = None
    eyes: float | None = None
    seen: float | None = None
    score: float | None = None
    pose: Pose | None = None
    speed: float | None = None
    growth: float | None = None
    unexplained: float | None = None
    framed: float | None = None


class People:
    """Follows the faces of one source from look to look."""

    def __init__(self, limits: Limits) -> None:
        self._span, self._limits = limits.dwell, limits
        self._tracker = Tracker()
        self._past: deque[tuple[float, float, float]] = deque(maxlen=100)
        self.largest: Track | None = None

    def update(self, faces: list[Face], time: float, scale: float) -> Subject:
        """Take in what a look has found; `scale` is pixels of the full picture to one of the thumbnail."""
        faces = [face for face in faces if _possible(face)]
        counted = [face for face in faces if face.score >= self._limits.face_counts]
        seen = self._tracker.update(counted, time, scale)
        self.largest = seen[0] if seen else None
        for track in seen:
            if (pose := track.pose) is not None:
                self._past.append((time, pose.yaw, track.width))
        others = [face for face in faces if face.score >= self._limits.bystander_counts]
        return _describe(seen, others, self._span)

    def persons(self) -> list[Box]:
        """Where the people are of whom a face was seen lately: boxes down to the picture's lower edge, thumbnail."""
        return [_person(track.face) for track in self._tracker.tracks]

    def heads(self) -> list[Box]:
        """The same of their heads alone, and all below the highest chin: who fills the picture leaves more."""
        faces = [track.face.box for track in self._tracker.tracks]
        chin = min((top + height for _, top, _, height in faces), default=1e4)
        return [*map(_head, faces), (-1e4, chin, 2e4, 2e4)]

    def variety(self, time: float) -> tuple[float, float] | None:
        """Standard deviation of yaw, degrees, and largest to smallest width, over ten seconds; None for too few."""
        past = [(yaw, width) for at, yaw, width in self._past if time - at <= _VARIETY]
        if len(past) < _ENOUGH:
            return None
        yaws, widths = zip(*past, strict=True)
        ordered, tenth = sorted(widths), len(past) // 10
        return float(np.std(yaws)), ordered[-1 - tenth] / max(ordered[tenth], 1e-6)


def _area(face: Face) -> float:
    return face.box[2] * face.box[3]


def _possible(face: Face) -> bool:
    """Whether it has a place and a size: a site's own detector may say anything."""
    near = bool((np.abs(face.box) < _FARTHEST).all()) and bool((np.abs(face.landmarks) < _FARTHEST).all())
    return near and min(face.box[2:]) >= _SMALLEST and bool(np.isfinite(face.score))


def _describe(seen: list[Track], faces: list[Face], span: float) -> Subject:
    if not seen:
        return Subject(0)
    largest = seen[0]
    others = [_area(face) for face in faces if face is not largest.face]
    second = min(1.0, max(others, default=0.0) / _area(largest.face)) ** 0.5
    recent = largest.recent(_RECENT * span)
    first, last = recent[0], recent[-1]
    pose = speed = growth = None
    if (seconds := last.time - first.time) > span / 2:
        poses = [one.pose for one in recent if one.pose is not None]
        pose = Pose(*(median(abs(one) for one in angle) for angle in zip(*poses, strict=True))) if poses else None
        width = median(one.width for one in recent)
        speed = float(np.hypot(last.x - first.x, last.y - first.y)) / width / seconds
        growth = abs(float(np.log(last.width / first.width))) / seconds
    return Subject(
        faces=len(seen),
        second=second,
        dwell=largest.dwell,
        width=largest.width,
        eyes=last.eyes,
        seen=largest.face.box[2],
        score=median(one.score for one in recent),
        pose=pose,
        speed=speed,
        growth=growth,
    )


def _head(face: Box) -> Box:
    left, top, width, height = face
    return left + width / 2 - _HEAD * width, top - _ABOVE * height, 2 * _HEAD * width, 1e4


def _person(face: Face) -> Box:
    left, top, width, height = face.box
    above = top - _ABOVE * height
    return left + width / 2 - _ASIDE * width, above, 2 * _ASIDE * width, 1e4
