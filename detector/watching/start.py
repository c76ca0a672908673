"""`watch()`: from here on every inference call of this process is seen, and of the Python processes that it starts.

Every Python process of a watched program imports this module and most of them make no call, so what decides is loaded
when a tap first needs it, and a tap when its runtime is imported.
"""

import atexit
import os
from collections.abc import Callable, Mapping, MutableMapping, Sequence
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
from .board import Board, end_board, make_board
from .life import Life

if TYPE_CHECKING:
    from ..calls.taps import Gate
    from ..calls.taps.patch import Patches
    from ..guard import Guard
    from ..records import Sink
    from ..site import Site
    from .models import ModelGate

STARTUP = Path(__file__).parent / "startup"
_VARIABLE = "FACEWARDEN_WATCH"


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How to watch; goes to child processes in their environment.

    Attributes:
        site: the site file; without one nothing is declared.
        packs: policy packs, instead of those that the site names.
        sources: source name by the URL, file or device that the program reads.
        record: the folder for `calls.jsonl`, `events.jsonl` and the ledger of both; None keeps nothing.
        observe: refuse nothing, whatever the site says.
        hold: do not start a Python that cannot be watched.
        ask: the Unix socket of the service that decides, in place of all that is declared here.
        token_file: the file that holds the token which that service asks for.
        board: where the processes of the watch show each other what they read (see `board`).
    """

    site: str | None = None
    packs: tuple[str, ...] = ()
    sources: dict[str, str] = {}
    record: str | None = None
    observe: bool = False
    hold: bool = False
    ask: str | None = None
    token_file: str | None = None
    board: str | None = None

    def as_site(self) -> "Site":
        """What is declared; raises `InputError` where the site file or a pack is wrong."""
        from ..site import Site, load_site
        from ..site.terms import packs_of

        site = load_site(self.site) if self.site else Site()
        site = self._applied(msgspec.structs.replace(site, packs=self.packs or site.packs))
        packs = packs_of(site)
        site.enforcement.check(rule.id for pack in packs for rule in pack.rules)
        return site

    def checked(self) -> "Plan":
        """The plan, with what the site says of how to watch; raises `InputError` as `as_site` does."""
        enforcement = self.as_site().enforcement
        return msgspec.structs.replace(self, hold=enforcement.uncovered == "hold" and enforcement.mode == "enforce")

    def with_board(self) -> "Plan":
        """The plan, with a board that lasts as long as this process."""
        return msgspec.structs.replace(self, board=make_board())

    def nothing_declared(self) -> "Site":
        """What takes the place of a site that cannot be read."""
        from ..site import Site

        return self._applied(Site())

    def check_files(self) -> None:
        """Raise `InputError` where a file that is named cannot be opened."""
        for path in filter(None, (self.site, *(pack for pack in self.packs if pack.endswith(".toml")))):
            try:
                open(path, "rb").close()  # noqa: PTH123 - as the hook that calls this, without pathlib
            except OSError as error:
                raise InputError(f"{path}: cannot be read ({error.strerror})") from error

    def _applied(self, site: "Site") -> "Site":
        enforcement = msgspec.structs.replace(site.enforcement, mode="observe") if self.observe else site.enforcement
        return msgspec.structs.replace(site, enforcement=enforcement)

    def environment(self) -> dict[str, str]:
        """What a Python process needs in its environment to watch itself from its first line."""
        paths = [str(STARTUP), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        return {
            _VARIABLE: msgspec.json.encode(self).decode(),
            "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        }


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
        self._recorder = Recorder(_sink(plan.record, seal))
        self._gate = Deferred(self._build)
        self.taps = Taps(cast("Gate", self._gate))
        self._threads: Patches | None = None
        self._unread = ""
        self._lost: dict[str, str] = {}
        self._uncovered: dict[str, str] = {}
        self._recorder.put(started())
        self.taps.install()
        self._life = Life(self._recorder, plan.hold, _VARIABLE)
        self._life.install()
        self.taps.watch(self.changed)

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
        if lost != self._lost.get(state.runtime, "") and self._site.enforcement.lost_tap == "hold":
            self._lost = {**self._lost, state.runtime: lost}
            self.gate.close(self._why_closed())
        if state.state == "uncovered" and self._site.enforcement.uncovered == "hold":
            self._uncovered = {**self._uncovered, state.runtime: state.detail}
            self.gate.close(self._why_closed())

    def stop(self) -> None:
        """Leave every runtime as it was, and write the record to its end."""
        self.taps.look_for_uncovered()
        if self._threads:
            self._threads.undo()
        self._life.remove()
        self.taps.remove()
        self._recorder.put(ended())
        self._recorder.close()

    @cached_property
    def _site(self) -> "Site":
        """What is declared. The plan's maker has read it; where it can be read no more every call is held."""
        try:
            return self.plan.as_site()
        except InputError as error:
            self._unread = str(error)
            self._recorder.event("failure", f"what is declared cannot be read: {error}")
            return self.plan.nothing_declared()

    def _build(self) -> "ModelGate":
        from ..calls.taps.patch import Patches
        from ..calls.taps.threads import carry

        self._threads = Patches()
        carry(self._threads)
        gate = self._asking(self.plan.ask) if self.plan.ask else self._deciding()
        gate.close(self._why_closed())
        return gate

    def _asking(self, path: str) -> "ModelGate":
        from .asking import AskingGate

        told = self.plan
        return AskingGate(path, told.sources, self._recorder, told.token_file, observe=told.observe)

    def _deciding(self) -> "ModelGate":
        from ..guard import Guard
        from .cameras import Cameras
        from .gate import CallGate
        from .sharing import Others, Telling

        board = self._board()
        others, telling = (None, None) if board is None else (Others(board), Telling(board))
        guard = Guard(self._site, others=others and others.seen)
        cameras = Cameras(guard, self.plan.sources, others=others, telling=telling)
        return CallGate(guard, cameras, self._recorder)

    def _board(self) -> Board | None:
        """Where the processes of this watch show each other what they read; one that has lost it goes on alone."""
        try:
            return Board(self.plan.board) if self.plan.board else None
        except InputError as error:
            self._recorder.event("process", str(error))
            return None

    def _why_closed(self) -> str | None:
        lost = _listed(self._lost)
        if self._unread or lost:
            return self._unread or f"a tap is lost ({lost})"
        return f"no tap covers what is in this process ({_listed(self._uncovered)})" if self._uncovered else None


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


def plan(
    site: str | Path | None,
    *,
    packs: Sequence[str] = (),
    sources: Mapping[str, str] | None = None,
    record: str | Path | None = None,
    observe: bool = False,
    ask: str | None = None,
    token_file: str | Path | None = None,
) -> Plan:
    """A plan whose paths hold wherever a child process stands.

    Args:
        site, packs, sources, record, observe: as for `watch`.
        ask: `unix:PATH` of the service that decides.
        token_file: the file that holds the token which it asks for.

    Raises:
        InputError: `ask` is no such address, or a site or packs are given as well, which are the service's to know; or
            no token can be read, or nobody is asked with it.
    """
    whole = tuple(str(Path(pack).absolute()) if pack.endswith(".toml") else pack for pack in packs)
    path = None if ask is None else _socket(ask)
    if ask is not None and (site is not None or packs):
        raise InputError(f"--ask {ask}: the service has the site and its packs; give --site and --pack to it")
    if token_file is not None:
        _check_token(token_file, ask)
    made = Plan(_absolute(site), whole, dict(sources or {}), _absolute(record), observe, ask=path)
    return msgspec.structs.replace(made, token_file=_absolute(token_file))


def _check_token(token_file: str | Path, ask: str | None) -> None:
    from ..secret import read_secret

    if ask is None:
        raise InputError("--token-file: nobody is asked with it; give --ask unix:PATH as well")
    read_secret(token_file)


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

    Where the process is watched already, as under `facewarden run`, this changes nothing and gives what is there.

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
    if _watching is None:
        made = plan(site, packs=packs, sources=sources, record=record, observe=observe).checked().with_board()
        if made.record is not None:
            JsonLines(Path(made.record)).close()
        _watching = Watching(made)
        os.environ.update(made.environment())
        atexit.register(unwatch)
    return _watching


def unwatch() -> None:
    """End what `watch` began: the taps go, the record is written to its end, child processes are on their own."""
    global _watching
    if _watching is not None:
        atexit.unregister(unwatch)
        _watching.stop()
        end_board(_watching.plan.board)
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
    told = os.environ.get(_VARIABLE)
    if told is None or _watching is not None:
        return
    try:
        made = msgspec.json.decode(told, type=Plan)
    except msgspec.DecodeError as error:
        raise InputError(f"{_VARIABLE}: {error}") from error
    made.check_files()
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


def _socket(address: str) -> str:
    kind, _, path = address.partition(":")
    if kind != "unix" or not path:
        raise InputError(f"--ask {address}: expected unix:PATH, where facewarden serve listens")
    return str(Path(path).absolute())


def _absolute(path: str | Path | None) -> str | None:
    return None if path is None else str(Path(path).absolute())


def _forget(environment: MutableMapping[str, str]) -> None:
    environment.pop(_VARIABLE, None)
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    kept = [path for path in paths if path != str(STARTUP)]
    environment["PYTHONPATH"] = os.pathsep.join(kept)
    if not kept:
        del environment["PYTHONPATH"]
