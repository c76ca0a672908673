"""Pictures that an `ffmpeg`, started by the host, decodes for it through a pipe, as that of imageio-ffmpeg does."""

import itertools
import os
import re
import shlex
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from types import ModuleType
from typing import Any, Literal, NamedTuple, cast

from ...aside import aside, is_aside
from ..patch import Function, Patches
from ..tap import Tap

_SCALE = re.compile(r"(?:^|[,;\]])scale=(?:w=)?(\d+):(?:h=)?(\d+)")
_SIZE = re.compile(r"(\d+)x(\d+)$")
# Of raw pictures: bytes a pixel, and what they are to us.
_LAYOUTS: dict[str, tuple[float, Literal["bgr", "rgb", "grey"]]] = {
    "bgr24": (3, "bgr"),
    "rgb24": (3, "rgb"),
    "gray": (1, "grey"),
    "yuv420p": (1.5, "grey"),
    "nv12": (1.5, "grey"),
}


class Piped(NamedTuple):
    """What an `ffmpeg` writes to its standard output.

    Attributes:
        url: what it reads.
        layout: the pixels of raw pictures; empty where they are encoded.
        size: width and height; None where the command does not say.
    """

    url: str
    layout: str
    size: tuple[int, int] | None


class FfmpegPipeTap(Tap):
    """`subprocess.Popen` of an `ffmpeg` with one input, whose standard output is a pipe that the host reads."""

    runtime = "ffmpeg-pipe"
    modules = ("subprocess",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        patches.wrap(module.Popen, "__init__", self._starting)

    def _starting(self, original: Function) -> Function:
        def start(process: Any, *args: object, **kwargs: object) -> object:
            result = original(process, *args, **kwargs)
            if self.armed and process.stdout is not None and not is_aside():
                with suppress(Exception):  # a command that we do not understand
                    if found := piped(process.args):
                        _Pipe(self, found).attach(process.stdout)
            return result

        return start


class _Pipe:
    """What has come through one pipe: pictures are put together of it, as they are read."""

    def __init__(self, tap: Tap, what: Piped) -> None:
        self._tap, self._what, self._held = tap, what, bytearray()
        self._size = what.size or (_size_of(what.url) if what.layout else None)
        self._bytes, order = _LAYOUTS.get(what.layout, (0.0, "grey"))
        self._order: Literal["bgr", "rgb", "grey"] = order

    def attach(self, stream: Any) -> None:
        """Take in what the host reads from the stream from now on."""
        for name in ("read", "read1"):
            if hasattr(stream, name):
                setattr(stream, name, self._reading(getattr(stream, name)))
        if hasattr(stream, "readinto"):
            stream.readinto = self._reading_into(stream.readinto)

    def _reading(self, original: Callable[..., bytes]) -> Callable[..., bytes]:
        def read(*args: object) -> bytes:
            data = original(*args)
            self._take(data)
            return data

        return read

    def _reading_into(self, original: Callable[..., int]) -> Callable[..., int]:
        def readinto(buffer: Any) -> int:
            count = original(buffer)
            self._take(bytes(memoryview(buffer).cast("B")[:count]))
            return count

        return readinto

    def _take(self, data: bytes) -> None:
        if not self._tap.armed or not data:
            return
        self._tap.gate.read(self._what.url)
        if self._size is None or not self._bytes:
            return
        length = int(self._size[0] * self._size[1] * self._bytes)
        self._held += data
        while len(self._held) >= length:
            self._show(bytes(self._held[:length]), self._size)
            del self._held[:length]

    def _show(self, data: bytes, size: tuple[int, int]) -> None:
        import numpy as np

        from .....streams.frame import PackedPixels, PlanarPixels

        width, height = size
        array = np.frombuffer(data, np.uint8)
        if self._order == "bgr" or self._order == "rgb":
            pixels = PackedPixels(array.reshape(height, width, 3), self._order)
        else:
            pixels = PlanarPixels(array[: width * height].reshape(height, width))
        self._tap.gate.picture(self._what.url, pixels, monotonic(), id(self))


def piped(command: object) -> Piped | None:
    """What a command writes to its standard output, where it is an `ffmpeg` that reads one input; else None."""
    text: Any = os.fsdecode(command) if isinstance(command, bytes) else command
    words = [os.fsdecode(one) for one in cast(list[Any], shlex.split(text) if isinstance(text, str) else text)]
    if not words[0].rpartition(os.sep)[2].startswith("ffmpeg") or words.count("-i") != 1:
        return None
    at = words.index("-i")
    url, output = words[at + 1], words[at + 2 :]
    if not output or not (output[-1] == "-" or output[-1].startswith("pipe:")):
        return None
    given = dict(itertools.pairwise(output))
    is_raw = "rawvideo" in (given.get("-f"), given.get("-vcodec"), given.get("-c:v"))
    return Piped(url, given.get("-pix_fmt", "") if is_raw else "", _said_size(given))


def _said_size(given: dict[str, str]) -> tuple[int, int] | None:
    scale = _SCALE.search(given.get("-vf", given.get("-filter:v", "")))
    found = _SIZE.match(given.get("-s", given.get("-video_size", ""))) or scale
    return (int(found[1]), int(found[2])) if found else None


def _size_of(url: str) -> tuple[int, int] | None:
    """The size of a file's pictures, as ffmpeg shows them; None for what is no file."""
    if not os.path.isfile(url):  # noqa: PTH113 - another connection to a camera is not ours to make
        return None
    from .....streams.source import open_source

    with aside(), open_source(url) as source:
        frame = next(iter(source))
        width, height = frame.pixels.size
        return (height, width) if frame.rotation % 180 else (width, height)
