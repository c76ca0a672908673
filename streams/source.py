"""`Source`, the interface, and `open_source`, the way to get one."""

from importlib import import_module
from urllib.parse import urlsplit

from .address import exists, is_address, local_path, redacted
from .base import Counters, Source
from .errors import UnsupportedSource
from .opening import ESCAPED, is_live, parse_live
from .shared import is_shared, shared_path

__all__ = ["Counters", "Source", "check_address", "open_source"]

# Scheme -> module of this package and the function in it that opens: `function(url, name, assume_fps)`. It is imported
# when such a source is opened, for each brings its own libraries.
_LOCAL = "local:open_local"
_OPENERS = {
    "": _LOCAL,
    "file": _LOCAL,
    "live": "live:open_live",
    "push": "pushed:open_pushed",
    "segments": "segments:open_segments",
    "shm": "shm:open_shared",
    "synthetic": "synthetic:open_scene",
}


def open_source(url: str, name: str | None = None, assume_fps: float | None = None) -> Source:
    """Open a video file, a folder of images, what a recorder cut, a rendered scene or a live stream.

    Args:
        url: a path, `file:` URL, `segments:` URL (see `segments.segments_url`), the address of a live stream or device
            (see `live.LiveSource`), `shm:NAME` (see `shm.SharedFeed`), or `synthetic:SCENE?seed=1&seconds=10` (see
            `SyntheticSource`).
        name: the source's name; by default the file's stem or the scene.
        assume_fps: pictures a second where the pictures carry no time (folders, raw streams).

    Raises:
        SourceError: one of its kinds, with one line that says what is wrong and where.
    """
    module, function = _opener(url).split(":")
    return getattr(import_module(f".{module}", __package__), function)(url, name, assume_fps)


def check_address(url: str) -> None:
    """Nothing is opened.

    Raises:
        UnsupportedSource: no source can be of that address.
    """
    if not url.strip():
        raise UnsupportedSource(repr(url), "expected an address")
    if _opener(url) == _OPENERS["synthetic"]:
        open_source(url)
    elif is_live(url):
        parse_live(url)
    elif is_shared(url):
        shared_path(url)


def _opener(url: str) -> str:
    shown = redacted(url)
    if not is_address(url) and not exists(url):
        raise UnsupportedSource(shown, f"cannot be taken apart as an address; {ESCAPED}")
    scheme = "" if local_path(url) is not None else urlsplit(url).scheme
    opener = _OPENERS.get("live" if is_live(url) else scheme)
    if opener is None:
        reads = "give a video file, a folder of images, a live stream, shm:NAME or synthetic:SCENE"
        what = f"'{scheme}:'" if shown.startswith(scheme) else "this"  # it may be a user's name
        raise UnsupportedSource(shown, f"{what} is no source that facewarden reads; {reads}")
    return opener
