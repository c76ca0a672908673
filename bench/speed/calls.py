"""What a watched call costs its host: beside the bare call, and beside an OpenTelemetry span around the same call."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from time import thread_time_ns
from typing import Any

import numpy as np

from ...detector.calls.taps import Gate, Handle, Taps
from ...detector.calls.taps.runtimes.onnx_runtime import IDENTITY, OnnxRuntimeTap
from ...detector.calls.taps.scripted import ScriptedGate
from ...detector.guard import Guard
from ...detector.records import Due, JsonLines, Recorder, Sink
from ...detector.site import Site
from ...detector.watching.board import Board, end_board, make_board
from ...detector.watching.cameras import Cameras
from ...detector.watching.gate import CallGate
from ...detector.watching.sharing import Others
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table

ROUNDS, CALLS = 100, 500
Call = Callable[[], object]
_NOTE = """\
Microseconds of the calling thread's processor time that each adds to `InferenceSession.run` of the smallest model there
is (one number in, one out), {calls} calls at a time, all in turns within one run; the least of {rounds} rounds each,
because whatever else the machine does only ever adds. The span is sampled, ended, and exported nowhere."""


def smallest() -> Call:
    """A call of the smallest model, as a host makes it."""
    onnxruntime = import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(IDENTITY, options, providers=["CPUExecutionProvider"])
    feed = {"x": np.zeros(1, np.float32)}
    return lambda: session.run(None, feed)


def tapped(watching: bool) -> ScriptedGate:
    """The scripted gate, which lets all calls pass, and watches the model or not."""
    gate = ScriptedGate()
    gate.watching = watching
    return gate


class Recognisers(CallGate):
    """The gate of a watched program that takes every model for a recogniser, admits its calls, and records them.

    Args:
        sink: keeps the record.
    """

    def __init__(self, sink: Sink) -> None:
        self.board = make_board()
        others = Others(Board(self.board)) if self.board else None
        guard = Guard(Site(facts={"camera": "fixed"}), others=others and others.seen)
        self.recorder = Recorder(sink)
        super().__init__(guard, Cameras(guard, {}, others=others), self.recorder)

    def opened(self, runtime: str, name: str, *_: object, **__: object) -> Handle:
        return super().opened(runtime, name, task="identification")


class Unkept:
    """A sink that keeps nothing, to set beside one that does."""

    failed = None

    def put(self, entry: Due) -> None: ...

    def close(self) -> None: ...


def has_opentelemetry() -> bool:
    """Whether it is installed."""
    try:
        import_module("opentelemetry.sdk.trace")
    except ImportError:
        return False
    return True


def spanned(call: Call) -> Call:
    """The same call in a span of OpenTelemetry's."""
    tracer: Any = import_module("opentelemetry.sdk.trace").TracerProvider().get_tracer("facewarden")

    def in_a_span() -> object:
        with tracer.start_as_current_span("InferenceSession.run"):
            return call()

    return in_a_span


@contextmanager
def recognising(recorded: bool = True) -> Generator[Recognisers]:
    """Such a gate, in a block that says whose pictures the calls are on."""
    with TemporaryDirectory() as folder:
        gate = Recognisers(JsonLines(Path(folder)) if recorded else Unkept())
        with gate.guard.source("lobby"):
            yield gate
        gate.recorder.close()
        end_board(gate.board)


def added(gates: Mapping[str, Gate], rounds: int = ROUNDS, calls: int = CALLS) -> dict[str, float]:
    """Microseconds a call that each adds to the bare one, by its name; `span` is OpenTelemetry's, where that is here.

    Each gate is asked in turn, with its own tap and its own session, so that a slow spell of the machine is everyone's.
    """
    least = dict.fromkeys(("bare", *gates), float("inf"))
    for _ in range(rounds):
        call = smallest()
        least["bare"] = min(least["bare"], _timed(call, calls))
        if has_opentelemetry():
            least["span"] = min(least.get("span", float("inf")), _timed(spanned(call), calls))
        for name, gate in gates.items():
            least[name] = min(least[name], _under(gate, calls))
    bare = least.pop("bare")
    return {name: took - bare for name, took in least.items()}


def report(rounds: int = ROUNDS) -> str:
    """The section for RESULTS.md."""
    names = {
        "unwatched": "a model that is no recogniser: counted",
        "watched": "a recogniser: attributed, judged, admitted, its record written",
        "record": "of that, the record",
        "span": "an OpenTelemetry span",
    }
    with recognising() as gate, recognising(recorded=False) as unrecorded:
        costs = added({"unwatched": tapped(watching=False), "watched": gate, "unrecorded": unrecorded}, rounds)
    costs["record"] = costs["watched"] - costs["unrecorded"]
    lines = [(label, f"{costs[name]:.2f}" if name in costs else "not installed") for name, label in names.items()]
    return join(_NOTE.format(calls=CALLS, rounds=rounds), table(("around the same call", "added, µs"), lines))


def main(out: Out = None) -> None:
    """Measure what the tap of ONNX Runtime adds to a call."""
    deliver(report(), out)


def _under(gate: Gate, calls: int) -> float:
    taps = Taps(gate, [OnnxRuntimeTap])
    taps.install()
    try:
        return _timed(smallest(), calls)
    finally:
        taps.remove()


def _timed(call: Call, calls: int) -> float:
    for _ in range(calls // 10):
        call()
    started = thread_time_ns()
    for _ in range(calls):
        call()
    return (thread_time_ns() - started) / calls / 1000


if __name__ == "__main__":
    run(main)
