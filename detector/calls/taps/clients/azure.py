"""Azure Face and the other services that are asked through Azure's client libraries."""

from collections.abc import Callable, Iterable
from types import ModuleType, SimpleNamespace
from typing import Any

from ...services import Request
from ..patch import Patches
from .service import NOWHERE, ServiceTap


class AzureClientTap(ServiceTap):
    """azure-core: the pipelines that the requests of azure-ai-vision-face, azure-ai-inference and the rest run
    through, before credentials are asked for."""

    runtime = "azure-core"
    modules = ("azure.core.pipeline",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        self.watch_requests(patches, module.Pipeline, "run", _address, _request)
        self.watch_requests(patches, module.AsyncPipeline, "run", _address, _request)

    def probes(self) -> Iterable[Callable[[], object]]:
        request = SimpleNamespace(method="POST", url=NOWHERE, headers={}, content=None)
        yield lambda: self.module.Pipeline.run(None, request)
        yield lambda: self.module.AsyncPipeline.run(None, request)


def _address(_: object, request: Any, **__: object) -> tuple[str, str]:
    return request.method, request.url


def _request(_: object, request: Any, **__: object) -> Request:
    body = getattr(request, "content", None) or getattr(request, "data", None)
    return Request(request.method, request.url, request.headers, body)
