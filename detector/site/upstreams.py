"""What a site file says of inference servers and services that `facewarden serve` stands in front of."""

import re
from typing import Literal

import msgspec

from ...streams.address import has_host, redacted
from ..errors import FactError
from ..fact_table import Task

UpstreamKind = Literal[
    "oip", "rekognition", "azure_face", "azure_openai", "openai", "anthropic", "gemini", "google_vision", "clearview",
    "compreface", "codeproject", "facepp", "kairos", "chat",
]  # fmt: skip
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SCHEMES = ("http", "https", "grpc", "grpcs")


class Client(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who asks an upstream.

    Attributes:
        key_sha256: of the key that it shows to the service, in hexadecimal; the key itself stands nowhere.
        source: whose pictures it sends, where a call does not say.
    """

    key_sha256: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        if self.key_sha256 is not None and not _SHA256.fullmatch(self.key_sha256):
            raise FactError("key_sha256: expected 64 digits of lower-case hexadecimal")


class Upstream(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of them.

    Attributes:
        url: where it is: `http(s)://HOST:PORT[/PATH]`; `grpc(s)://HOST:PORT` for the Open Inference Protocol by gRPC.
        kind: what it speaks; `oip` is the Open Inference Protocol, `chat` a chat server of one's own.
        listen: where its clients ask, `HOST:PORT` or `unix:PATH`.
        source: whose pictures its clients send, where a call does not say.
        models: the folder of its models, where that can be read here: a folder for each, by name.
        tasks: by a model's name what it does, where facewarden cannot find that out; a recogniser that was found out
            stays one.
        passes: beginnings of paths that ask for no inference; what else is not known there is held.
        host: whose name goes on in the header `Host`; by default the client's, where it is signed or matters to
            nobody (`rekognition`, `oip`, servers of one's own), else the upstream's.
        clients: who asks, by name: a client's certificate has it as common name, or the client shows its key.
        client_header: the header in which a proxy, which nobody can pass by, says who asks.
    """

    url: str
    kind: UpstreamKind
    listen: str
    source: str | None = None
    models: str | None = None
    tasks: dict[str, Task] = {}
    passes: tuple[str, ...] = ()
    host: Literal["client", "upstream"] | None = None
    clients: dict[str, Client] = {}
    client_header: str | None = None

    def __post_init__(self) -> None:
        if not has_host(self.url, *_SCHEMES):
            raise FactError(f"url {redacted(self.url)!r}: expected http(s)://HOST:PORT or grpc(s)://HOST:PORT")
        if self.url.startswith("grpc") and self.kind != "oip":
            raise FactError(f"url {redacted(self.url)!r}: gRPC is understood of kind 'oip' alone")
