"""Rendered scenes with known camera motion: the sample that ships with facewarden."""

from .source import SCENES, Pose, SyntheticSource, open_scene

__all__ = ["SCENES", "Pose", "SyntheticSource", "open_scene"]
