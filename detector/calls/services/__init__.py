"""Requests to services: which of them ask about faces, and what."""

from .endpoints import candidates
from .request import Request
from .understand import understand

__all__ = ["Request", "candidates", "understand"]
