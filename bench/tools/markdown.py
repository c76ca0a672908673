"""The little of Markdown that the reports are made of."""

from collections.abc import Iterable, Sequence

Cell = str | int | float | None


def table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table; None is an empty cell, a float has two decimals."""
    lines = [header, ["---"] * len(header), *([cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(value: Cell) -> str:
    """A value as a table shows it."""
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value).replace("|", "\\|")


def join(*blocks: str) -> str:
    """Blocks with an empty line between them, and one newline at the end."""
    return "\n\n".join(block.strip("\n") for block in blocks) + "\n"
