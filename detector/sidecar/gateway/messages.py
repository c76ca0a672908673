"""What a message of the Open Inference Protocol by gRPC names, read off its bytes without a copy of its tensors."""

from typing import Final, NamedTuple

from ...protobuf import fields, signed, varint
from ..doors.wire import inner
from .asking import TensorMeta

# Fields of `ModelInferRequest` and of TensorFlow Serving's `PredictRequest` that we read.
_MODEL, _VERSION, _INPUT, _RAW = 1, 2, 5, 7
# Characters of a model's name.
_LONGEST: Final = 1000


class Named(NamedTuple):
    """What a message names.

    Attributes:
        model, version: of the model that is to run.
        inputs: the tensors that come in, each as its message, less what lies behind them all.
        shared: whether they lie in memory that the client shares with the server.
    """

    model: str
    version: str
    inputs: tuple[memoryview, ...] = ()
    shared: bool = False


def named(message: bytes) -> Named:
    """What a `ModelInferRequest` names.

    Readers of Protocol Buffers take the last of a field that comes twice, and fields in any order; writers write each
    once, the model's name first. What is written otherwise is not believed.

    Raises:
        ValueError: it is no such message, or not written as all writers do.
    """
    model, version, inputs = "", "", list[memoryview]()
    seen: set[int] = set()
    for place, (number, value) in enumerate(fields(memoryview(message))):
        if (place == 0) != (number == _MODEL):
            raise ValueError("the model's name does not stand first, or not alone")
        if number in (_MODEL, _VERSION):
            if number in seen:
                raise ValueError("a field that names the model comes twice")
            seen.add(number)
            text = _text(value)
            model, version = (text, version) if number == _MODEL else (model, text)
        elif number == _INPUT:
            inputs.append(value)
    if not model:
        raise ValueError("it names no model")
    return Named(model, version, tuple(inputs), any(map(_shared, inputs)))


def named_by_tensorflow(message: bytes) -> Named:
    """The same of a `PredictRequest`, `ClassificationRequest` or `RegressionRequest`: its first field is the model's.

    Raises:
        ValueError: as above.
    """
    found = list(fields(memoryview(message)))
    specs = [value for number, value in found if number == _MODEL]
    if len(specs) != 1 or found[0][0] != _MODEL:
        raise ValueError("the model's name does not stand first, or not alone")
    spec = [*fields(specs[0])]
    values = dict(spec)
    if len(values) < len(spec) or 1 not in values or not values.keys() <= {1, 2, 3}:
        raise ValueError("it names its model in a way that is not understood")
    version = dict(fields(values[2])).get(1) if 2 in values else None
    return Named(_text(values[1]), "" if version is None else str(varint(version)[0]))


def tensor_meta(message: bytes) -> TensorMeta:
    """The name, element type and shape of a tensor: an `InferInputTensor`, or a `TensorMetadata`.

    Raises:
        ValueError: it is none.
    """
    return TensorMeta(
        inner(message, 1).decode(), inner(message, 2).decode(), tuple(signed(memoryview(inner(message, 3))))
    )


def _text(value: memoryview) -> str:
    if len(value) > _LONGEST:
        raise ValueError("a name is too long")
    try:
        return bytes(value).decode()
    except UnicodeDecodeError as error:
        raise ValueError("a name is no text") from error


def _shared(tensor: memoryview) -> bool:
    """Whether a tensor's parameters say that it lies in shared memory."""
    return any(number == 4 and b"shared_memory_region" in bytes(value[:200]) for number, value in fields(tensor))
