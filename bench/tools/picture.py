"""Draw the README's picture: `python -m facewarden.bench.tools.picture bench/demo.svg`."""

import os
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text


def main(path: Path) -> None:
    """Run the demo as on a terminal that has colours, and save what it prints."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "FORCE_COLOR": "1"}
        command = [sys.executable, "-m", "facewarden.detector", "demo", "--out", "demo"]
        shown = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    console = Console(record=True, width=125, file=StringIO())
    console.print("[bold green]$[/] make demo")
    console.print(Text.from_ansi(shown.stdout.split("Change the site file")[0].rstrip()))
    path.write_text(console.export_svg(title="facewarden", unique_id="demo"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
