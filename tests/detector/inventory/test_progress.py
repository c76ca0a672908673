"""How far a scan is: shown on a terminal, and nowhere else; what is found stays what it is."""

from io import StringIO

import pytest
from rich.console import Console

from facewarden.detector.inventory import Entry
from facewarden.detector.inventory.progress import with_progress


@pytest.mark.parametrize("terminal", [True, False])
def test_the_place_that_a_scan_has_reached_is_shown_on_a_terminal_alone(terminal: bool) -> None:
    entries = [Entry("a.onnx", skipped="a link"), Entry("[b].onnx", error="broken")]
    console = Console(file=StringIO(), force_terminal=terminal, width=100)

    assert list(with_progress(entries, console)) == entries
    assert isinstance(console.file, StringIO)
    assert ("2 found or passed over, the last: [b].onnx" in console.file.getvalue()) is terminal
