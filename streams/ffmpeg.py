"""What FFmpeg says went wrong, as errors of ours: one table, for files and for networks."""

import errno
from typing import Any, Final

import av
from av.error import FFmpegError, tag_to_code

from .errors import (
    SourceDenied,
    SourceError,
    SourceNotFound,
    SourceTimedOut,
    SourceUnreachable,
    TruncatedSource,
    UnreadableSource,
    UnsupportedSource,
)

# Titles and the like may be any bytes. From 19 on PyAV bears that, and knows no word for it.
ANY_WORDS: Final[dict[str, Any]] = {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "replace"}
_NO_ANSWER = "nobody answers there"
# Code -> our error, and what a person should read; FFmpeg's own codes are tags (libavutil/error.h).
_TABLE: dict[int, tuple[type[SourceError], str]] = {
    errno.ENOENT: (SourceNotFound, "no such file or folder"),
    errno.EACCES: (SourceDenied, "cannot be read (permission denied)"),
    errno.EPERM: (SourceDenied, "cannot be read (operation not permitted)"),
    errno.ECONNREFUSED: (SourceUnreachable, "the connection was refused"),
    errno.ECONNRESET: (SourceUnreachable, "the connection was reset"),
    errno.ECONNABORTED: (SourceUnreachable, "the connection was aborted"),
    errno.EPIPE: (SourceUnreachable, "the connection was closed"),
    errno.EHOSTUNREACH: (SourceUnreachable, _NO_ANSWER),
    errno.ENETUNREACH: (SourceUnreachable, _NO_ANSWER),
    errno.ETIMEDOUT: (SourceTimedOut, "no answer in time"),
    tag_to_code(b"EXIT"): (SourceTimedOut, "no answer in time"),  # PyAV stops FFmpeg at its own `timeout`
    tag_to_code(b"\xf8400"): (UnsupportedSource, "the server takes it for a bad request (400)"),
    tag_to_code(b"\xf8401"): (SourceDenied, "the server wants a user and a password, or others (401)"),
    tag_to_code(b"\xf8403"): (SourceDenied, "the server forbids it (403)"),
    tag_to_code(b"\xf8404"): (SourceNotFound, "the server has no such stream (404)"),
    tag_to_code(b"\xf84XX"): (UnreadableSource, "the server refuses it (4xx)"),
    tag_to_code(b"\xf85XX"): (SourceUnreachable, "the server has failed (5xx)"),
    tag_to_code(b"EOF "): (TruncatedSource, "it ended too early"),
    tag_to_code(b"\xf8PRO"): (UnsupportedSource, "FFmpeg has no such protocol"),
}


def source_error(source: str, error: FFmpegError, otherwise: type[SourceError], doing: str) -> SourceError:
    """The error of ours that an error of FFmpeg is.

    Args:
        source: its name or address, as it may be shown.
        error: what PyAV has raised.
        otherwise: what it is where its code says nothing (data that is none, an input error).
        doing: what was tried and did not work, for that case: "cannot be decoded".
    """
    kind, words = _TABLE.get(abs(error.errno or 0), (otherwise, f"{doing} ({reason(error)})"))
    return kind(source, words)


def reason(error: FFmpegError) -> str:
    """What FFmpeg says, for the end of a sentence."""
    return (error.strerror or str(error)).lower()
