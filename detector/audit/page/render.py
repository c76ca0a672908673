"""From a report to its page: a pure function of the report and of the pictures that it names."""

from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import cast

import msgspec
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from ...charts import script
from ...facts import FLAGS, Value
from ...ledger.covered import NOBODY
from ...policy.prose import say, words
from ...policy.rule import Effect
from ..groups import EFFECTS, groups_of
from ..replay import Answer
from ..report import JudgedCall, Report

# What a person calls each.
_NAMED: dict[Effect, str] = {
    "prohibited": "prohibited", "needs_authorisation": "needs authorisation", "hold": "held",
    "conditions": "allowed on conditions", "allow": "allowed",
}  # fmt: skip
_KNOWN_BY = {
    "call": "the call names its camera", "block": "the code around the call does", "baggage": "a header does",
    "environment": "a setting of the program does", "thread": "the program had just read that camera",
    "content": "the picture was recognised", NOBODY: "not known",
}  # fmt: skip


def render(report: Report, pictures: Mapping[str, bytes] | None = None) -> str:
    """The page, HTML with everything in it.

    Args:
        report: what to show.
        pictures: the JPEG files that its calls name, by name; those that lack are left out.
    """
    return _template().render(
        report=report,
        groups=groups_of(report.calls),
        effects=[effect for effect in EFFECTS if effect in report.summary.effects],
        gaps=list(_unwatched(report)),
        rules=report.made.rules if report.made else {},
        disagreements=list(_disagreements(report.calls)),
        style=_as_it_is(_text("page.css")),
        script=_as_it_is(_text("page.js")),
        charts=_as_it_is(script()),
        data=_as_it_is(_as_script(_data(report, pictures or {}))),
    )


def _as_it_is(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - our own files, and JSON without a `<`


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    filters = cast(dict[str, Callable[..., str]], environment.filters)  # pyright: ignore[reportUnknownMemberType]
    filters.update(plain=_plain, named=_named, known_by=_known_by, clock=clock)
    return environment.from_string(_text("page.html.j2"))


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _named(effect: Effect) -> str:
    return _NAMED[effect]


def _known_by(how: str) -> str:
    return _KNOWN_BY.get(how, how)


def clock(seconds: float | None) -> str:
    """Media time as a person reads it: `1:02:03.4`, or `12.3 s` below a minute."""
    if seconds is None:
        return "unknown"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{rest:04.1f}" if hours else f"{minutes}:{rest:04.1f}"


def _text(name: str) -> str:
    return files(__package__ or "").joinpath(name).read_text(encoding="utf-8")


def _as_script(data: object) -> str:
    """JSON that can stand in a script element."""
    return msgspec.json.encode(data).decode().replace("<", "\\u003c").replace("\u2028", "\\u2028")


def _unwatched(report: Report) -> Iterable[str]:
    """What nobody looked at, a sentence each."""
    for answer in report.sources:
        if not isinstance(answer, Answer):
            yield f"{answer.source}: nothing of it could be read ({answer.error['message']})"
            continue
        if answer.error:
            yield f"{answer.source}: read in part only ({answer.error['message']})"
        for gap in answer.timeline.gaps if answer.timeline else ():
            yield f"{answer.source}: no picture from {clock(gap.since)} to {clock(gap.until)}"
        if lost := answer.coverage.dropped + answer.coverage.unreadable:
            yield f"{answer.source}: {lost} of {answer.coverage.frames} pictures were lost or did not decode"
        if answer.mobility.decided_at is None:
            yield f"{answer.source}: whether the camera is mobile or fixed was never found out"
        elif answer.mobility.decided_at > 0:
            yield f"{answer.source}: the camera was unknown until {clock(answer.mobility.decided_at)}"
    if nobody := sum(call.source is None for call in report.calls):
        yield f"{nobody} calls belong to no source that is known: judged by the strictest of all"
    if timeless := sum(call.at is None for call in report.calls):
        yield f"{timeless} calls are of an unknown moment: judged by the strictest of the recording"


def _disagreements(calls: Iterable[JudgedCall]) -> Iterable[tuple[str, str, int]]:
    counts = Counter((call.source or "?", text) for call in calls for text in (*call.contradictions, *call.unconfirmed))
    return ((source, text, number) for (source, text), number in counts.most_common())


def _data(report: Report, pictures: Mapping[str, bytes]) -> dict[str, object]:
    """What the page's script draws: each decision and each set of facts once, and the calls by their numbers."""
    decisions, facts = _Once(), _Once()
    rows = [_row(call, decisions, facts) for call in report.calls]
    return {
        "sources": report.sources,
        "calls": rows,
        "decisions": decisions.values,
        "facts": facts.values,
        "rules": report.made.rules if report.made else {},
        "named": _NAMED,
        "pictures": {name: f"data:image/jpeg;base64,{b64encode(data).decode()}" for name, data in pictures.items()},
    }


class _Once:
    """Values, each once, by number."""

    def __init__(self) -> None:
        self.values: list[object] = []
        self._numbers: defaultdict[object, int] = defaultdict(lambda: len(self.values))

    def number(self, key: object, value: object) -> int:
        number = self._numbers[key]
        if number == len(self.values):
            self.values.append(value)
        return number


def _row(call: JudgedCall, decisions: _Once, facts: _Once) -> dict[str, object]:
    decision = call.decision
    shown = {
        "effect": decision.effect,
        "text": decision.explanation,
        "deciding": decision.deciding,
        "obligations": [f"{one.rule}: {one.text}" for one in decision.obligations],
        "would_open": _in_words(call.would_open),
        "notes": [*call.contradictions, *call.unconfirmed],
    }
    known = [[name, _said(name, value), call.origins.get(name, "")] for name, value in sorted(call.facts.items())]
    return {
        "source": call.source,
        "at": call.at,
        "time": call.time,
        "service": call.service,
        "task": call.task,
        "model": call.model,
        "gate": call.gate,
        "refused": call.refused,
        "note": call.note,
        "picture": call.picture,
        "id": call.id,
        "decision": decisions.number(msgspec.json.encode(shown), shown),
        "facts": facts.number(msgspec.json.encode(known), known),
    }


def _said(name: str, value: Value) -> str:
    return say(name, [value]) if name in words().facts or name in words().true else f"{name} is {value}"


def _in_words(changes: Iterable[str]) -> list[str]:
    """A clause for each fact, with all of the values that would do."""
    values: defaultdict[str, list[Value]] = defaultdict(list)
    for name, _, text in (change.partition(" = ") for change in changes):
        values[name].append(text == "true" if name in FLAGS else text)
    return [say(name, some) for name, some in values.items()]


def names_of(calls: Sequence[JudgedCall]) -> list[str]:
    """The files of the pictures that the calls name, each once."""
    return list(dict.fromkeys(call.picture for call in calls if call.picture))
