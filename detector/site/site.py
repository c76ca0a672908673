"""What a site declares: operator, cameras, places, authorisations, consent (site.toml)."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import cast

import msgspec

from ..enforcement import Enforcement
from ..errors import UNREADABLE_TOML, FactError, SiteError
from ..fact_table import Cameras, FactTable, Places, Table
from ..facts import CHOICES, Facts, FactSet, Value, check_fact, check_facts
from ..slips import explained
from .serving import MediaMtx, Serving, SourceEntry
from .upstreams import Upstream

DEFAULT_PACKS = ("microsoft",)
# What an authorisation can say, and what a consent regime can: nothing else of a call changes by them.
_PERMISSIONS = frozenset({
    "authorisation", "warrant", "exigency", "court_order", "develop_leads", "national_law", "impact_assessment",
    "registered", "targeted", "initial_identification", "authorised_use", "statutory_exception",
    "limited_access_approved", "purpose",
})  # fmt: skip
_CONSENT = frozenset({"consent", "subject_involvement"})


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An authorisation, or a consent regime: facts that hold for some calls for some time.

    Attributes:
        facts: what it says of the calls that it covers.
        start, end: first and last day, both included; None leaves a side open.
        sources, places, services, tasks: what it covers; all of them where the list is absent.
        reference: its file number or the like, for a reader.
    """

    facts: FactTable
    start: date | None = msgspec.field(name="from", default=None)
    end: date | None = msgspec.field(name="until", default=None)
    sources: tuple[str, ...] | None = None
    places: tuple[str, ...] | None = None
    services: tuple[str, ...] | None = None
    tasks: tuple[str, ...] | None = None
    reference: str = ""

    def covers(self, source: str | None, place: str | None, call: Facts) -> bool:
        """Whether it holds for a call with these facts; on a day that is not known only without dates."""
        day = cast(str | None, call.get("date"))
        if self.start and not (day and self.start.isoformat() <= day):
            return False
        if self.end and not (day and day <= self.end.isoformat()):
            return False
        pairs = (
            (self.sources, source),
            (self.places, place),
            (self.services, call.get("service")),
            (self.tasks, call.get("task")),
        )
        return all(covered is None or value in covered for covered, value in pairs)


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a site file holds, checked. The tables of facts map fact names to values.

    Attributes:
        packs: policy packs to apply, by name or path.
        off: ids of rules that are switched off; every decision says so.
        pins: by pack name, the sha256 that it must have.
        faces: a face detector to use in place of the one that ships, by path; see `environment.load_detector`.
        operator: who runs the calls, for whom, and where; prevails over `facts`.
        facts: hold for every call of this site.
        places: facts by place.
        enforcement: what a closed gate does.
        cameras: by source name: the `place` it stands in, and facts of the camera itself (its `mount`, a claim).
        authorisations, consents: by name; prevail over all of the above for the calls that they cover.
        sources: by name, where `facewarden serve` finds them.
        serve: where and how it listens.
        mediamtx: whom MediaMTX may serve, where it asks.
        upstreams: by name, inference servers and services that `facewarden serve` stands in front of.

    Raises:
        FactError: a table says something it must not; names the key and what was expected.
    """

    packs: tuple[str, ...] = DEFAULT_PACKS
    off: tuple[str, ...] = ()
    pins: dict[str, str] = {}
    faces: str | None = None
    operator: FactTable = {}
    facts: FactTable = {}
    places: Places = {}
    cameras: Cameras = {}
    enforcement: Enforcement = Enforcement()
    authorisations: dict[str, Grant] = {}
    consents: dict[str, Grant] = {}
    sources: dict[str, SourceEntry] = {}
    serve: Serving = Serving()
    mediamtx: MediaMtx = MediaMtx()
    upstreams: dict[str, Upstream] = {}

    def __post_init__(self) -> None:
        if not self.packs:
            raise FactError("packs: expected at least one; without any every call would be allowed")
        _check_table("operator", self.operator)
        _check_table("facts", self.facts)
        for name, place in self.places.items():
            _check_table(f"places.{name}", place)
        for name, camera in self.cameras.items():
            _check_table(f"cameras.{name}", camera, self.places)
        for kind, grants, allowed in (
            ("authorisations", self.authorisations, _PERMISSIONS),
            ("consents", self.consents, _CONSENT),
        ):
            for name, grant in grants.items():
                self._check_grant(f"{kind}.{name}", grant, allowed)

    def declared(self, source: str | None, call: Facts | None = None, day: Value | None = None) -> FactSet:
        """The facts declared for a source; the camera's own prevail over its place's, those over the site's.

        Authorisations and consents that cover the call prevail over these. Where two of them say different things of a
        fact, that is a contradiction, and the fact is unknown.

        Args:
            source: the source's name.
            call: what the call brings itself: its `service` and `task`, perhaps its `date`.
            day: the date where neither the call nor the site names one.
        """
        camera = dict(cast(Table, self.cameras.get(source or "", {})))
        name = cast(str | None, camera.pop("place", None))
        place = cast(Table, self.places.get(name or "", {}))
        facts = check_facts({**self.facts, **self.operator, **place, **camera})
        found = FactSet(facts, dict.fromkeys(facts, "declared"))
        known: dict[str, Value] = {**({"date": day} if day else {}), **facts, **(call or {})}
        for key, grant in self.grants():
            if grant.covers(source, name, known):
                _put(found, key, grant)
        return found

    def grants(self) -> list[tuple[str, Grant]]:
        """Authorisations and consents, with the key that each has in the file."""
        return [
            (f"{kind}.{name}", grant)
            for kind, grants in (("authorisations", self.authorisations), ("consents", self.consents))
            for name, grant in grants.items()
        ]

    def _check_grant(self, where: str, grant: Grant, allowed: frozenset[str]) -> None:
        if not grant.facts:
            raise FactError(f"{where}.facts: expected at least one fact")
        _check_table(f"{where}.facts", grant.facts)
        for fact in grant.facts.keys() - allowed:
            raise FactError(f"{where}.facts.{fact}: cannot be said here; expected {', '.join(sorted(allowed))}")
        if grant.start and grant.end and grant.end < grant.start:
            raise FactError(f"{where}.until: {grant.end} lies before from, {grant.start}")
        _check_names(f"{where}.places", grant.places, self.places)
        _check_names(f"{where}.sources", grant.sources, self.cameras)
        _check_names(f"{where}.services", grant.services, CHOICES["service"])
        _check_names(f"{where}.tasks", grant.tasks, CHOICES["task"])


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
    except (*UNREADABLE_TOML, FactError) as error:
        raise SiteError(f"{path}: {explained(error, Site)}") from error
    packs = tuple(str(path.parent / pack) if pack.endswith(".toml") else pack for pack in site.packs)
    faces = None if site.faces is None else str(path.parent / site.faces)
    return msgspec.structs.replace(site, packs=packs, faces=faces)


def _put(found: FactSet, key: str, grant: Grant) -> None:
    for fact, value in check_facts(grant.facts).items():
        origin = found.origins.get(fact, "declared")
        if origin != "declared" and found.facts.get(fact) != value:
            found.contradictions.append(f"{fact}: {origin} and {key} say different things")
            found.facts.pop(fact, None)
        else:
            found.put(fact, value, key)


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
            check_fact(name, value)
        except FactError as error:
            raise FactError(f"{where}.{name}: {error}") from None


def _check_names(where: str, names: Iterable[str] | None, known: Iterable[str]) -> None:
    for name in names or ():
        if name not in known:
            raise FactError(f"{where}: {name!r} is none of this file's; there are: {_listed(known)}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
