"""What the tests of the gateway share."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from helpers.inference import InferenceServer
from helpers.networks import Network, network, recogniser, zoo  # noqa: F401 - fixtures
from helpers.services import HOUSE, RULED, Running, running, wait_for
from onnx import helper


class Raw(NamedTuple):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class Fronted:
    """A service, and clients of its gateways."""

    def __init__(self, service: Running, folder: Path) -> None:
        self.service, self.folder = service, folder

    def url(self, name: str) -> str:
        return f"http://{self.service.service.gateways.addresses[name]}"

    def raw(self, name: str, path: str, body: bytes, headers: dict[str, str]) -> "Raw":
        """Ask by a path that no client makes plain."""
        connection = HTTPConnection(self.url(name).removeprefix("http://"), timeout=60)
        with closing(connection):
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return Raw(answer.status, {key.lower(): value for key, value in answer.headers.items()}, answer.read())

    def record(self, last: str) -> str:
        """All that is on record, once that has come, which is the last of it."""
        wait_for(lambda: last in self._written())
        return self._written()

    def _written(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self.folder.rglob("*") if path.is_file())

    def post(self, name: str, path: str, **what: object) -> httpx.Response:
        return httpx.post(self.url(name) + path, timeout=60, **what)  # type: ignore[arg-type]


Front = Callable[..., Fronted]


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Generator[Front]:
    """Starts a service with gateways, of what is said of each by name; `more` is more of the site file."""
    started: list[Running] = []
    with ExitStack() as stack:

        def start(more: str = "", site: str = RULED, **upstreams: str) -> Fronted:
            path: Path = tmp_path_factory.mktemp("site") / "site.toml"
            (path.parent / "house.toml").write_text(HOUSE)
            tables = [f'[upstreams.{name}]\nlisten = "127.0.0.1:0"\n{said}\n' for name, said in upstreams.items()]
            path.write_text("\n".join([site, *tables, more]))
            folder = path.parent / "record"
            started.append(stack.enter_context(running(path, record=folder)))
            return Fronted(started[-1], folder)

        yield start
        for service in started:  # all together, for each takes a while
            service.leave()


@pytest.fixture(scope="module")
def pooling(network: Network) -> bytes:  # noqa: F811
    """A network that takes pictures and gives eight values: it knows nobody."""
    return network(
        helper.make_node("GlobalAveragePool", ["in"], ["out"]),
        shape=(1, 3, 1, 1),
    )


@pytest.fixture(scope="module")
def served(recogniser: bytes, pooling: bytes) -> Generator[InferenceServer]:  # noqa: F811
    """A recogniser under a name that misleads, and a network that is none."""
    with InferenceServer({"plates": recogniser, "light": pooling}) as server:
        yield server
