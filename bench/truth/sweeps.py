"""Where the verdict holds, abstains and fails: `python -m facewarden.bench.truth.sweeps`."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import typer

from ...detector.guard import Guard
from ...streams.push import PushSource
from ..material import stimuli
from ..material.stimuli import Base, Clip
from ..tools.command import Out, deliver, run
from ..tools.markdown import join, table

SEEDS, SECONDS = 3, 8.0
# The scenes that a stimulus is made from, and the truth about both.
SCENES = {"fixed": "fixed", "body": "mobile"}
_OUTCOMES = ("holds", "abstains", "fails")
_NOTE = """\
One property at a time is turned up, on a camera that is fixed (scene `fixed`, a lobby with people) and on one that is
mobile (scene `body`, a walk that pauses), {seconds:g} s each, {seeds} seeds a level. The verdict at the end *holds*
where it is right, *abstains* where it is `unknown`, and *fails* where it is wrong. Panning or shaking, a fixed camera
is fixed. Below, each level has the number of clips where it holds/abstains/fails."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A property, its levels in their unit, and the clip that has it at a level."""

    name: str
    unit: str
    levels: tuple[float, ...]
    clip: Callable[[Base, float], Clip]


SWEEPS = (
    Sweep("Pan", "deg/s of yaw, 60 degrees across the picture", (0, 1, 2, 5, 10, 20, 40, 60), stimuli.pan),
    Sweep("Shake", "px of amplitude at 320 px width", (0, 0.5, 1, 2, 3, 5, 7, 10), stimuli.shake),
    Sweep("Foreground", "% of the picture", (0, 20, 40, 60, 70, 80, 90, 95), stimuli.foreground),
    Sweep("Sensor noise", "grey levels, standard deviation, added", (0, 3, 6, 10, 15, 20, 30), stimuli.noise),
    Sweep("Frame rate", "pictures/s", (3, 5, 8, 10, 15, 30, 60), stimuli.rate),
    Sweep("Resolution", "lines, 176x144 to 3840x2160", (144, 240, 360, 720, 1080, 2160), stimuli.resolution),
    Sweep("Overlay", "% of the picture", (0, 5, 10, 20, 30, 40), stimuli.overlay),
)


class Trial(NamedTuple):
    """One clip of a sweep and what became of it: `holds`, `abstains` or `fails`."""

    level: float
    scene: str
    outcome: str


def sweep_through(sweep: Sweep, seeds: int, seconds: float) -> list[Trial]:
    """Every level of a sweep, on both scenes, with every seed."""
    # Levels inside seeds: the pictures that all levels share are rendered once.
    return [
        Trial(level, scene, _outcome(sweep.clip(Base(scene, seed, seconds), level), truth))
        for scene, truth in SCENES.items()
        for seed in range(seeds)
        for level in sweep.levels
    ]


def _outcome(clip: Clip, truth: str) -> str:
    guard, source = Guard(live=False), PushSource("sweep")
    for at, picture in clip:
        guard.observe(source.frame(picture, at, "gray"))
    verdict = guard.watch("sweep").beliefs[0].value
    return "abstains" if verdict == "unknown" else "holds" if verdict == truth else "fails"


# --- the report -------------------------------------------------------------------------------------------------------


def report(results: dict[str, list[Trial]], seeds: int, seconds: float) -> str:
    """Which levels hold, in short; then every level."""
    short = [_short(sweep, results[sweep.name]) for sweep in SWEEPS]
    blocks = (join(f"### {sweep.name}, {sweep.unit}", _levels(results[sweep.name])) for sweep in SWEEPS)
    header = ("", *(f"{truth}: {what}" for truth in SCENES.values() for what in ("holds at", "fails at")))
    return join(_NOTE.format(seconds=seconds, seeds=seeds), table(header, short), *blocks)


def _short(sweep: Sweep, trials: Sequence[Trial]) -> tuple[str, ...]:
    return f"{sweep.name}, {sweep.unit}", *(
        _which(sweep, [trial for trial in trials if trial.scene == scene], outcome)
        for scene in SCENES
        for outcome in ("holds", "fails")
    )


def _which(sweep: Sweep, trials: Sequence[Trial], outcome: str) -> str:
    """The levels where all seeds hold, or where any fails."""
    enough = all if outcome == "holds" else any
    levels = [n for n in sweep.levels if enough(trial.outcome == outcome for trial in trials if trial.level == n)]
    if len(levels) == len(sweep.levels):
        return "all"
    return ", ".join(f"{level:g}" for level in levels) or "none"


def _levels(trials: Sequence[Trial]) -> str:
    counted = Counter(trials)
    levels = list(dict.fromkeys(trial.level for trial in trials))
    lines = [
        (truth, *("/".join(str(counted[Trial(level, scene, outcome)]) for outcome in _OUTCOMES) for level in levels))
        for scene, truth in SCENES.items()
    ]
    return table(("", *(f"{level:g}" for level in levels)), lines)


def measure(seeds: int = SEEDS, seconds: float = SECONDS) -> str:
    """All sweeps, in Markdown."""
    return report(dict(_run_all(seeds, seconds)), seeds, seconds)


def _run_all(seeds: int, seconds: float) -> Iterator[tuple[str, list[Trial]]]:
    with typer.progressbar(SWEEPS, label="sweeps", file=typer.get_text_stream("stderr")) as sweeps:
        for sweep in sweeps:
            yield sweep.name, sweep_through(sweep, seeds, seconds)


def main(
    out: Out = None,
    seeds: Annotated[int, typer.Option(min=1, help="Clips a level and scene.")] = SEEDS,
    seconds: Annotated[float, typer.Option(min=1.0, help="Length of each.")] = SECONDS,
) -> None:
    """Turn up one property at a time on rendered cameras, and say where the verdict stops holding."""
    deliver(join("# Sweeps", measure(seeds, seconds)), out)


if __name__ == "__main__":
    run(main)
