"""Messages by gRPC, read off their bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.detector.protobuf import field
from facewarden.detector.sidecar.gateway.messages import named, named_by_tensorflow

INFER = field(1, "arcface") + field(2, "3") + field(3, "id") + field(5, field(1, "in")) + field(7, bytes(100))


def test_a_message_names_its_model_and_its_version() -> None:
    found = named(INFER)
    assert (found.model, found.version, len(found.inputs)) == ("arcface", "3", 1)


def test_tensors_in_shared_memory_are_told() -> None:
    parameter = field(1, "shared_memory_region") + field(2, field(3, "r"))
    assert named(field(1, "a") + field(5, field(1, "in") + field(4, parameter))).shared


def test_tensorflow_serving_names_it_inside() -> None:
    spec = field(1, "arcface") + field(2, field(1, 7)) + field(3, "serving_default")
    assert named_by_tensorflow(field(1, spec) + field(2, b"x"))[:2] == ("arcface", "7")


@pytest.mark.parametrize(
    "message",
    [
        field(1, field(1, "light")) + field(1, field(1, "arcface")),  # readers join the two
        field(1, field(1, "light") + field(1, "arcface")),
        field(1, field(1, "light") + field(4, "label")),
        field(2, b"x") + field(1, field(1, "light")),
    ],
)
def test_what_tensorflow_serving_may_read_in_another_way_is_not_believed(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"name"):
        named_by_tensorflow(message)


@given(st.binary(max_size=60))
def test_whatever_comes_names_one_model_or_is_refused(noise: bytes) -> None:
    for message in (noise, INFER[: len(noise)] + noise, field(1, "light") + noise):
        try:
            found = named(message)
        except ValueError:
            continue
        assert found.model


@given(st.integers(0, len(INFER) - 1), st.integers(0, 255))
def test_a_message_in_which_a_byte_is_another_is_read_as_protocol_buffers_read_it_or_refused(
    at: int, byte: int
) -> None:
    messages = pytest.importorskip("tritonclient.grpc.service_pb2")
    changed = INFER[:at] + bytes([byte]) + INFER[at + 1 :]
    try:
        found = named(changed)
    except ValueError:
        return
    try:
        theirs = messages.ModelInferRequest.FromString(changed)
    except Exception:  # noqa: BLE001 - the server would not take it
        return
    assert (found.model, found.version) == (theirs.model_name, theirs.model_version)
