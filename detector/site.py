"""What a site declares: operator, cameras, places (site.toml)."""

from pathlib import Path

import msgspec

from .errors import FactError, SiteError
from .facts import Value, check_facts

DEFAULT_PACKS = ("microsoft",)


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A site file, checked. Every table but `packs` maps fact names to values.

    Attributes:
        packs: policy packs to apply.
        operator: who runs the calls, for whom, and where.
        facts: hold for every call of this site.
        places: facts by place.
        cameras: by source name: the `place` it stands in, and facts of the camera itself (its `mount`, a claim).
    """

    packs: tuple[str, ...] = DEFAULT_PACKS
    operator: dict[str, object] = {}
    facts: dict[str, object] = {}
    places: dict[str, dict[str, object]] = {}
    cameras: dict[str, dict[str, object]] = {}

    def declared(self, source: str | None) -> dict[str, Value]:
        """The facts declared for a source; the camera's own prevail over its place's, those over the site's."""
        camera = dict(self.cameras.get(source or "", {}))
        place = self.places.get(str(camera.pop("place", "")), {})
        return check_facts({**self.facts, **self.operator, **place, **camera})


def load_site(path: str | Path) -> Site:
    """Read and check a site file.

    Raises:
        SiteError: it cannot be read, or says something it must not; names the file, the key and what was expected.
    """
    try:
        site = msgspec.toml.decode(Path(path).read_bytes(), type=Site)
        _check(site)
    except OSError as error:
        raise SiteError(f"{path}: cannot be read ({error.strerror})") from error
    except (msgspec.DecodeError, UnicodeDecodeError, FactError) as error:
        raise SiteError(f"{path}: {error}") from error
    return site


def _check(site: Site) -> None:
    _check_table("operator", site.operator)
    _check_table("facts", site.facts)
    for name, place in site.places.items():
        _check_table(f"places.{name}", place)
    for name, camera in site.cameras.items():
        if "place" in camera and camera["place"] not in site.places:
            known = ", ".join(site.places) or "none"
            raise FactError(f"cameras.{name}.place: {camera['place']!r} is no place of this file; there are: {known}")
        _check_table(f"cameras.{name}", {key: value for key, value in camera.items() if key != "place"})


def _check_table(where: str, table: dict[str, object]) -> None:
    for name, value in table.items():
        try:
            check_facts({name: value})
        except FactError as error:
            raise FactError(f"{where}.{name}: {error}") from None
