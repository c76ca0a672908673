"""Which model files lie in a folder or a container image, and what each does."""

from .scan import Choice, Entry, scan

__all__ = ["Choice", "Entry", "scan"]
