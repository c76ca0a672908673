"""A face, and what finds faces."""

from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ....streams.frame import Image

Landmarks: TypeAlias = NDArray[np.float32]
Box: TypeAlias = tuple[float, float, float, float]

# The longest side, in pixels, of the picture in which faces are looked for: larger ones are scaled down first.
LONGEST = 320


class Face(NamedTuple):
    """One face. Numbers only: no pixel of it is kept.

    Attributes:
        box: x, y, width, height in pixels of the picture that was given; from above the brows to the chin, and as far
            out of the picture as the face is.
        score: 0..1, how surely it is a face.
        landmarks: shape (5, 2), float32, x and y in the same pixels: right eye, left eye, nose tip, right and left
            mouth corner. Right is the person's own, which is left in the picture.
    """

    box: Box
    score: float
    landmarks: Landmarks


class FaceDetector(Protocol):
    """Finds faces. Used by one thread at a time: it keeps its working memory from picture to picture."""

    @property
    def name(self) -> str:
        """What it is called in reports."""
        ...

    def detect(self, luma: Image) -> list[Face]:
        """The faces in a picture, strongest first.

        Args:
            luma: brightness, shape (height, width), uint8, upright. One without pixels holds no faces; one with more
                than 320 on its longest side is looked at as if it were scaled down to that.
        """
        ...
