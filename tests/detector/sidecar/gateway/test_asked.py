"""The clients that people use, through the gateway: what they ask for is refused, or arrives as without it.

`python -m pytest -v` of this file is a table of them.
"""

from collections.abc import Generator
from contextlib import suppress

import pytest
from helpers.asked import ASKED, Asked
from helpers.clients import needs
from helpers.local_server import Arrived, LocalServer

from .conftest import Front, Fronted

KINDS = sorted({asked.kind for asked in ASKED})


@pytest.fixture(scope="module")
def cloud() -> Generator[LocalServer]:
    with LocalServer() as server:
        yield server


@pytest.fixture(scope="module")
def fronted(front: Front, cloud: LocalServer) -> Fronted:
    return front(**{kind: f'url = "{cloud.url}"\nkind = "{kind}"\nsource = "street"' for kind in KINDS})


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(one, id=f"{'passed' if one.may else 'refused'}: {one.name}", marks=needs(one.library))
        for one in ASKED
    ],
)
def test_what_a_client_asks_is_refused_or_arrives_as_without_us(
    asked: Asked, fronted: Fronted, cloud: LocalServer
) -> None:
    direct = arriving(asked, cloud, cloud.url)
    assert len(direct) == 1
    assert arriving(asked, cloud, fronted.url(asked.kind)) == (direct if asked.may else [])


def arriving(asked: Asked, cloud: LocalServer, url: str) -> list[Arrived]:
    """What comes of it at the service: the client may make what it likes of the answer of a stand-in."""
    cloud.arrived.clear()
    with suppress(Exception):
        asked.ask(url)
    return [*cloud.arrived]
