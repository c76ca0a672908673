"""A session of ONNX Runtime that leaves its host alone."""

# ONNX Runtime has no stubs.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from types import MappingProxyType
from typing import Any

import onnxruntime

from ...model import Array, Unrunnable, first_line

# Bytes of weights from which these are neither brought into another order nor changed by what follows them: that takes
# them twice to four times more, and saves no time in so few runs.
_LARGE = 1 << 25
_CHANGES_WEIGHTS = ("ConvBNFusion", "ConvMulFusion", "ConvAddFusion")


class Apart:
    """A thread of its own: to be fast, a session changes how the processor treats tiny numbers in each thread that uses
    it, for good, and the host's threads must not notice. What the caller has in its context holds there as well."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="facewarden-identify")

    def do(self, work: Callable[[], Any]) -> Any:
        """What `work` gives; raises `Unrunnable` where it fails."""
        try:
            return self._pool.submit(copy_context().run, work).result()
        except Exception as error:  # ONNX Runtime's errors have no common base
            raise Unrunnable(f"ONNX Runtime refuses it: {first_line(error)}") from error


def session_of(content: bytes, weights: Mapping[str, Array] = MappingProxyType({})) -> onnxruntime.InferenceSession:
    """Open a model, ONNX or ONNX Runtime's own; call it in `Apart`.

    Args:
        content: the file.
        weights: by name, what it says lies beside it.
    """
    options = _options()
    if weights:
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(one) for one in weights.values()]
        options.add_external_initializers(list(weights), values)
    left_out: tuple[str, ...] = ()
    if sum(one.nbytes for one in weights.values()) > _LARGE:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        left_out = _CHANGES_WEIGHTS
    return onnxruntime.InferenceSession(
        content, options, providers=["CPUExecutionProvider"], enable_fallback=0, disabled_optimizers=list(left_out)
    )


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.use_deterministic_compute = True
    options.add_session_config_entry("session.set_denormal_as_zero", "1")  # some models are fifty times slower without
    return options
