from collections.abc import Iterator

import numpy as np
import pytest
from helpers.runtimes import CASES, Case, is_here
from numpy.typing import NDArray

from facewarden.detector.calls.taps import Taps
from facewarden.detector.calls.taps.scripted import ScriptedGate


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    chosen = CASES[request.param]
    if not is_here(chosen.needs):
        pytest.skip(f"{chosen.needs.partition('.')[0]} is not installed here: make taps")
    return chosen


@pytest.fixture
def gate() -> ScriptedGate:
    return ScriptedGate()


@pytest.fixture
def taps(case: Case, gate: ScriptedGate) -> Iterator[Taps]:
    """The tap of the case alone, not yet installed."""
    taps = Taps(gate, [case.tap])
    yield taps
    taps.remove()


@pytest.fixture(scope="session")
def picture() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (112, 112, 3), np.uint8)
