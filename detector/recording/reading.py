"""A recording, read back: its messages in order, each picture with what was looked at of it."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, cast

import cv2
import msgspec
import numpy as np

from ...streams.frame import Image
from ...streams.recording import Recorded, RecordingReader
from ..errors import RecordError
from . import foxglove
from .messages import Message, Picture, read


class Told(NamedTuple):
    """A message of ours.

    Attributes:
        message: it.
        at: when it was recorded, nanoseconds of POSIX time.
        look: of a picture, the luma that was looked at, shape (h, w), uint8, where it was kept.
    """

    message: Message
    at: int
    look: Image | None = None


class _Png(msgspec.Struct):
    frame_id: str
    data: str


def told(reader: RecordingReader) -> Iterator[Told]:
    """The messages of a recording, in the order in which they were written.

    Raises:
        SourceError: the file cannot be read, or was damaged.
        RecordError: a message is not what it says it is.
    """
    looks: dict[str, Image] = {}
    for recorded in reader:
        if recorded.schema == foxglove.IMAGE:
            source, look = _look(recorded)
            looks[source] = look
            continue
        message = read(recorded.schema, recorded.data)
        if isinstance(message, Picture):
            yield Told(message, recorded.at, looks.pop(message.source, None))
        elif message is not None:
            yield Told(message, recorded.at)


def read_messages(path: Path) -> Iterator[Told]:
    """The same of a file."""
    return told(RecordingReader(path))


def _look(recorded: Recorded) -> tuple[str, Image]:
    try:
        fields = msgspec.json.decode(recorded.data, type=_Png)
        png = np.frombuffer(b64decode(fields.data), np.uint8)
        look = cv2.imdecode(png, cv2.IMREAD_GRAYSCALE)
    except (ValueError, msgspec.MsgspecError, cv2.error) as error:
        raise RecordError(f"{recorded.topic}: a look is none ({error})") from error
    if look is None:  # pyright: ignore[reportUnnecessaryComparison] - of what is no PNG
        raise RecordError(f"{recorded.topic}: a look is no picture")
    return fields.frame_id, cast(Image, look)
