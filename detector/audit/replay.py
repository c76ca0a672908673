"""Recorded sources, from their first frame to their last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
from msgspec.structs import replace

from ...streams.address import redacted
from ...streams.errors import SourceError
from ...streams.source import Counters, Source, open_source
from ..belief import EnvironmentBelief, Faces, MobilityBelief
from ..budget import Cost
from ..guard import Guard
from ..sight.state import Coverage
from .pictures import Pictures
from .sparing import Span, Sparing
from .timeline import Timeline, Tracer

Seconds = float


class Answer(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="facewarden.source/1"
):
    """What was found of a source; `error` where it could be read in part only, `timeline` where one was asked for,
    `left_out` what is there beside its pictures and was not read."""

    source: str
    url: str
    mobility: MobilityBelief
    environment: EnvironmentBelief
    faces: Faces
    coverage: Coverage
    cost_ms: Cost | None = None
    events: tuple[str, ...] = ()
    error: dict[str, str] | None = None
    timeline: Timeline | None = None
    left_out: tuple[str, ...] = ()


class Unread(msgspec.Struct, frozen=True, tag_field="schema", tag="facewarden.unread/1"):
    """A source of which nothing could be read."""

    source: str
    url: str
    error: dict[str, str]


class Watcher(Protocol):
    """Who is told how a replay goes."""

    def begin(self, source: str, length: Seconds | None) -> None:
        """A source was opened; `length` is what it says of its own, where it says so."""
        ...

    def at(self, media_time: Seconds) -> None:
        """Its next frame was analysed or passed over."""
        ...

    def done(self, answer: Answer | Unread) -> None:
        """It is at its end."""
        ...

    def interrupted(self) -> None:
        """A person has ended it: what is done is kept."""
        ...


@dataclass(frozen=True, slots=True)
class Replay:
    """How to replay recorded sources through a guard.

    Attributes:
        guard: made for replay (`live=False`), so that the answers do not depend on the machine's speed.
        watcher: told how it goes.
        max_seconds: stop each source at this media time.
        assume_fps: see `open_source`.
        pictures: shown every picture, where some are to be kept.
        traced: whether the answers have a time line.
        spans: decode what is needed, and these spans of media time in full; None decodes every picture.
    """

    guard: Guard
    watcher: Watcher
    max_seconds: Seconds | None = None
    assume_fps: float | None = None
    pictures: Pictures | None = None
    traced: bool = False
    spans: Sequence[Span] | None = None

    def run(self, sources: Mapping[str, str]) -> list[Answer | Unread]:
        """Replay the sources, URLs by name, and answer for all of them; errors are part of the answers."""
        return [self._one(name, url) for name, url in sources.items()]

    def _one(self, name: str, url: str) -> Answer | Unread:
        counters, error = Counters(), None
        tracer = Tracer(self.guard.watch(name)) if self.traced else None
        try:
            with open_source(url, name, self.assume_fps) as source:
                counters = source.counters
                source.thrift = self._thrift(source)
                self._watch(source, tracer)
        except SourceError as problem:
            error = problem.as_json()
        answer = _answer(self.guard, name, url, counters, error)
        if tracer and isinstance(answer, Answer):
            answer = replace(answer, timeline=tracer.timeline())
        self.watcher.done(answer)
        return answer

    def _thrift(self, source: Source) -> Sparing | None:
        """What leaves pictures out; nothing does of a source that does not say how long it is."""
        if self.spans is None or source.length is None:
            return None
        end = source.length if self.max_seconds is None else min(source.length, self.max_seconds)
        return Sparing(self.guard.watch(source.name), end, self.spans)

    def _watch(self, source: Source, tracer: Tracer | None) -> None:
        self.watcher.begin(source.name, source.length)
        for frame in source:
            if self.max_seconds is not None and frame.media_time >= self.max_seconds:
                return
            self.guard.observe(frame)
            if self.pictures:
                self.pictures.see(frame)
            if tracer:
                tracer.see(frame)
            self.watcher.at(frame.media_time)


def _answer(guard: Guard, name: str, url: str, counters: Counters, error: dict[str, str] | None) -> Answer | Unread:
    watch = guard.watch(name)
    coverage = watch.coverage(counters)
    if error and not coverage.frames:
        return Unread(name, redacted(url), error)
    mobility, environment = watch.beliefs
    return Answer(
        source=name,
        url=redacted(url),
        mobility=mobility,
        environment=environment,
        faces=watch.faces,
        coverage=coverage,
        cost_ms=watch.cost.summary(),
        events=(*counters.discontinuities, *map(str, watch.events)),
        error=error,
        left_out=tuple(counters.left_out),
    )
