"""Every fact that a rule may ask for, and its values."""

from facewarden.detector.facts import CHOICES, DATES, FLAGS, NAMES, PATTERNS
from facewarden.detector.policy.prose import words

from .markdown import code, codes, page, table

_INTRO = """A fact that is absent is unknown. Facts are declared in a [site file](../site.md), come with a call, or are
seen by the cameras; a fact set on standard input of `facewarden decide` may hold any of them."""


def render() -> str:
    """The page."""
    rows = [(code(name), _values(name), _clause(name)) for name in sorted(NAMES)]
    said = [(code(value), text) for value, text in sorted(words().values.items())]
    return page(
        "Facts",
        _INTRO,
        table(("fact", "values", "as a clause of a rule"), rows),
        "## The values in words",
        table(("value", "in words"), said),
    )


def _clause(name: str) -> str:
    return words().facts.get(name, words().true.get(name, "")).replace("{}", "...")


def _values(name: str) -> str:
    if name in CHOICES:
        return codes(CHOICES[name])
    if name in FLAGS:
        return codes(("true", "false"))
    return "a date, YYYY-MM-DD" if name in DATES else PATTERNS[name][1]
