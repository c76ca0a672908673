"""Everything that is published, in one go: `python -m facewarden.bench FOLDER` writes bench/RESULTS.md."""

from .results import main
from .tools.command import run

run(main)
