"""Taps that are there before their runtimes are imported, and in a child that is forked after

Run it as `python -m helpers.alive` in the folder tests. Ends with an error if a call of any runtime
that is installed here goes unseen.
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.kinds import RUNTIMES
from facewarden.detector.calls.taps.scripted import ScriptedGate
from helpers.runtimes import CASES, is_here

PICTURE = np.random.default_rng(1).integers(0, 256, (112, 112, 3), np.uint8)


def unseen(gate: ScriptedGate) -> list[str]:
    """The cases of which a call passed by the gate."""
    missed: list[str] = []
    for name, case in CASES.items():
        if is_here(case.needs):
            model = case.open(Path(tempfile.mkdtemp()))
            before = len(gate.admitted)
            case.call(model, PICTURE)
            missed += [name] * (len(gate.admitted) != before + 1)
    return missed


def main() -> None:
    gate = ScriptedGate()
    taps = Taps(gate, RUNTIMES)
    finders = list(sys.meta_path)
    early = [kind.runtime for kind in RUNTIMES if any(module in sys.modules for module in kind.modules)]
    assert early == [], f"imported already: {early}"

    taps.install()
    for case in CASES.values():
        if is_here(case.needs):
            case.work()  # imports it
    if (pid := os.fork()) == 0:
        os._exit(len(unseen(gate)) or sum(state.state == "lost" for state in taps.check()))
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"the child ended with {status}"

    assert unseen(gate) == []
    assert {state.state for state in taps.check()} <= {"on", "waiting"}
    taps.remove()
    left = [finder for finder in sys.meta_path if finder not in finders]
    assert not any(type(finder).__module__.startswith("facewarden") for finder in left)
    print(f"{len(RUNTIMES)} taps alive")  # noqa: T201


if __name__ == "__main__":
    main()
