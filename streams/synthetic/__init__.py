"""Rendered scenes with known camera motion: the sample that ships with facewarden."""

from .source import SCENES, Pose, SyntheticSource

__all__ = ["SCENES", "Pose", "SyntheticSource"]
