"""Faces made unrecognisable in a picture that leaves the process.

Coarse pixels, then a blur over them: blurring alone can be undone, and coarse pixels alone leave edges that lead a
recogniser. What is left of a face is six by six means, too few for one (S. Hill et al., On the (In)effectiveness of
Mosaicing and Blurring as Tools for Document Redaction, PoPETs 2016, on what more of them give away).
"""

from collections.abc import Iterable
from typing import Final, cast

import cv2

from ...streams.frame import Image
from ..environment.faces import Face

# The part round a face that goes with it, in its width and height: hair, ears and chin tell as well.
_MARGIN: Final = 0.3
_CELLS: Final = 6


def blur(picture: Image, faces: Iterable[Face]) -> Image:
    """A copy of a picture, shape (h, w) or (h, w, 3), uint8, in which nobody can be recognised by the faces given."""
    blurred = picture.copy()
    height, width = picture.shape[:2]
    for face in faces:
        left, top, breadth, depth = face.box
        across = slice(max(0, int(left - _MARGIN * breadth)), min(width, int(left + (1 + _MARGIN) * breadth) + 1))
        down = slice(max(0, int(top - _MARGIN * depth)), min(height, int(top + (1 + _MARGIN) * depth) + 1))
        part = blurred[down, across]
        if part.size:
            blurred[down, across] = _coarse(part)
    return blurred


def _coarse(part: Image) -> Image:
    size = part.shape[1], part.shape[0]
    cells = cv2.resize(part, (min(_CELLS, size[0]), min(_CELLS, size[1])), interpolation=cv2.INTER_AREA)
    return cast(Image, cv2.resize(cells, size, interpolation=cv2.INTER_LINEAR))
