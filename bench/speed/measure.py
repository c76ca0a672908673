"""Measures the stages: processor time of each picture or call, and how late the host is after each arrival."""

import resource
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from typing import Any, Final, Literal

import msgspec
import numpy as np

from . import probe

_US: Final = 1_000
# Beyond this a machine is so slow, or so busy, that a limit says nothing of us.
SLOWEST: Final = 6.0
# Wall time beside processor time of a control, above which the machine is not ours.
_SHARED: Final = 1.15
_KILOBYTES: Final = 1024
# Bytes of what a picture leaves behind that are no leak: what is kept turns over unevenly.
MOST_KEPT: Final = 512.0

Progress = Callable[[str], None]
Verdict = Literal["ok", "broken", "not measurable", "no budget"]


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of a stage, in its unit; `late_p99` of the time from when a picture was due."""

    unit: Literal["ms", "us", "s"]
    why: str
    mean: float | None = None
    p99: float | None = None
    late_p99: float | None = None


class Budgets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """budgets.toml; `tests` are what the tests of this folder hold besides."""

    controls: dict[str, float]
    stages: dict[str, Budget]
    start: dict[str, Budget]
    memory: dict[str, float]
    tests: dict[str, Any]


class Spread(msgspec.Struct, frozen=True):
    """Of many single times, in the unit of their stage."""

    mean: float
    p50: float
    p95: float
    p99: float
    p999: float
    max: float
    samples: int


class Measured(msgspec.Struct, frozen=True):
    """One stage.

    Attributes:
        cost: processor time.
        late: from when a picture was due until the host had it back; None where none was due.
        budget: its limits, as they hold on this machine.
        broken: what went beyond them: figure, value and limit, in words.
    """

    name: str
    unit: str
    cost: Spread
    late: Spread | None
    budget: Budget | None
    verdict: Verdict
    broken: tuple[str, ...] = ()


class Machine(msgspec.Struct, frozen=True):
    """How this machine stands beside the one that the budgets name.

    Attributes:
        slower: how many times; 1 where it is as fast.
        ours: whether nobody else had its cores.
    """

    slower: float
    ours: bool


class Times:
    """Single times, all of them kept: percentiles are of the nearest rank, and nothing is rounded."""

    def __init__(self) -> None:
        self._kept = array("q")

    def add(self, nanoseconds: int) -> None:
        """One more."""
        self._kept.append(nanoseconds)

    def spread(self, unit: str) -> Spread:
        """In that unit."""
        kept = np.array(self._kept) / {"s": 1e9, "ms": 1e6, "us": 1e3}[unit]
        p50, p95, p99, p999, most = np.percentile(kept, (50, 95, 99, 99.9, 100), method="inverted_cdf").tolist()
        return Spread(float(kept.mean()), p50, p95, p99, p999, most, kept.size)


def budgets() -> Budgets:
    """The budgets that ship."""
    return msgspec.toml.decode(files(__package__ or "").joinpath("budgets.toml").read_bytes(), type=Budgets)


def machine(reference: Mapping[str, float]) -> Machine:
    """Measure the controls, the best of five each."""
    slower, shared = 1.0, 1.0
    for name, milliseconds in reference.items():
        work = probe.CONTROLS[name]()
        spent, walled = zip(*(_both(work) for _ in range(5)), strict=True)
        slower = max(slower, min(spent) / 1e6 / milliseconds)
        shared = max(shared, sorted(wall / cpu for wall, cpu in zip(walled, spent, strict=True))[2])
    return Machine(round(slower, 3), shared < _SHARED)


def slowest(one: Machine, other: Machine) -> Machine:
    """A machine, measured twice, as it was when it was slower."""
    return Machine(max(one.slower, other.slower), one.ours and other.ours)


def _both(work: probe.Work) -> tuple[float, float]:
    started, cpu = time.perf_counter_ns(), time.thread_time_ns()
    for _ in range(10):
        work()
    return (time.thread_time_ns() - cpu) / 10, (time.perf_counter_ns() - started) / 10


def arriving(works: list[probe.Work], rate: float, seconds: float) -> tuple[Times, Times]:
    """Each of the works is due so often a second, whether or not we are ready: cost, and lateness from when it was due.

    A picture that waits for the one before is late by that wait, so that nothing slow hides behind what it delays.
    """
    cost, late = Times(), Times()
    step, begun = 1e9 / rate / len(works), time.perf_counter_ns()
    for number in range(int(rate * seconds) * len(works)):
        due = begun + int(number * step)
        if (early := due - time.perf_counter_ns()) > 0:
            time.sleep(early / 1e9)
        started = time.thread_time_ns()
        works[number % len(works)]()
        cost.add(time.thread_time_ns() - started)
        late.add(time.perf_counter_ns() - due)
    return cost, late


def repeated(work: probe.Work, seconds: float) -> Times:
    """Processor time of single runs of a work; of batches where one is shorter than the clock can tell."""
    once = probe.sample(work, probe.SAMPLE_NS // 10)
    batch = max(1, int(20 * _US / once))
    times, until = Times(), time.perf_counter() + seconds
    while time.perf_counter() < until:
        started = time.thread_time_ns()
        for _ in range(batch):
            work()
        times.add((time.thread_time_ns() - started) // batch)
    return times


def starting(arguments: list[str], times: int = 3) -> Times:
    """Processor time of a Python process that does this, above that of one that does nothing."""
    found = Times()
    for _ in range(times):
        found.add(max(1, int((_child(arguments) - _child(["-c", "pass"])) * 1e9)))
    return found


def _child(arguments: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    nothing = subprocess.DEVNULL
    subprocess.run([sys.executable, *arguments], check=True, stdin=nothing, stdout=nothing)  # noqa: S603 - ours
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def resident_megabytes() -> float:
    """The largest that this process has been."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILOBYTES


def judged(name: str, cost: Times, late: Times | None, budget: Budget | None, here: Machine) -> Measured:
    """Hold a stage against its budget, on this machine."""
    unit = budget.unit if budget else "ms"
    spent, waited = cost.spread(unit), None if late is None else late.spread(unit)
    if budget is None:
        return Measured(name, unit, spent, waited, None, "no budget")
    limits = _scaled(budget, here.slower)
    broken = tuple(_broken(limits, spent, waited if here.ours else None))
    verdict: Verdict = "not measurable" if here.slower > SLOWEST else "broken" if broken else "ok"
    return Measured(name, unit, spent, waited, limits, verdict, broken)


def _scaled(budget: Budget, slower: float) -> Budget:
    limits = {name: getattr(budget, name) for name in ("mean", "p99", "late_p99")}
    return msgspec.structs.replace(
        budget, **{name: round(limit * slower, 4) for name, limit in limits.items() if limit is not None}
    )


def _broken(limits: Budget, cost: Spread, late: Spread | None) -> Iterator[str]:
    figures: list[tuple[str, float, float | None]] = [("mean", cost.mean, limits.mean), ("p99", cost.p99, limits.p99)]
    if late:
        figures.append(("late p99", late.p99, limits.late_p99))
    for figure, value, limit in figures:
        if limit is not None and value > limit:
            yield f"{figure} {short(value)} {limits.unit}, allowed {short(limit)}"


def short(value: float) -> str:
    """Three digits, and never in powers of ten."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
