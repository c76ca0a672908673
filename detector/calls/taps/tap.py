"""What a tap is: one runtime's calls, reported to a gate before they run."""

import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from types import ModuleType
from typing import Any, ClassVar

from ..aside import aside, is_aside
from .arguments import Look, lazily
from .handle import Handle, Holders, reached
from .imports import is_in_progress
from .interface import Gate
from .patch import Function, Patches


class _Depth(threading.local):
    """Whether this thread is inside a call that is watched as the outermost one."""

    inside = False


# One for all taps: a model of Keras may be one of PyTorch below.
_depth = _Depth()


def _never(*_: object, **__: object) -> bool:
    return False


def _says(passes: Callable[..., bool], args: tuple[object, ...], kwargs: dict[str, object]) -> bool:
    try:
        return passes(*args, **kwargs)
    except Exception:  # noqa: BLE001 - arguments that are no call's are the runtime's to complain of
        return False


class Tap(ABC):
    """The calls of one runtime or client library.

    A tap never changes its host: same results, same exceptions, same threads. Its only act is to refuse a call before
    the work is done, with `ProhibitedInference`.

    Attributes:
        runtime: its name in calls and in reports.
        modules: the tap is installed in each of these that has been imported.
        module: the module that it was installed in last.
        armed: whether it is installed.
        early: models found open that had been opened before the tap; what they did until then cannot be known.
        fault: why a module could not be watched, if one could not.
    """

    runtime: ClassVar[str]
    modules: ClassVar[tuple[str, ...]]

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.armed = False
        self.early = 0
        self.fault = ""
        self.holders = Holders()
        self._installed: dict[str, tuple[ModuleType, Patches]] = {}
        self._operations: dict[str, Handle] = {}
        self._passed = count()

    @abstractmethod
    def patch(self, module: ModuleType, patches: Patches) -> None:
        """Replace what has to be replaced in `module`, one of `modules`, freshly imported."""

    def prove(self) -> bool:
        """Make a harmless call of the runtime's own kind, and say whether it was seen.

        As it stands here, calls each function that is watched with what is none of the runtime's, which the runtime
        turns down at once. What somebody has wrapped is taken for seen: their part might not let that through.
        """
        return all(proof() for _, patches in self._installed.values() for proof in patches.proofs)

    def install(self, module: ModuleType, fresh: bool = False) -> None:
        """Watch `module`; once is enough, unless it is `fresh` from loading. Never raises; see `fault`."""
        ours = (module, Patches())
        there = self._installed.setdefault(module.__name__, ours)  # of two threads one goes on
        if there is not ours and there[0] is module and not fresh and not there[1].lost:
            return
        there[1].undo()
        self._installed[module.__name__] = ours
        self._install(*ours)

    def _install(self, module: ModuleType, patches: Patches) -> None:
        self.module: Any = module
        self.armed = True
        try:
            self.patch(module, patches)
        except Exception as error:  # noqa: BLE001 - a runtime we do not know must still work for its host
            patches.undo()
            self.fault = f"{module.__name__} cannot be watched: {error}"

    def catch_up(self) -> None:
        """Watch those of `modules` that are there although nobody has told us of their import."""
        for name in self.modules:
            module = sys.modules.get(name)
            if module is not None and name not in self._installed and not is_in_progress(module):
                self.install(module)

    def remove(self) -> None:
        """Leave the runtime as it was. Functions of ours that the host has kept let every call through."""
        self.armed, self.fault, self.early = False, "", 0
        for _, patches in reversed(self._installed.values()):
            patches.undo()
        for held in (self._installed, self._operations, self.holders):
            held.clear()

    @property
    def lost(self) -> list[str]:
        """The functions that somebody has put back while the tap is armed."""
        return [name for _, patches in self._installed.values() for name in patches.lost]

    # --- models -------------------------------------------------------------------------------------------------------

    def remember(self, holder: object, model: Handle) -> Handle:
        """Keep `model` for the host's object `holder`, for as long as that lives."""
        return self.holders.add(holder, model) if self.armed else model

    def model_of(self, holder: object) -> Handle:
        """The model of the host's object; one that was opened before the tap is taken in now (see `adopt`)."""
        known = self.holders.models.get(id(holder))
        return known or self.remember(holder, self._adopted(holder))

    def _adopted(self, holder: object) -> Handle:
        try:
            return self.adopt(holder)
        except Exception:  # noqa: BLE001 - a release of the runtime that we do not know
            return Tap.adopt(self, holder)

    def adopt(self, holder: Any) -> Handle:
        """Identify a model that is open already."""
        self.early += 1
        return self.gate.opened(self.runtime, type(holder).__name__)

    # --- patches ------------------------------------------------------------------------------------------------------

    def watch_calls(self, patches: Patches, owner: object, name: str, view: Look) -> None:
        """Replace the method `name` of the class `owner`, which runs a model; leave it out where there is none."""
        if hasattr(owner, name):
            patches.wrap(owner, name, lambda original: self.watched(original, view))
            patches.proofs.append(lambda: not patches.is_outermost(owner, name) or self._sees(owner, name))

    def watch_opening(self, patches: Patches, owner: object, name: str, opened: Callable[..., object]) -> None:
        """Replace what opens a model: `opened(result, *arguments)` is called after it; what that raises is dropped,
        and the model taken in at its first call."""

        def wrapper(original: Function) -> Function:
            def opening(*args: object, **kwargs: object) -> object:
                result = original(*args, **kwargs)
                if self.armed:
                    with suppress(Exception):
                        opened(result, *args, **kwargs)
                return result

            return opening

        if hasattr(owner, name):
            patches.wrap(owner, name, wrapper)

    def watch_operation(
        self, patches: Patches, owner: Any, name: str, task: str, view: Look, passes: Callable[..., bool] = _never
    ) -> None:
        """Replace a function that does `task` by its very name, whatever model is below; it is opened as a model of
        that name when it is first called. A call that `passes`, by its arguments, is none."""

        def wrapper(original: Function) -> Function:
            def operation(*args: object, **kwargs: object) -> object:
                if not self.armed:
                    return original(*args, **kwargs)
                if is_aside() or _says(passes, args, kwargs):
                    next(self._passed)
                    return original(*args, **kwargs)
                return self._judged(self._operation(name, task), original, view, args, kwargs)

            return operation

        if hasattr(owner, name):
            patches.wrap(owner, name, wrapper)
            patches.proofs.append(lambda: not patches.is_outermost(owner, name) or self._sees_operation(owner, name))

    def outermost(
        self,
        original: Function,
        view: Look,
        passes: Callable[..., bool] = _never,
        of: Callable[[object], object] | None = None,
        through: Callable[..., bool] = _never,
    ) -> Function:
        """As `watched`, for models that are made of models: of calls in each other the outermost one alone counts.

        Args:
            original, view: as for `watched`.
            passes: from the arguments of a call, whether it is none that counts, with all that is in it.
            of: from the object that is called, the one that holds the model, where that is another.
            through: from the arguments of a call, whether what it is given says nothing, so that those in it count.
        """
        watched = self.watched(original, view, of)

        def call(holder: object, *args: object, **kwargs: object) -> object:
            if _depth.inside or _says(through, args, kwargs):
                return original(holder, *args, **kwargs) if kwargs else original(holder, *args)
            run = original if _says(passes, (holder, *args), {}) else watched
            _depth.inside = True
            try:
                return run(holder, *args, **kwargs)
            finally:
                _depth.inside = False

        return call

    def watched(self, original: Function, view: Look, of: Callable[[object], object] | None = None) -> Function:
        """A method that counts a call, or has it judged, before `original` does the work."""
        known = self.holders.models.get

        def run(holder: object, *args: object, **kwargs: object) -> object:
            model = known(id(holder))
            if model is not None and not model.watched:  # this way has to be short: most calls take it
                next(model.calls)
                return original(holder, *args, **kwargs) if kwargs else original(holder, *args)
            if not self.armed or (model is None and is_aside()):  # nothing is taken in for good while we look away
                return original(holder, *args, **kwargs)
            model = model or self.model_of(holder if of is None else of(holder))
            return self._judged(model, original, view, (holder, *args), kwargs)

        return run

    def _judged(
        self, model: Handle, original: Function, view: Look, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> object:
        if not model.watched or is_aside():
            next(model.calls)
            return original(*args, **kwargs)
        self.gate.admit(model, lazily(view.inputs, args, kwargs))
        if view.covers:
            with aside():
                return original(*args, **kwargs)
        result = original(*args, **kwargs)
        if model.learning and view.outputs is not None:
            inputs = lazily(view.inputs, args, kwargs)
            self.gate.answered(model, inputs, lazily(view.outputs, (result, *args), kwargs))
        return result

    def _operation(self, name: str, task: str) -> Handle:
        known = self._operations.get(name)
        return known or self._operations.setdefault(name, self.gate.opened(self.runtime, name, task=task))

    def _sees(self, owner: object, name: str) -> bool:
        stranger = _Stranger()
        model = self.remember(stranger, Handle(self.runtime, "our own call", watched=False))
        with suppress(Exception):
            getattr(owner, name)(stranger)
        return model.counted == 1

    def _sees_operation(self, owner: object, name: str) -> bool:
        before = reached(self._passed)
        with suppress(Exception):
            getattr(owner, name)()
        return reached(self._passed) > before


class _Stranger:
    """An object of no runtime."""
