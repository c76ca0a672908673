"""`Source`, the interface, and `open_source`, the way to get one."""

import re
from importlib import import_module
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from .base import Counters, Source, exists
from .errors import UnsupportedSource, printable

__all__ = ["Counters", "Source", "local_path", "open_source", "parse_source", "redacted"]


# Scheme -> module of this package and the function in it that opens: `function(url, name, assume_fps)`. It is imported
# when such a source is opened, for each brings its own libraries.
_LOCAL = "video:open_local"
_OPENERS = {"": _LOCAL, "file": _LOCAL, "synthetic": "synthetic:open_scene"}


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
    scheme = "" if local_path(url) is not None else _split(url).scheme
    opener = _OPENERS.get(scheme)
    if opener is None:
        reads = "give a video file, a folder of images or synthetic:SCENE"
        raise UnsupportedSource(redacted(url), f"'{scheme}:' is no source that facewarden reads; {reads}")
    module, function = opener.split(":")
    return getattr(import_module(f".{module}", __package__), function)(url, name, assume_fps)
