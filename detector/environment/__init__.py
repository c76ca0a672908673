"""Light, background and faces -> uncontrolled | unknown, and whether that is consistent with a controlled place."""

from .estimator import EnvironmentEstimator
from .faces import FaceDetector, load_detector
from .verdict import BLIND

__all__ = ["BLIND", "EnvironmentEstimator", "FaceDetector", "load_detector"]
