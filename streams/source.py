"""`Source`, the interface, and `open_source`, the way to get one."""

from urllib.parse import urlsplit

from .address import exists, local_path, redacted
from .base import Counters, Source
from .errors import UnsupportedSource
from .synthetic import SyntheticSource
from .video import ImageFolder, VideoFile

__all__ = ["Counters", "Source", "open_source"]


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
