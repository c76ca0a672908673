"""The report as one page that opens anywhere: no network, no file beside it."""

from .render import render

__all__ = ["render"]
