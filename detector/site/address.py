"""Where a service listens, as people write it."""

from ipaddress import ip_address

import msgspec

from ..errors import InputError


class Address(msgspec.Struct, frozen=True):
    """Where to listen: a host and a port, or a Unix socket."""

    host: str = ""
    port: int = 0
    path: str | None = None

    @property
    def local(self) -> bool:
        """Whether nobody but this machine reaches it."""
        return self.path is not None or _is_loopback(self.host)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.path is None else f"unix:{self.path}"


def parse_address(text: str) -> Address:
    """The address that `HOST:PORT`, `[HOST]:PORT` or `unix:PATH` names.

    Raises:
        InputError: it is none.
    """
    if text.startswith("unix:") and len(text) > len("unix:"):
        return Address(path=text.removeprefix("unix:"))
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise InputError(f"{text}: no address to listen on; expected HOST:PORT or unix:PATH")
    return Address(host.strip("[]"), int(port))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
