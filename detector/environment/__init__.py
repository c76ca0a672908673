"""Light, background and faces -> uncontrolled | unknown, and whether that is consistent with a controlled place."""

from .estimator import EnvironmentEstimator
from .faces import FaceDetector, load_detector

__all__ = ["EnvironmentEstimator", "FaceDetector", "load_detector"]
