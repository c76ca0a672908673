"""To be told when a module has been imported: now, if it has been already, or as soon as it is.

The finder stands in `sys.meta_path` only while somebody waits. (wrapt's post-import hooks cannot be taken back.) No
locks: a fork in the middle of anything must leave the child able to import.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import dropwhile
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Loader  # which would load a hundred modules
    from importlib.machinery import ModuleSpec

Told = Callable[[ModuleType, bool], None]


class ImportWatch:
    """Calls back once for each import of the modules waited for."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Told]] = {}
        self._loading: set[str] = set()

    def wait(self, name: str, told: Told) -> None:
        """Call `told(module, False)` now, if the module `name` is there, and `told(module, True)` after each import.

        Everybody who waits for a module is told, in the order of their asking."""
        self._waiting.setdefault(name, []).append(told)
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)
        module = sys.modules.get(name)
        if module is not None and not is_in_progress(module):
            told(module, False)

    def stop(self) -> None:
        """Wait for nothing more, and leave `sys.meta_path`."""
        self._waiting.clear()
        while self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> "ModuleSpec | None":
        """Part of the protocol of finders: the module as the others find it, with our call after its loading."""
        if name not in self._waiting or name in self._loading:  # cv2 imports a module of its own name on its way
            return None
        after = [finder for finder in dropwhile(lambda finder: finder is not self, sys.meta_path) if finder is not self]
        spec = next(filter(None, (_ask(finder, name, path, target) for finder in after)), None)
        if spec is not None and spec.loader is not None:
            with suppress(AttributeError):  # a loader that takes no attribute: `Tap.catch_up` finds its module
                self._tell_after(name, spec.loader)
        return spec

    def _tell_after(self, name: str, loader: "Loader") -> None:
        execute = loader.exec_module
        if not (isinstance(execute, _Telling) and execute.watch is self):  # else found before, and not loaded since
            loader.exec_module = _Telling(self, name, loader, execute)

    def execute(self, module: ModuleType, execute: Callable[[ModuleType], None]) -> None:
        """Execute a module that is waited for, and tell."""
        name = module.__name__
        self._loading.add(name)
        try:
            execute(module)
        finally:
            self._loading.discard(name)
        for told in tuple(self._waiting.get(name, ())):
            told(module, True)


class _Telling:
    """Stands for a loader's `exec_module` until the module has been loaded, and leaves the loader as it was."""

    def __init__(self, watch: ImportWatch, name: str, loader: "Loader", execute: Callable[[ModuleType], None]) -> None:
        self.watch, self._name, self._loader, self._execute = watch, name, loader, execute

    def __call__(self, module: ModuleType) -> None:
        if module.__name__ != self._name:  # a zip file has one loader for all of its modules
            self._execute(module)
        else:
            vars(self._loader).pop("exec_module", None)
            self.watch.execute(module, self._execute)


def is_in_progress(module: ModuleType) -> bool:
    """Whether the module is being imported at this moment."""
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


def _ask(finder: object, name: str, path: Sequence[str] | None, target: ModuleType | None) -> "ModuleSpec | None":
    find = getattr(finder, "find_spec", None)
    return find(name, path, target) if find else None
