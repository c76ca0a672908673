"""What a site file contradicts itself on, and what it leaves open: before the first call is held for it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import msgspec

from ...streams.address import exists, local_path, redacted
from ...streams.errors import SourceError
from ...streams.source import check_address
from ..errors import InputError, ModelError, SiteError
from ..fact_table import Table
from ..facts import Facts, FactSet, Value, with_seen
from ..policy import Pack, Rule
from ..policy.rule import STRICTNESS
from ..policy.settling import Settling
from ..slips import meant
from .address import parse_address
from .site import Site

# What every call brings itself.
_OF_THE_CALL = frozenset({"service", "task"})


class Missing(msgspec.Struct, frozen=True):
    """A fact that is not declared, and the rules that hold calls for want of it."""

    fact: str
    holds: tuple[str, ...]


class CameraCheck(msgspec.Struct, frozen=True):
    """One camera; `camera` is None for sources that the file does not name."""

    camera: str | None
    missing: tuple[Missing, ...]


class SiteCheck(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        unusable: what it names and cannot be used, a line each: `run` and `serve` would stop at it, or miss it.
        contradictions: where the file says two things at once, a line each.
        lapsed: authorisations and consents that do not hold on the day.
        cameras: what is missing, camera by camera.
        notes: values that no rule knows, sources that nothing of their own is declared of, files that are not
            there.
    """

    unusable: tuple[str, ...]
    contradictions: tuple[str, ...]
    lapsed: tuple[str, ...]
    cameras: tuple[CameraCheck, ...]
    notes: tuple[str, ...] = ()


def check_site(site: Site, packs: Sequence[Pack], day: str) -> SiteCheck:
    """Look for contradictions, and for facts that rules of the packs would have to know.

    A rule counts where it could close the gate on a call of some service and task; what a call brings is not missing.
    """
    rules = [rule for pack in packs for rule in pack.rules if STRICTNESS[rule.effect] >= STRICTNESS["hold"]]
    names = list(dict.fromkeys((*site.cameras, *site.sources))) or [None]
    declared = {camera: site.declared(camera, day=day) for camera in names}
    joined = {camera: with_seen(_dated(facts, day), "unknown", "unknown") for camera, facts in declared.items()}
    settling = Settling(rule for pack in packs for rule in pack.rules)
    taken = {camera: settling.take(facts.facts) for camera, facts in joined.items()}
    spelling = dict.fromkeys(
        note for one in taken.values() for note in one.notes if not note.startswith("Contradiction")
    )
    return SiteCheck(
        unusable=(*_unusable(site), *_unknown_rules(site, packs), *_unheard(site)),
        contradictions=(*_odd(site), *_said(joined)),
        lapsed=tuple(_lapsed(site, day)),
        cameras=tuple(CameraCheck(camera, tuple(_missing(one.facts, rules))) for camera, one in taken.items()),
        notes=(*spelling, *_undeclared(site), *_awaited(site)),
    )


def _unusable(site: Site) -> Iterator[str]:
    if site.faces is not None:
        from ..environment import load_detector

        try:
            load_detector(site.faces)
        except ModelError as error:
            yield f"faces: {error}"
    for name, source in site.sources.items():
        try:
            check_address(source.url)
        except SourceError as error:
            yield f"sources.{name}.url: {error}"
    for name, given in site.inputs.items():
        if given.folder is not None and not Path(given.folder).is_dir():
            yield f"inputs.{name}.folder: {given.folder} is no folder"


def _unknown_rules(site: Site, packs: Sequence[Pack]) -> list[str]:
    try:
        site.enforcement.check(rule.id for pack in packs for rule in pack.rules)
    except SiteError as error:
        return str(error).splitlines()
    return []


def _unheard(site: Site) -> Iterator[str]:
    """Addresses on which nothing can listen."""
    said = [("serve.listen", one) for one in site.serve.listen]
    said += [("serve.grpc", site.serve.grpc)] if site.serve.grpc is not None else []
    said += [(f"upstreams.{name}.listen", one.listen) for name, one in site.upstreams.items()]
    for key, address in said:
        try:
            parse_address(address)
        except InputError as error:
            yield f"{key}: {error}"


def _undeclared(site: Site) -> Iterator[str]:
    """Sources that no camera has the name of, where cameras have names."""
    for name in site.sources if site.cameras else ():
        if name not in site.cameras:
            yield f"sources.{name}: there is no [cameras.{name}]{meant(name, site.cameras)}"


def _awaited(site: Site) -> Iterator[str]:
    """Files that are not there: `serve` waits for them, and they may lie on another machine."""
    for name, source in site.sources.items():
        if (path := local_path(source.url)) is not None and not exists(path):
            yield f"sources.{name}.url: there is no {redacted(source.url)} here yet"


def _said(joined: Mapping[str | None, FactSet]) -> Iterator[str]:
    """What contradicts itself of each camera; what does of all of them, once."""
    everywhere = dict.fromkeys(
        text
        for text in next(iter(joined.values())).contradictions
        if all(text in facts.contradictions for facts in joined.values())
    )
    yield from everywhere
    for camera, facts in joined.items():
        yield from (f"{camera}: {text}" for text in facts.contradictions if text not in everywhere)


def _dated(facts: FactSet, day: str) -> FactSet:
    if "date" not in facts.facts:
        facts.put("date", day, "clock")
    return facts


def _missing(facts: Facts, rules: Sequence[Rule]) -> Iterator[Missing]:
    holds: dict[str, list[str]] = {}
    for rule in rules:
        position, truth = rule.reached(facts)
        for fact in rule.levels[position].condition.unsettled(facts) - _OF_THE_CALL if truth is None else ():
            holds.setdefault(fact, []).append(rule.id)
    return (Missing(fact, tuple(held)) for fact, held in sorted(holds.items()))


def _lapsed(site: Site, day: str) -> Iterator[str]:
    for key, grant in site.grants():
        if grant.start and day < grant.start.isoformat():
            yield f"{key}: holds from {grant.start} only"
        if grant.end and grant.end.isoformat() < day:
            yield f"{key}: ended on {grant.end}"


def _odd(site: Site) -> Iterator[str]:
    """What is declared twice, and not the same."""
    for name, table in site.cameras.items():
        camera = cast(Table, table)
        place = cast(str | None, camera.get("place"))
        yield from _differing(
            f"cameras.{name}", camera, f"places.{place}", cast(Table, site.places.get(place or "", {}))
        )
        for key, grant in site.grants():
            if name in (grant.sources or ()) or place in (grant.places or ()):
                yield from _differing(f"cameras.{name}", camera, key, grant.facts)


def _differing(here: str, one: Table, there: str, other: Table) -> Iterator[str]:
    for fact in sorted(one.keys() & other.keys()):
        if one[fact] != other[fact]:
            yield f"{here}.{fact} is {_text(one[fact])}, {there}.{fact} is {_text(other[fact])}"


def _text(value: object) -> str:
    return str(cast(Value, value)).lower() if isinstance(value, bool) else str(value)
