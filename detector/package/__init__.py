"""facewarden knows when face recognition runs on a camera, and stops it where it is prohibited.

The product is in `facewarden.detector`; see there for `Guard`, `watch` and the others.
"""


def __getattr__(name: str) -> str:
    """`__version__`, asked of the installed distribution on use: every watched process comes by here."""
    if name == "__version__":
        from facewarden.detector.release import release  # noqa: TID251 - this folder is what holds the others

        return release()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
