"""Light, background and faces -> controlled | uncontrolled | unknown."""

from .estimator import EnvironmentEstimator

__all__ = ["EnvironmentEstimator"]
