"""What a program asks that has neither pictures nor policy of its own, and what it is answered."""

from collections.abc import Iterable

import msgspec
import numpy as np

from ...policy import Decision
from .attribution import Attribution
from .content import planes
from .pictures import MOST, Plane


class View(msgspec.Struct, frozen=True):
    """A picture in a call, as small as it is compared: no side is longer than `pictures.SIDE`.

    Attributes:
        width: its columns.
        luma: brightness, uint8, row by row, from the darkest pixel to the brightest.
    """

    width: int
    luma: bytes


class CallQuestion(msgspec.Struct, frozen=True, omit_defaults=True):
    """May this call be made?

    Attributes:
        call: it, as a line of a call log.
        said: whose picture it is on, as the program says.
        shown: from where the thread or task that makes it has read pictures in the last seconds.
        read: what else it has read.
        views: the pictures that go into it.
        closed: why it has to be held, whatever the policy says: a tap was lost.
        observe: whether nothing shall be refused.
    """

    call: msgspec.Raw
    said: Attribution | None = None
    shown: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    views: tuple[View, ...] = ()
    closed: str | None = None
    observe: bool = False


class CallReply(msgspec.Struct, frozen=True):
    """What was decided; None where the call may be made."""

    refused: Decision | None


def as_views(pictures: Iterable[object]) -> tuple[View, ...]:
    """The pictures in what a call is given, as they are asked about; see `pictures.pictures`."""
    return tuple(map(_view, planes(pictures)[: MOST + 1]))


def as_planes(views: Iterable[View]) -> list[Plane]:
    """The same pictures, where they are asked about.

    Raises:
        ValueError: one is none.
    """
    return [np.frombuffer(view.luma, np.uint8).reshape(-1, view.width) for view in views]


def _view(plane: Plane) -> View:
    least, most = float(plane.min()), float(plane.max())
    luma = (plane - least) * (255.0 / max(most - least, 1e-6))
    return View(plane.shape[1], np.rint(luma).astype(np.uint8).tobytes())
