"""What an inference server says of a model, and what the model does: asked as any client asks."""

import http.client
import ssl
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit

import msgspec
import numpy as np

from ...identity.model import Array, Run, Slot, Unrunnable
from ...plain import UNREADABLE_JSON

# Seconds in which a server has to answer us.
PATIENCE_S: Final = 20.0
DTYPES: Final = {
    "BOOL": "bool", "UINT8": "uint8", "UINT16": "uint16", "UINT32": "uint32", "UINT64": "uint64", "INT8": "int8",
    "INT16": "int16", "INT32": "int32", "INT64": "int64", "FP16": "float16", "FP32": "float32", "FP64": "float64",
}  # fmt: skip
_BINARY: Final = "binary_tensor_data"


class Unasked(Exception):
    """A server that says nothing of a model; the text says why."""


class TensorMeta(msgspec.Struct, frozen=True):
    """A tensor that a model takes or gives."""

    name: str
    datatype: str
    shape: tuple[int, ...]

    @property
    def slot(self) -> Slot:
        """The same, as the probe sees it."""
        return Slot(tuple(side if side > 0 else None for side in self.shape), DTYPES.get(self.datatype, "other"))


class Described(msgspec.Struct, frozen=True):
    """What a server says of a model.

    Attributes:
        inputs, outputs: what it takes and gives.
        name, versions, platform: what it is called.
        server: which server says so; filled in by us.
        binary: whether that server takes tensors as bytes.
    """

    inputs: tuple[TensorMeta, ...] = ()
    outputs: tuple[TensorMeta, ...] = ()
    name: str = ""
    versions: tuple[str, ...] = ()
    platform: str = ""
    server: str = ""
    binary: bool = False


class Server(Protocol):
    """An inference server that can be asked; from any thread, and it takes its time."""

    def describe(self, model: str, version: str) -> Described:
        """What it says of a model; raises `Unasked`."""
        ...

    def running(self, model: str, version: str, described: Described) -> AbstractContextManager[Run]:
        """What runs it once, for as long as the context lasts."""
        ...


# What has nothing to say of something leaves it out, or says null.
class _About(msgspec.Struct):
    name: str | None = None
    version: str | None = None
    extensions: tuple[str, ...] | None = None


class _Model(msgspec.Struct):
    name: str | None = None
    versions: tuple[str, ...] | None = None
    platform: str | None = None
    inputs: tuple[TensorMeta, ...] | None = None
    outputs: tuple[TensorMeta, ...] | None = None


class _Output(msgspec.Struct):
    name: str
    datatype: str
    shape: tuple[int, ...]
    data: list[Any] | None = None
    parameters: dict[str, Any] | None = None


class _Answer(msgspec.Struct):
    outputs: list[_Output]


class OverHttp:
    """A server that is asked by HTTP.

    Args:
        url: `http(s)://HOST:PORT[/PATH]`.
    """

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    def describe(self, model: str, version: str) -> Described:
        about = self._get("/v2", _About)
        found = self._get(_path(model, version), _Model)
        return Described(
            found.inputs or (),
            found.outputs or (),
            found.name or "",
            found.versions or (),
            found.platform or "",
            f"{about.name or ''} {about.version or ''}",
            _BINARY in (about.extensions or ()),
        )

    @contextmanager
    def running(self, model: str, version: str, described: Described) -> Generator[Run]:
        connection, path = self._connection(), _path(model, version) + "/infer"

        def run(arrays: list[Array]) -> Sequence[Any]:
            body, headers = _question(arrays, described)
            status, said, answer = _ask(connection, "POST", self._url.path.rstrip("/") + path, body, headers)
            if status != 200:
                raise Unrunnable(f"the server answers {status}: {answer[:120]!r}")
            return _arrays(answer, said)

        with closing(connection):
            yield run

    def _get(self, path: str, kind: type[Any]) -> Any:
        try:
            with closing(self._connection()) as connection:
                status, _, answer = _ask(connection, "GET", self._url.path.rstrip("/") + path)
            if status != 200:
                raise Unasked(f"the server answers {status} to {path}")
            return msgspec.json.decode(answer, type=kind)
        except (OSError, http.client.HTTPException, *UNREADABLE_JSON) as error:
            raise Unasked(f"the server says nothing of it that can be read ({error})") from error

    def _connection(self) -> http.client.HTTPConnection:
        name, port = self._url.hostname or "", self._url.port
        if self._url.scheme == "https":
            return http.client.HTTPSConnection(name, port, timeout=PATIENCE_S, context=ssl.create_default_context())
        return http.client.HTTPConnection(name, port, timeout=PATIENCE_S)


def _path(model: str, version: str) -> str:
    return f"/v2/models/{quote(model, safe='')}" + (f"/versions/{quote(version, safe='')}" if version else "")


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> tuple[int, Any, bytes]:
    connection.request(method, path, body or None, headers or {})
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def _question(arrays: list[Array], described: Described) -> tuple[bytes, dict[str, str]]:
    inputs: list[dict[str, Any]] = []
    tensors: list[bytes] = []
    for array, meta in zip(arrays, described.inputs, strict=True):
        entry: dict[str, Any] = {"name": meta.name, "datatype": meta.datatype, "shape": list(array.shape)}
        if described.binary:
            tensors.append(array.tobytes())
            entry["parameters"] = {"binary_data_size": len(tensors[-1])}
        else:
            entry["data"] = _written(array)
        inputs.append(entry)
    asked: dict[str, Any] = {"inputs": inputs}
    if described.outputs:
        asked["outputs"] = [{"name": meta.name} for meta in described.outputs]
    if described.binary:
        asked["parameters"] = {"binary_data_output": True}
    head = msgspec.json.encode(asked)
    headers = {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(head))}
    return head + b"".join(tensors), headers if described.binary else {"Content-Type": "application/json"}


def _written(array: Array) -> list[Any]:
    """Numbers as JSON has them: most of what a server takes to run a picture goes into reading them. Of real ones five
    digits, finer than a picture's steps; where all are whole they go so, and are read in a quarter of the time."""
    if array.dtype.kind != "f":
        return array.ravel().tolist()
    rounded = array.astype(np.float64).round(5)
    whole = np.rint(rounded)
    return (whole.astype(np.int64) if np.array_equal(rounded, whole) else rounded).ravel().tolist()


def _arrays(answer: bytes, headers: Any) -> list[Array]:
    length = int(headers.get("Inference-Header-Content-Length") or len(answer))
    found, at = msgspec.json.decode(answer[:length], type=_Answer), length
    arrays: list[Array] = []
    for output in found.outputs:
        dtype, size = DTYPES.get(output.datatype), (output.parameters or {}).get("binary_data_size")
        if size is not None:
            piece, at = answer[at : at + size], at + size
            arrays.append(np.frombuffer(piece, dtype).reshape(output.shape) if dtype else np.zeros(0))
        else:
            arrays.append(np.asarray(output.data, dtype).reshape(output.shape) if dtype else np.zeros(0))
    return arrays
