"""A process that looks at model files and can do nothing else: no file is written, no network reached, nothing run."""

from .limits import Limits
from .sandbox import examine_apart

__all__ = ["Limits", "examine_apart"]
