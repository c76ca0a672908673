"""What a site declares: its file, what that contradicts itself on, and the terms that its calls are judged by."""

from .site import Site, load_site

__all__ = ["Site", "load_site"]
