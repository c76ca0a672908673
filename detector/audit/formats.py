"""A report in the forms that others read: a page, a table, a test result, a note on a merge request."""

import csv
from collections.abc import Callable, Iterable
from io import StringIO
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..errors import InputError
from ..ledger.durable import write_durably
from .judging import VIOLATIONS
from .report import JudgedCall, Report
from .session import make_folder

_COLUMNS: Final = (
    "effect", "source", "at", "time", "service", "task", "model", "deciding", "unknown", "gate", "refused", "id",
    "explanation",
)  # fmt: skip
# What a spreadsheet would take for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(report: Report) -> bytes:
    """A row a call (RFC 4180, UTF-8); a text that a spreadsheet would run is led by an apostrophe."""
    out = StringIO()
    rows = csv.writer(out)
    rows.writerow(_COLUMNS)
    rows.writerows([_cell(value) for value in _row(call)] for call in report.calls)
    return out.getvalue().encode()


def as_junit(report: Report) -> bytes:
    """JUnit's XML: a test case for each kind of call on a source, failed where a call ran that should not have."""
    root = Element("testsuites", name="facewarden audit")
    suite = SubElement(root, "testsuite", name="face-recognition calls")
    kinds: dict[tuple[str, ...], list[JudgedCall]] = {}
    for call in report.calls:
        kinds.setdefault((call.source or "?", call.service or "?", call.task or "?"), []).append(call)
    for (source, service, task), calls in kinds.items():
        case = SubElement(suite, "testcase", classname=source, name=f"{service} {task}")
        bad = [call for call in calls if violates(call)]
        held = [call for call in calls if call.decision.effect == "hold"]
        if bad:
            SubElement(case, "failure", message=_told(bad, "violations")).text = _explained(bad)
        elif held:
            SubElement(case, "skipped", message=_told(held, "held for want of a fact"))
    for answer in report.sources:
        if answer.error:
            case = SubElement(suite, "testcase", classname=answer.source, name="read to its end")
            SubElement(case, "error", message=answer.error["message"])
    for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(len(suite.findall(f".//{tag}"))))
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def as_markdown(report: Report) -> bytes:
    """The answer in a few lines, for a merge request or a step summary."""
    summary = report.summary
    lines = [
        f"### facewarden: {summary.violations} violations in {summary.calls} calls",
        "",
        f"{summary.held} held for want of a fact; {summary.sources} sources, {summary.unread} not read to the end.",
    ]
    if bad := [call for call in report.calls if violates(call)]:
        lines += ["", "| camera | service | task | calls | rules |", "|---|---|---|---|---|"]
        kinds: dict[tuple[str, ...], int] = {}
        for call in bad:
            rules = ", ".join(call.decision.deciding)
            key = (call.source or "?", call.service or "?", call.task or "?", rules)
            kinds[key] = kinds.get(key, 0) + 1
        lines += [
            f"| {_piped(source)} | {service} | {task} | {number} | {rules} |"
            for (source, service, task, rules), number in kinds.items()
        ]
    return ("\n".join(lines) + "\n").encode()


def violates(call: JudgedCall) -> bool:
    """Whether the call ran where the gate would have stayed shut for good."""
    return call.decision.effect in VIOLATIONS and not call.refused


def as_html(report: Report, folder: Path) -> bytes:
    """The page, with the pictures that lie in the folder."""
    from .page import render  # a template engine, and a megabyte of charts: only where a page is wanted
    from .page.render import names_of

    found = (folder / name for name in names_of(report.calls))
    return render(report, {path.name: path.read_bytes() for path in found if path.is_file()}).encode()


# Each form, its file's name and what writes it.
FORMATS: Final[dict[str, tuple[str, Callable[[Report, Path], bytes]]]] = {
    "json": ("report.json", lambda report, _: report.as_json()),
    "html": ("report.html", as_html),
    "csv": ("report.csv", lambda report, _: as_csv(report)),
    "junit": ("junit.xml", lambda report, _: as_junit(report)),
    "md": ("report.md", lambda report, _: as_markdown(report)),
}
DEFAULT_FORMATS: Final = ("json", "html")


def parse_formats(text: str) -> tuple[str, ...]:
    """The forms in a list such as `html,junit`; `json` is always among them, for the others are made of it.

    Raises:
        InputError: one is not known.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in FORMATS]:
        raise InputError(f"--format: there is no '{unknown[0]}'; known are {', '.join(FORMATS)}")
    return tuple(dict.fromkeys(["json", *names]))


def write_formats(report: Report, folder: Path, formats: Iterable[str] = DEFAULT_FORMATS) -> Path:
    """Write the report in these forms into a folder, which is made if need be; gives the path of `report.json`.

    Raises:
        InputError: one cannot be written.
    """
    make_folder(folder)
    for name, make in (FORMATS[one] for one in formats):
        path = folder / name
        try:
            write_durably(path, make(report, folder))
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror})") from error
    return folder / FORMATS["json"][0]


def _row(call: JudgedCall) -> tuple[object, ...]:
    decision = call.decision
    lists = " ".join(decision.deciding), " ".join(decision.unknown)
    known = (decision.effect, call.source, call.at, call.time, call.service, call.task, call.model)
    return *known, *lists, call.gate, call.refused, call.id, decision.explanation


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _told(calls: list[JudgedCall], what: str) -> str:
    rules = ", ".join(dict.fromkeys(rule for call in calls for rule in call.decision.deciding))
    return f"{len(calls)} {what}" + (f" ({rules})" if rules else "")


def _explained(calls: list[JudgedCall]) -> str:
    return "\n".join(dict.fromkeys(call.decision.explanation for call in calls))


def _piped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
