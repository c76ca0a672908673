"""What the tests of the service share."""

from collections.abc import Generator
from pathlib import Path

import pytest
from helpers.services import SITE, Running, running


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site file of two sources."""
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    return path


@pytest.fixture
def service(site: Path, tmp_path: Path) -> Generator[Running]:
    """A service that runs, and keeps a record."""
    with running(site, record=tmp_path / "record") as found:
        yield found


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """The same for tests that only ask, and leave it as it is."""
    path = tmp_path_factory.mktemp("site") / "site.toml"
    path.write_text(SITE)
    with running(path) as found:
        yield found
