"""The gateway before MLServer and KServe's model server, as others ship them, asked by Triton's own client."""

import asyncio
from collections.abc import Generator
from importlib import import_module
from typing import Any, NamedTuple

import httpx
import numpy as np
import pytest
from helpers.inference_servers import Serving, serving

from .conftest import Front, Fronted

PICTURE = np.random.default_rng(3).random((1, 3, 112, 112), np.float32)
# Of networks that say what they take, and of one that says nothing.
RECOGNISERS, OTHERS = ("plates", "quiet-plates"), ("light", "quiet-light")

REFUSED = r"prohibited.*HOUSE-1"

pytestmark = pytest.mark.slow


class Behind(NamedTuple):
    """A server, whether it takes tensors as bytes by HTTP, and the gateways before it, by HTTP and by gRPC."""

    server: Serving
    binary: bool
    fronted: Fronted

    def place(self, name: str) -> str:
        return self.fronted.url(name).removeprefix("http://")


@pytest.fixture(scope="module", params=["mlserver", "kserve"])
def behind(
    request: Any, front: Front, recogniser: bytes, pooling: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Behind]:
    models = {**dict.fromkeys(RECOGNISERS, recogniser), **dict.fromkeys((*OTHERS, "swapped"), pooling)}
    with serving(request.param, models, tmp_path_factory.mktemp(request.param)) as server:
        said = 'kind = "oip"\nsource = "street"'
        fronted = front(http=f'url = "{server.url}"\n{said}', rpc=f'url = "grpc://{server.grpc}"\n{said}')
        yield Behind(server, request.param == "kserve", fronted)


def as_json(id: str = "7") -> dict[str, Any]:  # noqa: A002 - so it is called there
    tensor = {"name": "in", "datatype": "FP32", "shape": [1, 3, 112, 112], "data": PICTURE.ravel().tolist()}
    return {"id": id, "inputs": [tensor]}


def tensors(kind: Any, **how: bool) -> list[Any]:
    tensor = kind.InferInput("in", [1, 3, 112, 112], "FP32")
    tensor.set_data_from_numpy(PICTURE, **how)
    return [tensor]


@pytest.mark.parametrize("model", RECOGNISERS)
def test_a_recogniser_is_found_at_its_first_use_and_refused(behind: Behind, model: str) -> None:
    answer = behind.fronted.post("http", f"/v2/models/{model}/infer", json=as_json())

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["effect"], answer.json()["rules"]) == ("prohibited", ["HOUSE-1"])


def test_what_recognises_nobody_answers_byte_for_byte_as_without_us(behind: Behind) -> None:
    path, body = "/v2/models/light/infer", as_json()
    ours, direct = behind.fronted.post("http", path, json=body), httpx.post(behind.server.url + path, json=body)

    assert (ours.status_code, ours.content) == (200, direct.content)


@pytest.mark.parametrize("way", ["http", "rpc"])
def test_another_model_that_is_loaded_under_a_name_is_found_out(behind: Behind, recogniser: bytes, way: str) -> None:
    file = behind.server.folder / "swapped" / "model.onnx"
    if not file.is_file():
        pytest.skip("KServe loads what it was started with")
    triton = pytest.importorskip("tritonclient.grpc")
    harmless = file.read_bytes()
    with triton.InferenceServerClient(behind.place("rpc")) as client:
        assert client.infer("swapped", tensors(triton)).as_numpy("out").shape == (1, 3, 1, 1)
        file.write_bytes(recogniser)
        try:
            load(behind, client, way)
            with pytest.raises(Exception, match=REFUSED):
                client.infer("swapped", tensors(triton))
        finally:
            file.write_bytes(harmless)
            load(behind, client, way)


def load(behind: Behind, client: Any, way: str) -> None:
    """Have it read the model anew."""
    if way == "rpc":
        client.load_model("swapped")
    else:
        assert behind.fronted.post("http", "/v2/repository/models/swapped/load").status_code == 200


def test_of_triton_by_http(behind: Behind) -> None:
    triton = pytest.importorskip("tritonclient.http")
    how = {"binary_data": behind.binary}
    asked = {"inputs": tensors(triton, **how), "outputs": [triton.InferRequestedOutput("out", **how)]}
    with triton.InferenceServerClient(behind.place("http"), network_timeout=60) as client:
        for model in RECOGNISERS:
            with pytest.raises(Exception, match="prohibited"):
                client.infer(model, **asked)
        assert client.is_server_ready()
        assert client.infer("light", **asked).as_numpy("out").ravel().tolist() == pytest.approx(_means())


def test_of_triton_by_grpc(behind: Behind) -> None:
    triton = pytest.importorskip("tritonclient.grpc")
    with (
        triton.InferenceServerClient(behind.place("rpc")) as ours,
        triton.InferenceServerClient(behind.server.grpc) as direct,
    ):
        for model in RECOGNISERS:
            with pytest.raises(Exception, match=REFUSED) as refused:
                ours.infer(model, tensors(triton))
            assert "PERMISSION_DENIED" in str(refused.value)
        for model in OTHERS:
            answers = [client.infer(model, tensors(triton), request_id="7") for client in (ours, direct)]
            assert answers[0].get_response() == answers[1].get_response()
            assert answers[0].as_numpy("out").ravel().tolist() == pytest.approx(_means())


def test_of_triton_by_grpc_in_a_loop(behind: Behind) -> None:
    pytest.importorskip("tritonclient.grpc")
    triton: Any = import_module("tritonclient.grpc.aio")
    plain: Any = import_module("tritonclient.grpc")

    async def asked() -> Any:
        async with triton.InferenceServerClient(behind.place("rpc")) as client:
            with pytest.raises(Exception, match=REFUSED):
                await client.infer("plates", tensors(plain))
            return await client.infer("light", tensors(plain))

    assert asyncio.run(asked()).as_numpy("out").ravel().tolist() == pytest.approx(_means())


def _means() -> list[float]:
    return PICTURE.mean(axis=(2, 3)).ravel().tolist()
