"""What every source of pictures is, and `open_source`, the way to get one."""

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from .errors import UnsupportedSource, printable
from .frame import Frame, Pixels, Rotation
from .telemetry import Motion

# Pictures a second where nothing says how many; also what FFmpeg takes.
DEFAULT_RATE = 25.0


@dataclass(slots=True)
class Counters:
    """What a source could not hand over; what it did hand over is counted by whoever took it.

    Attributes:
        unreadable: pictures that are in the stream and did not decode.
        dropped: pictures thrown away because the taker was too slow.
        discontinuities: what happened to the time stamps, in words, in order.
    """

    unreadable: int = 0
    dropped: int = 0
    discontinuities: list[str] = field(default_factory=list[str])


class Source(ABC):
    """Pictures of one camera, in order. Iterate once, then close; or use it in a `with` block.

    Iterating raises `SourceError` where a stream ends in a way it should not; the frames before that are good.

    Attributes:
        name: what the source is called.
        length: how long it says it is, seconds; None where it does not.
        counters: what it could not hand over.
    """

    def __init__(self, name: str, length: float | None = None) -> None:
        self.name = name
        self.length = length
        self.counters = Counters()
        self._index = 0

    def __iter__(self) -> Iterator[Frame]:
        return self.frames()

    @abstractmethod
    def frames(self) -> Iterator[Frame]:
        """The frames, each yielded once."""

    def close(self) -> None:
        """Let go of whatever is held open; more than once does no harm."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stamped(
        self,
        pixels: Pixels,
        media_time: float,
        discontinuity: str | None = None,
        *,
        captured_at: float | None = None,
        rotation: Rotation = 0,
        motion: Motion | None = None,
    ) -> Frame:
        """The next frame of this source."""
        if discontinuity:
            self.counters.discontinuities.append(f"at {media_time:.3f} s: {discontinuity}")
        frame = Frame(
            source=self.name,
            index=self._index,
            pixels=pixels,
            media_time=media_time,
            received_at=time.monotonic(),
            captured_at=captured_at,
            rotation=rotation,
            discontinuity=discontinuity,
            motion=motion,
        )
        self._index += 1
        return frame


def parse_source(text: str) -> tuple[str, str]:
    """Name and URL from `[NAME=]URL` as the command line takes it; the name defaults to the file's stem or the scene.

    A file that has `=` in its own name is left whole.
    """
    match = re.fullmatch(r"([\w.-]+)=(.+)", text)
    if match and not exists(text):
        return match[1], match[2]
    parts = urlsplit(text)
    path = Path(parts.path if parts.scheme else text)
    return (path.name if exists(text) and path.is_dir() else path.stem) or text, text


def redacted(url: str) -> str:
    """The URL as it may be shown: user and password, if any, replaced by `***`."""
    return printable(re.sub(r"(?<=://)[^/@]*@", "***@", url))


def local_path(url: str) -> Path | None:
    """The file or folder that a URL names on this machine; None for another kind of source."""
    scheme = urlsplit(url).scheme
    if not scheme or scheme == "file" or exists(url):
        return Path(url.removeprefix("file://").removeprefix("file:"))
    return None


def open_source(url: str, name: str | None = None, assume_fps: float | None = None) -> Source:
    """Open a video file, a folder of images or a rendered scene.

    Args:
        url: a path, `file:` URL, or `synthetic:SCENE?seed=1&seconds=10` (see `SyntheticSource`).
        name: the source's name; by default the file's stem or the scene.
        assume_fps: pictures a second where the pictures carry no time (folders, raw streams).

    Raises:
        SourceError: one of its kinds, with one line that says what is wrong and where.
    """
    # Imported here: the sources derive from this module's class.
    from .synthetic import SyntheticSource
    from .video import ImageFolder, VideoFile

    path = local_path(url)
    if path is None and url.startswith("synthetic:"):
        return SyntheticSource.from_url(url, name)
    if path is None:
        reads = "give a video file, a folder of images or synthetic:SCENE"
        raise UnsupportedSource(redacted(url), f"'{urlsplit(url).scheme}:' is no source that facewarden reads; {reads}")
    kind = ImageFolder if exists(path) and path.is_dir() else VideoFile
    return kind(path, name, assume_fps)


def exists(path: str | Path) -> bool:
    """Whether there is a file or folder; False, too, for what cannot be the name of one."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # too long for a file name, or not one at all
        return False
