"""From a request that is about to be sent to the call that it makes."""

from ..call import Call
from .contents import Contents, read_contents
from .endpoints import Endpoint, candidates, service_of
from .request import Request


def understand(request: Request, runtime: str) -> Call | None:
    """The call that a request makes; None where it concerns no service of ours.

    A request that cannot be read although its endpoint is one of ours has an unknown task.

    Args:
        request: what is about to be sent.
        runtime: the library that sends it.
    """
    for endpoint in candidates(request.method, request.url):
        service = request.service or service_of(endpoint, request.url)
        contents = _contents(request, endpoint) if service or _speaks_chat(request, endpoint) else None
        if contents:
            return Call(service=service, task=contents.task, model=contents.model, runtime=runtime)
    return None


def _contents(request: Request, endpoint: Endpoint) -> Contents | None:
    try:
        return read_contents(request, endpoint)
    except Exception:  # noqa: BLE001 - whatever is in the body, the host's call is judged and goes its way
        return Contents(None, None)


def _speaks_chat(request: Request, endpoint: Endpoint) -> bool:
    """Whether a request to a host that nobody knows is one to a chat model, by what each of them needs."""
    return endpoint.read == "chat" and "model" in request.table
