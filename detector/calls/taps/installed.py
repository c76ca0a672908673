"""All taps together: loaded and installed as their runtimes are imported, checked, and taken away."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING

import msgspec

from ..aside import aside
from .heartbeat import Heartbeat
from .imports import ImportWatch, is_in_progress
from .kinds import ALL, Kind
from .uncovered import MODULES, uncovered

if TYPE_CHECKING:
    from .interface import Gate
    from .tap import Tap


class TapState(msgspec.Struct, frozen=True):
    """How one tap is.

    Attributes:
        runtime: what it watches.
        state: `waiting` for its runtime to be imported, `on`, or `lost`: taken away, or a call of ours went unseen. Of
            a runtime that has no tap, `uncovered`.
        detail: what was lost, or where the runtime was seen.
        early: models found open that had been opened before the tap. How many calls they had answered by then cannot
            be known, nor of models that are never called again that they were there.
    """

    runtime: str
    state: str
    detail: str = ""
    early: int = 0


class Taps:
    """The taps of this process.

    Args:
        gate: what they report to.
        kinds: which of them; by default all there are.

    Attributes:
        checked_at: when all of them were last checked, on the clock of `time.monotonic`; None before the first time.
    """

    def __init__(self, gate: "Gate", kinds: "Sequence[Kind | type[Tap]]" = ALL) -> None:
        self.checked_at: float | None = None
        self._gate, self._kinds = gate, kinds
        self._loaded: dict[str, Tap] = {}
        self._faults: dict[str, str] = {}
        self._imports = ImportWatch()
        self._heartbeat: Heartbeat | None = None
        self._told: dict[str, TapState] = {}
        self._on_change: Callable[[TapState], object] | None = None

    @property
    def taps(self) -> "list[Tap]":
        """Those whose runtimes have been imported."""
        return list(self._loaded.values())

    def install(self) -> None:
        """Watch every runtime: those imported already now, the others when they are."""
        for kind in self._kinds:
            for module in kind.modules:
                self._imports.wait(module, partial(self._imported, kind))
        for module in MODULES:
            self._imports.wait(module, self._uncovered_imported)

    def remove(self) -> None:
        """Leave every runtime, and the import system, as they were; the heart stops."""
        if self._heartbeat:
            self._heartbeat.stop()
            self._heartbeat = None
        self._imports.stop()
        for tap in self.taps:
            tap.remove()

    def check(self) -> list[TapState]:
        """Prove each tap by a call of our own, and say how it is."""
        states = [self._state(kind) for kind in self._kinds]
        self.checked_at = time.monotonic()
        return states

    def watch(self, on_change: Callable[[TapState], object], seconds: float = 10.0) -> None:
        """Check now, and then every `seconds` from a thread of its own, and tell each change of a state, and each
        runtime that no tap covers.

        A forked child goes on by itself, from the states that its parent knew. A heart that has stopped shows in
        `checked_at`.
        """
        self._on_change = on_change
        self._heartbeat = Heartbeat(self._beat, seconds)
        self._heartbeat.start()

    def look_for_uncovered(self) -> None:
        """Tell at once of runtimes that no tap covers, where somebody watches."""
        self._tell(TapState(one.runtime, "uncovered", one.seen) for one in uncovered())

    def _beat(self) -> None:
        self._tell(self.check())
        self.look_for_uncovered()

    def _tell(self, states: Iterable[TapState]) -> None:
        for state in states:
            key = f"{state.runtime} {state.detail}" if state.state == "uncovered" else state.runtime
            if self._on_change is not None and self._told.get(key) != state:
                self._told[key] = state
                self._on_change(state)

    def _uncovered_imported(self, *_: object) -> None:
        self.look_for_uncovered()

    def _imported(self, kind: "Kind | type[Tap]", module: ModuleType, fresh: bool) -> None:
        if tap := self._tap(kind):
            tap.install(module, fresh)

    def _tap(self, kind: "Kind | type[Tap]") -> "Tap | None":
        """The tap, loaded; None where it cannot be, which must not keep its runtime from being imported."""
        if kind.runtime not in self._loaded:
            try:
                tap = kind.load() if isinstance(kind, Kind) else kind
                self._loaded.setdefault(kind.runtime, tap(self._gate))  # of two threads one goes on
            except Exception as error:  # noqa: BLE001 - as above
                self._faults[kind.runtime] = f"its tap cannot be loaded: {error}"
        return self._loaded.get(kind.runtime)

    def _state(self, kind: "Kind | type[Tap]") -> TapState:
        tap = self._tap(kind) if any(map(_is_there, kind.modules)) else self._loaded.get(kind.runtime)
        if tap is None:
            fault = self._faults.get(kind.runtime, "")
            return TapState(kind.runtime, "lost" if fault else "waiting", fault)
        tap.catch_up()
        tap.holders.sweep()
        state, detail = _judge(tap)
        return TapState(tap.runtime, state, detail, tap.early)


def _is_there(name: str) -> bool:
    module = sys.modules.get(name)
    return module is not None and not is_in_progress(module)


def _judge(tap: "Tap") -> tuple[str, str]:
    if tap.fault:
        return "lost", tap.fault
    if not tap.armed:
        return "waiting", ""
    if lost := tap.lost:
        return "lost", f"somebody has replaced {', '.join(lost)}"
    try:
        with aside():
            seen = tap.prove()
    except Exception as error:  # noqa: BLE001 - whatever a runtime raises, the tap is not proven
        return "lost", f"its own call failed: {error}"
    return ("on", "") if seen else ("lost", "its own call went unseen")
