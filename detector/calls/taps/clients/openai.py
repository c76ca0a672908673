"""OpenAI, Azure OpenAI and Anthropic through their own client libraries, which are built alike."""

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar, cast

from ...services import Request
from ..patch import Patches
from .service import ServiceTap


class OpenAiTap(ServiceTap):
    """openai: the method that all resources of a client come to, before the request is built."""

    runtime = "openai"
    modules = ("openai",)
    clients: ClassVar[tuple[str, str]] = ("OpenAI", "AsyncOpenAI")

    def patch(self, module: ModuleType, patches: Patches) -> None:
        for client in self.clients:
            self.watch_requests(patches, getattr(module, client), "request", _address, self._request)

    def probes(self) -> Iterable[Callable[[], object]]:
        client = SimpleNamespace(base_url="http://127.0.0.1:0/v1", default_headers={})
        options = SimpleNamespace(method="post", url="/chat/completions", json_data={"model": "none"}, headers={})
        for name in self.clients:
            yield lambda name=name: getattr(self.module, name).request(client, object, options)

    def _request(self, client: Any, cast_to: object, options: Any, **__: object) -> Request:
        azure = tuple(filter(None, (getattr(self.module, f"{kind}AzureOpenAI", None) for kind in ("", "Async"))))
        headers = {**_given(getattr(client, "_custom_headers", {})), **_given(options.headers)}
        service = "azure_openai" if isinstance(client, azure) else None
        return Request(*_address(client, cast_to, options), headers, options.json_data, service)


class AnthropicTap(OpenAiTap):
    """anthropic."""

    runtime = "anthropic"
    modules = ("anthropic",)
    clients = ("Anthropic", "AsyncAnthropic")


def _address(client: Any, _: object, options: Any, **__: object) -> tuple[str, str]:
    url = str(options.url)
    return options.method, url if "://" in url else f"{str(client.base_url).rstrip('/')}/{url.lstrip('/')}"


def _given(headers: Any) -> dict[str, str]:
    return dict(cast(Mapping[str, str], headers)) if isinstance(headers, Mapping) else {}
