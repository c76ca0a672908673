"""What an inference server says of a model by gRPC, and what the model does."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any, Final

import grpc
import numpy as np

from ...identity.model import Array, Run, Unrunnable
from ...protobuf import field, fields, signed
from ..doors.wire import Message, inner
from .asking import DTYPES, PATIENCE_S, Described, Unasked
from .messages import tensor_meta
from .rpc import SERVICE, channel_to

# Fields of `InferTensorContents`, and the element type of each that is of a fixed width.
_CONTENTS: Final = {6: "<f4", 7: "<f8"}


class OverRpc:
    """A server that is asked by gRPC.

    Args:
        url: `grpc(s)://HOST:PORT`.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def describe(self, model: str, version: str) -> Described:
        with channel_to(self._url) as channel:
            about = _ask(channel, "ServerMetadata", b"")
            answer = _ask(channel, "ModelMetadata", field(1, model) + field(2, version))
        try:
            found = Message(answer)
            return Described(
                tuple(map(tensor_meta, found.all(4))),
                tuple(map(tensor_meta, found.all(5))),
                found.last(1).decode(),
                tuple(one.decode() for one in found.all(2)),
                found.last(3).decode(),
                f"{inner(about, 1).decode()} {inner(about, 2).decode()}",
                True,
            )
        except ValueError as error:
            raise Unasked(f"the server says nothing of it that can be read ({error})") from error

    @contextmanager
    def running(self, model: str, version: str, described: Described) -> Generator[Run]:
        with channel_to(self._url) as channel:

            def run(arrays: list[Array]) -> Sequence[Any]:
                question = field(1, model) + (field(2, version) if version else b"") + _tensors(arrays, described)
                try:
                    return _arrays(_ask(channel, "ModelInfer", question))
                except (Unasked, ValueError) as error:
                    raise Unrunnable(f"the server does not run it: {error}"[:200]) from error

            yield run


def _ask(channel: Any, method: str, question: bytes) -> bytes:
    try:
        return channel.unary_unary(f"/{SERVICE}/{method}")(question, timeout=PATIENCE_S)
    except grpc.RpcError as error:
        raise Unasked(f"the server answers {method} with {_said(error)}") from error


def _said(error: Any) -> str:
    return f"{error.code().name}: {error.details()}"[:200]


def _tensors(arrays: list[Array], described: Described) -> bytes:
    heads = b""
    for array, meta in zip(arrays, described.inputs, strict=True):
        shape = b"".join(map(_packed, array.shape))
        heads += field(5, field(1, meta.name) + field(2, meta.datatype) + field(3, shape))
    return heads + b"".join(field(7, array.tobytes()) for array in arrays)


def _packed(number: int) -> bytes:
    return field(0, number)[1:]


def _arrays(answer: bytes) -> list[Array]:
    said = Message(answer)
    return [_array(output, raw) for output, raw in zip_longest(said.all(5), said.all(6)[: len(said.all(5))])]


def _array(output: bytes, raw: bytes | None) -> Array:
    dtype, shape = DTYPES.get(inner(output, 2).decode()), tuple(signed(memoryview(inner(output, 3))))
    if dtype is None:
        return np.zeros(0)
    if raw is not None:
        return np.frombuffer(raw, dtype).reshape(shape)
    for number, value in fields(memoryview(inner(output, 5))):
        if number in _CONTENTS:
            return np.frombuffer(value, _CONTENTS[number]).astype(dtype).reshape(shape)
    return np.zeros(0)
