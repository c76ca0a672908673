"""One inference call on a picture of a source."""

from functools import cached_property
from typing import Annotated

import msgspec

from ..errors import FactError
from ..facts import Value, check_fact, check_facts


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, dict=True):
    """One inference call.

    Attributes:
        source: name of the source whose picture it saw; None where that is not known.
        at: media time of that picture, seconds.
        service: the service or `local`, a value of the fact `service`; None where that is not known.
        task: a value of the fact `task`; an undeclared recogniser counts as `identification`. None where it is not
            even known whether the model is a recogniser.
        model: model file or name.
        runtime: what ran it, for example `onnxruntime`.
        facts: facts declared for this call alone.
    """

    source: str | None = None
    at: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    service: str | None = None
    task: str | None = "identification"
    model: str | None = None
    runtime: str | None = None
    facts: dict[str, object] = {}

    @cached_property
    def brought(self) -> tuple[tuple[str, Value], ...]:
        """The facts that the call itself brings, by name; worked out once.

        Raises:
            FactError: one of them is none, or cannot have its value.
        """
        said = {"task": self.task, "service": self.service}
        own = {name: check_fact(name, value) for name, value in said.items() if value is not None}
        for name in {"service", "task"} & self.facts.keys():
            raise FactError(f"facts.{name}: '{name}' is a key of the call itself; give it once, there")
        return tuple({**own, **check_facts(self.facts)}.items())
