"""How FFmpeg is to open a live address: its own time-outs differ by protocol, and what it does not know it ignores."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urldefrag, urlsplit

from .address import OPTIONS, is_address, local_path, redacted
from .errors import UnsupportedSource

# Seconds to wait for a connection, or for the next bytes of one: a stall is to be known within five.
TIMEOUT_S: Final = 2.5
# PyAV's own limit is the back-stop behind FFmpeg's.
_BEHIND_S: Final = 0.5
# Of a time-out, what FFmpeg may take to find out what is in a stream: it would wait five seconds for a sound that RTMP
# may yet bring, and PyAV, that stops it before, leaves a connection that cannot be read on.
_PROBING = 0.6
# Pictures that FFmpeg looks at to tell how many come a second: of twenty, as it would, two a second take too long.
_FOR_RATE: Final = 3
_RTSP = ("rtsp", "rtsps")
_HTTP = ("http", "https")
SCHEMES: Final = (*_RTSP, *_HTTP, "rtmp", "rtmps", "srt", "udp")
_LISTENING = ("srt", "udp")
ESCAPED: Final = "in a user or a password '/' is written %2F, '#' %23 and '[' %5B"
_DEVICES = "/dev/video"
# What a stream's server may make FFmpeg open beside it; a playlist must not name a file of this machine.
_NETWORK = "crypto,data,http,https,httpproxy,rtmp,rtmps,rtp,rtsp,rtsps,srt,srtp,tcp,tls,udp"


@dataclass(frozen=True, slots=True)
class Opening:
    """A live address, taken apart.

    Attributes:
        url: what FFmpeg opens.
        shown: the address as it may be shown: no credentials.
        timeout: seconds, of FFmpeg.
        backstop: seconds, of PyAV.
        stream: which of several video streams, counted from 0; None takes the largest.
        form: FFmpeg's name of the format, where it cannot find out.
        options: FFmpeg's.
        probe: seconds in which it may find out what is in the stream, where the address says so.
    """

    url: str
    shown: str
    timeout: float
    stream: int | None = None
    form: str | None = None
    options: dict[str, str] = field(default_factory=dict[str, str])
    probe: float = 0.0

    @property
    def backstop(self) -> float:
        return self.timeout + _BEHIND_S


def is_live(url: str) -> bool:
    """Whether an address is that of a stream or a device, which has no end of its own."""
    return urlsplit(url).scheme in SCHEMES if local_path(url) is None else url.startswith(_DEVICES)


def parse_live(address: str) -> Opening:
    """Take a live address apart.

    Options stand behind a `#`, which no server is sent: `rtsp://host/live#transport=udp&timeout=4&probe=10&stream=1`.
    `transport` is of RTSP (`tcp`, `udp`); `timeout` and `probe` (how long FFmpeg may look for what is in the stream)
    are seconds; `stream` counts the video streams from 0.

    Raises:
        UnsupportedSource: it names no host, or no port that there can be; an option is none, or has a value that it
            cannot have.
    """
    url, fragment = urldefrag(address)
    shown, given = redacted(address).partition("#")[0], dict(parse_qsl(fragment, keep_blank_values=True))
    _check_host(url, fragment, shown)
    if given.keys() - {*OPTIONS}:  # not named: it may be a part of a password
        raise UnsupportedSource(shown, f"an option behind '#' is unknown; there are: {', '.join(OPTIONS)}")
    try:
        timeout, probe = float(given.get("timeout", TIMEOUT_S)), float(given.get("probe", 0))
        stream = int(given["stream"]) if "stream" in given else None
    except ValueError:
        raise UnsupportedSource(shown, "timeout and probe are seconds, stream is a number") from None
    transport = given.get("transport", "tcp")
    if transport not in ("tcp", "udp") or timeout <= 0 or probe < 0:
        raise UnsupportedSource(shown, "transport is tcp or udp, timeout and probe are seconds")
    options = _options(urlsplit(url).scheme, transport, timeout) | _probing(probe or timeout * _PROBING, bool(probe))
    return Opening(url, shown, timeout, stream, "v4l2" if url.startswith(_DEVICES) else None, options, probe)


def _check_host(url: str, fragment: str, shown: str) -> None:
    if not is_address(url):
        raise UnsupportedSource(shown, f"no host, or no port, that there can be; {ESCAPED}")
    parts = urlsplit(url)
    has_port = bool(parts.port)
    if "@" in fragment:
        raise UnsupportedSource(shown, ESCAPED)
    if parts.scheme and not parts.hostname and not (parts.scheme in _LISTENING and has_port):
        raise UnsupportedSource(shown, f"expected {parts.scheme}://HOST[:PORT]/PATH")


def _options(scheme: str, transport: str, timeout: float) -> dict[str, str]:
    microseconds = str(int(timeout * 1e6))
    if scheme in _RTSP:  # `rw_timeout` would be ignored
        return {"rtsp_transport": transport, "timeout": microseconds}
    if scheme == "udp":
        return {"timeout": microseconds, "overrun_nonfatal": "1", "fifo_size": "50000"}
    if scheme == "srt":
        return {"timeout": microseconds, "connect_timeout": str(int(timeout * 1000))}
    if not scheme:
        return {}
    # `timeout` of RTMP would make FFmpeg listen
    return {"rw_timeout": microseconds, "protocol_whitelist": _NETWORK}


def _probing(seconds: float, asked: bool) -> dict[str, str]:
    found = {"analyzeduration": str(int(seconds * 1e6)), "fpsprobesize": str(_FOR_RATE)}
    return found | ({"probesize": "50000000"} if asked else {})
