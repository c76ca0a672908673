"""What a site file says of a camera that may recognise faces by itself."""

from urllib.parse import urlsplit

import msgspec

from ...streams.address import has_host
from ..errors import FactError

PATH = "/onvif/device_service"


class Onvif(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a camera is asked by ONVIF what it analyses itself.

    Attributes:
        url: `http(s)://HOST[:PORT]`, with or without `/onvif/device_service`.
        user: as whom; without one nobody.
        password_file: the file that holds the password of that user.
        ca_file: PEM file of the camera's certificate, or of whoever signs it; without one none is checked.
        remove_rules: whether its rules that recognise faces are removed where that is prohibited; for good.
    """

    url: str
    user: str | None = None
    password_file: str | None = None
    ca_file: str | None = None
    remove_rules: bool = False

    def __post_init__(self) -> None:
        if not has_host(self.url, "http", "https") or urlsplit(self.url).path.rstrip("/") not in ("", PATH):
            raise FactError(f"url: expected http(s)://HOST[:PORT]{PATH}")
        parts = urlsplit(self.url)
        if parts.username is not None or parts.password is not None:
            raise FactError("url: no user and no password in it; give `user` and `password_file`")
        if (self.user is None) != (self.password_file is None):
            raise FactError("`user` and `password_file` go together")

    @property
    def place(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        host, usual = parts.hostname or "", 443 if parts.scheme == "https" else 80
        return parts.scheme, f"[{host}]" if ":" in host else host, parts.port or usual
