"""A process that looks at model files and can do nothing else: it writes no file, reaches no network, starts nothing."""

from .sandbox import examine_apart

__all__ = ["examine_apart"]
