"""Google Cloud Vision through its client library, whose requests go over gRPC."""

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any, cast

from ...services import Request
from ..patch import Patches
from .service import ServiceTap

_METHODS = (
    "batch_annotate_images",
    "batch_annotate_files",
    "async_batch_annotate_images",
    "async_batch_annotate_files",
)
_URL = "https://vision.googleapis.com/v1/images:annotate"


class GoogleClientTap(ServiceTap):
    """google-cloud-vision: the methods that its shorter ones, such as `face_detection`, come to."""

    runtime = "google-cloud-vision"
    modules = ("google.cloud.vision_v1",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        for client in (module.ImageAnnotatorClient, module.ImageAnnotatorAsyncClient):
            for name in _METHODS:
                self.watch_requests(patches, client, name, _address, _request)

    def probes(self) -> Iterable[Callable[[], object]]:
        for client in (self.module.ImageAnnotatorClient, self.module.ImageAnnotatorAsyncClient):
            for name in _METHODS:
                yield lambda client=client, name=name: getattr(client, name)(None, requests=[])


def _address(*_: object, **__: object) -> tuple[str, str]:
    return "POST", _URL


def _request(_: object, request: Any = None, *, requests: Any = None, **__: object) -> Request:
    return Request("POST", _URL, {}, _plain({"request": request, "requests": requests}))


def _plain(message: Any) -> Any:
    """A message as the JSON value that it stands for; pictures stay bytes."""
    if isinstance(message, Mapping):
        return {key: _plain(value) for key, value in cast(Mapping[str, Any], message).items()}
    if isinstance(message, list | tuple):
        return [_plain(one) for one in cast(list[Any], message)]
    kind = cast(Any, type(message))
    return kind.to_dict(message, use_integers_for_enums=False) if hasattr(kind, "to_dict") else message
