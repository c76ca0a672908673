"""Sessions as they are recorded: scenes pushed live through a guard that has too little time."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from facewarden.detector import Allowance, Call, Guard, Site
from facewarden.detector.clock import ManualClock
from facewarden.detector.recording import Recording
from facewarden.detector.recording.parts import LIMITS, RecordingLimits
from facewarden.streams.source import open_source

BEGAN = 1_790_000_000.0
SCENES = {"unit": "synthetic:dash?seconds=4&size=320x180", "desk": "synthetic:fixed?seconds=4&size=320x180"}


def session(
    folder: Path,
    scenes: Mapping[str, str] = SCENES,
    *,
    keep_looks: bool = True,
    site: Site | None = None,
    budget_ms: float = 3.0,
    silent: float = 0.0,
    limits: RecordingLimits = LIMITS,
    told: Callable[[str], None] = lambda _: None,
) -> tuple[Recording, Guard]:
    """Show scenes to a guard, picture by picture in turn, with calls on one of them and on none; afterwards nothing
    comes for `silent` seconds, and there is one more call on each. The recording is left open."""
    clock = ManualClock(100.0, BEGAN)
    recording = Recording(folder, keep_looks=keep_looks, clock=clock, limits=limits, told=told)
    guard = Guard(site, clock=clock, recording=recording, budget_ms=budget_ms, allowance=Allowance(2 * budget_ms))
    sources = {name: iter(open_source(url, name)) for name, url in scenes.items()}
    names = list(sources)
    for number, frames in enumerate(zip(*sources.values(), strict=False)):
        for frame in frames:
            clock.seconds, clock.posix = 100.0 + frame.media_time, BEGAN + frame.media_time
            guard.observe(replace(frame, received_at=clock.seconds))
        if number % 13 == 5:
            guard.judge(Call(source=[*names, None][number % 3 if number % 3 <= len(names) else 0]))
    clock.advance(silent)
    for name in names:
        guard.judge(Call(source=name, service="azure_openai"))
    return recording, guard
