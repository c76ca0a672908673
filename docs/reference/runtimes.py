"""What is watched in a program: every tap, and the runtimes that have none."""

from collections.abc import Iterable

from facewarden.detector.calls.taps.kinds import CLIENTS, HTTP, PICTURES, RUNTIMES, SERVED, Kind
from facewarden.detector.calls.taps.uncovered import LIBRARIES, MODULES

from .markdown import code, codes, lead, page, table


def render() -> str:
    """The page."""
    return page(
        "Taps",
        "A tap is put in when its module is imported, before or after us. What no tap can see: [taps](../taps.md).",
        "## Runtimes of models",
        _taps(RUNTIMES),
        "## Clients of services",
        _taps(CLIENTS),
        "## HTTP libraries, as a net under the clients",
        _taps(HTTP),
        "## Readers of pictures",
        _taps(PICTURES),
        "## Requests and jobs that the program serves",
        _taps(SERVED),
        "## Runtimes that no tap covers",
        "They are named, by their module or their library, as soon as they are in the process.",
        table(("runtime", "told by"), _uncovered()),
    )


def _taps(kinds: Iterable[Kind]) -> str:
    rows = [(code(kind.runtime), codes(kind.modules), lead(kind.load())) for kind in kinds]
    return table(("name", "modules", "what is watched"), rows)


def _uncovered() -> list[tuple[str, str]]:
    told = [(runtime, f"module {module}") for module, runtime in MODULES.items()]
    told += [(runtime, f"library {name}*") for name, (runtime, tap) in LIBRARIES.items() if tap is None]
    names = sorted({runtime for runtime, _ in told})
    return [(name, codes(sorted(how for runtime, how in told if runtime == name))) for name in names]
