"""What a server, or nobody, answers to FFmpeg is an error of ours that says which it was."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import av
import pytest
from av.error import FFmpegError, InvalidDataError, tag_to_code

from facewarden.streams.errors import (
    SourceDenied,
    SourceError,
    SourceNotFound,
    SourceTimedOut,
    SourceUnreachable,
    UnreadableSource,
    UnsupportedSource,
)
from facewarden.streams.ffmpeg import source_error


class _Refuses(BaseHTTPRequestHandler):
    """Answers a request for `/401` with that status."""

    def do_GET(self) -> None:
        self.send_error(int(self.path[1:]))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
        """Silent."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Refuses) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


def error_of(url: str, timeout: float = 20) -> SourceError:
    with pytest.raises(FFmpegError) as raised:
        av.open(url, timeout=timeout)
    return source_error("door", raised.value, UnreadableSource, "cannot be opened")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, SourceDenied),
        (403, SourceDenied),
        (404, SourceNotFound),
        (500, SourceUnreachable),
        (410, UnreadableSource),
    ],
)
def test_a_server_that_refuses(server: str, status: int, kind: type[SourceError]) -> None:
    error = error_of(f"{server}/{status}")

    assert type(error) is kind
    assert str(error).startswith("door: the server ")


def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = error_of(f"http://127.0.0.1:{taken.getsockname()[1]}/")

    assert isinstance(error, SourceUnreachable)
    assert isinstance(error, ConnectionError)


def test_a_server_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = error_of(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.3)

    assert isinstance(error, SourceTimedOut)
    assert isinstance(error, TimeoutError)


def test_a_protocol_that_there_is_not() -> None:
    assert isinstance(error_of("nonsense://door/1"), UnsupportedSource)


def test_a_code_that_says_nothing_is_what_the_caller_takes_it_for_with_ffmpeg_s_words() -> None:
    error = source_error(
        "a.mp4", InvalidDataError(tag_to_code(b"INDA"), "Invalid Data"), UnreadableSource, "cannot be decoded"
    )

    assert (type(error), str(error)) == (UnreadableSource, "a.mp4: cannot be decoded (invalid data)")
