"""Requests to services: which of them ask about faces, and what."""

from .endpoints import candidates
from .request import Request

__all__ = ["Request", "candidates"]
