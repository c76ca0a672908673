"""Which HTTP requests concern a face service: the table of `endpoints.toml`, read when the first request is sent."""

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote

import msgspec


class Endpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the table; what its fields mean stands at the head of `endpoints.toml`."""

    path: str
    service: str | None = None
    host: tuple[str, ...] = ()
    method: str = "POST"
    task: str | None = None
    read: str | None = None
    header: str | None = None


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table.

    Attributes:
        hosts: endings of hosts by the service whose they are.
        endpoints: in the order in which they are asked.
        rekognition: operations by task, or by what else has to be asked.
    """

    hosts: Mapping[str, tuple[str, ...]]
    endpoints: tuple[Endpoint, ...]
    rekognition: Mapping[str, tuple[str, ...]]


class _Rule(NamedTuple):
    endpoint: Endpoint
    path: re.Pattern[str]
    within: re.Pattern[str]
    methods: frozenset[str]


def candidates(method: str, url: str) -> list[Endpoint]:
    """The endpoints that a request may be for, by its method and URL; constant work, whatever its body."""
    index = _index()
    if method not in index.methods and method.upper() not in index.methods:
        return []
    host, segments = _parts(url)
    if segments and index.keys.isdisjoint(segments) and not host.endswith(index.whole_hosts):
        return []
    rules = (rule for key in dict.fromkeys([*segments, "", "**"]) for rule in index.by_key.get(key, ()))
    found = [rule.endpoint for rule in rules if _fits(rule, method.upper(), host, "/".join(segments))]
    return sorted(found, key=index.order.__getitem__)


def service_of(endpoint: Endpoint, url: str) -> str | None:
    """Whose the endpoint is: its own service's, or the host's; None where neither is known."""
    if endpoint.service:
        return endpoint.service
    host = _parts(url)[0]
    return next((service for service, endings in table().hosts.items() if _ends(host, endings)), None)


def _fits(rule: _Rule, method: str, host: str, path: str) -> bool:
    of_host = not rule.endpoint.host or _ends(host, rule.endpoint.host)
    found = rule.path.search(path) if method in rule.methods and of_host else None
    return found is not None and not (rule.endpoint.task == "other" and _asks(path[: found.start()]))


def _asks(before: str) -> bool:
    """Whether something is asked at what stands before a path that asks nothing: a server may go by that alone."""
    rules = (rule for key in filter(None, {*before.split("/")}) for rule in _index().by_key.get(key, ()))
    return any(rule.endpoint.read and rule.within.search(before) for rule in rules)


def _ends(host: str, endings: tuple[str, ...]) -> bool:
    return any(host == ending or host.endswith("." + ending) for ending in endings)


def _parts(url: str) -> tuple[str, list[str]]:
    """The host and the segments of the path, as they are compared."""
    pieces = url.partition("?")[0].lower().split("/", 3)
    path = pieces[3] if len(pieces) > 3 else ""
    segments = (unquote(path) if "%" in path else path).split("/")
    authority = pieces[2] if len(pieces) > 2 else ""
    return authority.rpartition("@")[2].partition(":")[0].rstrip("."), [segment for segment in segments if segment]


def _rule(endpoint: Endpoint) -> _Rule:
    below = endpoint.path.endswith("**")
    fixed = re.escape(endpoint.path.removesuffix("**").strip("/")).replace(r"\*", "[^/]*")
    end = "(?:/.*)?$" if below and fixed else "" if below else "$"
    within = re.compile(f"(?:^|/){fixed}(?:/|$)")
    return _Rule(endpoint, re.compile(f"(?:^|/){fixed}{end}"), within, frozenset(endpoint.method.split()))


def _key(endpoint: Endpoint) -> str:
    # The segment by which a URL is told to be worth a closer look: the last that is written out.
    written = [segment for segment in endpoint.path.split("/") if "*" not in segment]
    return written[-1] if written else "**"


@cache
def table() -> Table:
    """What `endpoints.toml` says."""
    from importlib.resources import files

    return msgspec.toml.decode((files(__package__ or "") / "endpoints.toml").read_bytes(), type=Table)


class _Index(NamedTuple):
    """The table, made ready to be asked."""

    by_key: dict[str, list[_Rule]]
    keys: frozenset[str]
    order: dict[Endpoint, int]
    methods: frozenset[str]
    whole_hosts: tuple[str, ...]


@cache
def _index() -> _Index:
    endpoints = table().endpoints
    by_key: dict[str, list[_Rule]] = {}
    for endpoint in endpoints:
        by_key.setdefault(_key(endpoint), []).append(_rule(endpoint))
    return _Index(
        by_key,
        frozenset(by_key),
        {endpoint: place for place, endpoint in enumerate(endpoints)},
        frozenset(method for endpoint in endpoints for method in endpoint.method.split()),
        tuple(ending for rule in by_key["**"] for ending in rule.endpoint.host),
    )
