"""A site file to start from."""

import re
from importlib.resources import files

from ..errors import SiteError


def skeleton(camera: str) -> str:
    """The text of a commented site file with one camera, to start from.

    Raises:
        SiteError: the name would not make a key of a site file.
    """
    text = files(__package__ or "").joinpath("skeleton.toml").read_text(encoding="utf-8").replace("CAMERA", camera)
    if not re.fullmatch(r"[\w-]+", camera, re.ASCII):
        raise SiteError(f"name '{camera}': expected letters, digits, - and _ alone")
    return text
