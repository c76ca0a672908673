"""What a site declares: operator, cameras, places (site.toml)."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias, cast

import msgspec

from .errors import FactError, SiteError
from .facts import Value, check_facts

DEFAULT_PACKS = ("microsoft",)
Table: TypeAlias = dict[str, object]


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a site file holds, checked. Every table but `packs` maps fact names to values.

    Attributes:
        packs: policy packs to apply, by name or path.
        faces: a face detector to use in place of the one that ships, by path; see `environment.load_detector`.
        operator: who runs the calls, for whom, and where; prevails over `facts`.
        facts: hold for every call of this site.
        places: facts by place.
        cameras: by source name: the `place` it stands in, and facts of the camera itself (its `mount`, a claim).

    Raises:
        FactError: a table says something it must not; names the key and what was expected.
    """

    packs: tuple[str, ...] = DEFAULT_PACKS
    faces: str | None = None
    operator: dict[str, object] = {}
    facts: dict[str, object] = {}
    places: dict[str, object] = {}
    cameras: dict[str, object] = {}

    def __post_init__(self) -> None:
        if not self.packs:
            raise FactError("packs: expected at least one; without any every call would be allowed")
        _check_table("operator", self.operator)
        _check_table("facts", self.facts)
        for name, place in self.places.items():
            _check_table(f"places.{name}", place)
        for name, camera in self.cameras.items():
            _check_table(f"cameras.{name}", camera, self.places)

    def declared(self, source: str | None) -> dict[str, Value]:
        """The facts declared for a source; the camera's own prevail over its place's, those over the site's."""
        camera = dict(cast(Table, self.cameras.get(source or "", {})))
        place = cast(Table, self.places.get(str(camera.pop("place", "")), {}))
        return check_facts({**self.facts, **self.operator, **place, **camera})


def load_site(path: str | Path) -> Site:
    """Read and check a site file.

    A pack or a face detector given by path is found relative to the file.

    Raises:
        SiteError: it cannot be read, or says something it must not; names the file, the key and what was expected.
    """
    path = Path(path)
    try:
        site = msgspec.toml.decode(path.read_bytes(), type=Site)
    except OSError as error:
        raise SiteError(f"{path}: cannot be read ({error.strerror})") from error
    except (msgspec.DecodeError, UnicodeDecodeError, FactError) as error:
        raise SiteError(f"{path}: {error}") from error
    packs = tuple(str(path.parent / pack) if pack.endswith(".toml") else pack for pack in site.packs)
    faces = None if site.faces is None else str(path.parent / site.faces)
    return msgspec.structs.replace(site, packs=packs, faces=faces)


def _check_table(where: str, table: object, places: Mapping[str, object] | None = None) -> None:
    """`places` is given for a camera, which may name one of them."""
    if not isinstance(table, dict):
        raise FactError(f"{where}: expected a table of facts, got {table!r}")
    for name, value in cast(Table, table).items():
        if name == "place" and places is not None:
            if value not in list(places):
                raise FactError(f"{where}.place: {value!r} is no place of this file; there are: {_listed(places)}")
            continue
        try:
            check_facts({name: value})
        except FactError as error:
            raise FactError(f"{where}.{name}: {error}") from None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
