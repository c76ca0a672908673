"""Better landmarks for labelled faces.

    python -m facewarden.models.training.faces.teacher FACES --yunet YUNET --write LABELS

The points that YuNet gives jump by a tenth of the eye distance from one size of the picture to the next. Each face is
shown to it at several sizes, and mirrored, and the median over all that it says, and the label, is taken.
"""

from pathlib import Path
from typing import Annotated, Any, TypeAlias, cast

import cv2
import msgspec
import numpy as np
import typer
from numpy.typing import NDArray

from ....bench.tools.command import FaceFolder, run
from ....bench.truth.faces.labels import Box, Label, Labelled, Landmarks, Picture, read_pictures
from ....bench.truth.faces.scoring import OVERLAP, overlap
from ....detector.environment.faces import load_detector
from ....detector.environment.faces.closeup import MIRRORED
from ....streams.frame import Image

Array: TypeAlias = NDArray[np.floating[Any]]

# Pixels of the face's longer side in what YuNet is shown, and how many times that the whole of it is wide.
_SIZES, _AROUND = (40, 56, 80, 112, 160), 2.5
_LEAST, _SAME, _MOST = 0.2, 0.3, 50


class Teacher:
    """Marks faces whose place is known.

    Args:
        yunet: the ONNX file of a YuNet that takes any size.

    Raises:
        ModelError: it is none that we know.
    """

    def __init__(self, yunet: Path) -> None:
        load_detector(yunet)  # which says what is wrong with it
        self._net: Any = cv2.FaceDetectorYN.create(str(yunet), "", (320, 320), _LEAST, _SAME, _MOST)

    def taught(self, picture: Picture) -> Labelled:
        """The labels of a picture, the landmarks of its faces made better."""
        faces = [self._better(picture.luma, label) for label in picture.labels.faces]
        return msgspec.structs.replace(picture.labels, faces=tuple(faces))

    def views(self, luma: Image, box: Box) -> list[Array]:
        """The points of a face, shape (5, 2) each, of every view in which YuNet found it there."""
        found = (self._seen(luma, box, size, mirrored) for size in _SIZES for mirrored in (False, True))
        return [points for points in found if points is not None]

    def _better(self, luma: Image, label: Label) -> Label:
        if label.landmarks is None:
            return label
        said = np.array([label.landmarks, *self.views(luma, label.face)])
        points: list[list[float]] = np.median(said, axis=0).tolist()
        landmarks = cast(Landmarks, tuple((round(x, 2), round(y, 2)) for x, y in points))
        return msgspec.structs.replace(label, landmarks=landmarks)

    def _seen(self, luma: Image, box: Box, size: int, mirrored: bool) -> Array | None:
        scale, side = size / max(box[2:]), round(size * _AROUND)
        matrix = _centred(box, scale, side, mirrored)
        self._net.setInputSize((side, side))
        _, rows = self._net.detect(cv2.cvtColor(_painted(luma, matrix, scale, side), cv2.COLOR_GRAY2BGR))
        if rows is None:
            return None
        wide, high = box[2] * scale, box[3] * scale
        overlaps = overlap(((side - wide) / 2, (side - high) / 2, wide, high), rows[:, :4])
        if overlaps.max() < OVERLAP:
            return None
        back = cv2.invertAffineTransform(matrix)
        points = rows[overlaps.argmax(), 4:14].reshape(5, 2) @ back[:, :2].T + back[:, 2]
        return points[MIRRORED] if mirrored else points


def _centred(box: Box, scale: float, side: int, mirrored: bool) -> Array:
    """From places in the picture to places in a square whose middle is the box's, shape (2, 3)."""
    linear = np.diag([-scale if mirrored else scale, scale])
    middle = np.array((box[0] + box[2] / 2, box[1] + box[3] / 2))
    return np.column_stack([linear, side / 2 - linear @ middle])


def _painted(luma: Image, matrix: Array, scale: float, side: int) -> Image:
    if scale < 1:  # scaling down must not alias
        luma = cast(Image, cv2.GaussianBlur(luma, (0, 0), 0.5 / scale))
    pixels = matrix.copy()  # a pixel's place is its middle
    pixels[:, 2] += pixels[:, :2] @ (0.5, 0.5) - 0.5
    return cast(Image, cv2.warpAffine(luma, pixels, (side, side), flags=cv2.INTER_LINEAR))


def main(
    folder: FaceFolder,
    yunet: Annotated[Path, typer.Option("--yunet", help="A YuNet for pictures of any size: yunet_n_dynamic.onnx.")],
    write: Annotated[Path, typer.Option("--write", help="Where the labels go: as labels.jsonl, with better points.")],
) -> None:
    """Make the landmarks of a folder of labelled faces better."""
    teacher = Teacher(yunet)
    pictures = (picture for split in ("train", "val") for picture in read_pictures(folder, split))
    write.write_bytes(msgspec.json.Encoder().encode_lines(teacher.taught(picture) for picture in pictures))


if __name__ == "__main__":
    run(main)
