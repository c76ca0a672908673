"""`python -m facewarden`: the command."""

from facewarden.detector.cli import main  # noqa: TID251 - this folder is what holds the others

main()
