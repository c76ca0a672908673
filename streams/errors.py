"""What can go wrong with a source; every error of facewarden descends from `FacewardenError`.

    FacewardenError
    └── SourceError                 a source, or part of it, could not be read
        ├── SourceNotFound          nothing is there
        ├── UnsupportedSource       the URL, layout or option is none that we read
        ├── EmptySource             it is there and holds nothing
        ├── UnreadableSource        it holds something that is no video
        ├── NoVideo                 a media file without a video stream
        ├── SourceDenied            it is there, and may not be read: no permission, or no password
        ├── SourceUnreachable       its machine does not answer, or breaks the connection
        ├── SourceTimedOut          its machine does not answer in time
        └── TruncatedSource         it ends before its own headers say so; what came before was read

`facewarden.detector.errors` continues the tree.
"""

import re
from typing import ClassVar


class FacewardenError(Exception):
    """Base of every error that facewarden raises on purpose.

    The text is one line: what is wrong, where, and what to do. `kind` is the stable word for it in JSON.
    """

    kind: ClassVar[str] = "error"

    def as_json(self) -> dict[str, str]:
        """What `error` holds in JSON answers."""
        return {"kind": self.kind, "message": str(self)}


class SourceError(FacewardenError):
    """A source, or part of it, could not be read."""

    kind = "source"

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{printable(source)}: {problem}")


# All but tabs and line ends; and what turns the direction of writing.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def printable(name: str) -> str:
    """The name with `?` for what is no text, or moves the cursor of a terminal: a file's name may be any bytes."""
    return _CONTROLS.sub("?", name.encode(errors="replace").decode())


class SourceNotFound(SourceError, FileNotFoundError):
    """Nothing is at the address."""

    kind = "not_found"


class UnsupportedSource(SourceError):
    """The URL's scheme, the picture layout or an option is none that we read."""

    kind = "unsupported"


class EmptySource(SourceError):
    """The file or folder is there and holds nothing."""

    kind = "empty"


class UnreadableSource(SourceError):
    """There is something at the address that no decoder takes for a video."""

    kind = "unreadable"


class NoVideo(SourceError):
    """A media file without a video stream."""

    kind = "no_video"


class SourceDenied(SourceError, PermissionError):
    """It is there, and may not be read: the file's permissions, or the server, which wants a password or forbids it."""

    kind = "denied"


class SourceUnreachable(SourceError, ConnectionError):
    """Its machine does not answer, refuses the connection or breaks it."""

    kind = "unreachable"


class SourceTimedOut(SourceError, TimeoutError):
    """Its machine does not answer in time."""

    kind = "timed_out"


class TruncatedSource(SourceError):
    """The file ends before its own headers say so; the pictures before that were read."""

    kind = "truncated"
