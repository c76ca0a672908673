"""Inference calls: what they are, and where we learn of them."""

from .call import Call
from .log import read_calls

__all__ = ["Call", "read_calls"]
