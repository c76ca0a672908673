"""Which release of facewarden this is."""


def release() -> str:
    """Its version, under whichever of its two names it is installed."""
    from importlib.metadata import PackageNotFoundError, version  # a fifth of a command's start

    try:
        return version("facewarden")
    except PackageNotFoundError:
        return version("facewarden-slim")
