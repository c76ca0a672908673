"""Amazon Rekognition, and the chat models of Bedrock, through boto3 and botocore."""

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import quote

from ...services import Request
from ..patch import Patches
from .service import ServiceTap

_VERBS = {
    "Converse": "converse",
    "ConverseStream": "converse-stream",
    "InvokeModel": "invoke",
    "InvokeModelWithResponseStream": "invoke-with-response-stream",
}


class AwsClientTap(ServiceTap):
    """The method of botocore's clients that every operation comes to, waiters and paginators included."""

    runtime = "boto3"
    modules = ("botocore.client",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        self.watch_requests(patches, module.BaseClient, "_make_api_call", _address, _request)

    def probes(self) -> Iterable[Callable[[], object]]:
        client = SimpleNamespace(meta=SimpleNamespace(service_model=SimpleNamespace(service_name="rekognition")))
        yield lambda: self.module.BaseClient._make_api_call(client, "CompareFaces", {})


def _address(client: Any, operation: str, params: Mapping[str, Any]) -> tuple[str, str]:
    service = client.meta.service_model.service_name
    if service == "rekognition":
        return "POST", "https://rekognition.amazonaws.com/"
    if service == "bedrock-runtime":
        model, verb = quote(str(params.get("modelId")), safe=""), _VERBS.get(operation, "")
        return "POST", f"https://bedrock-runtime.amazonaws.com/model/{model}/{verb}"
    return "", ""


def _request(client: Any, operation: str, params: Mapping[str, Any]) -> Request:
    body = params.get("body", params)  # that of InvokeModel is JSON already
    return Request(*_address(client, operation, params), {"X-Amz-Target": f"RekognitionService.{operation}"}, body)
