"""One inference call on a picture of a source."""

from contextlib import suppress
from functools import cached_property
from typing import cast

import msgspec
from msgspec.structs import replace

from ..errors import FactError
from ..facts import Value, check_fact, check_facts, day_of
from .wall import Posix, Seconds


class Call(msgspec.Struct, frozen=True, omit_defaults=True, dict=True):
    """One inference call.

    Attributes:
        source: name of the source whose picture it saw; None where that is not known.
        at: media time of that picture, seconds; None where that is not known.
        service: the service or `local`, a value of the fact `service`; None where that is not known.
        task: a value of the fact `task`; an undeclared recogniser counts as `identification`. None where it is not
            even known whether the model is a recogniser.
        model: model file or name.
        runtime: what ran it, for example `onnxruntime`.
        facts: facts declared for this call alone.
        id: what others call it, for example a request's id.
        made_at: when it was made, wall clock, POSIX seconds; None where that is not known. Its day is the day to judge
            by where no fact says another.
        own: what else its log says of it, by key: it rides along, and nothing is decided by it.
    """

    source: str | None = None
    at: Seconds | None = None
    service: str | None = None
    task: str | None = "identification"
    model: str | None = None
    runtime: str | None = None
    facts: dict[str, object] = {}
    id: str | None = None
    made_at: Posix | None = None
    own: dict[str, object] = {}

    @cached_property
    def brought(self) -> tuple[tuple[str, Value], ...]:
        """The facts that the call itself brings, by name; worked out once.

        Raises:
            FactError: some are none, or cannot have their values; says of each what.
        """
        for name in {"service", "task"} & self.facts.keys():
            raise FactError(f"facts.{name}: '{name}' is a key of the call itself; give it once, there")
        own = {"task": self.task, "service": self.service}
        return tuple(check_facts({name: own[name] for name in own if own[name] is not None} | self.facts).items())

    @cached_property
    def said(self) -> tuple[str | None, ...] | None:
        """What it has in common with calls that differ from it in their moment and their name alone; None where it
        brings more than texts. Worked out once."""
        more = (*self.facts.items(), *self.own.items())
        if self.made_at is not None or any(type(value) is not str for _, value in more):
            return None
        said = (text for pair in more for text in cast("tuple[str, str]", pair))
        return self.source, self.service, self.task, self.model, self.runtime, str(len(self.facts)), *said

    def of_client(self, name: str | None) -> "Call":
        """The same call, made for whom it is known by that name; where that can be no name, nobody knows for whom."""
        others = {fact: value for fact, value in self.facts.items() if fact != "client"}
        with suppress(FactError):
            return replace(self, facts=others if name is None else {**others, "client": check_fact("client", name)})
        return replace(self, facts=others)

    @property
    def day(self) -> str | None:
        """The day on which it was made, UTC, YYYY-MM-DD; None where that is not known."""
        return None if self.made_at is None else day_of(self.made_at)
