"""Many threads, forks, and models that come and go, for as many seconds as asked.

Run it as `python -m helpers.stress 60` in the folder tests. Ends with an error if a call is lost, a
child fails, a model is not forgotten, or memory grows.
"""

import gc
import os
import sys
import threading
import time
from collections.abc import Iterable
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from facewarden.detector.calls.taps import Handle, Taps
from facewarden.detector.calls.taps.handle import reached
from facewarden.detector.calls.taps.runtimes.onnx_runtime import OnnxRuntimeTap
from facewarden.detector.calls.taps.scripted import ScriptedGate
from helpers.runtimes import means, ort_options

THREADS, SESSIONS, GROWTH = 64, 8, 64 << 20
FEED = {"x": np.zeros((1, 3, 112, 112), np.float32)}


class CountingGate(ScriptedGate):
    """Watches every other model, and keeps a count of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = count()

    def opened(self, *args: object, **kwargs: object) -> Handle:
        self.watching = not self.watching
        return super().opened(*args, **kwargs)  # pyright: ignore[reportArgumentType]

    def admit(self, model: Handle, inputs: Iterable[object] = ()) -> None:  # noqa: ARG002
        next(self.asked)


def session() -> Any:
    return import_module("onnxruntime").InferenceSession(means(), ort_options())


def child(taps: Taps, gate: CountingGate) -> None:
    """What a worker of a pre-fork server does: opens a model, calls it, and is still watched."""
    opened = session()
    before = seen(gate)
    opened.run(None, FEED)
    states = {state.state for state in taps.check()}
    os._exit(0 if seen(gate) == before + 1 and states == {"on"} else 1)


def seen(gate: CountingGate) -> int:
    return reached(gate.asked) + sum(model.counted for model in gate.models)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main(seconds: float) -> None:
    gate = CountingGate()
    taps = Taps(gate, [OnnxRuntimeTap])
    taps.install()
    shared = [session() for _ in range(SESSIONS)]
    done, stop, changes = [0] * THREADS, threading.Event(), []
    taps.watch(changes.append, seconds=0.1)

    def host(number: int) -> None:
        while not stop.is_set():
            shared[number % SESSIONS].run(None, FEED)
            done[number] += 1

    threads = [threading.Thread(target=host, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    forks = passing = memory = 0
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if (pid := os.fork()) == 0:
            child(taps, gate)
        _, status = os.waitpid(pid, 0)
        assert status == 0, f"a child ended with {status}"
        forks += 1
        session().run(None, FEED)
        passing += 1
        memory = memory or resident()  # from here on it may not grow
    stop.set()
    for thread in threads:
        thread.join()
    gc.collect()

    calls = sum(done) + passing
    assert seen(gate) == calls, f"{calls} calls, {seen(gate)} seen"
    assert len(taps.taps[0].holders.models) == SESSIONS, "a model that is gone is remembered"
    assert [change.state for change in changes] == ["on"], changes
    assert resident() - memory < GROWTH, f"{(resident() - memory) >> 20} MiB more than at the start"
    taps.remove()
    print(f"{calls} calls of {THREADS} threads seen, {forks} forks")  # noqa: T201


if __name__ == "__main__":
    main(float(sys.argv[1]))
