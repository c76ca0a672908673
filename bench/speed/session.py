"""A run of all stages, quick or full."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
import msgspec

from ...detector.errors import InputError
from ...detector.guard import Guard
from ...detector.release import release
from ...detector.site import load_site
from ...streams.source import open_source
from . import probe
from .measure import (
    MOST_KEPT,
    Budget,
    Budgets,
    Machine,
    Measured,
    Progress,
    Times,
    arriving,
    budgets,
    judged,
    machine,
    repeated,
    resident_megabytes,
    slowest,
    starting,
)
from .versions import growth, importable

# Seconds for which pictures arrive, and for which a stage is repeated.
_QUICK, _FULL = (8.0, 0.5), (20.0, 2.0)
_STARTS: Final = {
    "import facewarden.detector": ["-c", "import facewarden.detector"],
    "facewarden --help": ["-m", "facewarden", "--help"],
    "facewarden decide": ["-m", "facewarden", "decide", "--json"],
}
_CLIP_SECONDS: Final = 10
# Cameras at 30 pictures a second that may not be late, and how many times as many pictures of a slow one are looked at.
_CALM, _MOST_LOOKED_AT = 8, 3.0


class Run(msgspec.Struct, frozen=True, tag_field="schema", tag="facewarden.bench/1"):
    """What was measured.

    Attributes:
        facewarden: the version.
        machine: how it stands beside the one that the budgets name.
        megabytes_per_source: resident; None where too few sources were held to tell.
        kept_per_picture: bytes that a picture leaves behind; None in a quick run, or of pictures of one's own.
    """

    facewarden: str
    machine: Machine
    stages: tuple[Measured, ...]
    megabytes_per_source: float | None
    kept_per_picture: float | None = None

    @property
    def broken(self) -> tuple[Measured, ...]:
        """The stages beyond their budget."""
        return tuple(stage for stage in self.stages if stage.verdict == "broken")

    @property
    def leaks(self) -> bool:
        """Whether each picture leaves more behind than what is kept turns over."""
        return self.kept_per_picture is not None and self.kept_per_picture > MOST_KEPT

    @property
    def measurable(self) -> bool:
        """Whether any of it says something of us."""
        return any(stage.verdict == "ok" for stage in self.stages) or bool(self.broken) or self.leaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What to measure.

    Attributes:
        quick: half a minute, of the stages that matter most.
        clip: a recording, in place of rendered pictures; only its pictures are measured then.
        site: its face detector and packs are used.
        sources, rate: how many sources, and how many pictures a second of each, where they are asked for.
    """

    quick: bool = False
    clip: str | None = None
    site: Path | None = None
    sources: int | None = None
    rate: float = probe.RATE

    def run(self, tell: Progress) -> Run:
        """Measure. Takes a minute, or a few where not `quick`; on one thread.

        Raises:
            InputError: the clip or the site cannot be read.
        """
        cv2.setNumThreads(1)
        known = budgets()
        tell("controls")
        before = machine(known.controls)
        empty = resident_megabytes()
        stages = list(self._stages(known, before, tell))
        after = machine(known.controls)
        here = slowest(before, after)
        grown = (resident_megabytes() - empty) / self.sources if self.sources and self.sources >= 8 else None
        return Run(release(), here, tuple(stages), grown and round(grown, 2), self._kept(tell))

    def _kept(self, tell: Progress) -> float | None:
        if self.quick or self.clip or self.sources:
            return None
        tell("memory that a picture leaves behind")
        with TemporaryDirectory(prefix="facewarden-bench-") as folder:
            return round(growth(importable(Path(__file__).parents[2], Path(folder))), 1)

    def _stages(self, known: Budgets, here: Machine, tell: Progress) -> Iterator[Measured]:
        seconds, again = _QUICK if self.quick else _FULL
        held = partial(_held, controls=known.controls, here=here, tell=tell)
        for name, kind, works in self._frames():
            yield held(name, partial(arriving, works, self.rate, seconds), self._budget(known, kind))
        if self.clip or self.sources:
            return
        for name, make in probe.STAGES.items():
            if not name.startswith("frame"):
                yield held(name, partial(_alone, repeated, make(), again), known.stages.get(name))
        for name, arguments in _STARTS.items():
            yield held(name, partial(_alone, starting, arguments), known.start.get(name))

    def _budget(self, known: Budgets, kind: str) -> Budget:
        """Of the size; where pictures come more seldom, more of them are looked at, and of many some may be late."""
        found, rate = known.stages[kind], self.rate / probe.RATE
        is_calm = (self.sources or 1) * rate <= _CALM
        grown = max(1.0, min(1 / rate, _MOST_LOOKED_AT))
        mean = found.mean and round(found.mean * grown, 4)
        return msgspec.structs.replace(found, mean=mean, late_p99=found.late_p99 if is_calm else None)

    def _frames(self) -> Iterator[tuple[str, str, list[probe.Work]]]:
        """The name of each, whose budget it has, and what is handed over."""
        if self.clip:
            pictures = _decoded(self.clip)
            kind = f"frame {_size_of(pictures[0].size)} luma"
            yield f"frame of {Path(self.clip).name}", kind, self._handed(pictures, self.sources or 1)
            return
        if self.sources:
            pictures = probe.footage(probe.SIZES["1080p"], "gray")
            works = self._handed(pictures, self.sources)
            yield f"frame 1080p luma, {self.sources} sources", "frame 1080p luma, 8 sources", works
            return
        sizes = ("1080p",) if self.quick else tuple(probe.SIZES)
        for size in sizes:
            for word, layout in (("luma", "gray"), ("bgr", "bgr")):
                name = f"frame {size} {word}"
                yield name, name, self._handed(probe.footage(probe.SIZES[size], layout), 1, layout)
        for sources in () if self.quick else (8, 32):
            name = f"frame 1080p luma, {sources} sources"
            yield name, name, self._handed(probe.footage(probe.SIZES["1080p"], "gray"), sources)

    def _handed(self, pictures: list[Any], sources: int, layout: str = "gray") -> list[probe.Work]:
        guard = Guard(load_site(self.site) if self.site else None, live=False)
        handed = probe.Handed(pictures, layout, sources, guard)
        return [handed] * sources


def _alone(measure: Callable[..., Times], *given: Any) -> tuple[Times, None]:
    """What does not arrive, and so is never late."""
    return measure(*given), None


def _held(
    name: str,
    measure: Callable[[], tuple[Times, Times | None]],
    budget: Budget | None,
    *,
    controls: Mapping[str, float],
    here: Machine,
    tell: Progress,
) -> Measured:
    """A stage held against its budget; what is beyond it is measured once more, and the machine with it: others may
    have come meanwhile."""
    tell(name)
    found = judged(name, *measure(), budget, here)
    if found.verdict != "broken":
        return found
    tell(f"{name}, once more")
    return judged(name, *measure(), budget, slowest(here, machine(controls)))


def _size_of(pixels: int) -> str:
    """The smallest size that has so many, or the largest."""
    return next((name for name, (width, height) in probe.SIZES.items() if width * height >= pixels), "4K")


def _decoded(clip: str) -> list[Any]:
    """Luma of the first seconds of a recording."""
    found: list[Any] = []
    with open_source(clip) as source:
        for frame in source:
            if frame.media_time > _CLIP_SECONDS:
                break
            found.append(frame.luma.copy())
    if not found:
        raise InputError(f"{clip}: has no picture to measure with")
    return found
