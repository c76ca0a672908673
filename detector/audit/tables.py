"""What a person sees of a replay and of an audit: progress, tables, reasons."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ..belief import Belief, EnvironmentBelief
from ..console import show, show_decision, styled, table
from ..ledger.covered import NOBODY
from ..policy import Decision
from ..words import many
from .demo import SOURCES
from .groups import EFFECTS, Group, groups_of
from .replay import Answer, Unread
from .report import JudgedCall, Report

_DEMO = """
[bold]What you see[/]
A police service outside the United States uses Azure OpenAI on two cameras. facewarden watched both streams, picture
by picture, and judged the six calls in the log by Microsoft's terms:
- [bold]unit-17[/] is worn by a walking officer. No one declared that: the pictures show that the camera travels.
  Identifying people with it, live, on the street, is prohibited (MS-AOAI-2), consent or not. The first call came before
  the pictures had told: a gate would have held it. Finding faces, and speech, are no face recognition: allowed.
- [bold]booking-desk[/] is a fixed camera, and the people there have consented: allowed. That its room is controlled, as
  declared, the pictures do not bear out, for nobody faces the camera; here that does not matter. The one call on a
  person who had not consented is prohibited (MS-AOAI-4).

Change the site file and the calls in {folder}/ and run it again:
  facewarden audit {sources} \\
    --site {folder}/site.toml --calls {folder}/calls.jsonl
"""


# Calls and sources that are shown one by one, kinds of more calls, reasons, lines of a kind, and names in a row.
_SHOWN, _KINDS, _REASONS, _LINES, _NAMED = 100, 40, 20, 10, 3


class ProgressWatcher:
    """Tells on standard error how a replay goes: a bar where a person watches, a plain line a source where not.

    Args:
        emit: is given each answer as soon as it is there.
        sources: how many there will be, where that is known.
    """

    def __init__(self, emit: Callable[[Answer | Unread], None] = lambda _: None, *, sources: int = 0) -> None:
        self._sources = sources
        self._console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
        self._emit = emit
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.1f} s"),
            TimeRemainingColumn(),
        )
        self._progress = Progress(
            *columns, console=self._console, transient=True, disable=not self._console.is_terminal
        )
        self._task: TaskID | None = None
        self._begun = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, source: str, length: float | None) -> None:
        self._begun += 1
        place = f"{self._begun} of {self._sources}: " if self._sources > 1 else ""
        self._task = self._progress.add_task(place + escape(source), total=length)

    def at(self, media_time: float) -> None:
        if self._task is not None:
            self._progress.update(self._task, completed=media_time)

    def done(self, answer: Answer | Unread) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        if answer.error:
            self._console.print(f"facewarden: {answer.error['message']}", markup=False)
        elif not self._console.is_terminal:
            self._console.print(f"{answer.source}: {_in_words(answer)}", markup=False)
        self._emit(answer)

    def interrupted(self) -> None:
        self._console.print("facewarden: interrupted; reporting what is done, and leaving it for --resume")


def show_sources(answers: Sequence[Answer | Unread]) -> None:
    """The sources, a row each."""
    headings = ("source", "camera", "environment", "pictures", "looked at", "seconds", "cost per picture")
    rows = [_source_row(answer) for answer in answers]
    width = len(headings) if any(row[-1] for row in rows) else len(headings) - 1
    show(table("Sources", headings[:width], (row[:width] for row in rows)))


def show_report(report: Report, path: Path, page: Path | None = None) -> None:
    """An audit: its sources, its calls, why some of them are closed, the sum, and where the report lies, and its page
    for people."""
    show_sources(_worth_showing(report.sources))
    if len(report.sources) > _SHOWN:
        show(f"... and {len(report.sources) - _SHOWN} more sources")
    if len(report.calls) > _SHOWN:
        _show_groups(groups_of(report.calls, by_lacking=False))
    elif report.calls:
        headings = ("source", "at", "call", "effect", "rules", "gate at that time")
        show(table("Face-recognition calls", headings, map(_call_row, report.calls)))
    reasons = _distinct(report.calls)
    for decision in reasons[:_REASONS]:
        show_decision(decision)
    if len(reasons) > _REASONS:
        show(f"... and {len(reasons) - _REASONS} more reasons, in {escape(path.name)}")
    _show_lines("contradiction", _said(report.calls, lambda call: call.contradictions), path)
    _show_lines("unconfirmed", _said(report.calls, lambda call: call.unconfirmed), path)
    if unknown := sum(call.at is None for call in report.calls):
        show(f"{unknown} calls are of an unknown moment: judged by the strictest of the recording.")
    if days := sorted({str(call.facts["date"]) for call in report.calls if call.origins.get("date") == "clock"}):
        show(f"Judged by the rules of {days[0]}, today: neither --date, the site nor the calls name a day.")
    notes = [*_said(report.calls, lambda call: (call.note,) if call.note else ()), *report.notes]
    _show_lines("note", notes, path)
    show(_sum(report))
    if page:
        show(f"To look at: {escape(str(page))}")
    show(f"The whole of it, with the facts behind every decision: {escape(str(path))}")


def _worth_showing(answers: Sequence[Answer | Unread]) -> Sequence[Answer | Unread]:
    """Of an archive's sources those that were not read first."""
    return answers if len(answers) <= _SHOWN else sorted(answers, key=lambda answer: not answer.error)[:_SHOWN]


def _show_groups(groups: Sequence[Group]) -> None:
    """Thousands of calls by what came of them, from strict to lax."""
    headings = ("effect", "calls", "cameras", "call", "rules")
    show(table("Face-recognition calls, those of one kind together", headings, map(_group_row, groups[:_KINDS])))
    if len(groups) > _KINDS:
        show(f"... and {sum(group.calls for group in groups[_KINDS:])} more, of {len(groups) - _KINDS} kinds")


def _group_row(group: Group) -> tuple[str, ...]:
    return (
        styled(group.effect),
        str(group.calls),
        escape(_some([name for name, _ in group.cameras.most_common()])),
        f"{group.service} {group.task}",
        ", ".join(group.rules),
    )


def _said(calls: Iterable[JudgedCall], of: Callable[[JudgedCall], Iterable[str]]) -> list[str]:
    """What is to be said of calls, with the sources that it is said of."""
    sources: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for call in calls:
        for text in of(call):
            sources[text][call.source or "?"] = None
    return [f"{_some([*names])}: {text}" for text, names in sources.items()]


def _show_lines(kind: str, lines: Sequence[str], path: Path) -> None:
    for line in lines[:_LINES]:
        show(f"[yellow]{kind}[/]  {escape(line)}")
    if len(lines) > _LINES:
        show(f"... and {len(lines) - _LINES} more, in {escape(path.name)}")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def show_demo(report: Report, path: Path) -> None:
    """The report of the demo, and what to see in it."""
    show_report(report, path)
    show(_DEMO.format(folder=escape(str(path.parent)), sources=escape(" ".join(f"'{source}'" for source in SOURCES))))


def _source_row(answer: Answer | Unread) -> tuple[str, ...]:
    if isinstance(answer, Unread):
        return escape(answer.source), "[red]not read[/]", "", "", "", "", ""
    coverage, cost = answer.coverage, answer.cost_ms
    return (
        escape(answer.source) + (" [yellow](in part)[/]" if answer.error else ""),
        " since ".join(filter(None, (answer.mobility.in_words, _since(answer.mobility)))),
        _environment(answer.environment),
        str(coverage.frames),
        str(coverage.analysed),
        f"{coverage.seconds:.1f}",
        f"{cost.mean:.2f} ms (p99 {cost.p99:.2f})" if cost else "",
    )


def _call_row(call: JudgedCall) -> tuple[str, ...]:
    return (
        escape(call.source or "?"),
        "unknown" if call.at is None else f"{call.at:.1f} s",
        f"{call.service or '?'} {call.task or '?'}",
        styled(call.decision.effect),
        ", ".join(call.decision.deciding),
        call.gate,
    )


def _in_words(answer: Answer | Unread) -> str:
    if isinstance(answer, Unread):
        return answer.error["message"]
    return f"{answer.mobility.in_words}, reached at {_since(answer.mobility) or '-'}, {answer.coverage.frames} pictures"


def _environment(belief: EnvironmentBelief) -> str:
    return "could be controlled" if belief.consistent_with_controlled else belief.value


def _since(belief: Belief) -> str:
    return "" if belief.decided_at is None else f"{belief.decided_at:.1f} s"


def _distinct(calls: Iterable[JudgedCall]) -> list[Decision]:
    """What closed a gate, each reason once, from strict to lax."""
    closed = {call.decision.explanation: call.decision for call in calls if call.decision.effect != "allow"}
    return sorted(closed.values(), key=lambda decision: EFFECTS.index(decision.effect))


def _sum(report: Report) -> str:
    summary = report.summary
    refused = sum(call.refused for call in report.calls)
    return (
        f"{many(summary.calls, 'call')}: {many(summary.violations, 'violation')}, {summary.held} held for want of a "
        f"fact{f', {refused} refused by a gate, as the log says' if refused else ''}; "
        f"{many(summary.sources, 'source')}, {summary.unread} not read to the end.{_known(report)}"
    )


def _known(report: Report) -> str:
    """Of how many calls it is known whose picture was in them, and how."""
    ways = report.summary.attributed
    if not ways:
        return ""
    known = sum(ways.values()) - ways.get(NOBODY, 0)
    told = ", ".join(f"{how} {count}" for how, count in ways.items())
    return f" The source of {many(known, 'call')} is known (how: {told})."
