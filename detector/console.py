"""What a person sees on standard output, and what a machine does."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from textwrap import wrap
from typing import TYPE_CHECKING

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.containers import Lines
from rich.markup import escape, render
from rich.table import Table
from rich.text import Text

from .facts import Value
from .policy import Decision, Effect
from .policy.diff import Difference
from .policy.explain import Explanation
from .policy.lines import Refused

if TYPE_CHECKING:
    from .site.check import SiteCheck

_STYLES: dict[Effect, str] = {"allow": "green", "conditions": "green", "hold": "yellow"}
# Wide enough for a row where no terminal says how wide it is.
_PIPED_WIDTH = 140
# So long a word is not broken.
_WHOLE = 24


def show(what: str | Table) -> None:
    """Print a line, or a table; rich's markup in square brackets. A terminal gets no word of a line in two parts, and
    all else the line in one."""
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else _PIPED_WIDTH, highlight=False, emoji=False)
    console.width = console.width or _PIPED_WIDTH  # COLUMNS may be 0
    for part in _wrapped(what, console.width) if terminal and isinstance(what, str) else (what,):
        console.print(part, soft_wrap=not isinstance(what, Table))


def _wrapped(line: str, width: int) -> Lines:
    """A line, as long as a terminal is wide each, parted between words alone: a path can still be copied."""
    text = Text.from_markup(line, emoji=False)
    parts = wrap(
        text.plain, width, expand_tabs=False, drop_whitespace=False, break_long_words=False, break_on_hyphens=False
    )
    ends = accumulate(map(len, parts))
    blanks = [len(part) - len(part.lstrip()) for part in parts[1:]]
    divided = text.divide([end + blank for end, blank in zip(ends, blanks, strict=False)])
    for part in divided:
        part.rstrip()
    return divided


def show_decision(answer: Decision | Refused) -> None:
    """A decision in a line."""
    if isinstance(answer, Refused):
        show(f"[red]error[/]  {escape(answer.error['message'])}")
    else:
        show(f"{styled(answer.effect)}  {escape(answer.explanation)}")


def show_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table; its cells are plain text."""
    show(table(title, headings, (tuple(map(escape, row)) for row in rows)))


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table with nothing between its columns but blanks, so that 80 columns hold what they say; rich's markup.

    What is one word is not broken, unless it is very long: columns of several words make room for it.
    """
    made = Table(
        title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, show_edge=False, pad_edge=False
    )
    made.padding, made.min_width = (0, 1, 0, 0), len(title)
    filled = [tuple(row) for row in rows]
    for heading, *cells in zip(headings, *filled, strict=True):
        texts = [render(cell).plain for cell in (heading, *cells)]
        whole = not any(" " in text for text in texts) and max(map(len, texts)) <= _WHOLE
        made.add_column(heading, no_wrap=whole)
    for row in filled:
        made.add_row(*row)
    return made


def show_explanation(answer: Explanation | Refused) -> None:
    """A decision in prose, and as a table of facts against rules."""
    if isinstance(answer, Refused):
        return show_decision(answer)
    show(styled(answer.decision.effect))
    for line in answer.prose:
        show(escape(line))
    headings = ("pack", "rule", "outcome", "effect", "facts that count", "facts that lack", "ruled out by")
    lists = ((row, map(", ".join, (row.met, row.lacking, row.ruled_out))) for row in answer.table)
    rows = ((row.pack, row.rule, row.outcome, row.effect, *texts) for row, texts in lists)
    return show_table("Facts against rules", headings, rows)


def show_difference(difference: Difference) -> None:
    """What differs between two versions of a pack."""
    for what in ("added", "removed", "changed"):
        show(f"rules {what}: {escape(', '.join(getattr(difference, what)) or 'none')}")
    for title, changes in (("Vectors", difference.vectors), ("Fact sets", difference.facts)):
        rows = ((c.vector or _as_text(c.facts), c.old, c.new, ", ".join(c.deciding)) for c in changes)
        show_table(f"{title} decided differently: {len(changes)}", ("facts", "before", "after", "rules"), rows)


def show_site(check: "SiteCheck") -> None:
    """What a site file contradicts itself on, names in vain, and leaves open."""
    for text in check.unusable:
        show(f"[bold red]cannot be used[/]  {escape(text)}")
    for text in check.contradictions:
        show(f"[bold red]contradiction[/]  {escape(text)}")
    for text in check.lapsed:
        show(f"[yellow]does not hold[/]  {escape(text)}")
    for text in check.notes:
        show(f"[yellow]note[/]  {escape(text)}")
    rows = [
        (camera.camera or "any source", missing.fact, ", ".join(missing.holds))
        for camera in check.cameras
        for missing in camera.missing
    ]
    if not rows:
        return show("[green]nothing is missing[/]  no rule of the packs lacks a fact that a site declares.")
    return show_table("Facts that are missing", ("camera", "fact", "holds calls up, by"), rows)


def _as_text(facts: Mapping[str, Value]) -> str:
    return msgspec.json.encode(facts).decode()


def styled(effect: Effect) -> str:
    """The effect, in the colour that it has everywhere."""
    return f"[{_STYLES.get(effect, 'bold red')}]{effect}[/]"
