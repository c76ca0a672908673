import sys
from subprocess import run

import pytest

import facewarden.detector


@pytest.mark.parametrize("name", facewarden.detector.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(facewarden.detector, name).__name__ == name


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = getattr(facewarden.detector, "nothing")  # noqa: B009  (the type checker knows that there is none)


@pytest.mark.parametrize("name", ["decide", "load_packs", "load_site", "Call", "InputError", "ProhibitedInference"])
def test_what_needs_no_picture_loads_no_opencv(name: str) -> None:
    code = f"import sys; from facewarden.detector import {name}; sys.exit('cv2' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
