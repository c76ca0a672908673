"""What a site declares: operator, cameras, places, authorisations, consent (site.toml)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import cast

import msgspec

from ..enforcement import Enforcement
from ..errors import FactError, SiteError
from ..fact_table import Cameras, FactTable, Places, Table, Task
from ..facts import CHOICES, Facts, FactSet, Value, check_fact, check_facts
from ..json_lines import without_mark
from ..policy.pack import DEFAULT_PACKS, shipped_packs
from ..slips import meant, sifted_toml
from .serving import MediaMtx, Serving, SourceEntry
from .upstreams import Upstream

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


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pictures that come from no camera: files that are read, requests that are served. Its name is that of a source.

    Attributes:
        folder: files below it are its pictures.
        route: pictures in requests whose path begins so, where the program serves them.
        header: pictures in requests that have this header, given as `Name` or `Name: value`; with `route`, both.
        task: what is done with them, a value of the fact `task`, in place of `identification`.
        place: where they were taken.
        facts: facts of them.
    """

    folder: str | None = None
    route: str | None = None
    header: str | None = None
    task: Task | None = None
    place: str | None = None
    facts: FactTable = {}

    def table(self) -> dict[str, object]:
        """Its facts as a camera's table has them."""
        return {**cast(Table, self.facts), **({"place": self.place} if self.place else {})}

    def served(self, path: str, headers: Mapping[str, str]) -> bool:
        """Whether a request is one that brings its pictures.

        Args:
            path: of its URL.
            headers: by their names in lower case.
        """
        if self.route is None and self.header is None:
            return False
        name, _, value = (self.header or "").partition(":")
        route = (self.route or "").rstrip("/")
        below = path == route or path.startswith(f"{route}/")
        said = headers.get(name.strip().lower())
        return below and (not name or (said is not None and (not value or said.strip() == value.strip())))


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
        inputs: by name: pictures that come from no camera.
        authorisations, consents: by name; prevail over all of the above for the calls that they cover.
        sources: by name, where `facewarden serve` finds them.
        serve: where and how it listens.
        mediamtx: whom MediaMTX may serve, where it asks.
        upstreams: by name, inference servers and services that `facewarden serve` stands in front of.

    Raises:
        FactError: a table says something it must not; a line of text for each, with its key and what was expected.
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
    inputs: dict[str, Input] = {}
    authorisations: dict[str, Grant] = {}
    consents: dict[str, Grant] = {}
    sources: dict[str, SourceEntry] = {}
    serve: Serving = Serving()
    mediamtx: MediaMtx = MediaMtx()
    upstreams: dict[str, Upstream] = {}

    def __post_init__(self) -> None:
        if problems := [*self._problems()]:
            raise FactError("\n".join(problems))

    def _problems(self) -> Iterator[str]:
        if not self.packs:
            yield "packs: expected at least one; without any every call would be allowed"
        yield from _wrong("operator", self.operator)
        yield from _wrong("facts", self.facts)
        for name, place in self.places.items():
            yield from _wrong(f"places.{name}", place)
        for name, camera in self.cameras.items():
            yield from _wrong(f"cameras.{name}", camera, self.places)
        for name, one in self.inputs.items():
            if name in self.cameras:
                yield f"inputs.{name}: a camera of this file has that name"
            if (one.folder, one.route, one.header) == (None, None, None):
                yield f"inputs.{name}: expected a folder, a route or a header, by which its pictures are known"
            if one.route is not None and not one.route.startswith("/"):
                yield f"inputs.{name}.route: expected a path, such as /enrol"
            yield from _wrong(f"inputs.{name}", {**one.table(), **_said(task=one.task)}, self.places)
        for name, user in self.mediamtx.users.items():
            yield from _wrong(f"mediamtx.users.{name}", _said(service=user.service, task=user.task))
        for name, upstream in self.upstreams.items():
            for model, task in upstream.tasks.items():
                yield from _unfit(f"upstreams.{name}.tasks.{model}", "task", task)
        for key, grant in self.grants():
            allowed = _PERMISSIONS if key.startswith("authorisations.") else _CONSENT
            yield from self._wrong_in(key, grant, allowed)

    def declared(self, source: str | None, call: Facts | None = None, day: Value | None = None) -> FactSet:
        """The facts declared for a source; the camera's own prevail over its place's, those over the site's.

        Authorisations and consents that cover the call prevail over these. Where two of them say different things of a
        fact, that is a contradiction, and the fact is unknown.

        Args:
            source: the source's name.
            call: what the call brings itself: its `service` and `task`, perhaps its `date`.
            day: the date where neither the call nor the site names one.
        """
        given = self.inputs.get(source or "")
        camera = dict(cast(Table, given.table() if given else self.cameras.get(source or "", {})))
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

    def _wrong_in(self, where: str, grant: Grant, allowed: frozenset[str]) -> Iterator[str]:
        if not grant.facts:
            yield f"{where}.facts: expected at least one fact"
        yield from _wrong(f"{where}.facts", grant.facts)
        for fact in sorted(grant.facts.keys() - allowed):
            yield f"{where}.facts.{fact}: cannot be said here; expected {', '.join(sorted(allowed))}"
        if grant.start and grant.end and grant.end < grant.start:
            yield f"{where}.until: {grant.end} lies before from, {grant.start}"
        yield from _unknown(f"{where}.places", grant.places, self.places)
        yield from _unknown(f"{where}.sources", grant.sources, [*self.cameras, *self.inputs, *self.sources])
        yield from _unlisted(f"{where}.services", "service", grant.services)
        yield from _unlisted(f"{where}.tasks", "task", grant.tasks)


def load_site(path: str | Path) -> Site:
    """Read and check a site file.

    A pack, a face detector or a folder given by path is found relative to the file.

    Raises:
        SiteError: it cannot be read, or says things it must not; a line of text for each, with the file, the key and
            what was expected.
    """
    path = Path(path)
    try:
        site = _read(without_mark(path.read_bytes()))
    except OSError as error:
        raise SiteError(f"{path}: cannot be read ({error.strerror})") from error
    except FactError as error:
        raise SiteError("\n".join(f"{path}: {line}" for line in str(error).splitlines())) from error
    packs = tuple(str(path.parent / pack) if pack.endswith(".toml") else pack for pack in site.packs)
    faces = None if site.faces is None else str(path.parent / site.faces)
    inputs = {name: _beside(path, one) for name, one in site.inputs.items()}
    return msgspec.structs.replace(site, packs=packs, faces=faces, inputs=inputs)


def _beside(path: Path, one: Input) -> Input:
    folder = None if one.folder is None else str(path.parent / one.folder)
    return msgspec.structs.replace(one, folder=folder)


def _read(text: bytes) -> Site:
    """A site from TOML; raises with all that is wrong with it, a line each."""
    site, given, problems = sifted_toml(text, Site)
    problems += _no_packs(given.get("packs"))
    if problems:
        raise FactError("\n".join(problems))
    return site


def _no_packs(names: object) -> Iterator[str]:
    shipped = shipped_packs()
    for name in cast("list[object]", names) if isinstance(names, list) else ():
        if isinstance(name, str) and not name.endswith(".toml") and name not in shipped:
            yield f"packs: no pack '{name}'{meant(name, shipped)}; shipped are {', '.join(shipped)}, others go by path"


def _put(found: FactSet, key: str, grant: Grant) -> None:
    for fact, value in check_facts(grant.facts).items():
        origin = found.origins.get(fact, "declared")
        if origin != "declared" and found.facts.get(fact) != value:
            found.contradictions.append(f"{fact}: {origin} and {key} say different things")
            found.facts.pop(fact, None)
        else:
            found.put(fact, value, key)


def _wrong(where: str, table: object, places: Mapping[str, object] | None = None) -> Iterator[str]:
    """What is wrong in a table of facts; `places` is given for a camera, which may name one of them."""
    if not isinstance(table, dict):
        yield f"{where}: expected a table of facts, got {table!r}"
        return
    for name, value in cast(Table, table).items():
        if name == "place" and places is not None:
            if value not in list(places):
                yield f"{where}.place: {value!r} is no place of this file; there are: {_listed(places)}"
            continue
        yield from _unfit(f"{where}.{name}", name, value)


def _unfit(where: str, fact: str, value: object) -> Iterator[str]:
    try:
        check_fact(fact, value)
    except FactError as error:
        yield f"{where}: {error}"


def _unknown(where: str, names: Iterable[str] | None, known: Iterable[str]) -> Iterator[str]:
    for name in names or ():
        if name not in known:
            yield f"{where}: {name!r} is none of this file's{meant(name, known)}; there are: {_listed(known)}"


def _unlisted(where: str, fact: str, values: Iterable[str] | None) -> Iterator[str]:
    for value in values or ():
        if value not in CHOICES[fact]:
            yield f"{where}: {value!r} is no {fact}{meant(value, CHOICES[fact])}; there are: {_listed(CHOICES[fact])}"


def _said(**facts: str | None) -> Table:
    return {name: value for name, value in facts.items() if value is not None}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
