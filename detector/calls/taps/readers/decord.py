"""decord: the pictures of a video that the host takes one by one, or by their numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ...aside import is_aside
from ..patch import Patches
from ..tap import Tap


@dataclass(slots=True)
class _Video:
    """What one reader reads, its pictures a second, and the number of its next picture."""

    url: str
    rate: float
    next: int = 0


class DecordTap(Tap):
    """`VideoReader`: what was opened, and each picture that `next`, an index or `get_batch` gives."""

    runtime = "decord-video"
    modules = ("decord.video_reader",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        self._videos: WeakKeyDictionary[object, _Video] = WeakKeyDictionary()
        reader: Any = module.VideoReader
        self.watch_opening(patches, reader, "__init__", self._opened)
        for name in ("seek", "seek_accurate"):
            self.watch_opening(patches, reader, name, self._sought)
        self.watch_opening(patches, reader, "next", self._given)
        self.watch_opening(patches, reader, "get_batch", self._given_many)

    def prove(self) -> bool:
        return not self.lost  # without a video it does nothing

    def _opened(self, _: None, reader: Any, uri: object, *__: object, **___: object) -> None:
        url = "a video from memory" if hasattr(uri, "read") else str(uri)
        self._videos[reader] = _Video(url, reader.get_avg_fps() or 25.0)

    def _sought(self, _: None, reader: object, pos: int) -> None:
        self._videos[reader].next = pos

    def _given(self, picture: Any, reader: object) -> None:
        video = self._videos[reader]
        self._show(reader, (video.next,), (picture,))
        video.next += 1

    def _given_many(self, pictures: Any, reader: Any, indices: Iterable[int]) -> None:
        numbers = [index % len(reader) for index in indices]
        self._show(reader, numbers, _array(pictures))

    def _show(self, reader: object, numbers: Iterable[int], pictures: Iterable[Any]) -> None:
        from .....streams.frame import PackedPixels

        video = self._videos[reader]
        for number, picture in zip(numbers, () if is_aside() else pictures, strict=False):
            pixels = PackedPixels(_array(picture), "rgb")
            self.gate.picture(video.url, pixels, number / video.rate, id(reader))


def _array(pictures: Any) -> Any:
    """As an array, whichever of its bridges decord gives them through."""
    return pictures.asnumpy() if hasattr(pictures, "asnumpy") else np.asarray(pictures)
