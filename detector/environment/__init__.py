"""Light, background and faces -> uncontrolled | unknown, and whether that is consistent with a controlled place."""

from .estimator import EnvironmentEstimator
from .faces import FaceDetector, load_detector
from .ofiq import Assess, Quality, assess
from .verdict import BLIND

__all__ = ["BLIND", "Assess", "EnvironmentEstimator", "FaceDetector", "Quality", "assess", "load_detector"]
