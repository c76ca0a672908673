"""What lies on this machine: video files, folders of images."""

from pathlib import Path

from .address import exists, local_path
from .images import ImageFolder
from .segments import Segments, find_segments
from .source import Source
from .video import VideoFile


def open_local(url: str, name: str | None, assume_fps: float | None) -> Source:
    """A video file, a folder of images or of one camera's segments, by its path or `file:` URL; raises as these do."""
    path = local_path(url) or Path(url)
    if exists(path) and path.is_dir() and len(cameras := find_segments(path)) == 1:
        return Segments(next(iter(cameras.values())), name or path.resolve().name)
    kind = ImageFolder if exists(path) and path.is_dir() else VideoFile
    return kind(path, name, assume_fps)
