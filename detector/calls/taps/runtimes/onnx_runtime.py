"""ONNX Runtime, where its Python meets its C++: below every way that Python has to it.

`InferenceSession.run` and its like all end in the native session that the Python one holds. The watch lies on that, so
bound methods that the host took before the tap, sessions that switch their providers, and subclasses are all seen.
"""

import gc
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np

from ..arguments import Look, name_of
from ..handle import Handle
from ..interface import Gate
from ..patch import Function, Patches
from ..tap import Tap

# The smallest model there is, as ONNX: y = Identity(x), float32 of shape (1,).
IDENTITY = bytes.fromhex(
    "08083a370a100a017812017922084964656e746974791201675a0f0a0178120a0a08080112040a020801"
    "620f0a0179120a0a08080112040a02080142040a00100d"
)


class OnnxRuntimeTap(Tap):
    """Native sessions, with `run`, `run_async`, `run_with_iobinding`, `run_with_ort_values` and their vectors."""

    runtime = "onnxruntime"
    modules = ("onnxruntime.capi.onnxruntime_pybind11_state",)

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self._bound: WeakKeyDictionary[object, dict[object, object]] = WeakKeyDictionary()

    def patch(self, module: ModuleType, patches: Patches) -> None:
        session, binding = module.InferenceSession, module.SessionIOBinding
        self.watch_opening(patches, session, "__init__", self._opened)
        self.watch_calls(patches, session, "run", Look(_fed))
        self.watch_calls(patches, session, "run_async", Look(_fed, outputs=None))
        self.watch_calls(patches, session, "run_with_ort_values", Look(_fed_values, _given))
        self.watch_calls(patches, session, "run_with_ortvaluevector", Look(_fed_vector, _given_vector))
        self.watch_calls(patches, session, "run_with_iobinding", Look(self._fed_binding, _given_binding))
        for name in ("bind_input", "bind_ortvalue_input"):
            patches.wrap(binding, name, self._binding)

    def prove(self) -> bool:
        return super().prove() and self._sees_a_session()

    def adopt(self, holder: Any) -> Handle:
        """Of a session that was open already, the Python one that holds it knows the file or the bytes."""
        self.early += 1
        nobody: dict[str, Any] = {}
        fields = next((fields for fields in _attributes(holder) if fields.get("_sess") is holder), nobody)
        path = fields.get("_model_path")
        return self._open(Path(path) if path else fields.get("_model_bytes"))

    def _opened(self, _: object, holder: Any, __: object, given: Any, is_path: bool, *___: object) -> None:
        self.remember(holder, self._open(Path(given) if is_path else bytes(given)))

    def _open(self, content: bytes | Path | None) -> Handle:
        return self.gate.opened(self.runtime, name_of(content), content)

    def _binding(self, original: Function) -> Function:
        def bind(binding: object, name: object, *value: object) -> object:
            result = original(binding, name, *value)
            if self.armed:  # several values tell a bare address, which takes the place of what was bound before
                self._bound.setdefault(binding, {})[name] = value[0] if len(value) == 1 else value
            return result

        return bind

    def _fed_binding(self, _: object, binding: object, *__: object) -> Iterable[object]:
        return map(_array, self._bound.get(binding, {}).values())

    def _sees_a_session(self) -> bool:
        onnxruntime = import_module("onnxruntime")  # by now the whole of it is there, or on its way
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(IDENTITY, options, providers=["CPUExecutionProvider"])
        model = self.model_of(session._sess)
        session.run(None, {"x": np.zeros(1, np.float32)})
        return model.counted == 1


def _attributes(held: object) -> Iterator[dict[str, Any]]:
    """Those of every object that holds this one."""
    for referrer in gc.get_referrers(held):
        fields = getattr(referrer, "__dict__", referrer)
        if type(fields) is dict:
            yield cast(dict[str, Any], fields)


def _fed(_: object, __: object, feed: Mapping[str, object], *___: object) -> Iterable[object]:
    return map(_array, feed.values())


def _fed_values(_: object, feed: Mapping[str, object], *__: object) -> Iterable[object]:
    return map(_array, feed.values())


def _fed_vector(_: object, __: object, ___: object, feeds: Iterable[object], *____: object) -> Iterable[object]:
    return map(_array, feeds)


def _given(values: Iterable[object], *_: object, **__: object) -> Iterable[object]:
    return map(_array, values)


def _given_vector(_: None, *args: Any) -> Iterable[object]:
    """What the host has put there to be filled: after the session, the options, what goes in and what is wanted."""
    return map(_array, args[5])


def _given_binding(_: None, __: object, binding: Any, *___: object) -> Iterable[object]:
    return map(_array, binding.get_outputs())


def _array(value: Any) -> object:
    """What is in a value of the runtime's own, as an array: a copy, made only if the gate looks."""
    value = getattr(value, "_ortvalue", value)
    return value.numpy() if hasattr(value, "device_name") else value
