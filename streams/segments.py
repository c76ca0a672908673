"""Files of one camera joined by their clocks: those that a person tells, or that a recorder has put into their names.

MediaMTX names a file `PATH/2026-11-25_10-00-00-000000.mp4` by the time of its machine (`recordPath`,
`%path/%Y-%m-%d_%H-%M-%S-%f`); Frigate `2026-11-25/10/CAMERA/05.09.mp4` by UTC.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from .base import Source
from .errors import EmptySource, SourceError, TruncatedSource, printable
from .frame import Frame
from .video import VideoFile

SCHEME: Final = "segments"
_SUFFIXES: Final = frozenset({".mp4", ".ts", ".mkv"})
_MEDIAMTX: Final = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(-\d{1,6})?")
_FRIGATE: Final = re.compile(r"(\d{4}-\d\d-\d\d)/(\d\d)/([^/]+)/(\d\d\.\d\d)\.[a-z0-9]+")
# Names tell whole seconds (Frigate), and a file may end or begin a little beside them: what is within this, seconds,
# goes on without a gap.
_BESIDE_S: Final = 1.5


class Segment(NamedTuple):
    """A file, and the wall clock at which it begins, POSIX seconds."""

    begins: float
    path: Path


def find_segments(folder: Path) -> dict[str, list[Segment]]:
    """The segments below a folder in order of time, by camera: its folder's path below the one given, or its own name.

    What is named otherwise is none.
    """
    found: dict[str, list[Segment]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in _SUFFIXES and (told := _told(path, folder)) and path.is_file():
            camera, begins = told
            found.setdefault(camera, []).append(Segment(begins, path))
    return {camera: sorted(segments) for camera, segments in sorted(found.items())}


def _told(path: Path, folder: Path) -> tuple[str, float] | None:
    """The camera and the beginning that a file's name tells."""
    try:
        if _MEDIAMTX.fullmatch(path.stem):
            stem = path.stem if path.stem.count("-") > 4 else f"{path.stem}-0"
            begins = datetime.strptime(stem, "%Y-%m-%d_%H-%M-%S-%f").astimezone()  # the machine's own time
            below = path.parent.relative_to(folder).as_posix()
            return (folder.resolve().name if below == "." else below), begins.timestamp()
        if match := _FRIGATE.fullmatch("/".join(path.parts[-4:])):
            day, hour, camera, rest = match.groups()
            begins = datetime.strptime(f"{day} {hour}.{rest} +0000", "%Y-%m-%d %H.%M.%S %z")
            return camera, begins.timestamp()
    except ValueError:  # such as a 31st of February
        pass
    return None


def segments_url(folder: Path, camera: str) -> str:
    """The URL of one camera's segments, for `open_source`."""
    return f"{SCHEME}:{quote(str(folder))}?{urlencode({'camera': camera})}"


def joined_url(segments: Sequence[Segment]) -> str:
    """The URL of files whose clocks were told, at least one, for `open_source`."""
    told = ((key, value) for begins, path in sorted(segments) for key, value in (("file", path), ("from", begins)))
    return f"{SCHEME}:?{urlencode([*told])}"


def segments_at(url: str) -> list[Segment]:
    """The segments that such a URL stands for; none where there are none."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if files := query.get("file"):
        return [Segment(float(begins), Path(file)) for file, begins in zip(files, query["from"], strict=True)]
    return find_segments(Path(unquote(parts.path))).get(query.get("camera", [""])[0], [])


def begins_at(url: str) -> float | None:
    """The wall clock of the first picture, POSIX seconds, where a URL is of segments and there are some."""
    found = segments_at(url) if url.startswith(f"{SCHEME}:") else []
    return found[0].begins if found else None


class Segments(Source):
    """The files of one camera as one source.

    Its media time is the wall clock less that of the first file, and `captured_at` the wall clock itself. Where a file
    does not begin where the last one ended, the next picture says so (`discontinuity`). A file that cannot be read is
    passed over, and told at the end.

    Args:
        segments: the files, in order of time.
        name: of the source.

    Raises:
        EmptySource: there is no file.
        TruncatedSource: at the end of the iteration, where files could not be read to their end.
    """

    def __init__(self, segments: list[Segment], name: str) -> None:
        if not segments:
            raise EmptySource(name, "no recordings of this camera (looked for MediaMTX's and Frigate's names)")
        self._segments = segments
        self._first, self._end = segments[0].begins, 0.0
        self._broken: list[str] = []
        self._every: float | None = None
        super().__init__(name, segments[-1].begins - self._first or None)

    def frames(self) -> Iterator[Frame]:
        for segment in self._segments:
            offset, gap = self._joined(segment.begins - self._first)
            try:
                with VideoFile(segment.path, self.name) as file:
                    yield from self._of(file, offset, gap)
            except SourceError as error:
                self._broken.append(str(error))
        if self._broken:
            count = f"{len(self._broken)} of {len(self._segments)} files could not be read to their end"
            raise TruncatedSource(self.name, f"{count}; the first: {self._broken[0]}")

    def _joined(self, begins: float) -> tuple[float, str | None]:
        """Media time at which a file begins, and what lies between it and the last one, in words."""
        apart = begins - self._end
        if self._index == 0 or abs(apart) <= _BESIDE_S:
            return (begins if self._index == 0 else self._end), None
        if apart > 0:
            return begins, f"nothing was recorded for {apart:.3f} s"
        return self._end, f"the recordings overlap ({apart:+.3f} s)"

    def _of(self, file: VideoFile, offset: float, gap: str | None) -> Iterator[Frame]:
        if (thrift := self.thrift) is not None:
            file.thrift = lambda media_time: thrift(offset + media_time)
        file.key_period = self._every
        missed = self.counters.unreadable, self.counters.skipped
        try:
            for frame in file:
                media = offset + frame.media_time
                told = gap if frame.index == 0 else frame.discontinuity
                step = media - self._end if frame.index else 0.0
                yield self._stamped(
                    frame.pixels,
                    media,
                    told,
                    captured_at=self._first + media,
                    rotation=frame.rotation,
                    motion=frame.motion,
                    spared=frame.spared,
                )
                self._end = media + (0.0 if frame.spared else max(0.0, step))
            self._end = max(self._end, offset + (file.length or 0.0))
        finally:
            self._every = file.key_period
            self.counters.unreadable = missed[0] + file.counters.unreadable
            self.counters.skipped = missed[1] + file.counters.skipped


def open_segments(url: str, name: str | None, assume_fps: float | None) -> Source:  # noqa: ARG001 - they have stamps
    """One camera's segments, by their URL; raises as `Segments` does."""
    query = parse_qs(urlsplit(url).query)
    return Segments(segments_at(url), name or printable(query.get("camera", ["segments"])[0]))
