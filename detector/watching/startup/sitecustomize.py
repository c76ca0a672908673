"""Python runs this first where this folder is on its path: the watch begins, then the machine's own hook has its turn.

A program whose watch fails does not start; another Python, for which facewarden is not installed, does.
"""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec


def _watch() -> None:
    try:
        from facewarden.detector.watching.start import watch_as_told  # noqa: TID251 - this file is nobody's subpackage
    except ImportError as error:
        _go_unwatched(error)
        return
    try:
        watch_as_told()
    except BaseException as error:  # noqa: BLE001 - Python would go on after any other way out
        _give_up(error)


def _go_unwatched(error: ImportError) -> None:
    """Another Python, for which facewarden is not installed, starts all the same, on record, unless the site holds it;
    this has to work in every Python there is."""
    import json

    try:
        plan = json.loads(os.environ["FACEWARDEN_WATCH"])
        if plan.get("hold"):
            _give_up(error)
        if plan.get("record"):
            _note(os.path.join(plan["record"], "events.jsonl"))  # noqa: PTH118 - as below
    except (OSError, ValueError, AttributeError) as other:
        _give_up(other)


def _note(path: str) -> None:
    import json
    from datetime import datetime, timezone

    text = "{}: not watched: facewarden is not installed for it".format(sys.executable)  # noqa: UP032 - of any age
    now = datetime.now(timezone.utc).isoformat()  # noqa: UP017 - as above
    entry = {"schema": "facewarden.event/1", "kind": "process", "at": None, "text": text, "source": None}
    line = json.dumps(dict(entry, time=now, pid=os.getpid())) + "\n"
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.write(file, line.encode())
    os.close(file)


def _give_up(error: BaseException) -> None:
    sys.stderr.write("facewarden: this program cannot be watched, so it is not started: {}\n".format(error))  # noqa: UP032 - as above
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
