"""What we run ourselves to look at pictures is none of the host's calls."""

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.runtimes.onnx_runtime import OnnxRuntimeTap
from facewarden.detector.calls.taps.scripted import ScriptedGate
from facewarden.detector.mobility import witness
from facewarden.detector.sight.state import SourceState
from facewarden.streams.synthetic import SyntheticSource


def test_no_tap_sees_the_witness_or_the_detector_of_faces() -> None:
    gate = ScriptedGate()
    witness.shipped_witnesses.cache_clear()
    taps = Taps(gate, [OnnxRuntimeTap])
    taps.install()
    try:
        state = SourceState("cam")
        for frame in SyntheticSource("crowd", seconds=2, fps=10):
            state.observe(frame)
    finally:
        taps.remove()

    assert "witness" in state.beliefs[0].evidence
    assert ([model.name for model, _ in gate.admitted], gate.models) == ([], [])
