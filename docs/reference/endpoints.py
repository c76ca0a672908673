"""Which requests concern a face service: the table that the taps of clients read."""

from facewarden.detector.calls.services import endpoints

from .markdown import code, codes, page, table

_INTRO = """The end of a URL's path decides, whatever stands before it (a proxy's prefix); `*` is any part of one
segment, a last `**` all that may follow. Where *read from the request* stands, its body or header says what is
asked for. See [services](../services.md)."""


def render() -> str:
    """The page."""
    known = endpoints.table()
    return page(
        "Endpoints",
        _INTRO,
        table(("service", "method", "path", "host", "task"), map(_row, known.endpoints)),
        "## Whose a host is",
        table(("service", "endings of hosts"), [(code(name), codes(hosts)) for name, hosts in known.hosts.items()]),
        "## Amazon Rekognition, by operation",
        table(("task", "operations"), [(code(name), codes(done)) for name, done in known.rekognition.items()]),
    )


def _row(endpoint: endpoints.Endpoint) -> tuple[str, ...]:
    task = code(endpoint.task) if endpoint.task else "*read from the request*"
    service = code(endpoint.service) if endpoint.service else "the host's"
    path = code(endpoint.path) if endpoint.path else f"header {code(endpoint.header)}"
    return service, endpoint.method, path, codes(endpoint.host), task
