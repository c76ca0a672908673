"""ONNX files behind KServe's model server: `kserve_onnx.py HTTP_PORT GRPC_PORT NAME=PATH...`, where KServe is.

A model whose name begins with `quiet` says nothing of what it takes, as models of KServe do that nobody told to.
"""

# pyright: basic, reportMissingImports=false

import sys
from typing import Any

import onnxruntime
from kserve import InferOutput, InferResponse, Model, ModelServer

_TYPES = {"float": "FP32", "double": "FP64", "uint8": "UINT8", "int32": "INT32", "int64": "INT64", "bool": "BOOL"}


class Onnx(Model):
    def __init__(self, name: str, path: str) -> None:
        super().__init__(name)
        self._session = onnxruntime.InferenceSession(path)
        self.ready = True

    def get_input_types(self) -> list[dict[str, Any]]:
        return [] if self.name.startswith("quiet") else _said(self._session.get_inputs())

    def get_output_types(self) -> list[dict[str, Any]]:
        return [] if self.name.startswith("quiet") else _said(self._session.get_outputs())

    def predict(self, payload: Any, headers: Any = None, response_headers: Any = None) -> InferResponse:  # noqa: ARG002
        feeds = {one.name: one.as_numpy() for one in payload.inputs}
        answers = [_output(node, array) for node, array in zip(
            self._session.get_outputs(), self._session.run(None, feeds), strict=True
        )]  # fmt: skip
        asked = {"requested_outputs": payload.request_outputs, "use_binary_outputs": payload.use_binary_outputs}
        return InferResponse(payload.id or "none", self.name, answers, **asked)


def _said(nodes: Any) -> list[dict[str, Any]]:
    sides = [[side if isinstance(side, int) else -1 for side in node.shape] for node in nodes]
    return [
        {"name": node.name, "datatype": _TYPES[node.type[7:-1]], "shape": shape}
        for node, shape in zip(nodes, sides, strict=True)
    ]


def _output(node: Any, array: Any) -> InferOutput:
    output = InferOutput(node.name, list(array.shape), _TYPES[node.type[7:-1]])
    output.set_data_from_numpy(array, binary_data=False)
    return output


if __name__ == "__main__":
    models = [Onnx(*told.split("=", 1)) for told in sys.argv[3:]]
    ModelServer(http_port=int(sys.argv[1]), grpc_port=int(sys.argv[2])).start(models)
