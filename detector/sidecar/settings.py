"""What `facewarden serve` was told, by its options and by the site file: one value, checked."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from ...streams.address import has_host, is_address, redacted
from ..errors import InputError
from ..recording.parts import RecordingLimits
from ..secret import read_secret
from ..site import Site
from ..site.address import Address, parse_address
from ..site.serving import Anchoring, MediaMtx
from ..site.upstreams import Upstream
from .onvif.camera import Access, library
from .roles import Tokens

DEFAULT_LISTEN: Final = "127.0.0.1:7070"
# Characters that a token must have at least.
_SHORTEST: Final = 16


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is told to the service.

    Attributes:
        site: the site file.
        sources: URL by name: those of the file, then those of the command line.
        right_clocks: sources whose camera's clock is kept right.
        paths: source by its path in MediaMTX.
        listen: where HTTP is answered.
        grpc: where Envoy's external authorisation is.
        record: the folder of the record; None keeps none.
        keep_looks: see `Serving`.
        limits: of a file of the recording.
        tokens: what callers must know.
        tls_cert, tls_key, client_ca: PEM files.
        passwords: of MediaMTX's users that have one.
        upstreams: by name, what the gateway stands in front of.
        onvif: by the name of its source, how a camera is asked what it recognises by itself.
        anchor: who vouches for the record; its file is in reach from here.
    """

    site: Path
    sources: dict[str, str]
    right_clocks: frozenset[str] = frozenset()
    paths: dict[str, str] = {}
    listen: tuple[Address, ...] = (Address("127.0.0.1", 7070),)
    grpc: Address | None = None
    record: Path | None = None
    keep_looks: bool = False
    limits: RecordingLimits = RecordingLimits()
    tokens: Tokens = Tokens()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    passwords: dict[str, str] = {}
    upstreams: dict[str, Upstream] = {}
    onvif: dict[str, Access] = {}
    otlp: str | None = None
    anchor: Anchoring | None = None

    def __post_init__(self) -> None:
        if self.anchor is not None and self.record is None:
            raise InputError("[serve.anchor] has nothing to vouch for: say where the record is, --record DIR")
        if self.otlp is not None and not has_host(self.otlp, "http", "https"):
            raise InputError(f"--otlp {redacted(self.otlp)}: no address of a collector; expected http://HOST:PORT")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise InputError("a certificate needs its key: give --tls-cert and --tls-key together")
        if self.client_ca is not None and self.tls_cert is None:
            raise InputError("--client-ca asks callers for certificates: that needs --tls-cert and --tls-key")
        if self.tokens.ask is None and self.client_ca is None:
            for address in filter(None, (*self.listen, self.grpc)):
                self._keep_local(address)

    def _keep_local(self, address: Address) -> None:
        if not address.local:
            raise InputError(
                f"{address}: whoever reaches this address could ask; give --token-file, or --client-ca, "
                f"or listen on {DEFAULT_LISTEN} or unix:PATH"
            )

    def tls(self) -> ssl.SSLContext | None:
        """What connections are secured by; None where they are not.

        Raises:
            InputError: a certificate or a key cannot be used.
        """
        if self.tls_cert is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.tls_cert, self.tls_key)
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
                context.verify_mode = ssl.CERT_REQUIRED
        except (OSError, ssl.SSLError) as error:
            raise InputError(f"{self.tls_cert}: cannot be used as certificate ({error})") from error
        return context


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says; None where it says nothing."""

    site: Path
    sources: dict[str, str] = {}
    listen: tuple[str, ...] = ()
    grpc: str | None = None
    record: Path | None = None
    token_file: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    otlp: str | None = None


def settle(options: Options, site: Site) -> Settings:
    """Join what the command line says with what the site file does.

    Raises:
        InputError: the two do not make a service that may be offered, or a file that they name cannot be read.
    """
    said, folder = site.serve, options.site.parent

    def path(option: Path | None, key: str | None) -> Path | None:
        return option if option is not None or key is None else folder / key

    grpc = options.grpc or said.grpc
    return Settings(
        site=options.site,
        right_clocks=frozenset(name for name, entry in site.sources.items() if entry.clock_is_right),
        sources={**{name: entry.url for name, entry in site.sources.items()}, **options.sources},
        paths=_paths(site),
        listen=tuple(map(parse_address, options.listen or said.listen or (DEFAULT_LISTEN,))),
        grpc=parse_address(grpc) if grpc else None,
        record=path(options.record, said.record),
        keep_looks=said.keep_looks,
        limits=RecordingLimits(said.recording_mb, said.recording_hours),
        tokens=Tokens(
            _token(path(options.token_file, said.token_file)),
            _token(path(None, said.push_token_file)),
            _token(path(None, said.manage_token_file)),
        ),
        tls_cert=path(options.tls_cert, said.tls_cert),
        tls_key=path(options.tls_key, said.tls_key),
        client_ca=path(options.client_ca, said.client_ca),
        passwords=_passwords(site.mediamtx, folder),
        upstreams=site.upstreams,
        onvif=_onvif(site, folder),
        otlp=(options.otlp or said.otlp or "").rstrip("/") or None,
        anchor=_anchor(said.anchor, folder),
    )


def _anchor(said: Anchoring | None, folder: Path) -> Anchoring | None:
    if said is None or said.policy is None:
        return said
    return msgspec.structs.replace(said, policy=str(folder / said.policy))


def _token(path: Path | None) -> str | None:
    if path is None:
        return None
    token = read_secret(path)
    if len(token) < _SHORTEST or not token.isascii() or not token.isprintable() or " " in token:
        raise InputError(f"{path}: expected a token of {_SHORTEST} printable ASCII characters or more, without spaces")
    return token


def _passwords(mediamtx: MediaMtx, folder: Path) -> dict[str, str]:
    files: Mapping[str, str | None] = {name: user.password_file for name, user in mediamtx.users.items()}
    return {name: read_secret(folder / file) for name, file in files.items() if file is not None}


def _onvif(site: Site, folder: Path) -> dict[str, Access]:
    said = {name: entry.onvif for name, entry in site.sources.items() if entry.onvif is not None}
    if said:
        library()
    return {
        name: Access(
            *one.place, one.user, _read(folder, one.password_file), one.remove_rules, _certificates(folder, one.ca_file)
        )
        for name, one in said.items()
    }


def _read(folder: Path, file: str | None) -> str | None:
    return None if file is None else read_secret(folder / file)


def _certificates(folder: Path, file: str | None) -> str | None:
    if file is None:
        return None
    try:
        text = (folder / file).read_text()
        ssl.create_default_context(cadata=text)
    except (OSError, ValueError) as error:  # ssl's own errors are the former
        raise InputError(f"{folder / file}: no certificates that can be read ({error})") from error
    return text


def _paths(site: Site) -> dict[str, str]:
    """Source by its path in MediaMTX: the one that is named, else that of the URL."""
    from urllib.parse import urlsplit

    network = ("rtsp", "rtsps", "rtmp", "rtmps", "srt", "http", "https")
    found: dict[str, str] = {}
    for name, entry in site.sources.items():
        parts = urlsplit(entry.url if is_address(entry.url) else "")
        found[entry.path or (parts.path.strip("/") if parts.scheme in network else "") or name] = name
    return found
