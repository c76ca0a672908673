"""An inference server that speaks the Open Inference Protocol by HTTP, as Triton does: it runs ONNX files."""

import gzip
import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

import numpy as np
import onnxruntime

_DTYPES = {
    "BOOL": np.bool_, "UINT8": np.uint8, "INT8": np.int8, "INT32": np.int32, "INT64": np.int64, "FP16": np.float16,
    "FP32": np.float32, "FP64": np.float64,
}  # fmt: skip
_TYPES = {
    "tensor(bool)": "BOOL", "tensor(uint8)": "UINT8", "tensor(int8)": "INT8", "tensor(int32)": "INT32",
    "tensor(int64)": "INT64", "tensor(float16)": "FP16", "tensor(float)": "FP32", "tensor(double)": "FP64",
}  # fmt: skip
_NAMES = {np.dtype(kind): name for name, kind in _DTYPES.items()}


class Ran(NamedTuple):
    """A request that ran a model."""

    model: str
    body: bytes
    headers: dict[str, str]


class InferenceServer:
    """Serves models by name.

    Attributes:
        models: the sessions, by name.
        ran: what ran a model, in order.
        named: what it calls itself.
        binary: whether it takes tensors as bytes.
        quiet: whether it says nothing of what its models take and give, as KServe and MLServer may.
        shelf: what `load` puts under a name.
    """

    def __init__(self, models: Mapping[str, bytes], binary: bool = True, quiet: bool = False) -> None:
        self.models = {name: _opened(content) for name, content in models.items()}
        self.shelf: dict[str, bytes] = {}
        self.ran: list[Ran] = []
        self.named, self.binary, self.quiet = "stand-in", binary, quiet
        ours = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # an answer's body would wait 40 ms for the receipt of its head

            def do_GET(self) -> None:
                parts = self.path.strip("/").split("/")
                if parts == ["v2"]:
                    extensions = ["binary_tensor_data"] if ours.binary else []
                    self._say({"name": ours.named, "version": "1", "extensions": extensions})
                elif parts[:2] == ["v2", "models"] and parts[2] in ours.models:
                    self._say(ours.metadata(parts[2]))
                else:
                    self._say({"ready": True}, 200 if parts[-1] in ("ready", "live") else 404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                parts = self.path.strip("/").split("/")
                if parts[-1] == "load":
                    ours.models[parts[-2]] = _opened(ours.shelf[parts[-2]])
                    self._say({})
                elif parts[-1] == "infer" and parts[2] in ours.models:
                    ours.ran.append(Ran(parts[2], body, dict(self.headers)))
                    self._infer(parts[2], body)
                else:
                    self._say({"error": "there is none"}, 404)

            def _infer(self, model: str, body: bytes) -> None:
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                length = self.headers.get("Inference-Header-Content-Length")
                try:
                    head, answers = ours.run(model, body, None if length is None else int(length))
                except Exception as error:  # noqa: BLE001 - as servers do
                    return self._say({"error": str(error)[:100]}, 400)
                return self._say(head, tensors=answers)

            def _say(self, value: Any, status: int = 200, tensors: bytes | None = None) -> None:
                head = json.dumps(value).encode()
                self.send_response(status)
                if tensors is not None:
                    self.send_header("Inference-Header-Content-Length", str(len(head)))
                self.send_header("Content-Length", str(len(head) + len(tensors or b"")))
                self.end_headers()
                self.wfile.write(head + (tensors or b""))

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 1024
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def metadata(self, model: str) -> dict[str, Any]:
        if self.quiet:
            return {"name": model, "versions": None, "platform": "", "inputs": [], "outputs": None}
        said = described(self.models[model])
        return {"name": model, "versions": ["1"], "platform": "onnxruntime_onnx", **said}

    def run(self, model: str, body: bytes, length: int | None) -> tuple[dict[str, Any], bytes]:
        session = self.models[model]
        if length == 0:
            node = session.get_inputs()[0]
            feeds = {node.name: np.frombuffer(body, np.float32).reshape(node.shape)}
            head: dict[str, Any] = {"parameters": {"binary_data_output": True}}
        else:
            head = json.loads(body[:length])
            feeds, at = {}, length or len(body)
            for tensor in head["inputs"]:
                size = tensor.get("parameters", {}).get("binary_data_size", 0)
                piece = (
                    body[at : at + size] if size else np.array(tensor["data"], _DTYPES[tensor["datatype"]]).tobytes()
                )
                at += size
                feeds[tensor["name"]] = np.frombuffer(piece, _DTYPES[tensor["datatype"]]).reshape(tensor["shape"])
        names = [node.name for node in session.get_outputs()]
        return self._answer(model, names, session.run(names, feeds), self._as_bytes(head))

    def _as_bytes(self, head: dict[str, Any]) -> bool:
        outputs = [output.get("parameters", {}) for output in head.get("outputs", [])]
        return bool(
            head.get("parameters", {}).get("binary_data_output") or any(one.get("binary_data") for one in outputs)
        )

    def _answer(self, model: str, names: list[str], arrays: Any, binary: bool) -> tuple[dict[str, Any], bytes]:
        outputs: list[dict[str, Any]] = []
        tensors = b""
        for name, array in zip(names, arrays, strict=True):
            output: dict[str, Any] = {"name": name, "datatype": _NAMES[array.dtype], "shape": list(array.shape)}
            if binary:
                tensors += array.tobytes()
                output["parameters"] = {"binary_data_size": array.nbytes}
            else:
                output["data"] = array.ravel().tolist()
            outputs.append(output)
        return {"model_name": model, "model_version": "1", "outputs": outputs}, tensors

    def __enter__(self) -> "InferenceServer":
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def described(session: Any) -> dict[str, Any]:
    """What a model takes and gives, as the Open Inference Protocol says it."""

    def said(nodes: Any) -> list[dict[str, Any]]:
        sides = [[side if isinstance(side, int) else -1 for side in node.shape] for node in nodes]
        return [
            {"name": node.name, "datatype": _TYPES.get(node.type, "BYTES"), "shape": shape}
            for node, shape in zip(nodes, sides, strict=True)
        ]

    return {"inputs": said(session.get_inputs()), "outputs": said(session.get_outputs())}


def _opened(content: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    return onnxruntime.InferenceSession(content, options)
