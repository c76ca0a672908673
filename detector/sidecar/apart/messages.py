"""What the process that looks at sources and the one with the doors tell each other: plain values as MessagePack.

Whoever decodes what strangers send is not trusted with more than that: nothing of these can run code.
"""

from typing import Final

import msgspec
import numpy as np

from ....streams.frame import Image
from ...belief import EnvironmentBelief, Faces, MobilityBelief
from ...budget import Cost
from ...calls.attribution.recent import Shown, Thumb, thumb_of
from ...recording.hearing import Heard
from ...recording.messages import Measured, Picture
from ...records.entry import Event
from ...sight.seen import Seen
from ...sight.state import Coverage
from ..cameras import CameraStatus


class Plane(msgspec.Struct, array_like=True, frozen=True):
    """Luma, rows of bytes, and the media time of its picture, seconds."""

    at: float
    height: int
    width: int
    luma: bytes

    @property
    def image(self) -> Image:
        """It, shape (height, width), uint8."""
        return np.frombuffer(self.luma, np.uint8).reshape(self.height, self.width)


class Pictures(msgspec.Struct, array_like=True, frozen=True):
    """What a source has shown since this was told last, and how many are kept of all that was shown.

    Attributes:
        views, thumbs: see `calls.attribution.recent.Showing`.
        views_kept, thumbs_kept: the newest so many stand.
    """

    views: tuple[Plane, ...]
    thumbs: tuple[Plane, ...]
    views_kept: int
    thumbs_kept: int


class Standing(msgspec.Struct, array_like=True, frozen=True):
    """How it stands with a source, and what is believed of it."""

    status: CameraStatus
    mobility: MobilityBelief
    environment: EnvironmentBelief
    faces: Faces
    coverage: Coverage
    cost_ms: Cost
    events: tuple[Event, ...]


class Kept(msgspec.Struct, array_like=True, frozen=True):
    """A picture for the recording, see `Heard`."""

    picture: Picture
    look: Plane | None
    measured: Measured | None


class Told(msgspec.Struct, array_like=True, frozen=True):
    """What has come of the pictures since this was told last, some twenty times a second.

    Attributes:
        orders: the number of the orders that were followed.
        seen: what was seen of sources, where that changed.
        events: what happened to them.
        kept: for the recording, in their order.
        lost: how many more there were for it, and no room.
        shown: what they have shown, where that is wanted.
        standing: how it stands with some of them; with each several times a second.
    """

    orders: int
    seen: tuple[Seen, ...] = ()
    events: tuple[Event, ...] = ()
    kept: tuple[Kept, ...] = ()
    lost: int = 0
    shown: dict[str, Pictures] = {}
    standing: tuple[Standing, ...] = ()


class Setup(msgspec.Struct, array_like=True, frozen=True):
    """What a process that looks at sources is told first.

    Attributes:
        reader: what reads them, as `module:name`; and takes `Eyes` and who is told of events.
        faces: the site's face detector, by path; None for the one that ships.
        seed: of the moments that are looked at.
        records: whether what is heard is kept.
        keeps_looks: whether pictures are, as far as they were looked at.
    """

    reader: str
    faces: str | None
    seed: int
    records: bool
    keeps_looks: bool


class Orders(msgspec.Struct, array_like=True, frozen=True):
    """What it is told from then on.

    Attributes:
        number: counts those that change the sources.
        addresses: URL by name; None where they stay.
        asked: sources that calls were decided on, and how many.
        show: whether what they show is wanted.
        end: whether to end.
    """

    number: int
    addresses: dict[str, str] | None = None
    asked: dict[str, int] = {}
    show: bool = False
    end: bool = False


encode: Final = msgspec.msgpack.Encoder().encode
read_told: Final = msgspec.msgpack.Decoder(Told).decode
read_setup: Final = msgspec.msgpack.Decoder(Setup).decode
read_orders: Final = msgspec.msgpack.Decoder(Orders).decode


def plane(at: float, luma: Image) -> Plane:
    """Luma, shape (h, w), uint8, of a picture at that media time, seconds."""
    height, width = luma.shape
    return Plane(at, height, width, luma.tobytes())


def as_view(one: Plane) -> Shown:
    """The view that it was."""
    return Shown(one.at, one.image)


def as_thumb(one: Plane) -> Thumb:
    """The thumb that it was."""
    return thumb_of(one.at, one.image)


def kept(heard: Heard, keeps_looks: bool) -> Kept:
    """What was heard of a picture, as it is told; its look is hashed here."""
    look = heard.look if keeps_looks else None
    return Kept(heard.with_digest(), None if look is None else plane(0.0, look), heard.measured)


def as_heard(one: Kept, run: int) -> Heard:
    """The same for a recording in which its source has that run."""
    picture = msgspec.structs.replace(one.picture, run=run)
    measured = None if one.measured is None else msgspec.structs.replace(one.measured, run=run)
    return Heard(picture, None if one.look is None else one.look.image, measured)
