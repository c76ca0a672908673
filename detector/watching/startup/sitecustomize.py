"""Python runs this first where this folder is on its path: the watch begins, then the machine's own hook has its turn.

A program that cannot be watched does not start.
"""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec


def _watch() -> None:
    try:
        from facewarden.detector.watching.start import watch_as_told  # noqa: TID251 - this file is nobody's subpackage

        watch_as_told()
    except BaseException as error:  # noqa: BLE001 - Python would go on after any other way out
        sys.stderr.write(f"facewarden: this program cannot be watched, so it is not started: {error}\n")
        sys.stderr.flush()
        os._exit(2)


def _run_the_next() -> None:
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib would slow every start
    spec = PathFinder.find_spec("sitecustomize", [path for path in sys.path if os.path.abspath(path) != here])  # noqa: PTH100
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


if "FACEWARDEN_WATCH" in os.environ:
    _watch()
_run_the_next()
