"""Everything that is published, in one go: `python -m facewarden.bench FOLDER` writes bench/RESULTS.md."""

from .command import run
from .results import main

run(main)
