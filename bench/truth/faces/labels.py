"""A folder of pictures with labelled faces: INDEX.tsv, labels.jsonl and images/."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import msgspec

from ....detector.errors import InputError
from ....detector.plain import UNREADABLE_JSON
from ....streams.frame import Image

Split = Literal["train", "val"]
Box: TypeAlias = tuple[float, float, float, float]
Point: TypeAlias = tuple[float, float]
Landmarks: TypeAlias = tuple[Point, Point, Point, Point, Point]


class Label(msgspec.Struct, frozen=True):
    """One labelled face, in pixels of the stored picture.

    Attributes:
        box: x, y, width, height.
        landmarks: right eye, left eye, nose, right and left mouth corner; None where nobody marked them.
        yunet_box: the tight box where `box` is of the whole head.
        origin: `gt`, a person's box of the whole head, or `yunet`, a tight box by a larger detector.
    """

    box: Box
    landmarks: Landmarks | None = None
    yunet_box: Box | None = None
    origin: str = "yunet"

    @property
    def face(self) -> Box:
        """The tightest box there is."""
        return self.yunet_box or self.box

    @property
    def tight(self) -> bool:
        """Whether that is of the face, and not of the whole head."""
        return self.yunet_box is not None or self.origin == "yunet"


class Labelled(msgspec.Struct, frozen=True):
    """One picture.

    Attributes:
        file: its name under images/.
        faces: what is certainly a face.
        uncertain: what may or may not be one; neither right nor wrong.
    """

    file: str
    faces: tuple[Label, ...]
    uncertain: tuple[Label, ...] = ()


class Picture(msgspec.Struct, frozen=True):
    """One picture, read.

    Attributes:
        luma: shape (height, width), uint8.
        labels: its faces.
        licence_class: the word of INDEX.tsv.
    """

    luma: Image
    labels: Labelled
    licence_class: str


def read_pictures(folder: Path, split: Split, labels_of: Path | None = None) -> Iterator[Picture]:
    """The pictures of one part, in the order of INDEX.tsv.

    Args:
        folder: of this kind.
        split: the part.
        labels_of: other labels of the same pictures, in the place of labels.jsonl.

    Raises:
        InputError: the folder is not of this kind, or a picture of it cannot be read.
    """
    labels = _read_labels(labels_of or folder / "labels.jsonl")
    for file, licence_class in _index(folder / "INDEX.tsv", split):
        luma = cv2.imread(str(folder / "images" / file), cv2.IMREAD_GRAYSCALE)
        if luma is None or file not in labels:
            raise InputError(f"{folder / 'images' / file}: {'cannot be read' if luma is None else 'has no labels'}")
        yield Picture(luma, labels[file], licence_class)  # type: ignore[arg-type]


def _read_labels(path: Path) -> dict[str, Labelled]:
    try:
        lines = msgspec.json.Decoder(Labelled).decode_lines(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); expected a folder of labelled faces") from error
    except UNREADABLE_JSON as error:
        raise InputError(f"{path}: {error}") from error
    return {labelled.file: labelled for labelled in lines}


def _index(path: Path, split: Split) -> Iterator[tuple[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                if line["split"] == split:
                    yield line["file"], line["licence_class"]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); expected a folder of labelled faces") from error
    except KeyError as missing:
        raise InputError(f"{path}: no column {missing}") from None
