"""Ego-motion -> mobile | fixed | unknown, and the kind of mount."""

from .estimator import MobilityEstimator

__all__ = ["MobilityEstimator"]
