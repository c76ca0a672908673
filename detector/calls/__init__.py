"""Inference calls: what they are, and where we learn of them.

The names below are loaded when they are first used: taps stand in every process of a watched program, and few of these
ever make a call.
"""

from typing import TYPE_CHECKING

from ..lazily import lazily

if TYPE_CHECKING:
    from .call import Call
    from .log import read_call, read_calls, write_call

__all__ = ["Call", "read_call", "read_calls", "write_call"]

__getattr__ = lazily(__name__, {"Call": ".call", "read_call": ".log", "read_calls": ".log", "write_call": ".log"})
