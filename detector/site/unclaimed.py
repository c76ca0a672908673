"""What is declared, less what is claimed in the caller's favour: of sources that nobody can look at."""

from typing import cast

from msgspec.structs import replace

from ..calls import Call
from ..fact_table import Table
from ..facts import camera_of
from .site import Site


def unclaimed_call(call: Call) -> Call:
    """The call less what it claims of the camera and its place, where it does."""
    facts = unclaimed_facts(call.facts)
    return call if len(facts) == len(call.facts) else replace(call, facts=facts)


def unclaimed(site: Site) -> Site:
    """The site less its claims that a camera is fixed, or a place controlled."""
    return replace(
        site,
        facts=unclaimed_facts(site.facts),
        operator=unclaimed_facts(site.operator),
        places={name: unclaimed_facts(place) for name, place in site.places.items()},
        cameras={name: unclaimed_facts(camera) for name, camera in site.cameras.items()},
    )


def unclaimed_facts(table: object) -> Table:
    """A table of facts less such claims."""
    return {fact: value for fact, value in cast(Table, table).items() if not _favours(fact, value)}


def _favours(fact: str, value: object) -> bool:
    if fact == "mount":
        return camera_of(cast(str, value)) == "fixed"
    return (fact, value) in (("camera", "fixed"), ("environment", "controlled"))
