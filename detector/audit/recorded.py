"""What an audit found, as entries of a record, as a gate that runs keeps one."""

from collections.abc import Iterator
from time import time

from ..calls.wall import moment
from ..policy import Pack
from ..records import Decided, Entry, Event
from ..records.here import event, looked, terms, verdict
from ..sight.account import counts
from ..site import Site
from .replay import Answer, Unread
from .report import JudgedCall, Report


def entries_of(report: Report, site: Site, packs: tuple[Pack, ...]) -> Iterator[Entry]:
    """By what was judged, what was found of each source and what nobody could see of it, and every call."""
    yield terms(site, packs)
    for answer in report.sources:
        yield from _source(answer)
    for call in report.calls:
        yield _decided(
            call, {pack.name: pack.sha256 for pack in packs}, tuple(rule for pack in packs for rule in pack.off)
        )


def _source(answer: Answer | Unread) -> Iterator[Entry]:
    if answer.error is not None:
        now = event("source", answer.error["message"])
        yield Event(now.kind, None, now.text, answer.source, now.time, now.pid)
    if isinstance(answer, Answer):
        decided = [at for at in (answer.mobility.decided_at, answer.environment.decided_at) if at is not None]
        yield verdict(answer.source, min(decided, default=0.0), answer.mobility, answer.environment)
        yield looked(answer.source, {"seen": answer.coverage.seconds}, counts(answer.coverage))


def _decided(call: JudgedCall, packs: dict[str, str], off: tuple[str, ...]) -> Decided:
    return Decided(
        source=call.source,
        at=call.at,
        service=call.service,
        task=call.task,
        time=call.time or moment(time()),
        effect=call.decision.effect,
        model=call.model,
        runtime=call.runtime,
        id=call.id,
        attributed_by=None if call.source is None else "call",
        deciding=call.decision.deciding,
        unknown=call.decision.unknown,
        refused=call.refused,
        known=dict(call.facts),
        origins=dict(call.origins),
        contradictions=call.contradictions,
        packs=packs,
        off=off,
        own=call.own,
    )
