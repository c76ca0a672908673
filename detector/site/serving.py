"""What a site file says to `facewarden serve`: where the sources are, where to listen, and whom MediaMTX may serve."""

from typing import Annotated, Literal, TypeAlias

import msgspec

from ...streams.address import has_host
from ..errors import FactError
from ..fact_table import Service, Task
from .onvif import Onvif

_Positive: TypeAlias = Annotated[float, msgspec.Meta(gt=0)]
MediaMtxAction = Literal["publish", "read", "playback", "api", "metrics", "pprof"]


class SourceEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a live source is.

    Attributes:
        url: what is opened: `rtsp://...`, a device, a file, `shm:NAME`, or `push:` where a host brings its pictures;
            nothing else is ever opened, whoever asks.
        path: its name in MediaMTX, where that is not the path of the URL.
        onvif: where it is asked what it recognises by itself.
        clock_is_right: whether the camera's clock, where the stream has it, is kept right, so that a picture which is
            old by it is old.
    """

    url: str
    path: str | None = None
    onvif: Onvif | None = None
    clock_is_right: bool = False


class Anchoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who outside vouches for the head of the record's ledger, and how often.

    Attributes:
        hours: between two times.
        policy: the file that names witnesses and where they are (C2SP tlog-policy).
        authority: the address of a time stamp authority (RFC 3161).
    """

    hours: _Positive = 1.0
    policy: str | None = None
    authority: str | None = None

    def __post_init__(self) -> None:
        if self.policy is None and self.authority is None:
            raise FactError("says nobody to ask; expected policy = FILE, or authority = URL")


class Serving(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where and how to listen; options of the command line prevail. Paths are relative to the file.

    Attributes:
        listen: `HOST:PORT` or `unix:PATH` each.
        grpc: `HOST:PORT` of Envoy's external authorisation.
        record: the folder of the record.
        keep_looks: keep the small grey pictures that were looked at in the recording of a session, and not their hashes
            alone: people may be seen in them.
        recording_mb, recording_hours: what ends a file of the recording, and begins the next.
        token_file: the file that holds the bearer token which every caller must know.
        push_token_file, manage_token_file: the same of those who push pictures, and who have the site file read again:
            where callers must know a token, nobody does either without one of its own.
        tls_cert, tls_key: PEM files of the server's certificate and its key.
        client_ca: PEM file of whoever signs the certificates that callers must show.
        otlp: `http(s)://HOST:PORT` of a collector of OpenTelemetry, which gets decisions and numbers.
        anchor: who is asked to vouch for the record, and how often; by default nobody is.
    """

    listen: tuple[str, ...] = ()
    grpc: str | None = None
    record: str | None = None
    keep_looks: bool = False
    recording_mb: _Positive = 256.0
    recording_hours: _Positive = 1.0
    token_file: str | None = None
    push_token_file: str | None = None
    manage_token_file: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    client_ca: str | None = None
    otlp: str | None = None
    anchor: Anchoring | None = None


class MediaMtxUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One user of MediaMTX.

    Attributes:
        password_file: the file that holds its password; without one its name is believed, whoever gives it.
        actions: what it may do, whatever is decided.
        service, task: of a consumer: what it does with the pictures of a path that it reads, which is judged.
    """

    password_file: str | None = None
    actions: tuple[MediaMtxAction, ...] = ()
    service: Service | None = None
    task: Task | None = None


class MediaMtx(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom MediaMTX may serve (`authMethod: http`).

    Attributes:
        users: by name; one that has a `task` is a consumer of pictures.
        others: what becomes of users that are not named: `deny`, or `allow` every action but reading.
        api: its control API, by which the sessions of a consumer are ended when a verdict turns.
    """

    users: dict[str, MediaMtxUser] = {}
    others: Literal["deny", "allow"] = "deny"
    api: str | None = None

    def __post_init__(self) -> None:
        if self.api is not None and not has_host(self.api, "http", "https"):
            raise FactError("api: expected http://HOST:PORT")
