"""One connection to a live stream: opened, read and closed by one thread."""

import socket
import time
from collections.abc import Iterator
from errno import EIO
from fractions import Fraction
from typing import Final, cast
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from .decoding import Decoder
from .errors import (
    NoVideo,
    SourceDenied,
    SourceError,
    SourceNotFound,
    SourceTimedOut,
    SourceUnreachable,
    UnreadableSource,
    UnsupportedSource,
)
from .ffmpeg import ANY_WORDS, source_error
from .opening import Opening

# Other streams of a connection may go on while the picture stands; or packets come, and none of them decodes.
STALL_S: Final = 4.0
# 8192 x 8192: more than any camera's picture has, or several of them side by side.
MOST_PIXELS: Final = 1 << 26
# FFmpeg stamps these as if so many pictures came a second, whatever the camera does.
_WITHOUT_TIME: Final = frozenset({"mpjpeg", "mjpeg"})
# Before 17.1 PyAV ends the process where streams turn up as they are read, as FLV's do, and RTMP's with it.
READS_FLV: Final = tuple(map(int, av.__version__.split(".")[:2])) >= (17, 1)
_BUT_FLV: Final = {"format_whitelist": "aac,h264,hevc,hls,matroska,mjpeg,mov,mpegts,mpjpeg,webm"}
_OPENING: Final = "cannot be opened"
# Seconds that a fragment of a live MP4 has at most, seldom more than ten.
_FRAGMENT_S: Final = 60.0
_WHOLE_FILES: Final = frozenset({"mov", "matroska", "avi"})


class Connection:
    """A stream that is being read. Use it in a `with` block, from one thread alone.

    Attributes:
        began: when it began to be opened, monotonic seconds.

    Raises:
        SourceError: it cannot be opened; never with a password in its text.
    """

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self.began = time.monotonic()
        self._container = self._open()
        try:
            self._stream = self._choose()
            self.time_base = cast(Fraction, self._stream.time_base)  # a picture that a decoder is drained of has none
            # Of a sender that means harm one picture would take gigabytes.
            self._stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
            self._stream.codec_context.thread_count = 1  # threads of its own would keep pictures back
            self.decoder = Decoder(self._stream.codec_context)
        except BaseException:
            self._container.close()
            raise

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    @property
    def step(self) -> float | None:
        """Seconds between pictures, as the stream says it."""
        rate = self._stream.guessed_rate
        return float(1 / rate) if rate else None

    @property
    def stamped(self) -> bool:
        """Whether its time stamps are the camera's, and not FFmpeg's invention."""
        return _WITHOUT_TIME.isdisjoint(self._container.format.name.split(","))

    @property
    def listed(self) -> bool:
        """Whether its pictures come by a playlist, which may begin with some that came before."""
        return self._container.format.name == "hls"

    @property
    def capture_base(self) -> float | None:
        """POSIX seconds at which the camera's stamps were 0; None until it has said so (RTCP sender reports)."""
        microseconds = cast(int | None, getattr(self._container, "start_time_realtime", None))
        return microseconds / 1e6 if microseconds and microseconds > 0 else None

    def packets(self) -> "Iterator[Packet[VideoStream]]":
        """The packets of its picture, as they come. It does not end but by an error.

        Raises:
            SourceError: it broke, fell silent, or ended.
        """
        heard = time.monotonic()
        try:
            for packet in self._container.demux():
                now = time.monotonic()
                if packet.stream is self._stream and packet.size:
                    heard = now
                    yield cast("Packet[VideoStream]", packet)
                elif now - heard > STALL_S:
                    raise SourceTimedOut(self._opening.shown, "no picture comes, though the connection stands")
        except FFmpegError as error:
            raise self._error(error, "reading stopped", heard) from None
        if time.monotonic() - heard >= self._opening.timeout:
            raise SourceTimedOut(self._opening.shown, "nothing comes any more")
        raise SourceUnreachable(self._opening.shown, "the stream ended")

    def _open(self) -> InputContainer:
        opening = self._opening
        options = opening.options
        if not READS_FLV and opening.url.startswith(("http", "rtmp")):
            options = {**options, **_BUT_FLV}
        try:
            return av.open(
                opening.url,
                mode="r",
                format=opening.form,
                options=options,
                timeout=(opening.backstop + opening.probe, opening.backstop),
                **ANY_WORDS,
            )
        except FFmpegError as error:  # its text may hold the address, with the password: it goes no further
            raise self._error(error, _OPENING, self.began) from None
        except (OSError, ValueError):
            raise UnreadableSource(opening.shown, "cannot be opened") from None

    def _error(self, error: FFmpegError, doing: str, since: float) -> SourceError:
        """What it was: for a time-out the exception's type says nothing, and how long nothing came does."""
        found = source_error(self._opening.shown, error, UnreadableSource, doing)
        if isinstance(found, SourceDenied | SourceNotFound | UnsupportedSource | SourceUnreachable):
            return found
        if time.monotonic() - since >= 0.9 * self._opening.timeout:
            return SourceTimedOut(self._opening.shown, "no answer in time")
        if error.errno == EIO:
            known = doing != _OPENING or _is_known(self._opening.url)
            words = "the connection broke" if known else "no address is known for its host"
            return SourceUnreachable(self._opening.shown, words)
        return found

    def _choose(self) -> VideoStream:
        container, shown = self._container, self._opening.shown
        if self._is_recording():
            raise UnsupportedSource(shown, "this is a recording, and not live; give the file itself")
        streams = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
        streams = [one for one in streams if getattr(one, "codec_context", None) is not None]
        if not streams:
            raise NoVideo(shown, "no video in the stream")
        chosen = self._chosen(streams)
        if chosen.width * chosen.height > MOST_PIXELS:
            size = f"{chosen.width}x{chosen.height}"
            raise UnsupportedSource(shown, f"its pictures are {size}; at most {MOST_PIXELS} pixels are read")
        return chosen

    def _is_recording(self) -> bool:
        """Whether it has an end. WebM and fragments of MP4 may come live: then nobody says how long they are, though
        FFmpeg takes the first fragment's duration for that of all. An index of more pictures than a fragment has is
        that of a whole file."""
        container = self._container
        forms = _WHOLE_FILES.intersection(container.format.name.split(","))
        duration = container.duration
        ended = duration is not None and ("mov" not in forms or self._lists(duration / av.time_base))
        return bool(forms) and ((container.size or 0) > 0 or ended)

    def _lists(self, seconds: float) -> bool:
        """Whether an MP4 begins with an index of so many pictures that it is no fragment's."""
        return seconds > _FRAGMENT_S and any(stream.frames > 0 for stream in self._container.streams.video)

    def _chosen(self, streams: list[VideoStream]) -> VideoStream:
        if self._opening.stream is None:
            return max(streams, key=lambda one: one.width * one.height)
        if self._opening.stream >= len(streams):
            said = f"it has {len(streams)} video streams, counted from 0; none is {self._opening.stream}"
            raise NoVideo(self._opening.shown, said)
        return streams[self._opening.stream]


def _is_known(url: str) -> bool:
    """Whether its host has an address; FFmpeg calls both an input error."""
    try:
        return bool(socket.getaddrinfo(urlsplit(url).hostname, None))
    except (OSError, ValueError):
        return False
