"""The folder of real pictures, where it is."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[5] / "shared"


@pytest.fixture(scope="session")
def labelled_faces() -> Path:
    """Labelled pictures beside the checkout; the test is skipped where there are none."""
    folder = SHARED / "faces"
    if not folder.is_dir():
        pytest.skip("no ../shared/faces beside this checkout")
    return folder
