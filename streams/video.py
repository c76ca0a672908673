"""Video files, through PyAV."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from .address import exists, redacted
from .base import DEFAULT_RATE, Source
from .clock import MediaClock
from .decoding import Decoder
from .errors import EmptySource, NoVideo, SourceError, SourceNotFound, TruncatedSource, UnreadableSource
from .ffmpeg import ANY_WORDS, source_error
from .frame import Frame, Image, Rotation, Size, scale_down
from .telemetry import Motion, parse_gpmf

# Containers whose header states how long they are; elsewhere the figure is FFmpeg's own estimate.
_STATE_THEIR_LENGTH = frozenset({"mov", "mp4", "matroska", "avi"})
_MISSING_END = 0.25


class DecodedPixels:
    """A picture as a decoder left it, in any of FFmpeg's layouts."""

    __slots__ = ("_frame", "_luma")

    def __init__(self, frame: VideoFrame) -> None:
        self._frame = frame
        self._luma: Image | None = None

    @property
    def size(self) -> Size:
        return self._frame.width, self._frame.height

    def luma(self) -> Image:
        if self._luma is None:
            grey = self._frame if _has_luma_plane(self._frame) else self._frame.reformat(format="gray")
            self._luma = _first_plane(grey)
        return self._luma

    def bgr(self) -> Image:
        return cast(Image, self._frame.to_ndarray(format="bgr24"))

    def luma_part(self, rows: slice, columns: slice) -> Image:
        return self.luma()[rows, columns]

    def scaled_luma(self, size: Size) -> Image:
        return scale_down(self.luma(), size)


def _has_luma_plane(frame: VideoFrame) -> bool:
    layout = frame.format
    planar = layout.is_planar or layout.name in ("gray", "nv12", "nv21")
    return planar and not layout.is_rgb and not layout.has_palette and layout.components[0].bits == 8


def _first_plane(frame: VideoFrame) -> Image:
    plane = frame.planes[0]
    samples = np.frombuffer(cast(bytes, plane), np.uint8)  # a plane speaks the buffer protocol; the stubs do not say so
    rows = samples.reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width]


class VideoFile(Source):
    """A video file (mp4, mov, mkv, webm, avi, gif, ts, raw H.264, whatever FFmpeg reads) as a source.

    Only the first video stream is decoded. Pictures that do not decode are counted and passed over.

    Args:
        path: the file.
        name: the source's name; the file's stem by default.
        assume_fps: pictures a second of a stream without time stamps; by default what the stream hints at, else 25.

    Attributes:
        key_period: seconds between key pictures, as far as `thrift` has met them; a file that is the continuation of
            another may be told.

    Raises:
        SourceNotFound, EmptySource, UnreadableSource, NoVideo, TruncatedSource: at once, when it cannot be opened;
            `TruncatedSource` also at the end of the iteration, when the file ends too early.
    """

    def __init__(self, path: str | Path, name: str | None = None, assume_fps: float | None = None) -> None:
        self._path = Path(path)
        self._container = _open(self._path)
        super().__init__(name or self._path.stem, (self._container.duration or 0) / av.time_base or None)
        streams = _video_streams(self._container, self._path)
        self._stream = streams[0]
        self._stream.thread_type = "AUTO"
        if len(streams) > 1:
            self.counters.left_out.append(f"it has {len(streams)} video streams; only the first is read")
        self._clock = MediaClock(step=1 / (assume_fps or float(self._stream.guessed_rate or DEFAULT_RATE)))
        self._reached = 0.0
        self._last_packet_whole = True
        self._motion: Motion | None = None
        self._base, self._spared = 0.0, False
        self.key_period: float | None = None
        self._time_base = cast(Fraction, self._stream.time_base)  # a picture that a decoder is drained of has none

    def frames(self) -> Iterator[Frame]:
        for picture in self._decode():
            if picture.is_corrupt:
                self.counters.unreadable += 1
            else:
                yield self._frame(picture)
        self._check_end()
        if not self._index:
            raise UnreadableSource(str(self._path), "not one picture of it can be decoded")

    def close(self) -> None:
        self._container.close()

    def _decode(self) -> Iterator[VideoFrame]:
        if getattr(self._stream, "codec_context", None) is None:  # PyAV before 18 would end the process
            raise UnreadableSource(str(self._path), "cannot be decoded (no decoder for its codec)")
        return self._decode_all() if self.thrift is None else self._decode_few(self.thrift)

    def _decode_few(self, thrift: Callable[[float], bool]) -> Iterator[VideoFrame]:
        """As few pictures as will do. On one thread: more would decode ahead of what is asked, the further the more."""
        codec = self._stream.codec_context
        codec.thread_count, codec.thread_type = 1, "SLICE"
        decoder, packets, pictures = Decoder(codec, self.key_period), 0, 0
        spares, skipped = False, 0
        for packet in self._packets():
            packets += packet.size > 0
            # without stamps a picture's time is that of those before it, so that none can be left out
            thrifty = packet.size > 0 and packet.pts is not None and thrift(self._due(packet))
            spares |= thrifty
            for picture in decoder.decode(packet, self._due(packet), thrifty=thrifty):
                self._spared, skipped = decoder.skipped > skipped, decoder.skipped
                pictures += 1
                yield picture
            self.key_period, self.counters.unreadable = decoder.every, decoder.unreadable
            self.counters.skipped = max(0, packets - pictures - decoder.unreadable) if spares else 0

    def _due(self, packet: "Packet[VideoStream]") -> float:
        """Media time of what comes with a packet, seconds, as far as it can be told before it is decoded."""
        stamp = packet.pts if packet.dts is None else packet.dts
        return self._base if stamp is None else self._base + float(stamp * packet.time_base)

    def _decode_all(self) -> Iterator[VideoFrame]:
        for packet in self._packets():
            try:
                yield from packet.decode()
            except InvalidDataError:
                self.counters.unreadable += 1
            except FFmpegError as error:
                raise source_error(str(self._path), error, UnreadableSource, "cannot be decoded") from error

    def _packets(self) -> "Iterator[Packet[VideoStream]]":
        try:
            for packet in self._container.demux():
                self._watch_end(packet)
                if packet.stream.type == "data":
                    self._motion = parse_gpmf(bytes(packet)) or self._motion
                if packet.stream is self._stream:
                    yield cast("Packet[VideoStream]", packet)
        except FFmpegError as error:
            raise source_error(str(self._path), error, TruncatedSource, "reading stopped early") from error

    def _watch_end(self, packet: "Packet[Stream]") -> None:
        if packet.size:
            self._last_packet_whole = not packet.is_corrupt
        if packet.pts is not None:
            self._reached = max(self._reached, float((packet.pts + (packet.duration or 0)) * packet.time_base))

    def _check_end(self) -> None:
        states_length = not _STATE_THEIR_LENGTH.isdisjoint(self._container.format.name.split(","))
        declared = (self.length or 0.0) if states_length else 0.0
        if not self._last_packet_whole or self._reached < declared - _MISSING_END:
            raise TruncatedSource(
                str(self._path),
                f"the file is cut short: it ends at {self._reached:.2f} s"
                + (f" of the {declared:.2f} s that its header states" if declared else "")
                + "; everything before that was read",
            )

    def _frame(self, picture: VideoFrame) -> Frame:
        # picture.time would be None at a stamp of 0
        seconds = None if picture.pts is None else float(picture.pts * self._time_base)
        motion, self._motion = self._motion, None
        (media, event), rotation = self._clock.stamp(seconds), clockwise(picture.rotation)
        self._base = media - (seconds or 0.0)
        pixels, spared = DecodedPixels(picture), self._spared
        return self._stamped(pixels, media, event, rotation=rotation, motion=motion, spared=spared)


def clockwise(counterclockwise: int) -> Rotation:
    """FFmpeg's rotation, degrees counterclockwise, as ours."""
    return cast(Rotation, round(-counterclockwise / 90) * 90 % 360)


def _open(path: Path) -> InputContainer:
    if not exists(path):
        raise SourceNotFound(redacted(str(path)), "no such file or folder")
    if not path.is_file():
        raise UnreadableSource(str(path), "neither a regular file nor a folder")
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise UnreadableSource(str(path), f"cannot be read ({error.strerror})") from error
    if not head:
        raise EmptySource(str(path), "the file is empty")
    try:  # without `file:` a colon in the name would be taken for a protocol
        return av.open(f"file:{path}", mode="r", **ANY_WORDS)
    except FFmpegError as error:
        raise _opening_error(path, head, error) from error


def _opening_error(path: Path, head: bytes, error: FFmpegError) -> SourceError:
    if head[4:] == b"ftyp":
        return TruncatedSource(str(path), "the file is cut short: it ends before its index, so nothing can be read")
    return source_error(str(path), error, UnreadableSource, "not a video that FFmpeg can read")


def _video_streams(container: InputContainer, path: Path) -> list[VideoStream]:
    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not streams:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        container.close()
        raise NoVideo(str(path), f"no video stream in the file (it holds: {kinds})")
    return streams
