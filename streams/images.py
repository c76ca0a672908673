"""Folders of images, through OpenCV."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from .base import DEFAULT_RATE, Source
from .errors import EmptySource, UnreadableSource
from .frame import Frame, Image, PackedPixels

IMAGE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})


class ImageFolder(Source):
    """A folder of images as a source, in natural order of their names (2.png before 10.png).

    Images carry no time, so they are taken as `assume_fps` pictures a second (25 by default). Orientation tags are
    applied. Files that do not decode are counted as unreadable.

    Raises:
        EmptySource: the folder holds no image.
    """

    def __init__(self, path: str | Path, name: str | None = None, assume_fps: float | None = None) -> None:
        path = Path(path)
        self._rate = assume_fps or DEFAULT_RATE
        self._files = sorted(_images(path), key=_natural)
        super().__init__(name or path.resolve().name, len(self._files) / self._rate)
        if not self._files:
            raise EmptySource(str(path), f"no images in the folder (looked for {', '.join(sorted(IMAGE_SUFFIXES))})")

    def frames(self) -> Iterator[Frame]:
        for position, file in enumerate(self._files):
            image = _read_image(file)
            if image is None:
                self.counters.unreadable += 1
            else:
                yield self._stamped(PackedPixels(image), position / self._rate)


def _images(folder: Path) -> list[Path]:
    try:
        return [file for file in folder.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES]
    except OSError as error:
        raise UnreadableSource(str(folder), f"cannot be read ({error.strerror})") from error


def _read_image(file: Path) -> Image | None:
    try:
        return cast(Image | None, cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR))
    except (OSError, cv2.error):  # gone, a folder, empty, or a header that claims too much
        return None


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name.lower())]
