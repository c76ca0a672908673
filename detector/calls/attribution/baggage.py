"""The source that a host declares for a request: W3C Baggage, https://www.w3.org/TR/baggage/."""

import sys
from typing import Any
from urllib.parse import unquote

KEY = "facewarden.source"
# What the standard asks every party to carry at least, bytes; a longer header is malformed.
_LONGEST = 8192


def source_in(header: str) -> str | None:
    """The source that a `baggage` header declares, percent-decoded; None where it declares none, or is malformed."""
    if len(header) > _LONGEST:
        return None
    for member in header.split(","):
        key, equals, value = member.partition(";")[0].partition("=")
        if equals and key.strip() == KEY:
            return _decoded(value.strip())
    return None


def source_in_context() -> str | None:
    """The source in the baggage of the current OpenTelemetry context, where the host uses OpenTelemetry."""
    baggage: Any = sys.modules.get("opentelemetry.baggage")
    value = baggage.get_baggage(KEY) if hasattr(baggage, "get_baggage") else None
    return value if isinstance(value, str) and value else None


def _decoded(value: str) -> str | None:
    try:
        return unquote(value, errors="strict") or None
    except UnicodeDecodeError:
        return None
