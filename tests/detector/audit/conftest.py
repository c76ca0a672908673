"""What the tests of an audit share."""

import pytest

from facewarden.detector.audit import Report
from facewarden.detector.audit.demo import run_demo
from facewarden.detector.audit.tables import ProgressWatcher


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of the demo: two cameras, six calls, three of them violations."""
    return run_demo(tmp_path_factory.mktemp("demo"), ProgressWatcher())[0]
