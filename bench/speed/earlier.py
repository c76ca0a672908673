"""A run beside an earlier one, of which only its figures are left."""

from pathlib import Path
from typing import Final

import msgspec

from ...detector.errors import InputError
from ...detector.plain import UNREADABLE_JSON
from .against import Compared, Comparison, Verdict
from .measure import Measured
from .session import Run

# Apart in time a machine differs from itself by this, even where the controls say that it does not.
_LEAST: Final = 1.3
_TIMES_THE_FLOOR: Final = 3.0
# Machines further apart than this share say nothing of each other.
_NOISE: Final = 0.5
# What two runs apart in time cannot tell, for a person to read beside them.
UNKNOWN: Final = (
    "Apart in time: what else ran, the clock, the heat and the releases of what we rest on are not known. A cost is "
    "scaled by the slower control. --against builds the other version and measures both in turns."
)


def read_run(path: Path) -> Run:
    """What `facewarden bench --json` printed.

    Raises:
        InputError: it cannot be read, or is something else.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except UNREADABLE_JSON as error:
        raise InputError(f"{path}: is no run of facewarden bench --json ({error})") from error


def beside(run: Run, earlier: Run, name: str) -> Comparison:
    """Each stage's median cost over the earlier one's, each as if on the machine that the budgets name."""
    floor = abs(run.machine.slower / earlier.machine.slower - 1.0)
    limit = max(_LEAST, 1 + _TIMES_THE_FLOOR * floor)
    before = {stage.name: stage for stage in earlier.stages}
    scale = earlier.machine.slower / run.machine.slower
    stages = tuple(_compared(stage, before.get(stage.name), scale, limit, floor) for stage in run.stages)
    return Comparison(name, round(floor, 4), round(limit, 4), stages)


def _compared(stage: Measured, before: Measured | None, scale: float, limit: float, floor: float) -> Compared:
    if before is None or before.unit != stage.unit or not before.cost.p50:
        return Compared(stage.name, None, "only here")
    ratio = scale * stage.cost.p50 / before.cost.p50
    verdict: Verdict = "slower" if ratio > limit else "faster" if ratio < 1 / limit else "same"
    return Compared(stage.name, round(ratio, 4), "not measurable" if floor > _NOISE else verdict)
