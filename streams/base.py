"""What every source of pictures is."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

from .frame import Frame, Pixels, Rotation
from .telemetry import Motion

# Pictures a second where nothing says how many; also what FFmpeg takes.
DEFAULT_RATE = 25.0
# A stream whose stamps are all wrong must not fill the memory with saying so.
_LISTED = 100


@dataclass(slots=True)
class Counters:
    """What a source could not hand over; what it did hand over is counted by whoever took it.

    Attributes:
        unreadable: pictures that are in the stream and did not decode.
        dropped: pictures thrown away because the taker was too slow.
        skipped: pictures that were left undecoded on purpose.
        discontinuities: what happened to the time stamps, in words, in order; the first hundred.
        left_out: what is there beside its pictures and is not read, in words.
    """

    unreadable: int = 0
    dropped: int = 0
    skipped: int = 0
    discontinuities: list[str] = field(default_factory=list[str])
    left_out: list[str] = field(default_factory=list[str])


class Source(ABC):
    """Pictures of one camera, in order. Iterate once, then close; or use it in a `with` block.

    Iterating raises `SourceError` where a stream ends in a way it should not; the frames before that are good.

    Attributes:
        name: what the source is called.
        length: how long it says it is, seconds; None where it does not.
        counters: what it could not hand over.
        thrift: set it, and a video file asks it with the media time of what comes next, seconds, and a stream over a
            network with its monotonic time, whether few pictures will do there; without one every picture is decoded.
            Other sources never ask.
    """

    def __init__(self, name: str, length: float | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._received = now
        self.length = length
        self.counters = Counters()
        self.thrift: Callable[[float], bool] | None = None
        self._index = 0

    def __iter__(self) -> Iterator[Frame]:
        return self.frames()

    @abstractmethod
    def frames(self) -> Iterator[Frame]:
        """The frames, each yielded once."""

    def close(self) -> None:
        """Let go of whatever is held open; more than once does no harm."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stamped(
        self,
        pixels: Pixels,
        media_time: float,
        discontinuity: str | None = None,
        *,
        captured_at: float | None = None,
        rotation: Rotation = 0,
        motion: Motion | None = None,
        spared: bool = False,
    ) -> Frame:
        """The next frame of this source."""
        if discontinuity and len(self.counters.discontinuities) < _LISTED:
            self.counters.discontinuities.append(f"at {media_time:.3f} s: {discontinuity}")
        frame = Frame(
            source=self.name,
            index=self._index,
            pixels=pixels,
            media_time=media_time,
            received_at=self._received(),
            captured_at=captured_at,
            rotation=rotation,
            discontinuity=discontinuity,
            motion=motion,
            spared=spared,
        )
        self._index += 1
        return frame
