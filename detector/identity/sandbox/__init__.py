"""A process that looks at model files and can do nothing else: no file is written, no network reached, nothing run."""

from .sandbox import examine_apart

__all__ = ["examine_apart"]
