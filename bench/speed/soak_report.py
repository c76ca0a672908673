"""What a soak has found, as tables and as a picture."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Final, NamedTuple

from ..tools.markdown import Cell, join, table
from ..tools.stations import Trouble

# Seconds within which a trouble is to be told, and, after its end, over.
TOLD_S, OVER_S = 5.0, 10.0
_COLOURS: Final = {
    "seen": "#3a8f5c",
    "skipped": "#a8d5b8",
    "dropped": "#d9a400",
    "unreadable": "#8a5bb5",
    "": "#3a8f5c",
}
_ABSENT: Final = "#c43d3d"
_LEFT, _WIDTH, _ROW, _CHART = 80, 1000, 18, 70


class Sample(NamedTuple):
    """One moment.

    Attributes:
        at: seconds since the beginning.
        megabytes: resident.
        threads, descriptors: that the process has.
        fates: what became of the last second of each source, by its name; empty where none was over.
    """

    at: float
    megabytes: float
    threads: int
    descriptors: int
    fates: dict[str, str]


class Outcome(NamedTuple):
    """One trouble of one source: seconds until it was told, and from its end until it was over; None: never."""

    source: str
    trouble: Trouble
    told: float | None
    over: float | None


class Soaked(NamedTuple):
    """What became of all.

    Attributes:
        seconds: that it took.
        outcomes: of all troubles.
        samples: one a second.
        counts: seconds of each source, by what became of them.
        verdicts: of each camera: what it is taken for at the end, and what it is.
        cores: processor time, in cores.
    """

    seconds: float
    outcomes: list[Outcome]
    samples: list[Sample]
    counts: dict[str, dict[str, float]]
    verdicts: dict[str, tuple[str, str]]
    cores: float


def sampled(at: float, fates: dict[str, str]) -> Sample:
    """What this process holds now, `at` seconds after the beginning."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    megabytes = pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    threads, descriptors = (len(list(Path("/proc/self", what).iterdir())) for what in ("task", "fd"))
    return Sample(at, megabytes, threads, descriptors, fates)


def told(soaked: Soaked) -> str:
    """The section for RESULTS.md."""
    minutes, sources = soaked.seconds / 60, len(soaked.counts)
    right = sum(found == truth for found, truth in soaked.verdicts.values())
    note = (
        f"{sources} sources of 640x360 at 15 pictures a second, {minutes:.1f} minutes, {len(soaked.outcomes)} "
        f"troubles, {soaked.cores:.2f} cores; at the end {right} of {sources} cameras are taken for what they are."
    )
    return join(note, _troubles(soaked.outcomes), _accounts(soaked), held(soaked.samples))


def _troubles(outcomes: Sequence[Outcome]) -> str:
    rows = [
        _trouble(trouble, [one for one in outcomes if one.trouble == trouble])
        for trouble in sorted({one.trouble for one in outcomes})
    ]
    head = (
        "trouble",
        "times",
        f"told in {TOLD_S:g} s",
        "median",
        "longest",
        f"over in {OVER_S:g} s",
        "median",
        "longest",
    )
    return table(head, rows)


def _trouble(trouble: str, outcomes: Sequence[Outcome]) -> list[Cell]:
    return [
        trouble,
        len(outcomes),
        *_within([one.told for one in outcomes], TOLD_S),
        *_within([one.over for one in outcomes], OVER_S),
    ]


def _within(taken: Sequence[float | None], limit: float) -> list[Cell]:
    known = [one for one in taken if one is not None]
    longest: Cell = "never" if len(known) < len(taken) else max(known)
    return [sum(one <= limit for one in known), median(known) if known else None, longest]


def _accounts(soaked: Soaked) -> str:
    fates = sorted({fate for counts in soaked.counts.values() for fate in counts})
    rows = [
        [name, *(int(counts.get(fate, 0)) for fate in fates), int(sum(counts.values())), soaked.seconds]
        for name, counts in sorted(soaked.counts.items())
    ]
    return join("Seconds of each source:", table(("source", *fates, "all", "passed"), rows))


def held(samples: Sequence[Sample]) -> str:
    """What the process held, in the second quarter and in the last."""
    quarter = max(1, len(samples) // 4)
    early, late = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    held: dict[str, Callable[[Sample], float]] = {
        "MB resident": lambda one: one.megabytes,
        "threads": lambda one: one.threads,
        "descriptors": lambda one: one.descriptors,
    }
    rows = [(what, fmean(map(of, early)), fmean(map(of, late)), max(map(of, samples))) for what, of in held.items()]
    return table(("held", "second quarter, mean", "last quarter, mean", "most"), rows)


def drawn(samples: Sequence[Sample]) -> str:
    """A picture (SVG): a row for each source, a bar for each second; below what the process held."""
    names = sorted(samples[-1].fates)
    scale, height = _WIDTH / samples[-1].at, len(names) * _ROW
    parts = [part for row, name in enumerate(names) for part in _bars(samples, name, row, scale)]
    lines: tuple[tuple[str, Callable[[Sample], float]], ...] = (
        ("MB", lambda one: one.megabytes),
        ("threads", lambda one: one.threads),
        ("descriptors", lambda one: one.descriptors),
    )
    for place, (what, of) in enumerate(lines):
        parts += _line(samples, what, of, height + 20 + place * _CHART, scale)
    whole = height + 40 + len(lines) * _CHART
    parts += _legend(whole - 8, samples[-1].at, names)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 20} {whole}" '
        'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _bars(samples: Sequence[Sample], name: str, row: int, scale: float) -> list[str]:
    """A path for each fate, with a bar for each run of seconds that it was."""
    bars: dict[str, list[str]] = {}
    begin = 0
    for place in range(1, len(samples) + 1):
        fate = samples[begin].fates.get(name, "") or "seen"
        if place < len(samples) and (samples[place].fates.get(name, "") or "seen") == fate:
            continue
        since, until = max(0.0, samples[begin].at - 1), samples[place - 1].at
        bar = f"M{_LEFT + since * scale:.1f} {row * _ROW + 3}h{(until - since) * scale:.1f}v{_ROW - 5}h-"
        bars.setdefault(fate, []).append(f"{bar}{(until - since) * scale:.1f}z")
        begin = place
    paths = (
        f'<path d="{"".join(parts)}" fill="{_COLOURS.get(fate, _ABSENT)}"><title>{name}: {fate}</title></path>'
        for fate, parts in bars.items()
    )
    return [_text(0, row * _ROW + 13, name), *paths]


def _line(samples: Sequence[Sample], what: str, of: Callable[[Sample], float], top: int, scale: float) -> list[str]:
    most = max(map(of, samples))
    tall = _CHART - 20
    points = " ".join(f"{_LEFT + one.at * scale:.1f},{top + tall * (1 - of(one) / most):.1f}" for one in samples)
    return [
        _text(0, top + 12, what),
        _text(0, top + 26, f"most {most:.0f}"),
        f'<line x1="{_LEFT}" y1="{top + tall}" x2="{_LEFT + _WIDTH}" y2="{top + tall}" stroke="#999"/>',
        f'<polyline points="{points}" fill="none" stroke="#2a5db0"/>',
    ]


def _legend(y: int, seconds: float, names: Sequence[str]) -> list[str]:
    words = "; green: seen, light: skipped, yellow: dropped, violet: unreadable, red: nothing came" if names else ""
    return [_text(_LEFT, y, f"{seconds / 60:.1f} minutes{words}")]


def _text(x: int, y: int, text: str) -> str:
    return f'<text x="{x}" y="{y}" fill="#333">{text}</text>'
