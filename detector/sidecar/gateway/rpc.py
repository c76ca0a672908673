"""The gateway of one upstream by gRPC: messages go through as bytes, and of each only what names the model is read."""

import asyncio
from collections.abc import AsyncIterator, Callable
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlsplit

import grpc

from ...errors import InputError
from ...site.address import Address
from ..doors.door import refusal, told
from ..gate import Answer
from ..metrics import Metrics
from .clients import Certificate, who
from .messages import Named, named, named_by_tensorflow, tensor_meta
from .ruling import Rules, Said

SERVICE: Final = "inference.GRPCInferenceService"
_REPOSITORY: Final = "inference.model_repository.ModelRepositoryService"  # of MLServer
_PREDICTION: Final = "tensorflow.serving.PredictionService"
_RUNS: Final = {
    f"/{SERVICE}/ModelInfer": named,
    f"/{SERVICE}/ModelStreamInfer": named,
    **{f"/{_PREDICTION}/{name}": named_by_tensorflow for name in ("Predict", "Classify", "Regress")},
}
_LOADS: Final = frozenset(
    f"/{service}/RepositoryModel{what}" for service in (SERVICE, _REPOSITORY) for what in ("Load", "Unload")
)
# What runs no model: how the server and its models stand, memory that is shared, what services there are.
_QUIET: Final = frozenset({
    *(f"/{SERVICE}/{name}" for name in (
        "ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata", "ModelConfig", "ModelStatistics",
        "RepositoryIndex", "SystemSharedMemoryStatus", "SystemSharedMemoryRegister", "SystemSharedMemoryUnregister",
        "CudaSharedMemoryStatus", "CudaSharedMemoryRegister", "CudaSharedMemoryUnregister", "TraceSetting",
        "LogSettings",
    )),
    f"/{_REPOSITORY}/RepositoryIndex", f"/{_PREDICTION}/GetModelMetadata",
    "/tensorflow.serving.ModelService/GetModelStatus",
    "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
})  # fmt: skip
# What brings more than one message; of all else the first goes on, as the one that there is.
_STREAMS: Final = frozenset({
    f"/{SERVICE}/ModelStreamInfer", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
})  # fmt: skip
_SIZES: Final = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
# Headers that are of a hop.
_OWN: Final = frozenset({"user-agent", "te", "content-type", "grpc-accept-encoding", "accept-encoding", "host"})


def channel_to(url: str, *, waiting: bool = True) -> Any:
    """A channel to a server; of `grpc.aio` where nobody may wait."""
    parts = urlsplit(url)
    place: Any = grpc if waiting else grpc.aio
    if parts.scheme == "grpcs":
        return place.secure_channel(parts.netloc, grpc.ssl_channel_credentials(), options=_SIZES)
    return place.insecure_channel(parts.netloc, options=_SIZES)


class Refused(Exception):
    """A message that may not go on, and why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


class RpcGateway(grpc.GenericRpcHandler):
    """Stands in front of one upstream.

    Args:
        rules: rule on what is asked of it.
        metrics: count its answers.
        failed: told of failures of ours.
    """

    def __init__(self, rules: Rules, metrics: Metrics, failed: Callable[[str], None]) -> None:
        self._rules, self._metrics, self._failed = rules, metrics, failed
        self._door = f"gateway {rules.name}"

    async def start(self, address: Address, secret: "grpc.ServerCredentials | None") -> int:
        """Take calls there, secured by that; gives the port.

        Raises:
            InputError: it cannot listen there.
        """
        self._channel = channel_to(self._rules.upstream.url, waiting=False)
        self._server = grpc.aio.server(options=(*_SIZES, ("grpc.so_reuseport", 0)))
        self._server.add_generic_rpc_handlers((self,))
        try:
            add = self._server
            port = add.add_secure_port(str(address), secret) if secret else add.add_insecure_port(str(address))
        except (OSError, RuntimeError) as error:
            raise InputError(f"{address}: cannot be listened on ({error})") from error
        await self._server.start()
        return port

    async def stop(self, seconds: float) -> None:
        """Take no more; end what is under way after so many seconds."""
        await self._server.stop(seconds)
        await self._channel.close()

    def service(self, handler_call_details: Any) -> Any:
        """What answers a method: whatever it is, as a stream of messages either way, which is how all of them are on
        the wire."""
        method: str = handler_call_details.method

        async def handle(messages: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
            async for answer in self._pass(method, messages, context):
                yield answer

        make: Any = grpc.stream_stream_rpc_method_handler
        return make(handle)

    async def _pass(self, method: str, messages: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        said = tuple((key, value) for key, value in context.invocation_metadata() or () if key not in _OWN)
        refused: list[Answer] = []

        async def ruled() -> AsyncIterator[bytes]:
            async for message in messages:
                answer = await self._rule(method, message, dict(said), context)
                if answer is not None and not answer.opens:
                    refused.append(answer)
                    call.cancel()
                    return
                yield message

        first = await self._first(method, messages, said, context)
        call = self._call(method, first, ruled(), metadata=said, timeout=context.time_remaining())
        try:
            await context.send_initial_metadata(await call.initial_metadata())
            async for answer in call:
                yield answer
            code, details = await call.code(), await call.details()
        except grpc.aio.AioRpcError as error:
            code, details = error.code(), error.details()
        except asyncio.CancelledError:
            call.cancel()
            if not refused:
                raise
            code, details = grpc.StatusCode.CANCELLED, ""
        if refused:
            await self._deny(refused[0], context)
        if method in _LOADS or code is grpc.StatusCode.UNAVAILABLE:  # what is there afterwards may be another
            self._rules.forget()
        self._metrics.answered(self._door, code.value[0])
        context.set_trailing_metadata(await call.trailing_metadata())
        context.set_code(code)
        context.set_details(details or "")

    def _call(self, method: str, first: bytes | None, rest: AsyncIterator[bytes], **how: Any) -> Any:
        """The same call of the server."""
        if first is None or method in _STREAMS:
            return self._channel.stream_stream(method)(_joined(first, rest), **how)
        # Not by the other: grpcio would hide the status of a server that answers before it has taken the message.
        return self._channel.unary_stream(method)(first, **how)

    async def _first(self, method: str, messages: AsyncIterator[bytes], said: Any, context: Any) -> bytes | None:
        """The first message, which may go on; where it may not, the call ends here."""
        message = await anext(messages, None)
        if message is None:
            return None
        answer = await self._rule(method, message, dict(said), context)
        if answer is not None and not answer.opens:
            await self._deny(answer, context)
        return message

    async def _deny(self, answer: Answer, context: Any) -> None:
        self._metrics.answered(self._door, grpc.StatusCode.PERMISSION_DENIED.value[0])
        details = refusal(answer).decode()
        await context.abort(grpc.StatusCode.PERMISSION_DENIED, details, tuple(told(answer).items()))

    async def _rule(self, method: str, message: bytes, said: dict[str, Any], context: Any) -> Answer | None:
        started = perf_counter()
        try:
            return await self._ruled(method, message, said, _certificate(context))
        finally:
            self._metrics.took(self._door, perf_counter() - started)

    async def _ruled(
        self, method: str, message: bytes, said: dict[str, Any], certificate: Certificate
    ) -> Answer | None:
        if method in _QUIET:
            return None
        if method in _LOADS:
            self._rules.forget()
            return None
        client = who(self._rules.upstream, lambda name: str(said.get(name, "")), certificate)
        source, baggage, trace = (str(said.get(name, "")) for name in ("x-facewarden-source", "baggage", "traceparent"))
        asked = Said(source, baggage, method, client, trace)
        if method not in _RUNS:
            return self._rules.rule_model(None, "", "no operation that is known", asked, {})
        try:
            what: Named = _RUNS[method](message)
            found = await self._rules.models.find(what.model, what.version)
            if found.blind and what.inputs:
                shown = tuple(tensor_meta(bytes(tensor)) for tensor in what.inputs)
                found = await self._rules.models.find(what.model, what.version, shown)
        except ValueError as error:
            return self._rules.rule_model(None, "", str(error), asked, {})
        if found.task == "other":
            return None
        own: dict[str, object] = {"tensors": len(what.inputs), **({"shared_memory": True} if what.shared else {})}
        return self._rules.rule_model(found.task, what.model, found.why, asked, own)


def _certificate(context: Any) -> Certificate:
    """The certificate that a caller has shown, as `ssl` tells it."""
    names = context.auth_context().get("x509_common_name", ())
    return {"subject": tuple((("commonName", name.decode("utf-8", "replace")),) for name in names)}


async def _joined(first: bytes | None, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first is not None:
        yield first
        async for message in rest:
            yield message
