"""Requests to services: what they ask for, by the rules that the taps have."""

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from ...calls import Call
from ...calls.services import Request, candidates
from ...calls.services.contents import runs_nothing
from ...calls.services.understand import understand
from .incoming import Incoming

_HARMLESS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "DELETE"})
# What tells itself by its URL: its body is not looked at.
_BY_URL: Final = frozenset({"azure_detect", "azure_vision", "compreface_detect", None})


class Kind(NamedTuple):
    """A kind of service.

    Attributes:
        service: a value of the fact `service`, where its host does not tell.
        host: as which its requests are understood, wherever it stands.
        own_host: whether the client's `Host` goes on as it is.
    """

    service: str
    host: str
    own_host: bool = False


KINDS: Final = {
    "rekognition": Kind("aws_rekognition", "rekognition.us-east-1.amazonaws.com", own_host=True),
    "azure_face": Kind("azure_face", "facewarden.cognitiveservices.azure.com"),
    "azure_openai": Kind("azure_openai", "facewarden.openai.azure.com"),
    "openai": Kind("openai", "api.openai.com"),
    "anthropic": Kind("anthropic", "api.anthropic.com"),
    "gemini": Kind("other", "generativelanguage.googleapis.com"),
    "google_vision": Kind("google_vision", "vision.googleapis.com"),
    "clearview": Kind("clearview", "api.clearview.ai"),
    "compreface": Kind("local", "localhost", own_host=True),
    "codeproject": Kind("local", "localhost", own_host=True),
    "facepp": Kind("other", "api-us.faceplusplus.com"),
    "kairos": Kind("other", "api.kairos.com"),
    "chat": Kind("local", "localhost", own_host=True),
}


def url_of(kind: str, target: str, path: str = "") -> str:
    """The URL by which a request to such a service is understood."""
    return f"https://{KINDS[kind].host}{path}{target}"


def looks_at_body(method: str, url: str) -> bool:
    """Whether what a request asks for stands in its body."""
    return any(endpoint.read not in _BY_URL for endpoint in candidates(method, url))


def asked_of(kind: str, request: Incoming, url: str, body: bytes | None) -> Request:
    """A request to a service as the rules read it; `body` is None where it was not looked at."""
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in request.headers}
    service = KINDS[kind].service
    return Request(request.method, url, headers, body, service if service == "local" else None)


def call_of(kind: str, request: Request) -> Call | None:
    """The call that a request to a service makes; None where it makes none. What asks for something that no rule knows
    has an unknown task.

    Args:
        kind: of the service.
        request: what was asked, by `asked_of`.
    """
    found = understand(request, "http")
    if found is not None:
        return found
    service, path = KINDS[kind].service, urlsplit(request.url).path[:200]
    idle = request.method in _HARMLESS or (kind == "rekognition" and runs_nothing(request))
    return None if idle else Call(service=service, task=None, model=path)
