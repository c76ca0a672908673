"""Which model files lie in a folder or a container image, and what each does."""

from .choice import Choice
from .scan import Entry, scan

__all__ = ["Choice", "Entry", "scan"]
