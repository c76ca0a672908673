"""What a camera saw when a call was made: a small picture in which nobody can be recognised, for who reads a report."""

from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import cv2

from ...streams.frame import Frame
from ..environment import load_detector
from ..errors import InputError
from ..sight.state import ANALYSIS_SIDE
from .blur import blur

# Far below what counts as a face elsewhere: here, blurring what is none does no harm.
_MAYBE_A_FACE: Final = 0.1
# Seconds for which one picture of a source serves: calls come by the frame.
_SERVES: Final = 1.0


class Pictures:
    """Writes the first picture at or after each call, as it passes by: grey, 320 px, faces blurred.

    Args:
        folder: where they go.
        moments: of the source's calls, media time in seconds and the call's number.

    Attributes:
        names: the file's name by the call's number, once it is written.
    """

    def __init__(self, folder: Path, moments: Iterable[tuple[float, int]]) -> None:
        self.names: dict[int, str] = {}
        self._folder = folder
        self._detector = load_detector(threshold=_MAYBE_A_FACE)
        self._taken, self._name = -_SERVES, ""
        self._waiting = deque(sorted(moments))

    def see(self, frame: Frame) -> None:
        """Take in the next picture of the source.

        Raises:
            InputError: a picture cannot be written.
        """
        while self._waiting and self._waiting[0][0] <= frame.media_time:
            at, number = self._waiting.popleft()
            if at - self._taken >= _SERVES or not self._name:
                self._name, self._taken = f"call-{number + 1}.jpg", frame.media_time
                self._write(frame, self._folder / self._name)
            self.names[number] = self._name

    def _write(self, frame: Frame, path: Path) -> None:
        luma = frame.thumbnail(ANALYSIS_SIDE)
        _, encoded = cv2.imencode(".jpg", blur(luma, self._detector.detect(luma)))
        try:
            path.write_bytes(encoded.tobytes())
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror})") from error
