"""NVIDIA Triton Inference Server, through its Python clients, over HTTP and gRPC."""

from collections.abc import Iterable, Iterator
from inspect import iscoroutinefunction
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arguments import Look
from ..handle import Handle
from ..patch import Function, Patches
from ..tap import Tap

_TYPES = {"FP32": "float32", "FP16": "float16", "FP64": "float64", "UINT8": "uint8", "INT8": "int8", "INT32": "int32"}


class TritonTap(Tap):
    """`InferenceServerClient.infer`, `async_infer` and `async_stream_infer`. The server knows what a model is, we know
    its name: it is learned by what it answers, and held by then where that matters."""

    runtime = "tritonclient"
    modules = ("tritonclient.http", "tritonclient.grpc", "tritonclient.http.aio", "tritonclient.grpc.aio")

    def patch(self, module: ModuleType, patches: Patches) -> None:
        client: Any = module.InferenceServerClient
        for name in ("infer", "async_infer", "async_stream_infer"):
            if hasattr(client, name):
                patches.wrap(client, name, self._asking)
                patches.proofs.append(lambda client=client, name=name: self._is_seen(client, name))

    def _asking(self, original: Function) -> Function:
        look = Look(_fed, _answered)

        def ask(client: object, *args: Any, **kwargs: Any) -> object:
            if not self.armed:
                return original(client, *args, **kwargs)
            name = args[0] if args else kwargs.get("model_name")
            return self._judged(self._named(client, str(name)), original, look, (client, *args), kwargs)

        async def ask_async(client: object, *args: Any, **kwargs: Any) -> object:
            waited: Any = ask(client, *args, **kwargs)
            return await waited

        return ask_async if iscoroutinefunction(original) else ask

    def _named(self, client: object, name: str) -> Handle:
        key = f"{getattr(client, '_url', '')}/{name}"
        known = self._operations.get(key)
        return known or self._operations.setdefault(key, self.gate.opened(self.runtime, name))

    def _is_seen(self, client: Any, name: str) -> bool:
        model = self._operations.setdefault("/", Handle(self.runtime, "our own call", watched=False))
        before = model.counted
        try:
            asked = getattr(client, name)(SimpleNamespace(), "", [])
            if hasattr(asked, "send"):
                asked.send(None)
        except Exception:  # noqa: BLE001 - a client without a connection; that it came to us is enough
            return model.counted > before
        return model.counted > before


def _fed(_: object, __: object, inputs: Iterable[Any] = (), *___: object, **____: object) -> Iterator[NDArray[Any]]:
    for one in inputs:
        raw = getattr(one, "_raw_data", None) or getattr(one, "_raw_content", None)
        dtype = _TYPES.get(one.datatype())
        if raw and dtype:
            yield np.frombuffer(raw, dtype).reshape(one.shape())


def _answered(result: Any, *_: object, **__: object) -> Iterator[NDArray[Any]]:
    response: Any = result.get_response()  # over HTTP a dictionary, over gRPC a message
    over_http = hasattr(response, "keys")
    for one in response["outputs"] if over_http else response.outputs:
        yield result.as_numpy(one["name"] if over_http else one.name)
