"""ONNX Runtime: sessions from a file, from bytes, and open before the tap."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from .patch import Function, Patches
from .tap import Model, Tap

# The smallest model there is, as ONNX: y = Identity(x), float32 of shape (1,).
_IDENTITY = bytes.fromhex(
    "08083a370a100a017812017922084964656e746974791201675a0f0a0178120a0a08080112040a020801"
    "620f0a0179120a0a08080112040a02080142040a00100d"
)


class OnnxRuntimeTap(Tap):
    """`InferenceSession`, with `run`, `run_async`, `run_with_iobinding`, `run_with_ort_values` and their vectors."""

    runtime = "onnxruntime"
    modules = ("onnxruntime.capi.onnxruntime_inference_collection",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        patches.wrap(module.InferenceSession, "__init__", self._opening)
        for name in ("run", "run_async", "run_with_ort_values"):
            self.watch_calls(patches, module.Session, name, _fed)
        for name in ("run_with_iobinding", "run_with_ortvaluevector"):
            self.watch_calls(patches, module.Session, name, _bound)

    def prove(self) -> bool:
        session = self.module.InferenceSession(_IDENTITY, providers=["CPUExecutionProvider"])
        before = self.model_of(session).counted
        session.run(None, {"x": np.zeros(1, np.float32)})
        return self.model_of(session).counted == before + 1

    def adopt(self, holder: Any) -> Model:
        path = holder._model_path
        content = Path(path) if path else holder._model_bytes
        return self.gate.opened(self.runtime, path or "a model from memory", content)

    def _opening(self, original: Function) -> Function:
        def opening(holder: object, *args: object, **kwargs: object) -> None:
            original(holder, *args, **kwargs)
            if self.armed:
                self.model_of(holder)

        return opening


def _fed(_: object, feed: Mapping[str, object], *__: object, **___: object) -> Iterable[object]:
    return feed.values()


def _bound(*_: object, **__: object) -> Iterable[object]:
    return ()  # what is bound lies on the device
