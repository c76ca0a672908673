"""`Source`, the interface, and `open_source`, the way to get one."""

import re
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

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
    path = local_path(text) or Path(_split(text).path)
    return (path.name if exists(path) and path.is_dir() else path.stem) or redacted(text), text


def redacted(url: str) -> str:
    """The URL as it may be shown: user and password, and the query of a network address, replaced by `***`."""
    if local_path(url) is None and "://" in url:
        url = re.sub(r"\?.*", "?***", re.sub(r"(?<=://).*@", "***@", url))
    return printable(url)


def local_path(url: str) -> Path | None:
    """The file or folder that a URL names on this machine; None for another kind of source."""
    parts = _split(url)
    if parts.scheme == "file" and not exists(url):
        return Path(unquote(parts.path))
    return Path(url) if not parts.scheme or exists(url) else None


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # such as an open bracket: no address, but perhaps a file
        return SplitResult("", "", url, "", "")


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
        raise UnsupportedSource(redacted(url), f"'{_split(url).scheme}:' is no source that facewarden reads; {reads}")
    kind = ImageFolder if exists(path) and path.is_dir() else VideoFile
    return kind(path, name, assume_fps)
