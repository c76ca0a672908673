"""Folders, patterns and lists of recordings, as the sources that they stand for."""

import re
from collections.abc import Iterator, Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import Final

import msgspec

from ...streams.address import exists, local_path, parse_source
from ...streams.errors import printable
from ...streams.segments import Segment, find_segments, joined_url, segments_url
from ..calls.wall import Moment
from ..errors import InputError

# What a folder of an archive is searched for; a folder that has pictures in it is one source, as ever.
VIDEOS: Final = frozenset({
    ".3gp", ".asf", ".avi", ".flv", ".gif", ".h264", ".h265", ".hevc", ".m2ts", ".m4v", ".mjpeg", ".mkv", ".mov",
    ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv",
})  # fmt: skip

_CLOCK: Final = re.compile(r"(.+\S)\s+recorded_from=(\S*)\s*")


def expand(texts: Sequence[str]) -> Iterator[str]:
    """The sources, `[NAME=]URL` each: a folder that has videos below it, or a pattern, stands for its files.

    Of those that a recorder has cut, as `streams.segments` knows them, the ones of a camera are one source, and so are
    files of one name of which each says when it begins: `NAME=FILE recorded_from=TIME`, RFC 3339.

    Raises:
        InputError: a pattern fits no file, or a time is none.
    """
    for text in _with_clocks(texts):
        path = local_path(text) if parse_source(text)[1] == text else None  # what has a name is one source
        if path is not None and exists(path) and path.is_dir() and (videos := _videos(path)):
            cameras = find_segments(path)
            yield from (f"{_name(camera)}={segments_url(path, camera)}" for camera in cameras)
            joined = {str(segment.path) for segments in cameras.values() for segment in segments}
            yield from (video for video in videos if video not in joined)
        elif path is not None and has_magic(text) and not exists(path):
            found = sorted(glob(text, recursive=True))  # noqa: PTH207 - a whole pattern, absolute ones too
            if not found:
                raise InputError(f"{printable(text)}: no file fits this pattern")
            yield from expand(found)
        else:
            yield text


def _with_clocks(texts: Sequence[str]) -> Iterator[str]:
    """The texts, with one in place of all of a name that say when they begin."""
    told: dict[str, list[Segment]] = {}
    others: list[str] = []
    for text in texts:
        if (clock := _CLOCK.fullmatch(text)) and not exists(text):
            name, url = parse_source(clock[1])
            told.setdefault(name, []).append(Segment(_moment(text, clock[2]), _file(text, url)))
        else:
            others.append(text)
    yield from (f"{name}={joined_url(segments)}" for name, segments in told.items())
    yield from others


def _moment(text: str, time: str) -> float:
    try:
        return msgspec.convert(time, Moment).timestamp()
    except msgspec.ValidationError as error:
        expected = "expected a time with its offset from UTC, such as 2026-11-23T10:00:00Z"
        raise InputError(f"{printable(text)}: '{printable(time)}' is no time; {expected}") from error


def _file(text: str, url: str) -> Path:
    path = local_path(url)
    if path is None or not exists(path) or path.is_dir():
        raise InputError(f"{printable(text)}: recorded_from is for a video file, and there is none of this name")
    return path


def _name(camera: str) -> str:
    """The camera's name as a source's: a path is none."""
    return re.sub(r"[^\w.-]", "-", camera)


def read_manifest(path: Path) -> list[str]:
    """The sources of a manifest: as `expand` takes them, one a line, UTF-8.

    Empty lines, and those that begin with `#`, are none.

    Raises:
        InputError: it cannot be read, or names no source.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'it is not UTF-8'})") from error
    sources = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not sources:
        raise InputError(f"{path}: names no source; expected [NAME=]URL a line")
    return sources


def _videos(folder: Path) -> list[str]:
    return sorted(str(file) for file in folder.rglob("*") if file.suffix.lower() in VIDEOS and file.is_file())
