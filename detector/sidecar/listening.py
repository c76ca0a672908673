"""Sockets to listen on, made here so that what cannot be had is told before anything else begins."""

import os
import socket
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import InputError
from ..site.address import Address

# Of a Unix socket: its owner and its group may connect.
_MODE = 0o660


def listen(addresses: Sequence[Address]) -> list[socket.socket]:
    """A socket for each address, bound.

    Raises:
        InputError: one cannot be listened on; none is held then.
    """
    bound: list[socket.socket] = []
    try:
        for address in addresses:
            bound += [_tcp(address) if address.path is None else _unix(address.path)]
    except InputError:
        close(bound, addresses[: len(bound)])
        raise
    return bound


def close(sockets: Sequence[socket.socket], addresses: Sequence[Address]) -> None:
    """Let go of them, and of the files of Unix sockets."""
    for one in sockets:
        one.close()
    for address in addresses:
        if address.path is not None:
            Path(address.path).unlink(missing_ok=True)


def _tcp(address: Address) -> socket.socket:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise InputError(f"{address}: cannot be listened on ({error.strerror or error})") from error
    family, kind, protocol, _, name = found[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(name)
    except OSError as error:
        made.close()
        raise InputError(f"{address}: cannot be listened on ({error.strerror or error})") from error
    return made


def _unix(path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)  # nobody may connect before its mode is set
    try:
        _forget(path)
        made.bind(path)
        os.chmod(path, _MODE)  # noqa: PTH101 - as above
    except OSError as error:
        made.close()
        raise InputError(f"unix:{path}: cannot be listened on ({error.strerror or error})") from error
    finally:
        os.umask(before)
    return made


def _forget(path: str) -> None:
    """Take away what a service left there that ended in the middle; one that lives keeps its socket."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.stat(path).st_mode):  # noqa: PTH116 - as above
            raise OSError(17, "something else stands there")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(path) == 0:
                raise OSError(98, "another process listens there")
        os.unlink(path)  # noqa: PTH108 - as above
