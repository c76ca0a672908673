"""`Source`, the interface, and `open_source`, the way to get one."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from .base import Counters, Source, exists
from .errors import UnsupportedSource, printable
from .synthetic import SyntheticSource
from .video import ImageFolder, VideoFile

__all__ = ["Counters", "Source", "local_path", "open_source", "parse_source", "redacted"]


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
    path = local_path(url)
    if path is None and url.startswith("synthetic:"):
        return SyntheticSource.from_url(url, name)
    if path is None:
        reads = "give a video file, a folder of images or synthetic:SCENE"
        raise UnsupportedSource(redacted(url), f"'{urlsplit(url).scheme}:' is no source that facewarden reads; {reads}")
    kind = ImageFolder if exists(path) and path.is_dir() else VideoFile
    return kind(path, name, assume_fps)
