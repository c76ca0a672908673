"""Pages made from what the code knows; nothing in them is written by hand, and none is kept.

A new pack, fact, command, tap or public name is on its page at the next build.
"""

from collections.abc import Callable

from . import api, commands, endpoints, errors, facts, packs, runtimes, schemas, site_file

NAVIGATION = {
    "Commands": "commands",
    "Exit statuses": "exits",
    "Facts": "facts",
    "Site file: keys": "site_file",
    "Packs and rules": "packs",
    "Taps": "taps",
    "Endpoints": "endpoints",
    "JSON schemas": "schemas",
    "Errors": "errors",
    "Public API": "api",
}


def pages() -> dict[str, Callable[[], str]]:
    """What makes each page, by its path without ending."""
    return {
        "commands": commands.render,
        "exits": commands.exits,
        "facts": facts.render,
        "site_file": site_file.render,
        "packs": packs.overview,
        "taps": runtimes.render,
        "endpoints": endpoints.render,
        "schemas": schemas.render,
        "errors": errors.render,
        "api": api.render,
        **packs.pages(),
    }
