"""Which release of facewarden this is."""

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """Its version, under whichever of its two names it is installed."""
    try:
        return version("facewarden")
    except PackageNotFoundError:
        return version("facewarden-slim")
