"""Ask about one file, and see what the process that looks at it takes."""

# That process is the sandbox's own affair, and nobody else can say what it takes.
# pyright: reportPrivateUsage=false

import time
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from ....detector.identity.known import Knowledge
from ....detector.identity.sandbox import sandbox
from ....detector.inventory import Choice, Entry, scan
from .case import Answer, Case

_SAID = {True: "recogniser", False: "none", None: "undecided"}
_LOUDEST = ("recogniser", "undecided", "error", "not looked at", "none")  # of several files the first of these
_REFUSED = "ONNX Runtime refuses it"
_RESET_PEAK = "5"  # proc_pid_clear_refs(5)


class Taken(NamedTuple):
    """What the process that looks at files has taken.

    Attributes:
        process: its number; 0 where there is none.
        seconds: of processor time.
        memory: bytes, the most since this was asked last.
    """

    process: int
    seconds: float
    memory: int

    def since(self, before: "Taken") -> float:
        """Seconds of processor time since then, where it may be another process by now."""
        return self.seconds - (before.seconds if before.process == self.process else 0)


def ask(case: Case) -> Answer:
    """Make the file, and ask."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        try:
            case.write(folder)
        except Exception as error:  # noqa: BLE001 - of many libraries; the report counts it
            return Answer(case.kind, case.of, case.recogniser, made=f"{type(error).__name__}: {error}"[:200])
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        before = taken()
        found = list(scan(folder, Choice() if case.known else Choice(known=Knowledge())))
        after = taken()
        said, because = _said(entry for entry in found if not entry.meant)
        broken = _REFUSED in because and not _opens(folder / "model")
    if broken:  # such as 8-bit operators that take no 16-bit input
        return Answer(case.kind, case.of, case.recogniser, made=f"no model: {because}"[:200])
    return Answer(case.kind, case.of, case.recogniser, said, because, after.since(before), after.memory, size)


def _opens(path: Path) -> bool:
    """Whether ONNX Runtime takes a file as it lies: what it does not take the change has broken."""
    runtime: Any = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    try:
        runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 - its errors have no common base
        return False
    return True


def taken() -> Taken:
    """Processor time and peak memory of the process that looks at files, since the last time this was asked."""
    child = sandbox._sandbox._child
    if child is None:
        return Taken(0, 0.0, 0)
    process = Path(f"/proc/{child._process.pid}")
    if not (process / "status").is_file():
        return Taken(child._process.pid, 0.0, 0)
    peak = next((one for one in (process / "status").read_text().splitlines() if one.startswith("VmHWM")), "VmHWM: 0")
    (process / "clear_refs").write_text(_RESET_PEAK)
    return Taken(child._process.pid, time.clock_gettime(_clock_of(child._process.pid)), int(peak.split()[1]) * 1024)


def _clock_of(process: int) -> int:
    """The clock of a process's processor time, as clock_getcpuclockid(3) gives it: `/proc` counts by 10 ms."""
    return ~process << 3 | 2


def _said(entries: Iterable[Entry]) -> tuple[str, str]:
    """Of the files that were made the one that matters most."""
    return min(map(_of, entries), key=lambda one: _LOUDEST.index(one[0]), default=("nothing", ""))


def _of(entry: Entry) -> tuple[str, str]:
    if entry.identity is not None:
        evidence = entry.identity.evidence
        return _SAID[entry.identity.recogniser], evidence[-1].detail if evidence else ""
    return ("error", entry.error) if entry.error else ("not looked at", entry.skipped or "")
