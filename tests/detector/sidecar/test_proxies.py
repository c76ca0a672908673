"""The doors, asked by proxies that others wrote, with a stand-in for an inference server behind them."""

from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from helpers.local_server import LocalServer
from helpers.proxies import PROXIES, proxying
from helpers.services import SITE, Running, running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    site = tmp_path_factory.mktemp("site") / "site.toml"
    site.write_text(SITE)
    with running(site, grpc="127.0.0.1:0") as found:
        yield found


class Behind:
    """A proxy, and the inference server behind it."""

    def __init__(self, name: str, url: str, inference: LocalServer) -> None:
        self.name, self.url, self.inference = name, url, inference

    def post(self, path: str) -> httpx.Response:
        url = httpx.URL(self.url)
        if self.name == "envoy-http" and path.startswith("/speak"):
            url = url.copy_with(port=(url.port or 0) + 1)  # where it says so in its headers
        return httpx.post(url.join(path), content=b"a picture", headers={"x-facewarden-task": "speech"}, timeout=10)


@pytest.fixture(params=list(PROXIES), scope="module")
def behind(
    request: pytest.FixtureRequest, asked: Running, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Behind]:
    name: str = request.param
    port, grpc = int(asked.service.addresses[0].rpartition(":")[2]), asked.service.grpc_port or 0
    folder = tmp_path_factory.mktemp(name)
    with LocalServer() as inference:
        try:
            with proxying(name, folder, port, grpc, int(inference.url.rpartition(":")[2])) as url:
                yield Behind(name, url, inference)
        except FileNotFoundError as missing:
            pytest.skip(f"{missing} is not installed")


def test_a_call_that_may_not_be_made_never_arrives_and_its_caller_is_told_why(behind: Behind) -> None:
    before = len(behind.inference.arrived)
    answer = behind.post("/identify/v2/models/arcface/infer?task=speech&source=desk")

    assert answer.status_code == 403
    assert "MS-AOAI-4" in answer.text
    assert len(behind.inference.arrived) == before


def test_a_call_that_may_be_made_arrives_whole(behind: Behind) -> None:
    answer = behind.post("/speak/v2/models/whisper/infer")

    assert answer.status_code == 200
    assert (behind.inference.arrived[-1].path, behind.inference.arrived[-1].body) == (
        "/speak/v2/models/whisper/infer",
        b"a picture",
    )


@pytest.mark.parametrize("name", list(PROXIES))
def test_where_facewarden_is_down_nothing_arrives(name: str, tmp_path: Path) -> None:
    with LocalServer() as inference:
        try:
            with proxying(name, tmp_path, 9, 9, int(inference.url.rpartition(":")[2])) as url:
                answer = Behind(name, url, inference).post("/speak/v2/models/whisper/infer")
        except FileNotFoundError as missing:
            pytest.skip(f"{missing} is not installed")

        assert answer.status_code >= 400
        assert inference.arrived == []
