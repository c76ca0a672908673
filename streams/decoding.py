"""Decoding as little of a stream as is needed: every picture, or the key pictures alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

# Key pictures alone will do where they come at least so often, seconds; and no more often than this are they decoded.
_KEYS_WITHIN_S: Final = 2.5
_APART_S: Final = 0.9
# What is kept of a group of pictures, to be there at once when all are wanted again.
_KEPT: Final = 300


@dataclass(slots=True)
class Decoder:
    """Decodes the packets of one video stream.

    With `thrifty` it decodes key pictures alone, where they come often enough, and drains the decoder at each, which
    would else keep it back until the next. The packets since the last one are kept: when all are wanted again they are
    decoded at once, and the last picture of them is handed out: nobody waits for the next key picture. Where key
    pictures come too seldom, those that no other needs are left out.

    Attributes:
        every: seconds between the last two key pictures; None where they are not known.
        skipped: pictures left undecoded on purpose.
        unreadable: packets that did not decode.
    """

    codec: VideoCodecContext
    every: float | None = None
    skipped: int = 0
    unreadable: int = 0
    _kept: "list[Packet[VideoStream]]" = field(default_factory=list["Packet[VideoStream]"])
    _sparse: bool = False
    _key_at: float | None = None
    _decoded_at: float = 0.0

    @property
    def begun(self) -> bool:
        """Whether a key picture has come."""
        return self._key_at is not None

    def decode(self, packet: "Packet[VideoStream]", now: float, *, thrifty: bool) -> Iterator[VideoFrame]:
        """The pictures that come of a packet received, or due, at `now`, seconds."""
        if packet.is_keyframe:
            self.every = self.every if self._key_at is None else now - self._key_at
            self._key_at = now
            self._kept.clear()
        if len(self._kept) < _KEPT:
            self._kept.append(packet)
        if thrifty and self.every is not None and self.every <= _KEYS_WITHIN_S:
            yield from self._key(packet, now)
        elif self._sparse:
            yield from self._catch_up()
        else:
            self.codec.skip_frame = "NONREF" if thrifty else "DEFAULT"
            yield from self._pictures(packet)

    def _key(self, packet: "Packet[VideoStream]", now: float) -> Iterator[VideoFrame]:
        if not packet.is_keyframe or (self._sparse and now - self._decoded_at < _APART_S):
            self.skipped += 1
            self._sparse = True
            return
        self._sparse, self._decoded_at = True, now
        self.codec.flush_buffers()
        yield from self._pictures(packet)
        yield from self._pictures(None)
        self.codec.flush_buffers()

    def _catch_up(self) -> Iterator[VideoFrame]:
        """What was left out since the last key picture: decoded for the sake of the last picture."""
        self._sparse = False
        self.codec.skip_frame = "DEFAULT"
        self.codec.flush_buffers()
        pictures = [picture for packet in self._kept for picture in self._pictures(packet)]
        yield from pictures[-1:]

    def _pictures(self, packet: "Packet[VideoStream] | None") -> Iterator[VideoFrame]:
        try:
            # the stubs leave open of which stream a packet is
            pictures = self.codec.decode(packet)  # pyright: ignore[reportUnknownMemberType]
        except FFmpegError:
            self.unreadable += 1
            return
        for picture in pictures:
            if picture.is_corrupt:
                self.unreadable += 1
            else:
                yield picture
