"""What every tap promises, for every way to run a model."""

import gc
import sys
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.runtimes import CASES, Arrays, Case
from numpy.typing import NDArray

from facewarden.detector.calls.taps import Tap, Taps
from facewarden.detector.calls.taps.patch import Function, Patches
from facewarden.detector.calls.taps.scripted import ScriptedGate

Picture = NDArray[np.uint8]


class RefusedError(Exception):
    """What the gate raises here."""


def equal(one: Arrays, other: Arrays) -> bool:
    return len(one) == len(other) and all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def told(call: Callable[[], object]) -> tuple[type[BaseException], str, object]:
    """What a host can tell of an exception."""
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever the runtime raises
        call()
    return type(raised.value), str(raised.value), type(raised.value.__context__)


def owners(tap: Tap) -> dict[int, Any]:
    return {id(patch.owner): patch.owner for _, patches in tap._installed.values() for patch in patches._made}


def is_ours(function: object) -> bool:
    function = getattr(function, "__func__", function)
    return getattr(function, "__globals__", {}).get("__name__", "").startswith("facewarden")


@pytest.fixture
def work(case: Case) -> Any:
    """How often the runtime has been at work; counted below the tap."""
    done: list[int] = []

    def spy(original: Function) -> Function:
        def counting(*args: object, **kwargs: object) -> object:
            done.append(1)
            return original(*args, **kwargs)

        return counting

    patches = Patches()
    owner, name = case.work()
    patches.wrap(owner, name, spy)
    yield done
    patches.undo()


@pytest.mark.parametrize(("watching", "learning"), [(False, False), (True, False), (True, True)])
def test_a_call_gives_what_it_gives_without_us(
    case: Case, taps: Taps, gate: ScriptedGate, picture: Picture, tmp_path: Path, watching: bool, learning: bool
) -> None:
    alone = case.call(case.open(tmp_path), picture)
    gate.watching, gate.learning = watching, learning
    taps.install()

    assert equal(case.call(case.open(tmp_path), picture), alone)


@pytest.mark.parametrize("watching", [False, True])
def test_a_call_that_fails_fails_as_without_us(
    case: Case, taps: Taps, gate: ScriptedGate, tmp_path: Path, watching: bool
) -> None:
    gate.watching = watching
    model = case.open(tmp_path)
    alone = told(lambda: case.wrong(model))
    taps.install()

    assert told(lambda: case.wrong(model)) == alone
    assert told(lambda: case.wrong(model)) == alone


def test_a_refused_call_does_no_work_and_the_next_one_does(
    case: Case, work: list[int], taps: Taps, gate: ScriptedGate, picture: Picture, tmp_path: Path
) -> None:
    taps.install()
    model = case.open(tmp_path)
    work.clear()
    gate.refusal = RefusedError("not on this camera")

    with pytest.raises(RefusedError, match="not on this camera"):
        case.call(model, picture)
    assert work == []

    gate.refusal = None
    case.call(model, picture)
    assert work


def test_a_watched_call_is_admitted_once_with_the_model_that_was_opened(
    case: Case, taps: Taps, gate: ScriptedGate, picture: Picture, tmp_path: Path
) -> None:
    taps.install()
    model = case.open(tmp_path)
    before = len(gate.admitted)
    case.call(model, picture)

    ((admitted, _),) = gate.admitted[before:]
    assert admitted is gate.models[-1]
    assert (gate.opened_with[-1][0] is not None) == case.content


def test_a_model_that_is_not_watched_is_counted_and_the_gate_left_alone(
    case: Case, taps: Taps, gate: ScriptedGate, picture: Picture, tmp_path: Path
) -> None:
    gate.watching = False
    taps.install()
    model = case.open(tmp_path)
    before = sum(one.counted for one in gate.models)
    for _ in range(3):
        case.call(model, picture)

    assert gate.admitted == []
    assert sum(one.counted for one in gate.models) == before + 3


def test_a_model_that_was_open_before_the_tap_is_watched_too(
    case: Case, taps: Taps, gate: ScriptedGate, picture: Picture, tmp_path: Path
) -> None:
    model = case.open(tmp_path)
    case.call(model, picture)
    taps.install()
    case.call(model, picture)
    case.call(model, picture)

    assert len(gate.admitted) == 2
    assert len(gate.models) == 1


def test_what_a_learned_model_answers_is_told(
    case: Case, taps: Taps, gate: ScriptedGate, picture: Picture, tmp_path: Path
) -> None:
    gate.learning = True
    taps.install()
    case.call(case.open(tmp_path), picture)

    assert all(model.learning and outputs is not None for model, _, outputs in gate.answers)


def test_installed_twice_is_installed_once(
    case: Case, taps: Taps, gate: ScriptedGate, picture: Picture, tmp_path: Path
) -> None:
    taps.install()
    patched = {key: dict(vars(owner)) for key, owner in owners(taps.taps[0]).items()}
    taps.install()

    assert {key: dict(vars(owner)) for key, owner in owners(taps.taps[0]).items()} == patched
    model = case.open(tmp_path)
    before = len(gate.admitted)
    case.call(model, picture)
    assert len(gate.admitted) == before + 1


def test_removed_it_leaves_no_trace(case: Case, taps: Taps, tmp_path: Path) -> None:
    case.open(tmp_path)
    finders = list(sys.meta_path)
    taps.install()
    patched = owners(taps.taps[0])
    taps.remove()
    left = {key: dict(vars(owner)) for key, owner in patched.items()}
    taps.install()
    taps.remove()

    assert patched
    assert not any(is_ours(value) for values in left.values() for value in values.values())
    assert {key: dict(vars(owner)) for key, owner in patched.items()} == left
    assert sys.meta_path == finders


def test_a_function_of_ours_that_the_host_has_kept_lets_calls_through(
    case: Case, taps: Taps, gate: ScriptedGate, picture: Picture, tmp_path: Path
) -> None:
    model = case.open(tmp_path)
    owner, name = (case.tapped or case.work)()
    taps.install()
    kept = getattr(owner, name)
    taps.remove()
    gate.refusal = RefusedError()
    setattr_back = Patches()
    setattr_back.wrap(owner, name, lambda _: kept)
    try:
        case.call(model, picture)
    finally:
        setattr_back.undo()

    assert gate.admitted == []
    assert not taps.taps[0].holders.models


def test_a_model_that_the_host_has_dropped_is_forgotten(
    case: Case, taps: Taps, picture: Picture, tmp_path: Path
) -> None:
    taps.install()
    case.call(case.open(tmp_path), picture)
    gc.collect()
    taps.taps[0].holders.sweep()

    assert taps.taps[0].holders.models == {}


@pytest.mark.parametrize("watching", [False, True])
def test_no_call_of_many_threads_is_lost(
    case: Case, taps: Taps, gate: ScriptedGate, picture: Picture, tmp_path: Path, watching: bool
) -> None:
    gate.watching = watching
    taps.install()
    models = [case.open(tmp_path) for _ in range(case.threads)]
    before = len(gate.admitted) + sum(model.counted for model in gate.models)

    with ThreadPoolExecutor(case.threads) as pool:
        list(pool.map(lambda model: [case.call(model, picture) for _ in range(2)], models))

    assert len(gate.admitted) + sum(model.counted for model in gate.models) == before + case.threads * 2


def test_the_tap_is_proven_by_a_call_of_our_own_that_the_gate_is_not_told_of(
    case: Case, taps: Taps, gate: ScriptedGate, tmp_path: Path
) -> None:
    case.open(tmp_path)
    taps.install()
    states = [taps.check()[0] for _ in range(2)]

    assert [(state.state, state.detail) for state in states] == [("on", "")] * 2
    assert (gate.models, gate.admitted) == ([], [])


def test_a_tap_that_somebody_has_taken_away_is_lost(case: Case, taps: Taps, tmp_path: Path) -> None:
    case.open(tmp_path)
    owner, name = (case.tapped or case.work)()
    theirs = vars(owner)[name]
    taps.install()
    setattr(owner, name, theirs)

    (state,) = taps.check()
    assert (state.state, name in state.detail) == ("lost", True)


@pytest.mark.parametrize(
    "case", [name for name in CASES if not name.startswith(("opencv", "face_recognition"))], indirect=True
)
def test_what_the_gate_is_told_of_a_model_does_not_keep_it(
    case: Case, taps: Taps, gate: ScriptedGate, picture: Picture, tmp_path: Path
) -> None:
    """OpenCV's objects take no weak reference, and what `face_recognition` has is no object."""
    taps.install()
    model = case.open(tmp_path)
    case.call(model, picture)
    reference = weakref.ref(model)
    gate.admitted.clear()
    del model
    gc.collect()

    assert gate.opened_with
    assert reference() is None


def test_two_hundred_installs_and_removes_leave_nothing_behind(case: Case, taps: Taps, tmp_path: Path) -> None:
    case.open(tmp_path)

    def objects(times: int) -> int:
        for _ in range(times):
            taps.install()
            taps.remove()
        gc.collect()
        return len(gc.get_objects())

    before = objects(10)
    assert objects(200) - before < 50
