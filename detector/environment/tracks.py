"""Faces followed from look to look: how long, how still, how they are turned. Numbers only."""

from collections import deque
from typing import Final, NamedTuple

import numpy as np

from .faces import Face
from .pose import Pose, pose_of

# The least overlap (intersection over union), or the most widths between centres, of one face in two looks.
_OVERLAP: Final = 0.2
_NEAR: Final = 1.0
# Seconds without a sighting after which a face is gone.
_GONE: Final = 1.3
# Sightings that are kept of a face, and faces that are followed at a time.
_KEPT: Final = 24
MOST: Final = 16


class Sighting(NamedTuple):
    """A face at one moment; pixels of the full picture."""

    time: float
    x: float
    y: float
    width: float
    eyes: float
    score: float
    pose: Pose | None


class Track:
    """One face over time.

    Attributes:
        face: as it was seen last, pixels of the thumbnail.
        since, last: when it was first and last seen, seconds.
    """

    def __init__(self, face: Face, time: float, scale: float) -> None:
        self.since = time
        self._sightings: deque[Sighting] = deque(maxlen=_KEPT)
        self.see(face, time, scale)

    def see(self, face: Face, time: float, scale: float) -> None:
        """Add a sighting; `scale` is pixels of the full picture to one of the thumbnail."""
        self.face, self.last = face, time
        left, top, width, height = (value * scale for value in face.box)
        eyes = float(np.hypot(*(face.landmarks[1] - face.landmarks[0]))) * scale
        middle = left + width / 2, top + height / 2
        self._sightings.append(Sighting(time, *middle, width, eyes, face.score, pose_of(face.landmarks)))

    @property
    def dwell(self) -> float:
        """Seconds from the first sighting to the last."""
        return self.last - self.since

    @property
    def width(self) -> float:
        """Pixels of the full picture."""
        return self._sightings[-1].width

    @property
    def pose(self) -> Pose | None:
        """The pose when it was seen last."""
        return self._sightings[-1].pose

    def recent(self, seconds: float) -> list[Sighting]:
        """The sightings of the last `seconds`, oldest first."""
        return [one for one in self._sightings if self.last - one.time <= seconds + 1e-3]


class Tracker:
    """Gives each face seen the track it continues, nearest first."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []

    def update(self, faces: list[Face], time: float, scale: float) -> list[Track]:
        """The tracks of the faces seen in this look, largest first; the largest `MOST` are followed."""
        waiting = [track for track in self.tracks if time - track.last <= _GONE]
        seen: list[Track] = []
        for face in sorted(faces, key=lambda face: -face.box[2] * face.box[3])[:MOST]:
            track = min(waiting, key=lambda track: _distance(track.face, face), default=None)
            if track is None or not _same(track.face, face):
                track = Track(face, time, scale)
            else:
                waiting.remove(track)
                track.see(face, time, scale)
            seen.append(track)
        self.tracks = seen + waiting
        return seen


def _distance(one: Face, other: Face) -> float:
    """Between centres, in widths."""
    (x, y, width, height), (u, v, breadth, depth) = one.box, other.box
    return float(np.hypot(x - u + (width - breadth) / 2, y - v + (height - depth) / 2)) / max(width, breadth, 1e-6)


def _same(one: Face, other: Face) -> bool:
    (x, y, width, height), (u, v, breadth, depth) = one.box, other.box
    across = max(0.0, min(x + width, u + breadth) - max(x, u))
    down = max(0.0, min(y + height, v + depth) - max(y, v))
    shared = across * down
    alike = 0.5 < (width + 1e-6) / (breadth + 1e-6) < 2
    return alike and (_distance(one, other) < _NEAR or shared > _OVERLAP * (width * height + breadth * depth - shared))
