"""A run in the forms that people and their CI read."""

from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rich.markup import escape
from rich.table import Table

from .against import Comparison
from .measure import MOST_KEPT, SLOWEST, Measured, short
from .session import Run

_WIDTH: Final = 10
_UNTOLD: Final = f"Not measurable here: more than {SLOWEST:g} times slower, a machine says nothing of us."
_COLOURS: Final = {"ok": "green", "broken": "red", "not measurable": "yellow", "no budget": "dim"}


def table(run: Run) -> Table:
    """For a terminal: each stage with a bar that is full at its limit."""
    found = Table("stage", "mean", "p50", "p99", "max", "late p99", "of its budget", box=None, pad_edge=False)
    for stage in run.stages:
        late = short(stage.late.p99) if stage.late else ""
        cost = map(short, (stage.cost.mean, stage.cost.p50, stage.cost.p99, stage.cost.max))
        found.add_row(f"{escape(stage.name)}, {stage.unit}", *cost, late, _bar(stage))
    return found


def summed(run: Run) -> list[str]:
    """What it comes to, a sentence each."""
    here, judged = run.machine, sum(stage.verdict in ("ok", "broken") for stage in run.stages)
    lines = [f"{len(run.broken) or 'None'} of {judged} budgets broken." if judged else _UNTOLD]
    lines += [f"{stage.name}: {', '.join(stage.broken)}: {stage.budget and stage.budget.why}" for stage in run.broken]
    if here.slower > 1.1:
        lines.append(
            f"This machine is {here.slower:.2f} times slower than the one the budgets name: they grew as much."
        )
    if not here.ours:
        lines.append("Others had the cores meanwhile: how late pictures were is not judged; processor time is.")
    if run.kept_per_picture is not None:
        word = f"beyond the {MOST_KEPT:.0f} that turn over: a leak" if run.leaks else "none that stay"
        lines.append(f"{run.kept_per_picture:.0f} bytes left behind by a picture: {word}.")
    if run.megabytes_per_source is not None:
        lines.append(f"{run.megabytes_per_source:.1f} MB a source.")
    return lines


def as_junit(run: Run) -> bytes:
    """JUnit's XML: a test case a stage."""
    suite = Element("testsuite", name="facewarden bench")
    for stage in run.stages:
        case = SubElement(suite, "testcase", classname="facewarden.bench", name=stage.name)
        if stage.verdict == "broken":
            SubElement(case, "failure", message="; ".join(stage.broken))
        elif stage.verdict != "ok":
            SubElement(case, "skipped", message=stage.verdict)
    if run.kept_per_picture is not None:
        case = SubElement(suite, "testcase", classname="facewarden.bench", name="memory that a picture leaves behind")
        if run.leaks:
            SubElement(case, "failure", message=f"{run.kept_per_picture:.0f} bytes, allowed {MOST_KEPT:.0f}")
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    indent(suite)
    return tostring(suite, encoding="utf-8", xml_declaration=True) + b"\n"


def as_markdown(run: Run) -> str:
    """A step summary."""
    word = "broken" if run.broken or run.leaks else "kept" if run.measurable else "not measurable here"
    lines = [f"### facewarden: budgets {word}", "", "| stage | mean | p99 | limit | |", "|---|---|---|---|---|"]
    for stage in run.stages:
        limit = "" if stage.budget is None else f"{short(stage.budget.mean or stage.budget.p99 or 0)} {stage.unit}"
        mean, p99 = short(stage.cost.mean), short(stage.cost.p99)
        lines.append(f"| {stage.name} | {mean} | {p99} | {limit} | {stage.verdict} |")
    return "\n".join([*lines, "", *summed(run), ""])


def _bar(stage: Measured) -> str:
    colour = _COLOURS[stage.verdict]
    share = _share(stage)
    if share is None:
        return f"[{colour}]{stage.verdict}[/]"
    filled = min(_WIDTH, round(share * _WIDTH))
    return f"[{colour}]{'█' * filled}{'░' * (_WIDTH - filled)}[/] {share:4.0%}"


def _share(stage: Measured) -> float | None:
    """How much of its budget it takes, of the figure that takes most."""
    if stage.budget is None or stage.verdict == "not measurable":
        return None
    pairs = ((stage.cost.mean, stage.budget.mean), (stage.cost.p99, stage.budget.p99))
    return max((value / limit for value, limit in pairs if limit), default=None)


def compared(comparison: Comparison) -> Table:
    """For a terminal: each stage beside the same of the other version."""
    title = f"beside {comparison.other}; the controls differ by {comparison.floor:.1%}, so less than "
    found = Table("stage", "times", "", box=None, pad_edge=False, title_justify="left", title_style="")
    found.title = escape(f"{title}{comparison.limit - 1:.0%} says nothing")
    for stage in comparison.stages:
        found.add_row(escape(stage.name), "" if stage.ratio is None else f"{stage.ratio:.3f}", stage.verdict)
    return found
