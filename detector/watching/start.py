"""`watch()`: from here on every inference call of this process is seen, and of the Python processes that it starts.

Every Python process of a watched program imports this module and most of them make no call, so what decides is loaded
when a tap first needs it, and a tap when its runtime is imported.
"""

import atexit
import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from ..calls.taps import Taps, TapState
from ..errors import InputError
from ..ledger import open_record
from ..locks import Lock
from ..records import JsonLines, Recorder, Tee
from ..records.here import ended, started
from ..records.sink import Failed
from .board import end_board
from .life import Life
from .plan import STARTUP, VARIABLE, Plan, plan, told

if TYPE_CHECKING:
    from ..calls.taps import Gate
    from ..calls.taps.patch import Patches
    from ..enforcement import Enforcement
    from ..guard import Guard
    from ..records import Sink
    from ..site import Site
    from .models import ModelGate


class Watching:
    """A process that is being watched; `stop` ends it.

    Args:
        plan: how.
        seal: whether it signs its record's ledger; the processes that it starts leave that to it.

    Attributes:
        plan: how.
        taps: what watches it.
    """

    def __init__(self, plan: Plan, seal: bool = True) -> None:
        self.plan = plan
        self._tee = Tee()
        self._watches: list[_Watch] = []
        self._recorder = Recorder(self._tee)
        for one in plan.all:
            self._add(one, seal and one is plan)
        self._gate = Deferred(self._build)
        self.taps = Taps(cast("Gate", self._gate))
        self._threads: Patches | None = None
        self._lost: dict[str, str] = {}
        self._uncovered: dict[str, str] = {}
        self._recorder.put(started())
        self.taps.install()
        self._life = Life(self._recorder, any(one.hold for one in plan.all), VARIABLE)
        self._life.install()
        self.taps.watch(self.changed)

    def join(self, plan: Plan) -> None:
        """Watch by one more plan from here on; the strictest decision of all counts, and each has its own record."""
        watch = self._add(plan, seal=True)
        watch.joined = True
        Recorder(watch.sink).put(started())
        if self._gate.built is not None:
            self._gate.built.join(watch.built())
            self._close()

    def is_by(self, plan: Plan) -> bool:
        """Whether it is watched by such a plan already."""
        return any(watch.plan.said == plan.said for watch in self._watches)

    def _add(self, plan: Plan, seal: bool) -> "_Watch":
        sink = _sink(plan.record, seal)
        watch = _Watch(plan, sink)
        if all(plan.record != one.plan.record for one in self._watches):
            self._tee.join(sink)
        self._watches.append(watch)
        return watch

    @property
    def gate(self) -> "ModelGate":
        """What the taps report to."""
        return self._gate.now()

    @property
    def guard(self) -> "Guard":
        """What is believed of the cameras, and decides. A program that does not read its pictures through OpenCV or
        PyAV hands them to it (`Guard.observe`).

        Raises:
            InputError: a service believes and decides in its place (`ask`).
        """
        from .gate import CallGate

        gate = self.gate
        if not isinstance(gate, CallGate):
            raise InputError("no guard is in this process: it asks a service, which has the cameras")
        return gate.guard

    def changed(self, state: TapState) -> None:
        """A tap is proven, or lost, or a runtime has none: an event. While one is lost every recogniser's call is held,
        unless the site only wants to hear of it; where a runtime has none it is the other way round."""
        if state.state == "waiting":
            return
        self._recorder.event("tap", f"{state.runtime}: {state.state} {state.detail}".rstrip())
        lost = state.detail if state.state == "lost" else ""
        if lost != self._lost.get(state.runtime, "") and any(one.lost_tap == "hold" for one in self._enforcements()):
            self._lost = {**self._lost, state.runtime: lost}
            self._close()
        if state.state == "uncovered" and any(one.uncovered == "hold" for one in self._enforcements()):
            self._uncovered = {**self._uncovered, state.runtime: state.detail}
            self._close()

    @property
    def boards(self) -> list[str | None]:
        """What ends with this process: the boards of those plans that began in it."""
        return [watch.plan.board for watch in self._watches if watch.plan is self.plan or watch.joined]

    def stop(self) -> None:
        """Leave every runtime as it was, and write the record to its end."""
        self.taps.look_for_uncovered()
        if self._threads:
            self._threads.undo()
        self._life.remove()
        self.taps.remove()
        if self._gate.built is not None:
            for gate in (self._gate.built, *self._gate.built.beside):
                gate.end()
        self._recorder.put(ended())
        for watch in self._watches:
            watch.sink.close()

    def _build(self) -> "ModelGate":
        from ..calls.taps.patch import Patches
        from ..calls.taps.threads import carry

        self._threads = Patches()
        carry(self._threads)
        gate, *others = (watch.built() for watch in self._watches)
        for other in others:
            gate.join(other)
        for one in (gate, *others):
            one.close(self._why_closed())
        return gate

    def _close(self) -> None:
        """Hold every call where there is a reason, whichever watch has it."""
        gate = self.gate
        for one in (gate, *gate.beside):
            one.close(self._why_closed())

    def _enforcements(self) -> "Iterator[Enforcement]":
        return (watch.site.enforcement for watch in self._watches)

    def _why_closed(self) -> str | None:
        unread = next(filter(None, (watch.unread for watch in self._watches)), "")
        lost = _listed(self._lost)
        if unread or lost:
            return unread or f"a tap is lost ({lost})"
        return f"no tap covers what is in this process ({_listed(self._uncovered)})" if self._uncovered else None


class _Watch:
    """One of the plans that a process is watched by, with its own record and its own gate."""

    def __init__(self, plan: Plan, sink: "Sink") -> None:
        self.plan, self.sink, self.joined = plan, sink, False
        self.recorder = Recorder(sink)

    @cached_property
    def _read(self) -> "tuple[Site, str]":
        from .building import site_of

        return site_of(self.plan, self.recorder)

    @property
    def site(self) -> "Site":
        """What is declared."""
        return self._read[0]

    @property
    def unread(self) -> str:
        """Why it cannot be read; empty where it can."""
        return self._read[1]

    def built(self) -> "ModelGate":
        """Its gate."""
        from .building import gate_of

        return gate_of(self.plan, self.site, self.recorder)


class Deferred:
    """A gate that is built when a tap first needs it: most Python processes of a program never do."""

    def __init__(self, build: "Callable[[], ModelGate]") -> None:
        self._build, self._building = build, Lock()
        self.built: ModelGate | None = None

    def now(self) -> "ModelGate":
        """The gate."""
        with self._building:
            self.built = self.built or self._build()
            return self.built

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.now(), name)
        setattr(self, name, found)  # the next time without this detour
        return found


_watching: Watching | None = None


def watch(
    site: str | Path | None = None,
    *,
    packs: Sequence[str] = (),
    sources: Mapping[str, str] | None = None,
    record: str | Path | None = None,
    observe: bool = False,
) -> Watching:
    """Watch this process, and the Python processes that it starts, from here to their end.

    Where the process is watched already, as under `facewarden run`, both watch it: each rules on every call by what it
    was told, and keeps its own record, and the strictest decision counts. Without anything to be told by this changes
    nothing and gives what is there.

    Args:
        site: the site file; without one nothing is declared.
        packs: policy packs, instead of those that the site names.
        sources: source name by the URL, file or device that the program reads.
        record: the folder for `calls.jsonl`, `events.jsonl` and the ledger of both; by default nothing is kept.
        observe: refuse nothing, whatever the site says.

    Raises:
        InputError: the site file or a pack is wrong, or the record cannot be written.
    """
    global _watching
    if _watching is not None and not (site or packs or sources or record or observe):
        return _watching
    made = plan(site, packs=packs, sources=sources, record=record, observe=observe).checked()
    if _watching is not None and _watching.is_by(made):
        return _watching
    made = made.with_board()
    if made.record is not None:
        JsonLines(Path(made.record)).close()
    if _watching is None:
        _watching = Watching(made)
        atexit.register(unwatch)
    else:
        _watching.join(made)
        made = msgspec.structs.replace(made, outer=told())
    os.environ.update(made.environment())
    return _watching


def unwatch() -> None:
    """End what `watch` began: the taps go, the record is written to its end, child processes are on their own."""
    global _watching
    if _watching is not None:
        atexit.unregister(unwatch)
        _watching.stop()
        for board in _watching.boards:
            end_board(board)
        _watching = None
        _forget(os.environ)


def watch_as_told() -> None:
    """Watch this process as its environment says; the start-up hook of `facewarden run` and of `watch`.

    Who made the environment has read the site file and the packs; here they only have to be there still. Where they
    have been spoiled since, every call is held.

    Raises:
        InputError: the environment is wrong, or a file that it names is gone.
    """
    global _watching
    if _watching is not None or (made := told()) is None:
        return
    for one in made.all:
        one.check_files()
    _watching = Watching(made, seal=False)
    atexit.register(unwatch)


def _sink(folder: str | None, sealed: bool) -> "Sink":
    """Where the record goes. Where it cannot be written to there, the program starts all the same: who made the plan
    could write there, and every call of a recogniser is held."""
    if folder is None:
        return Tee()
    try:
        return open_record(folder) if sealed else JsonLines(Path(folder))
    except InputError as error:
        return Failed(str(error))


def _listed(found: Mapping[str, str]) -> str:
    return "; ".join(f"{runtime}: {detail}" for runtime, detail in found.items() if detail)


def _forget(environment: MutableMapping[str, str]) -> None:
    environment.pop(VARIABLE, None)
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    kept = [path for path in paths if path != str(STARTUP)]
    environment["PYTHONPATH"] = os.pathsep.join(kept)
    if not kept:
        del environment["PYTHONPATH"]
