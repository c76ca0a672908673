"""The terms that a site's calls are judged by: its packs, with its switches and pins."""

from collections.abc import Sequence

from ..policy import Pack, load_packs
from .site import Site


def packs_of(site: Site, instead: Sequence[str] | None = None) -> tuple[Pack, ...]:
    """The packs that a site names, or those named `instead`, less the rules that it has switched off.

    Raises:
        PackError: one cannot be loaded, is not what it is pinned to, or none is named.
    """
    return load_packs(instead or site.packs, site.off, site.pins)
