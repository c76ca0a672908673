"""How far a scan is, for a person who waits for it."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.markup import escape

from .scan import Entry


def with_progress(entries: Iterable[Entry], console: Console | None = None) -> Iterator[Entry]:
    """The same entries, one after the other; how many they are and where the last was is shown meanwhile.

    Args:
        entries: what a scan finds.
        console: where it is shown; standard error where None. Nothing is shown where that is no terminal.
    """
    console = console or Console(stderr=True, emoji=False)
    if not console.is_terminal:
        yield from entries
        return
    with console.status("looking for models") as status:
        for number, entry in enumerate(entries, 1):
            status.update(f"{number} found or passed over, the last: {escape(entry.path)}")
            yield entry
