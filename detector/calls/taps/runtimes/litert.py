"""LiteRT and TensorFlow Lite, in the three packages that carry them.

The watch lies on the native interpreter: `invoke` and signature runners both end there, and so do bound methods that
the host took before the tap. The tap never holds a view of an interpreter's memory, which the runtime forbids.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, cast

import numpy as np

from ..arguments import Look, content_of, name_of
from ..patch import Patches
from ..tap import Tap

# The smallest model there is, as a flat buffer: one float32 of shape (1,) that goes in and comes out.
_IDENTITY = bytes.fromhex(
    "1800000054464c3300000e00140010000c000800000004000e000000100000001c0000008400000003000000010000000800"
    "0000040004000400000001000000100000000c00140010000c00080004000c00000010000000100000001400000018000000"
    "000000000100000000000000010000000000000001000000100000000c000c0008000000000004000c000000080000000c00"
    "00000100000078000000010000000100000000000000"
)


class LiteRTTap(Tap):
    """`Interpreter.invoke`, signature runners, and LiteRT's `CompiledModel`."""

    runtime = "litert"
    modules = (
        "ai_edge_litert.interpreter",
        "ai_edge_litert.compiled_model",
        "tflite_runtime.interpreter",
        "tensorflow.lite.python.interpreter",
    )

    def patch(self, module: Any, patches: Patches) -> None:
        if hasattr(module, "CompiledModel"):
            self._watch_compiled(module.CompiledModel, patches)
        else:
            native = module._interpreter_wrapper
            for name in ("CreateWrapperFromFile", "CreateWrapperFromBuffer"):
                self.watch_opening(patches, native, name, self._opened)
            self.watch_calls(patches, native.InterpreterWrapper, "Invoke", Look(_inputs, _outputs))

    def prove(self) -> bool:
        return super().prove() and (hasattr(self.module, "CompiledModel") or self._sees_an_interpreter())

    def _watch_compiled(self, compiled: Any, patches: Patches) -> None:
        for name in ("from_file", "from_buffer"):
            self.watch_opening(patches, compiled, name, self._compiled)
        for name in ("run_by_name", "run_by_index"):
            self.watch_calls(patches, compiled, name, Look(_given, _answered))

    def _compiled(self, holder: object, _: type, *args: object, **kwargs: object) -> None:
        self._opened(holder, *args, **kwargs)

    def _opened(self, holder: object, *args: object, **kwargs: object) -> None:
        content = content_of(args, kwargs)
        self.remember(holder, self.gate.opened(self.runtime, name_of(content), content))

    def _sees_an_interpreter(self) -> bool:
        interpreter = self.module.Interpreter(model_content=_IDENTITY)
        interpreter.allocate_tensors()
        interpreter.invoke()
        return self.model_of(interpreter._interpreter).counted == 1


def _inputs(interpreter: Any, subgraph: int = 0) -> Iterable[object]:
    """Copies, each made when it is asked for."""
    return (interpreter.GetTensor(index, subgraph) for index in interpreter.InputIndices() if subgraph == 0)


def _outputs(_: object, interpreter: Any, subgraph: int = 0) -> Iterable[object]:
    return (interpreter.GetTensor(index, subgraph) for index in interpreter.OutputIndices() if subgraph == 0)


def _given(_: object, *args: Any, **kwargs: Any) -> Iterable[object]:
    """Copies of what a compiled model was given, in buffers of the runtime's own, each made when it is asked for."""
    return _read(args[1] if len(args) > 1 else kwargs.get("input_buffers") or kwargs["input_map"])


def _answered(_: None, __: object, *args: Any, **kwargs: Any) -> Iterable[object]:
    return _read(args[2] if len(args) > 2 else kwargs.get("output_buffers") or kwargs["output_map"])


def _read(buffers: Any) -> Iterable[object]:
    for buffer in cast(Mapping[str, Any], buffers).values() if isinstance(buffers, Mapping) else buffers:
        details = buffer.get_tensor_details()
        yield buffer.read(math.prod(details["shape"]), np.dtype(details["dtype"])).reshape(details["shape"])
