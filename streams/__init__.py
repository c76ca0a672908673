"""Frames in, with honest clocks: video files, folders of images, rendered scenes, and pictures that a program pushes.

The names below are loaded when they are first used: a program that pushes its own pictures loads no decoder.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Counters, Source
    from .errors import (
        EmptySource,
        FacewardenError,
        NoVideo,
        SourceError,
        SourceNotFound,
        TruncatedSource,
        UnreadableSource,
        UnsupportedSource,
    )
    from .frame import Frame, Pixels
    from .push import PushSource
    from .shared import SharedPictures
    from .source import open_source
    from .telemetry import Motion

_HOMES = {
    "Counters": ".base",
    "EmptySource": ".errors",
    "FacewardenError": ".errors",
    "Frame": ".frame",
    "Motion": ".telemetry",
    "NoVideo": ".errors",
    "Pixels": ".frame",
    "PushSource": ".push",
    "SharedPictures": ".shared",
    "Source": ".base",
    "SourceError": ".errors",
    "SourceNotFound": ".errors",
    "TruncatedSource": ".errors",
    "UnreadableSource": ".errors",
    "UnsupportedSource": ".errors",
    "open_source": ".source",
}

__all__ = [
    "Counters",
    "EmptySource",
    "FacewardenError",
    "Frame",
    "Motion",
    "NoVideo",
    "Pixels",
    "PushSource",
    "SharedPictures",
    "Source",
    "SourceError",
    "SourceNotFound",
    "TruncatedSource",
    "UnreadableSource",
    "UnsupportedSource",
    "open_source",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
