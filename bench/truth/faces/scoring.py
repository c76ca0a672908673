"""Who is right about the faces of a picture.

A detection is right where it shares half of what both cover with a labelled face that no stronger one has taken
(PASCAL VOC: Everingham et al. 2010). One that lies by half in an uncertain box is neither right nor wrong; all others
are wrong. Taking the strongest first makes the outcome at a higher threshold a part of that at a lower one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ....detector.environment.faces import Face
from .labels import Box, Label, Labelled

Array: TypeAlias = NDArray[np.floating[Any]]

OVERLAP = 0.5
COUNTED = 24.0
"""Faces of this many pixels and more, on the longer side of the tight box, count for the marks."""


class Found(NamedTuple):
    """A detection: its score, the longer side of its box in pixels, and whether it is right (None: neither)."""

    score: float
    size: float
    right: bool | None


class Known(NamedTuple):
    """A labelled face: the longer side of its box in pixels, the score it was found with, and how far its landmarks lie
    from the label's, in the mean, in eye distances; None where it was not found, or not marked."""

    size: float
    score: float | None
    error: float | None


@dataclass(slots=True)
class Tally:
    """What a detector said of a set of pictures, at its lowest threshold."""

    found: list[Found] = field(default_factory=list[Found])
    known: list[Known] = field(default_factory=list[Known])

    def add(self, faces: Sequence[Face], labels: Labelled, scale: float) -> None:
        """Judge a picture whose labels have to be multiplied by `scale` to fit it."""
        matches = _matches(faces, [_scaled(label.face, scale) for label in labels.faces])
        uncertain = [_scaled(label.face, scale) for label in labels.uncertain]
        for position, face in enumerate(faces):
            right = True if position in matches.values() else None if _doubtful(face.box, uncertain) else False
            self.found.append(Found(face.score, max(face.box[2:]), right))
        for position, label in enumerate(labels.faces):
            face = faces[matches[position]] if position in matches else None
            error = face and _error(face, label, scale)
            self.known.append(Known(max(label.face[2:]) * scale, face and face.score, error))

    def recall(self, threshold: float, low: float = COUNTED, high: float = np.inf) -> float:
        """The share of the labelled faces of some size that score at least `threshold`; NaN without any."""
        scores = [known.score for known in self.known if low <= known.size < high]
        return _share(score is not None and score >= threshold for score in scores)

    def precision(self, threshold: float, low: float = COUNTED, high: float = np.inf) -> float:
        """The share of the detections of some size that are right, without those that are neither; NaN without any."""
        return _share(
            one.right
            for one in self.found
            if one.right is not None and one.score >= threshold and low <= one.size < high
        )

    def error(self, threshold: float, low: float = COUNTED, high: float = np.inf) -> float:
        """Median distance of the landmarks of the faces that were found, in eye distances; NaN without any."""
        known = [one for one in self.known if one.score is not None and one.score >= threshold]
        errors = [one.error for one in known if one.error is not None and low <= one.size < high]
        return float(np.median(errors)) if errors else np.nan

    def recall_at(self, precision: float) -> tuple[float, float]:
        """The highest recall at any threshold with that precision, and the threshold; at 1 where there is none."""
        judged = [one for one in self.found if one.right is not None and one.size >= COUNTED]
        judged.sort(key=lambda one: -one.score)
        so_far = np.cumsum([bool(one.right) for one in judged]) / np.arange(1, len(judged) + 1)
        good = np.flatnonzero(so_far >= precision)
        threshold = judged[int(good[-1])].score if len(good) else 1.0
        return self.recall(threshold), threshold


def _matches(faces: Sequence[Face], labels: Sequence[Box]) -> dict[int, int]:
    """Which label was found by which face."""
    taken: dict[int, int] = {}
    if not labels:
        return taken
    for position, face in enumerate(faces):
        overlaps = overlap(face.box, labels)
        overlaps[list(taken)] = 0
        best = int(np.argmax(overlaps))
        if overlaps[best] >= OVERLAP:
            taken[best] = position
    return taken


def overlap(one: Box, others: Sequence[Box]) -> Array:
    """What each of the others shares with `one`, of all that both cover."""
    rest = np.array(others)
    both = _common(one, rest)
    return both / (one[2] * one[3] + rest[:, 2] * rest[:, 3] - both)


def _doubtful(one: Box, others: Sequence[Box]) -> bool:
    return bool(others) and bool((_common(one, np.array(others)) >= OVERLAP * one[2] * one[3]).any())


def _common(one: Box, others: Array) -> Array:
    low = np.maximum(one[:2], others[:, :2])
    high = np.minimum(np.array(one[:2]) + one[2:], others[:, :2] + others[:, 2:])
    return np.maximum(high - low, 0).prod(axis=1)


def _scaled(box: Box, scale: float) -> Box:
    x, y, width, height = box
    return x * scale, y * scale, width * scale, height * scale


def _error(face: Face, label: Label, scale: float) -> float | None:
    if label.landmarks is None:
        return None
    truth = np.array(label.landmarks) * scale
    apart = float(np.hypot(*(truth[0] - truth[1])))
    return float(np.hypot(*(face.landmarks - truth).T).mean()) / max(apart, 1.0)


def _share(hits: Iterable[bool]) -> float:
    all_of_them = list(hits)
    return sum(all_of_them) / len(all_of_them) if all_of_them else np.nan
