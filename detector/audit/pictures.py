"""What a camera saw when a call was made: a small picture in which nobody can be recognised, for who reads a report."""

from collections import defaultdict, deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2

from ...streams.frame import Frame
from ..calls import Call
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
        calls: the calls, of which those that name their source and its moment get a picture.

    Attributes:
        names: the file's name by the call's position in `calls`, once it is written.
    """

    def __init__(self, folder: Path, calls: Sequence[Call]) -> None:
        self.names: dict[int, str] = {}
        self._folder = folder
        self._detector = load_detector(threshold=_MAYBE_A_FACE)
        self._last: dict[str, tuple[float, str]] = {}
        self._waiting: defaultdict[str, deque[tuple[float, int]]] = defaultdict(deque)
        known = ((call.at, number, call) for number, call in enumerate(calls) if call.at is not None)
        for at, number, call in sorted(known, key=lambda one: one[:2]):
            self._waiting[call.source or ""].append((at, number))

    def see(self, frame: Frame) -> None:
        """Take in the next picture of a source.

        Raises:
            InputError: a picture cannot be written.
        """
        waiting = self._waiting.get(frame.source)
        while waiting and waiting[0][0] <= frame.media_time:
            at, number = waiting.popleft()
            taken, name = self._last.get(frame.source, (-_SERVES, ""))
            if at - taken >= _SERVES or not name:
                name = f"call-{number + 1}.jpg"
                self._write(frame, self._folder / name)
                self._last[frame.source] = frame.media_time, name
            self.names[number] = name

    def _write(self, frame: Frame, path: Path) -> None:
        luma = frame.thumbnail(ANALYSIS_SIDE)
        _, encoded = cv2.imencode(".jpg", blur(luma, self._detector.detect(luma)))
        try:
            path.write_bytes(encoded.tobytes())
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror})") from error
