"""What a watched program starts: forks go on record, and so do programs that nobody watches from there on.

Functions are replaced, and no audit hook is set: a hook is asked at thousands of events, each `id()` among them, by
which a call of no recogniser would cost two times as much, and can never be taken away.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from functools import partial
from types import ModuleType
from typing import Any, cast

from ..calls.taps.imports import ImportWatch
from ..calls.taps.patch import Function, Patches

_PYTHON = re.compile(r"(python|pypy)[\d.]*(-dbg)?$")
_SHELL = re.compile(r"/(ba|da|z|k|a)?sh$")
_SHEBANG = 200
# Options of Python's that have a value of their own: what follows them is none.
_VALUED = frozenset("WXcm")
# Options by which Python does not look at its environment, or starts without its site.
_DEAF = frozenset("IES")
_inside: ContextVar[bool] = ContextVar("facewarden_starting", default=False)

# Told of a program that is about to be started and that nobody will watch: its path, why, and whether it is a Python.
Told = Callable[[str, str, bool], None]


class Children:
    """Tells of the programs that this process starts and that are not watched.

    Args:
        told: is told before each is started; what it raises keeps it from that.
        variable: what a watched program has in its environment.
    """

    def __init__(self, told: Told, variable: str) -> None:
        self._told, self._variable = told, variable
        self._patches, self._imports = Patches(), ImportWatch()

    def install(self) -> None:
        """Begin."""
        self._patches.wrap(os, "system", partial(self._starting, _shell))
        for name in ("execv", "execve", "posix_spawn", "posix_spawnp"):
            self._patches.wrap(os, name, partial(self._starting, _executed))
        self._imports.wait("subprocess", self._subprocess)

    def remove(self) -> None:
        """Leave everything as it was."""
        self._imports.stop()
        self._patches.undo()

    def _subprocess(self, module: ModuleType, _: bool) -> None:
        self._patches.wrap(module.Popen, "_execute_child", partial(self._starting, _opened))

    def _starting(self, given: Callable[..., tuple[Any, Any, Any]], original: Function) -> Function:
        def start(*args: object, **kwargs: object) -> object:
            if _inside.get():
                return original(*args, **kwargs)
            token = _inside.set(True)
            try:
                self._tell(given, args, kwargs)
                return original(*args, **kwargs)
            finally:
                _inside.reset(token)

        return start

    def _tell(self, given: Callable[..., tuple[Any, Any, Any]], args: Any, kwargs: Any) -> None:
        try:
            path, argv, environment = given(*args, **kwargs)
            found = unwatched(os.fsdecode(path), argv, _texts(environment), self._variable)
        except Exception:  # noqa: BLE001 - arguments that are no program's are the host's to hear of
            return
        if found is not None:
            self._told(*found)


def unwatched(
    path: str, argv: Sequence[str | bytes], environment: Mapping[str, str], variable: str
) -> tuple[str, str, bool] | None:
    """Of a program that is about to be started: its path, why it will not be watched, and whether it is a Python; None
    where nothing speaks against it.

    Args:
        path: the program, sought where it has no folder.
        argv: its arguments, its own name first.
        environment: what it will have for one.
        variable: what a watched program has in that.
    """
    whole = _found(path, environment)
    options = _options_of_a_python(whole, [os.fsdecode(one) for one in argv[1:]])
    if variable not in environment:
        return whole, "its environment was cleared", options is not None
    if options is None:
        return whole, "it is a shell" if _SHELL.search(whole) else "it is no Python", False
    deaf = sorted(_DEAF & options)
    return (whole, f"started with -{deaf[0]}", True) if deaf else None


def _found(path: str, environment: Mapping[str, str]) -> str:
    if os.sep in path:
        return path
    folders = environment.get("PATH", os.defpath).split(os.pathsep)
    places = (os.path.join(folder, path) for folder in folders)  # noqa: PTH118 - without pathlib, at every start
    return next((place for place in places if os.access(place, os.X_OK)), path)


def _options_of_a_python(path: str, arguments: Sequence[str]) -> set[str] | None:
    """The one-letter options that a Python is given; None where it is none, as far as its name and first line say."""
    real = os.path.realpath(path)
    if path == sys.executable or any(_PYTHON.match(one.rpartition(os.sep)[2]) for one in (path, real)):
        return _options(arguments)
    words = _first_line(real).split()
    for number, word in enumerate(words):
        if _PYTHON.match(word.rpartition("/")[2].removeprefix("#!")):
            return _options(words[number + 1 :])
    return None


def _options(arguments: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for argument in arguments:
        if not argument.startswith("-") or argument.startswith("--") or argument == "-":
            break
        letters = argument[1:]
        valued = next((number for number, letter in enumerate(letters) if letter in _VALUED), len(letters))
        found |= set(letters[:valued])
        if valued < len(letters) and letters[valued] in "cm":
            break
    return found


def _first_line(path: str) -> str:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            head = file.read(_SHEBANG)
    except OSError:
        return ""
    return head.splitlines()[0].decode(errors="replace") if head.startswith(b"#!") else ""


def _shell(*_: object) -> tuple[Any, Any, Any]:
    return "/bin/sh", ("sh",), None


def _executed(path: Any, argv: Any, environment: Any = None, **_: object) -> tuple[Any, Any, Any]:
    return path, argv, environment


def _opened(_: object, args: Any, executable: Any, *rest: Any) -> tuple[Any, Any, Any]:
    """What `Popen._execute_child` is given, which has not yet put a command for a shell into one."""
    environment, shell = rest[4], rest[7]
    if shell:
        return executable or "/bin/sh", ("sh",), environment
    words: list[Any] = [args] if isinstance(args, str | bytes | os.PathLike) else list(args)
    return executable or words[0], words, environment


def _texts(environment: Any) -> Mapping[str, str]:
    if environment is None:
        return os.environ
    given = cast(Mapping[Any, Any], environment)
    return {os.fsdecode(key): os.fsdecode(value) for key, value in given.items()}
