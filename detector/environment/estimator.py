"""The environment of a source. Nothing is assessed yet, and the answer says so: `unknown`."""

from ...streams.frame import Frame, Image
from ..belief import EnvironmentBelief, Faces


class EnvironmentEstimator:
    """Watches one source's light, background and faces."""

    def __init__(self) -> None:
        self.belief = EnvironmentBelief()
        self.faces = Faces()

    def update(self, thumbnail: Image, frame: Frame) -> None:
        """Take in one picture: its luma thumbnail, shape (h, w), uint8, and the frame it was made from."""
