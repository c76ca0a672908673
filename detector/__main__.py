"""`python -m facewarden.detector` is the command `facewarden`."""

from .cli import main

main()
