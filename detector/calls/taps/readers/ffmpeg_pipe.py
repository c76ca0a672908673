"""Pictures that an `ffmpeg`, started by the host, decodes for it through a pipe, as that of imageio-ffmpeg does."""

import itertools
import os
import re
import shlex
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Literal, NamedTuple, cast
from weakref import WeakKeyDictionary

from ...aside import aside, is_aside
from ..interface import Gate
from ..patch import Function, Patches
from ..tap import Tap

_NAME = re.compile(r"ffmpeg(-[\w.-]+)?(\.exe)?$")
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
    """`subprocess.Popen` of an `ffmpeg` with one input, whose standard output is a pipe that the host reads: from the
    stream, by `communicate`, as `subprocess.run` does, or through asyncio."""

    runtime = "ffmpeg-pipe"
    modules = ("subprocess", "asyncio.base_subprocess")

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self._pipes: WeakKeyDictionary[object, _Pipe] = WeakKeyDictionary()

    def patch(self, module: Any, patches: Patches) -> None:
        if module.__name__ == "subprocess":
            patches.wrap(module.Popen, "__init__", self._starting)
            patches.wrap(module.Popen, "communicate", self._communicating)
        else:
            patches.wrap(module.ReadSubprocessPipeProto, "data_received", self._receiving)

    def _starting(self, original: Function) -> Function:
        def start(process: Any, *args: object, **kwargs: object) -> object:
            result = original(process, *args, **kwargs)
            if self.armed and process.stdout is not None and not is_aside():
                with suppress(Exception):  # a command that we do not understand
                    if found := piped(process.args):
                        pipe = self._pipes[process] = _Pipe(self, found)
                        pipe.attach(process.stdout)
            return result

        return start

    def _communicating(self, original: Function) -> Function:
        def communicate(process: Any, *args: object, **kwargs: object) -> object:
            pipe = self._pipes.get(process)
            before = pipe.taken if pipe else 0
            result: Any = original(process, *args, **kwargs)
            if pipe and pipe.taken == before:  # with more pipes than one it does not read from the stream
                pipe.take(result[0])
            return result

        return communicate

    def _receiving(self, original: Function) -> Function:
        def received(protocol: Any, data: bytes) -> object:
            with suppress(Exception):  # what asyncio keeps where may change
                pipe = self._pipes.get(protocol.proc.get_extra_info("subprocess"))
                if pipe and protocol.fd == 1:
                    pipe.take(data)
            return original(protocol, data)

        return received


class _Pipe:
    """What has come through one pipe: pictures are put together of it, as they are read.

    Attributes:
        taken: so many bytes.
    """

    def __init__(self, tap: Tap, what: Piped) -> None:
        self._tap, self._what, self._held = tap, what, bytearray()
        self.taken = 0
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
            self.take(data)
            return data

        return read

    def _reading_into(self, original: Callable[..., int]) -> Callable[..., int]:
        def readinto(buffer: Any) -> int:
            count = original(buffer)
            self.take(bytes(memoryview(buffer).cast("B")[:count]))
            return count

        return readinto

    def take(self, data: bytes) -> None:
        """Take in what was read."""
        if not self._tap.armed or not data:
            return
        self.taken += len(data)
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
    words = _from_ffmpeg(words)
    if words.count("-i") != 1:
        return None
    at = words.index("-i")
    url, output = words[at + 1], words[at + 2 :]
    if not output or not (output[-1] == "-" or output[-1].startswith("pipe:")):
        return None
    given = dict(itertools.pairwise(output))
    is_raw = "rawvideo" in (given.get("-f"), given.get("-vcodec"), given.get("-c:v"))
    return Piped(url, given.get("-pix_fmt", "") if is_raw else "", _said_size(given))


def _from_ffmpeg(words: list[str]) -> list[str]:
    """The part of a command that is `ffmpeg`'s, which something else may start (`nice`, `sh -c`)."""
    for at, word in enumerate(words):
        if _NAME.match(word.rpartition(os.sep)[2]):
            return words[at:]
        if "ffmpeg" in word and len(inner := shlex.split(word)) > 1:
            return _from_ffmpeg(inner)
    return []


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
