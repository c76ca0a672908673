"""The life of a watched process, on record: forks, what it starts that nobody watches, and its end."""

import os
from weakref import WeakSet

from ..calls.taps.patch import Function, Patches
from ..records import Recorder
from ..records.here import ended, started
from .children import Children


class Life:
    """Records that this process was forked, starts programs that are not watched, and ends without `atexit`.

    Args:
        recorder: where to.
        hold: start no Python that cannot be watched.
        variable: what a watched program has in its environment.
    """

    def __init__(self, recorder: Recorder, hold: bool, variable: str) -> None:
        self._recorder, self._hold = recorder, hold
        self._children = Children(self._unwatched, variable)
        self._patches = Patches()
        self._told: set[tuple[str, str]] = set()

    def install(self) -> None:
        """Begin."""
        self._children.install()
        self._patches.wrap(os, "_exit", self._exiting)
        for name in ("execv", "execve"):
            self._patches.wrap(os, name, self._executing)
        _LIVES.add(self)

    def remove(self) -> None:
        """Leave everything as it was."""
        _LIVES.discard(self)
        self._patches.undo()
        self._children.remove()

    def forked(self) -> None:
        """This process is a child of the one that was watched."""
        self._told.clear()
        self._recorder.put(started(forked=True))

    def _exiting(self, original: Function) -> Function:
        def exiting(*args: object, **kwargs: object) -> object:
            self._recorder.put(ended())
            self._recorder.close()
            return original(*args, **kwargs)

        return exiting

    def _executing(self, original: Function) -> Function:
        def executing(*args: object, **kwargs: object) -> object:
            self._recorder.put(ended("it became another program"))
            try:
                return original(*args, **kwargs)
            finally:  # it did not
                self._recorder.put(started())

        return executing

    def _unwatched(self, path: str, why: str, is_python: bool) -> None:
        held_back = self._hold and is_python
        if (path, why) not in self._told:
            self._told.add((path, why))
            self._recorder.event("process", f"{path}: {'not started' if held_back else 'not watched'}: {why}")
        if held_back:
            from ..policy import ProhibitedInference, held

            raise ProhibitedInference(held(f"{path} cannot be watched: {why}"))


_LIVES: WeakSet[Life] = WeakSet()


def _forked() -> None:
    for life in tuple(_LIVES):
        life.forked()


os.register_at_fork(after_in_child=_forked)
