"""The gateway before an inference server, by gRPC, asked by Triton's own client."""

import asyncio
import shutil
import subprocess
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.inference import InferenceServer
from helpers.inference_rpc import RpcServer

from facewarden.detector.sidecar.gateway.clients import who
from facewarden.detector.site.upstreams import Upstream

from .conftest import Front

grpc = pytest.importorskip("grpc")
triton = pytest.importorskip("tritonclient.grpc")
PICTURE = np.random.default_rng(3).random((1, 3, 112, 112), np.float32)


@pytest.fixture(scope="module")
def behind(served: InferenceServer) -> Generator[RpcServer]:
    with RpcServer(served) as server:
        yield server


@pytest.fixture(scope="module")
def address(front: Front, behind: RpcServer) -> str:
    fronted = front(triton=f'url = "grpc://{behind.address}"\nkind = "oip"\nsource = "street"')
    return fronted.service.service.gateways.addresses["triton"]


def asked() -> list[Any]:
    tensor = triton.InferInput("in", [1, 3, 112, 112], "FP32")
    tensor.set_data_from_numpy(PICTURE)
    return [tensor]


def test_a_recogniser_is_found_and_its_client_is_told_why(address: str, behind: RpcServer) -> None:
    with triton.InferenceServerClient(address) as client:
        with pytest.raises(Exception, match="HOUSE-1") as refused:
            client.infer("plates", asked())
        before = behind.ran.count("plates")
        with pytest.raises(Exception, match="HOUSE-1"):
            client.infer("plates", asked())

    assert "PERMISSION_DENIED" in str(refused.value)
    assert behind.ran.count("plates") == before


def test_what_recognises_nobody_answers_as_it_does_without_us(address: str, behind: RpcServer) -> None:
    with triton.InferenceServerClient(address) as ours, triton.InferenceServerClient(behind.address) as direct:
        answers = [client.infer("light", asked(), request_id="7") for client in (ours, direct)]

        assert ours.is_server_live()
    assert answers[0].get_response() == answers[1].get_response()


def test_of_a_server_that_says_nothing_a_message_shows_what_its_model_takes(
    front: Front, served: InferenceServer
) -> None:
    with InferenceServer({}, quiet=True) as quiet, RpcServer(quiet) as server:
        quiet.models = served.models
        address = front(quiet=f'url = "grpc://{server.address}"\nkind = "oip"').service.service.gateways.addresses[
            "quiet"
        ]
        with triton.InferenceServerClient(address) as client:
            assert client.infer("light", asked()).as_numpy("out").shape == (1, 3, 1, 1)
            with pytest.raises(Exception, match="prohibited"):
                client.infer("plates", asked())


def test_what_is_loaded_by_http_is_asked_anew_by_grpc_as_well(front: Front, recogniser: bytes, pooling: bytes) -> None:
    with InferenceServer({"a": pooling}) as behind, RpcServer(behind) as server:
        urls = {"http": behind.url, "rpc": f"grpc://{server.address}"}
        fronted = front(**{name: f'url = "{url}"\nkind = "oip"' for name, url in urls.items()})
        with triton.InferenceServerClient(fronted.url("rpc").removeprefix("http://")) as client:
            client.infer("a", asked())
            behind.shelf["a"] = recogniser
            assert fronted.post("http", "/v2/repository/models/a/load").status_code == 200
            with pytest.raises(Exception, match="prohibited"):
                client.infer("a", asked())


def test_trailers_and_statuses_of_the_server_come_through(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        messages: Any = import_module("tritonclient.grpc.service_pb2")
        services: Any = import_module("tritonclient.grpc.service_pb2_grpc")
        stub = services.GRPCInferenceServiceStub(channel)
        request = messages.ModelInferRequest(model_name="light", raw_input_contents=[PICTURE.tobytes()])
        request.inputs.add(name="in", datatype="FP32", shape=PICTURE.shape)
        _, call = stub.ModelInfer.with_call(request, compression=grpc.Compression.Gzip)
        with pytest.raises(grpc.RpcError) as missing:
            stub.ModelMetadata(messages.ModelMetadataRequest(name="nothing"))

    assert ("x-served-by", "stand-in") in [(one.key, one.value) for one in call.trailing_metadata()]
    assert (missing.value.code(), missing.value.details()) == (grpc.StatusCode.NOT_FOUND, "there is none")


def test_each_message_of_a_stream_is_judged(address: str, behind: RpcServer) -> None:
    answers: list[Any] = []
    before = behind.ran.count("plates")
    with triton.InferenceServerClient(address) as client:
        client.start_stream(lambda result, error: answers.append((result, error)))
        client.async_stream_infer("light", asked())
        client.async_stream_infer("plates", asked())
        client.stop_stream()

    assert "HOUSE-1" in str(answers[-1][1])
    assert behind.ran.count("plates") == before


@pytest.mark.parametrize(
    "message",
    [
        b"\x12\x011\x0a\x05light",  # the version first
        b"\x0a\x05light\x0a\x06plates",  # two names, of which servers take the last
        b"\x1a\x01x",  # no name
        b"\x0a\xff\xff",  # cut
        b"\x0b",  # a group
        b"",
    ],
)
def test_what_is_not_written_as_all_writers_do_is_held(address: str, behind: RpcServer, message: bytes) -> None:
    before = len(behind.ran)
    with grpc.insecure_channel(address) as channel:
        infer = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        with pytest.raises(grpc.RpcError) as refused:
            infer(message, timeout=10)

    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert len(behind.ran) == before


def test_mlservers_own_service_of_its_models_is_none_of_our_concern(address: str) -> None:
    with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as unknown:
        channel.unary_unary("/inference.model_repository.ModelRepositoryService/RepositoryModelLoad")(b"", timeout=10)

    assert unknown.value.code() is grpc.StatusCode.UNIMPLEMENTED  # at the server behind, which is another


def test_a_method_that_nobody_knows_is_held(address: str) -> None:
    with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary("/inference.GRPCInferenceService/ModelThink")(b"x", timeout=10)

    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_a_certificate_that_is_shown_names_its_client(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    from facewarden.detector.sidecar.gateway import rpc

    key, certificate = (path.read_bytes() for path in _certified(tmp_path).values())
    upstream = Upstream("grpc://127.0.0.1:1", "oip", "127.0.0.1:0")

    async def shown() -> bytes:
        async def answer(_: bytes, context: Any) -> bytes:
            return str(who(upstream, lambda _: "", rpc._certificate(context)).name).encode()

        server = grpc.aio.server()
        method = grpc.unary_unary_rpc_method_handler(answer)
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("a.B", {"C": method}),))
        secret = grpc.ssl_server_credentials([(key, certificate)], certificate, require_client_auth=True)
        port = server.add_secure_port("127.0.0.1:0", secret)
        await server.start()
        mine = grpc.ssl_channel_credentials(certificate, key, certificate)
        async with grpc.aio.secure_channel(f"localhost:{port}", mine) as channel:
            found: bytes = await channel.unary_unary("/a.B/C")(b"", timeout=20)
        await server.stop(0)
        return found

    assert asyncio.run(shown()) == b"kiosk"


def _certified(folder: Path) -> dict[str, Path]:
    """A key and a certificate of its own, by kind."""
    made = {kind: folder / f"kiosk.{kind}" for kind in ("key", "pem")}
    told = ["-keyout", str(made["key"]), "-out", str(made["pem"]), "-subj", "/CN=kiosk", "-days", "2", "-nodes"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-newkey", "rsa:2048"]
    subprocess.run(["openssl", "req", "-x509", *told, *names], check=True, capture_output=True)
    return made
