"""Evidence from a host's own traffic, where a model cannot be tried: like pictures get like vectors, others do not.

A recogniser keeps what it says of one face from frame to frame and puts other faces at right angles (Deng et al.,
ArcFace, 2019). A network of another kind says nearly the same of all faces, or follows every change of the picture.
No picture is kept: of each an 8x8 hash of its brightness and the vector, at most 64 of them.
"""

from collections import deque
from collections.abc import Sequence
from threading import Lock

import cv2
import msgspec
import numpy as np

from .answer import Evidence
from .model import Array

_KEPT = 64  # calls remembered
_WIDEST, _NARROWEST = 4096, 16
_NEEDED = 10  # pairs of each kind before anything is said
_LIKE, _UNLIKE = 0.97, 0.75  # correlation of two hashes
_SAME, _OTHER = 0.85, 0.35  # mean cosine of vectors


class _Call(msgspec.Struct, frozen=True):
    hash: Array
    vector: Array


class Passive:
    """Watches one output of one model. Thread-safe; memory is bounded by 64 vectors."""

    def __init__(self) -> None:
        self._calls: deque[_Call] = deque(maxlen=_KEPT)
        self._lock = Lock()

    @staticmethod
    def takes(batch: Array, vectors: Array) -> bool:
        """Whether these are pictures and a vector for each, of a length that templates have; arguments as for `see`."""
        if batch.ndim != 4 or not vectors.ndim or not len(batch) or len(batch) != len(vectors):
            return False
        numbers = batch.dtype.kind in "fiu" and vectors.dtype.kind in "fiu"
        return numbers and _NARROWEST <= vectors.size // len(batch) <= _WIDEST

    def see(self, batch: Array, vectors: Array) -> None:
        """Take in one call; what is no picture, or no vector for each, is passed over.

        Args:
            batch: pictures as the model got them, [n, c, h, w] or [n, h, w, c], any numbers.
            vectors: what it gave, [n, ...].
        """
        if not self.takes(batch, vectors):
            return
        with np.errstate(all="ignore"):  # a host's numbers may be anything
            calls = [_call(picture, vector) for picture, vector in zip(batch[:_KEPT], vectors[:_KEPT], strict=True)]
        with self._lock:
            self._calls.extend(call for call in calls if call)

    def evidence(self) -> Evidence | None:
        """What the traffic so far says for a recogniser; None while it says nothing, which is no proof against one."""
        with self._lock:
            calls = list(self._calls)
        like, unlike = _pairs(calls)
        if len(like) < _NEEDED or len(unlike) < _NEEDED:
            return None
        same, other = float(np.mean(like)), float(np.mean(unlike))
        if same < _SAME or other > _OTHER:
            return None
        detail = (
            f"like pictures are {same:.2f} alike ({len(like)} pairs), unlike ones {other:.2f} ({len(unlike)} pairs)"
        )
        return Evidence("passive", f"{detail}, as templates are")


def _call(picture: Array, vector: Array) -> _Call | None:
    """What is kept of a picture and its vector; None where either holds nothing to compare."""
    flat = np.asarray(vector, np.float32).ravel()
    length = np.linalg.norm(flat.astype(np.float64))
    if not 0 < length < np.inf:
        return None
    seen = _hash(picture)
    return _Call(seen, flat / length) if np.isfinite(seen).all() else None


def _hash(picture: Array) -> Array:
    """Brightness in 8x8, as a unit vector without its mean; takes the channels first or last."""
    values = np.asarray(picture, np.float32)
    grey: Array = values.mean(0 if values.shape[0] in (1, 3) else 2)
    small: Array = cv2.resize(grey, (8, 8), interpolation=cv2.INTER_AREA).ravel()
    small = small - small.mean()
    return small / (np.linalg.norm(small) + 1e-9)


def _pairs(calls: Sequence[_Call]) -> tuple[Array, Array]:
    """Cosines of the vectors of like and of unlike pictures; of the same picture twice nothing is learned."""
    widest = max((call.vector.size for call in calls), default=0)
    calls = [call for call in calls if call.vector.size == widest]
    if len(calls) < 2:
        return np.zeros(0), np.zeros(0)
    upper = np.triu_indices(len(calls), 1)
    hashes, vectors = (np.stack(column) for column in zip(*((call.hash, call.vector) for call in calls), strict=True))
    alike, cosines = (hashes @ hashes.T)[upper], (vectors @ vectors.T)[upper]
    return cosines[(alike > _LIKE) & (alike < 1 - 1e-6)], cosines[alike < _UNLIKE]
