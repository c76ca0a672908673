"""OpenVINO, where its Python meets its C++: inference requests and queues of them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary, WeakSet

import numpy as np
from numpy.typing import NDArray

from ...aside import aside, is_aside
from ..arguments import Look, content_of, name_of
from ..handle import Handle
from ..interface import Gate
from ..patch import Patches
from ..tap import Tap


class OpenVinoTap(Tap):
    """`InferRequest.infer` and `start_async`, in which a call of a `CompiledModel` ends too, and `AsyncInferQueue`."""

    runtime = "openvino"
    modules = ("openvino",)

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self._read: WeakKeyDictionary[object, bytes | Path] = WeakKeyDictionary()
        self._held: WeakKeyDictionary[Handle, WeakSet[Any]] = WeakKeyDictionary()

    def patch(self, module: Any, patches: Patches) -> None:
        core, native = module.Core, module._pyopenvino
        self.watch_opening(patches, core, "read_model", self._noted)
        for name in ("compile_model", "import_model"):
            self.watch_opening(patches, core, name, self._opened)
        self.watch_opening(patches, module.CompiledModel, "create_infer_request", self._requested)
        self.watch_opening(patches, native.AsyncInferQueue, "__init__", self._queued)
        self.watch_calls(patches, native.InferRequest, "infer", Look(_fed))
        for kind in (native.InferRequest, native.AsyncInferQueue):
            self.watch_calls(patches, kind, "start_async", Look(_fed, outputs=None))

    def adopt(self, holder: Any) -> Handle:
        """Of a request or a queue of unknown origin, the compiled model that it belongs to."""
        self.early += 1
        return self._open(holder, None)

    def _noted(self, model: object, _: object, *args: object, **kwargs: object) -> None:
        if content := content_of(args, kwargs):
            self._read[model] = content

    def _opened(self, compiled: object, _: object, *args: Any, **kwargs: Any) -> None:
        model = args[0] if args else kwargs.get("model")
        content = self._read.get(model) if isinstance(model, self.module.Model) else content_of(args, kwargs)
        self.remember(compiled, self._open(compiled, content))

    def _open(self, holder: Any, content: bytes | Path | None) -> Handle:
        held = WeakSet((holder,))
        name = name_of(content) if content else _compiled(holder).get_property("NETWORK_NAME")
        model = self.gate.opened(self.runtime, name, content, partial(_run, held))
        self._held[model] = held
        return model

    def _requested(self, request: object, compiled: object, *_: object, **__: object) -> None:
        """A request keeps the model, whose own object the host may let go of. One of a trial of ours keeps none."""
        if is_aside():
            return
        model = self._of(compiled)
        self._held.setdefault(model, WeakSet()).add(request)
        self.remember(request, model)

    def _queued(self, _: None, queue: object, compiled: object, *__: object, **___: object) -> None:
        self._requested(queue, compiled)

    def _of(self, compiled: object) -> Handle:
        known = self.holders.models.get(id(compiled))
        return known or self.remember(compiled, self._open(compiled, None))


def _compiled(holder: Any) -> Any:
    """The model that a request or a queue runs; what is one already as it is."""
    request = holder[0] if hasattr(holder, "get_idle_request_id") else holder
    return request.get_compiled_model() if hasattr(request, "get_compiled_model") else holder


def _run(held: WeakSet[Any], batch: NDArray[Any]) -> list[NDArray[Any]]:
    holder = next(iter(held), None)
    if holder is None:
        raise RuntimeError("the model is gone")
    with aside():
        return [np.array(output) for output in _compiled(holder).create_infer_request().infer([batch]).values()]


def _fed(called: Any, given: Any = None, *_: object, **__: object) -> Iterable[object]:
    """The runtime's own memory, without a copy: what is shared with the call, by name or alone, or was copied into the
    request; both, where what is shared is not all that goes in. A queue takes the request that has been idle longest,
    into which its Python has copied by now what is not shared."""
    alone = [] if given is None else [given]
    shared: list[Any] = [*cast(Mapping[object, object], given).values()] if isinstance(given, Mapping) else alone
    request = called[called.get_idle_request_id()] if hasattr(called, "get_idle_request_id") else called
    held: Sequence[Any] = getattr(request, "input_tensors", ())
    tensors = [*shared, *held] if len(shared) < len(held) else shared
    return (getattr(tensor, "data", tensor) for tensor in tensors)
