"""Who asks: the name by which the site knows a client, from the certificate or the key that it shows, or from what a
proxy that stands before us says of it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple, TypeAlias

from ...site.upstreams import Upstream

# What a caller has shown, as `ssl` tells it.
Certificate: TypeAlias = Mapping[str, Any]
# Where services look for a key.
_KEYS: Final = ("x-api-key", "api-key", "ocp-apim-subscription-key", "x-goog-api-key", "x-auth-token")
# An access key's name, which goes in the clear with what it has signed (AWS Signature Version 4).
_SIGNED: Final = re.compile(r"Credential=([^/\s,]{1,128})/")
# Characters of a name that go on record.
_LONGEST: Final = 200


class Known(NamedTuple):
    """A client.

    Attributes:
        name: what the site, its certificate or a proxy calls it; None where nobody does.
        by: how that is known: `certificate`, `key`, `header`.
        source: whose pictures it sends, where the site says that of it.
    """

    name: str | None = None
    by: str = ""
    source: str | None = None

    @property
    def own(self) -> dict[str, object]:
        """What goes on record of it."""
        return {} if self.name is None else {"client": self.name, "client_by": self.by}


def who(upstream: Upstream, header: Callable[[str], str], certificate: Certificate | None = None) -> Known:
    """The client that asks.

    Args:
        upstream: what the site says of clients.
        header: the one value of a header by its lower-case name; empty where there is none, or several.
        certificate: what it has shown, as `ssl` tells it; None where none was asked for.
    """
    name, by = common_name(certificate), "certificate"
    if name is None:
        name, by = _by_key(upstream, header), "key"
    if name is None and upstream.client_header is not None:
        name, by = header(upstream.client_header.lower())[:_LONGEST] or None, "header"
    told = upstream.clients.get(name or "")
    return Known(name, by, told.source if told else None) if name else Known()


def _by_key(upstream: Upstream, header: Callable[[str], str]) -> str | None:
    if not any(client.key_sha256 for client in upstream.clients.values()):
        return None
    shown = {sha256(key.encode("latin-1", "replace")).hexdigest() for key in _shown(header)}
    return next((name for name, client in upstream.clients.items() if client.key_sha256 in shown), None)


def _shown(header: Callable[[str], str]) -> Iterator[str]:
    """The keys that a request shows."""
    said = header("authorization")
    kind, _, value = said.partition(" ")
    if kind.lower() == "bearer":
        yield value.strip()
    if signed := _SIGNED.search(said):
        yield signed[1]
    yield from filter(None, map(header, _KEYS))


def common_name(certificate: Certificate | None) -> str | None:
    """The common name of a certificate's subject; None where there is no certificate, or no name in it."""
    parts: Iterable[tuple[tuple[str, str], ...]] = certificate.get("subject", ()) if certificate else ()
    return next((value[:_LONGEST] for part in parts for key, value in part if key == "commonName"), None)
