"""Inference calls: what they are, and where we learn of them."""

from .call import Call
from .log import Record, read_call, read_calls, write_call

__all__ = ["Call", "Record", "read_call", "read_calls", "write_call"]
