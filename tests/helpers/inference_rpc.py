"""The same server by gRPC, with the messages of Triton's own client."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import grpc
import numpy as np

from .inference import InferenceServer


class RpcServer:
    """Serves what an `InferenceServer` has.

    Attributes:
        ran: the models that were run, in order.
        address: where.
    """

    def __init__(self, behind: InferenceServer) -> None:
        messages: Any = import_module("tritonclient.grpc.service_pb2")
        services: Any = import_module("tritonclient.grpc.service_pb2_grpc")
        self.ran: list[str] = []
        ours, triton = self, messages

        class Servicer(services.GRPCInferenceServiceServicer):
            def ServerMetadata(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
                return triton.ServerMetadataResponse(name="stand-in", version="1")

            def ServerLive(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
                return triton.ServerLiveResponse(live=True)

            def ModelMetadata(self, request: Any, context: Any) -> Any:  # noqa: N802
                if request.name not in behind.models:
                    context.abort(grpc.StatusCode.NOT_FOUND, "there is none")
                return triton.ModelMetadataResponse(**behind.metadata(request.name))

            def ModelInfer(self, request: Any, context: Any) -> Any:  # noqa: N802
                context.set_trailing_metadata((("x-served-by", "stand-in"),))
                return ours.infer(request)

            def ModelStreamInfer(self, requests: Any, context: Any) -> Any:  # noqa: ARG002, N802
                for request in requests:
                    yield triton.ModelStreamInferResponse(infer_response=ours.infer(request))

        def infer(request: Any) -> Any:
            ours.ran.append(request.model_name)
            session = behind.models[request.model_name]
            feeds = {
                one.name: np.frombuffer(raw, np.float32).reshape(one.shape)
                for one, raw in zip(request.inputs, request.raw_input_contents, strict=True)
            }
            answer = triton.ModelInferResponse(model_name=request.model_name, id=request.id)
            for node, array in zip(session.get_outputs(), session.run(None, feeds), strict=True):
                answer.outputs.add(name=node.name, datatype="FP32", shape=array.shape)
                answer.raw_output_contents.append(array.tobytes())
            return answer

        self.infer = infer
        self._server = grpc.server(ThreadPoolExecutor(4))
        services.add_GRPCInferenceServiceServicer_to_server(Servicer(), self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> "RpcServer":
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(0).wait()
