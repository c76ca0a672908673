"""What a tap is: one runtime's calls, reported to a gate before they run."""

import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from ..call import Call
from .patch import Function, Patches

if TYPE_CHECKING:
    from ....streams.frame import Pixels

# Runs a model on one batch and gives all of its outputs.
Runnable = Callable[[np.ndarray], Sequence[np.ndarray]]

_aside: ContextVar[bool] = ContextVar("facewarden_aside", default=False)


@contextmanager
def aside() -> Generator[None]:
    """What this thread or task does in the block is not the host's: our own probes, and what lies under a call that
    has been judged already."""
    token = _aside.set(True)
    try:
        yield
    finally:
        _aside.reset(token)


def is_aside() -> bool:
    """Whether the code that runs is ours, or belongs to a call that has been judged."""
    return _aside.get()


@dataclass(slots=True, eq=False)
class Model:
    """A model that the host has open.

    Attributes:
        runtime: what runs it, for example `onnxruntime`.
        name: its file or the name that the host gave it; evidence of nothing.
        watched: whether its calls go to the gate; those of a model that recognises no faces are only counted.
        calls: `next(calls)` counts a call that did not go to the gate; atomic, so no lock is needed.
        learning: whether the gate wants to see what the model answers, because it could not be identified.
    """

    runtime: str
    name: str
    watched: bool
    learning: bool = False
    calls: "count[int]" = field(default_factory=count)

    @property
    def counted(self) -> int:
        """How many calls were only counted."""
        return int(repr(self.calls)[6:-1])  # a counter has no other way to be read without being moved


class Gate(Protocol):
    """What taps report to. Every method may be called from any thread."""

    def opened(
        self,
        runtime: str,
        name: str,
        content: bytes | Path | None = None,
        run: Runnable | None = None,
        task: str | None = None,
    ) -> Model:
        """The host has opened a model; says whether its calls are to be watched. Never raises.

        Args:
            runtime: what runs it.
            name: its file, or what the host calls it.
            content: its bytes or its file, to identify it by.
            run: runs it on a batch, where there is no content.
            task: a value of the fact `task`, where the API itself says what the model does.
        """
        ...

    def admit(self, model: Model, inputs: Iterable[object] = ()) -> None:
        """A watched model is about to run on `inputs`; raises `ProhibitedInference` where it may not."""
        ...

    def answered(self, model: Model, inputs: Iterable[object], outputs: object) -> None:
        """A model that is still being learned has answered."""
        ...

    def picture(self, url: str, pixels: "Pixels", at: float) -> None:
        """The host has read a picture. Never raises.

        Args:
            url: what it reads from, as the host says it.
            pixels: the picture; the host's own memory, for the time of this call.
            at: its time stamp in seconds, on any base.
        """
        ...

    def request(self, call: Call, pictures: Iterable[bytes] = ()) -> None:
        """A client is about to ask a service; raises `ProhibitedInference` where it may not."""
        ...


class Tap(ABC):
    """The calls of one runtime or client library.

    A tap never changes its host: same results, same exceptions, same threads. Its only act is to refuse a call before
    the work is done, with `ProhibitedInference`.

    Attributes:
        runtime: its name in calls and in reports.
        modules: the tap is installed when one of these has been imported.
        module: the module that it watches, once it is armed.
        armed: whether it is installed.
    """

    runtime: ClassVar[str]
    modules: ClassVar[tuple[str, ...]]

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.armed = False
        self._patches = Patches()
        self._models: dict[int, tuple[object, Model]] = {}

    @abstractmethod
    def patch(self, module: ModuleType, patches: Patches) -> None:
        """Replace what has to be replaced in `module`, one of `modules`, freshly imported."""

    @abstractmethod
    def prove(self) -> bool:
        """Make a harmless call of the runtime's own kind, and say whether it was seen."""

    def install(self, module: ModuleType) -> None:
        """Watch `module`; a second time for the same module changes nothing."""
        if not self.armed or self._patches.lost:
            self._patches.undo()
            self.module: Any = module
            self.patch(module, self._patches)
            self.armed = True

    def remove(self) -> None:
        """Leave the runtime as it was. Functions of ours that the host has kept let every call through."""
        self.armed = False
        self._patches.undo()
        self._models.clear()

    @property
    def lost(self) -> list[str]:
        """The functions that somebody has put back while the tap is armed."""
        return self._patches.lost if self.armed else []

    def remember(self, holder: object, model: Model) -> Model:
        """Keep `model` for the host's object `holder`, for as long as that lives."""
        key = id(holder)
        self._models[key] = (weakref.ref(holder, lambda _: self._models.pop(key, None)), model)
        return model

    def model_of(self, holder: object) -> Model:
        """The model of the host's object; one that was opened before the tap is taken in now (see `adopt`)."""
        known = self._models.get(id(holder))
        return known[1] if known else self.remember(holder, self.adopt(holder))

    def adopt(self, holder: object) -> Model:
        """Identify a model that is open already."""
        return self.gate.opened(self.runtime, type(holder).__name__)

    def watch_calls(self, patches: Patches, owner: type, name: str, inputs: Callable[..., Iterable[object]]) -> None:
        """Replace the method that runs a model.

        Args:
            patches: where to note it.
            owner, name: the class and its method.
            inputs: from the arguments of the call, what goes into the model.
        """

        def wrapper(original: Function) -> Function:
            def run(holder: object, *args: object, **kwargs: object) -> object:
                if not self.armed:
                    return original(holder, *args, **kwargs)
                known = self._models.get(id(holder))
                model = known[1] if known else self.model_of(holder)
                if not model.watched:
                    next(model.calls)
                    return original(holder, *args, **kwargs)
                self.gate.admit(model, inputs(*args, **kwargs))
                result = original(holder, *args, **kwargs)
                if model.learning:
                    self.gate.answered(model, inputs(*args, **kwargs), result)
                return result

            return run

        patches.wrap(owner, name, wrapper)
