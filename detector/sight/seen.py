"""What the pictures of a source have shown: a value that says itself until when it holds."""

from math import inf
from typing import Literal, NamedTuple

import msgspec

Camera = Literal["mobile", "fixed", "unknown"]
Environment = Literal["uncontrolled", "consistent", "unknown"]


class Shown(NamedTuple):
    """What may settle the facts `camera` and `environment`: a place is at most consistent with a controlled one."""

    camera: Camera
    environment: Environment


NOTHING = Shown("unknown", "unknown")
_CAMERAS: dict[Camera, int] = {"unknown": 0, "fixed": 1, "mobile": 2}
_ENVIRONMENTS: dict[Environment, int] = {"unknown": 0, "consistent": 1, "uncontrolled": 2}


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was seen of one source, as of its last picture. A plain value: it can cross a pipe, a socket or a file.

    That a camera is mobile, or an environment uncontrolled, holds without end. That a camera stands, and that a place
    looks controlled, hold only while somebody looks.

    Attributes:
        source: its name.
        camera, environment: see `Shown`.
        at: media time of that picture, seconds; None before the first.
        received_at: when it was received, on the clock of whoever watches (`Clock.now`), seconds.
        stands_until: after this moment on that clock a camera that stood may be anywhere.
        looked_until: after this one a place that looked controlled may look otherwise.
        version: of this record.
    """

    source: str
    camera: Camera = "unknown"
    environment: Environment = "unknown"
    at: float | None = None
    received_at: float | None = None
    stands_until: float | None = None
    looked_until: float | None = None
    version: int = 1

    def on(self, now: float) -> Shown:
        """What of it still holds at a moment of the same clock."""
        gone = self.camera == "fixed" and _past(self.stands_until, now)
        blind = self.environment == "consistent" and _past(self.looked_until, now)
        return Shown("unknown" if gone else self.camera, "unknown" if blind else self.environment)

    @property
    def lasting(self) -> Shown:
        """What of it holds at every moment after."""
        return self.on(inf)


def joined(one: Shown, other: Shown) -> Shown:
    """What two who looked at the same source have seen: what one of them has settled, the stricter of both."""
    return Shown(
        max((one.camera, other.camera), key=_CAMERAS.__getitem__),
        max((one.environment, other.environment), key=_ENVIRONMENTS.__getitem__),
    )


def _past(moment: float | None, now: float) -> bool:
    return moment is None or now > moment
