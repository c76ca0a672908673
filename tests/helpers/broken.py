"""Model files that may be broken."""

from pathlib import Path

from facewarden.detector.errors import ModelError
from facewarden.detector.identity.model import Model, Unrunnable
from facewarden.detector.identity.opening import open_model


def opened(content: bytes, path: Path | None = None) -> Model | None:
    """A model file, opened and made ready; None where it is refused as users are told."""
    try:
        model = open_model(content, path)
        model.runner(model.inputs)
    except (ModelError, Unrunnable):
        return None
    return model
