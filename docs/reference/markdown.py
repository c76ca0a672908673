"""Text as Markdown: tables, code, and docstrings as this project writes them."""

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence

_SECTION = re.compile(r"(Args|Attributes|Raises|Returns|Yields):")
_ENTRY = re.compile(r"([\w, ]+): (.*)")


def code(text: object) -> str:
    """The text as code, in a cell of a table too."""
    return f"`{text}`".replace("|", r"\|")


def codes(texts: Iterable[object]) -> str:
    """Each of them as code."""
    return " ".join(map(code, texts))


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; a cell is one line."""
    lines = [heads, ["---"] * len(heads), *([" ".join(str(cell).split()) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(title: str, *parts: str) -> str:
    """A page of blocks."""
    return "\n\n".join([f"# {title}", *parts]) + "\n"


def lead(thing: object) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(inspect.cleandoc(thing.__doc__ or "").split("\n\n")[0].split())


def prose(docstring: str | None) -> str:
    """A docstring; its sections become lists."""
    return "\n".join(_lines(inspect.cleandoc(docstring or "").splitlines()))


def attributes(thing: object) -> dict[str, str]:
    """What a docstring says of each attribute; `start, end: ...` speaks of both."""
    found: dict[str, str] = {}
    section, names = "", list[str]()
    for line in inspect.cleandoc(thing.__doc__ or "").splitlines():
        if line and not line.startswith(" "):
            section = line.rstrip(":")
        elif section == "Attributes" and (match := _ENTRY.fullmatch(line[4:])) and not line.startswith(" " * 5):
            names = match[1].split(", ")
            found.update(dict.fromkeys(names, match[2]))
        elif section == "Attributes" and line:
            found.update({name: f"{found[name]} {line.strip()}" for name in names})
    return found


def _lines(lines: Iterable[str]) -> Iterator[str]:
    section = False
    for line in lines:
        if match := _SECTION.fullmatch(line):
            section = True
            yield f"**{match[1]}**\n"
        elif section and (match := _ENTRY.fullmatch(line[4:])) and not line.startswith(" " * 5):
            yield f"- `{match[1]}`: {match[2]}"
        else:
            section &= not line or line.startswith(" ")
            yield line.removeprefix("    ") if section else line
