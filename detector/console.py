"""What a person sees on standard output, and what a machine does."""

import sys

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .policy import Decision, Effect
from .policy.lines import Refused

_STYLES: dict[Effect, str] = {"allow": "green", "conditions": "green", "hold": "yellow"}
# Wide enough for a row where no terminal says how wide it is.
_PIPED_WIDTH = 140


def show(what: str | Table) -> None:
    """Print a line, however long, or a table; rich's markup in square brackets."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    Console(width=width, highlight=False, emoji=False).print(what, soft_wrap=isinstance(what, str))


def show_json(value: object) -> None:
    """One JSON object on a line of standard output."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


def show_decision(answer: Decision | Refused) -> None:
    """A decision in a line."""
    if isinstance(answer, Refused):
        show(f"[red]error[/]  {escape(answer.error['message'])}")
    else:
        show(f"{styled(answer.effect)}  {escape(answer.explanation)}")


def styled(effect: Effect) -> str:
    """The effect, in the colour that it has everywhere."""
    return f"[{_STYLES.get(effect, 'bold red')}]{effect}[/]"
