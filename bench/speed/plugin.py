"""A pytest fixture for people who embed a `Guard`: their own stage, held against a budget of theirs or of ours.

pytest finds it by itself where facewarden is installed; nothing else of it is imported before it is asked for.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from .measure import Machine, Measured


class HoldAgainst(Protocol):
    """What the fixture gives."""

    def __call__(
        self,
        work: Callable[[], object],
        *,
        stage: str | None = None,
        mean_ms: float | None = None,
        p99_ms: float | None = None,
        seconds: float = 2.0,
    ) -> "Measured":
        """Do the work again and again, and fail the test where it costs more processor time than it may.

        Args:
            work: what to measure, once; it is done many times.
            stage: a stage of `facewarden bench`, whose budget holds; or limits of one's own:
            mean_ms, p99_ms: milliseconds of processor time, on a machine like the one that our budgets name.
            seconds: for how long.

        Raises:
            ValueError: there is no budget of that name, or no limit was given.
        """
        ...


@pytest.fixture(scope="session")
def _facewarden_machine() -> "Machine":  # pyright: ignore[reportUnusedFunction] - pytest uses it
    from .measure import budgets, machine

    return machine(budgets().controls)


@pytest.fixture
def facewarden_budget(_facewarden_machine: "Machine") -> HoldAgainst:
    """Holds a piece of work against a budget: `facewarden_budget(work, mean_ms=0.8, p99_ms=5.0)`.

    Limits grow with a machine that is slower than the one that our budgets name; where it says nothing of us, the test
    is skipped.
    """
    from .measure import judged, repeated

    def hold(work: Callable[[], object], *, seconds: float = 2.0, **limits: Any) -> "Measured":
        found = judged(
            limits.get("stage") or "work", repeated(work, seconds), None, _budget(**limits), _facewarden_machine
        )
        if found.verdict == "not measurable":
            pytest.skip(f"this machine says nothing of it: {_facewarden_machine.slower:.1f} times slower than ours")
        if found.broken:
            pytest.fail(f"{found.name}: {', '.join(found.broken)}", pytrace=False)
        return found

    return hold


def _budget(stage: str | None = None, mean_ms: float | None = None, p99_ms: float | None = None) -> Any:
    from .measure import Budget, budgets

    if stage is not None:
        known = budgets().stages
        if stage not in known:
            raise ValueError(f"there is no budget for '{stage}'; known are {', '.join(known)}")
        return known[stage]
    if mean_ms is None and p99_ms is None:
        raise ValueError("give a limit: stage, mean_ms or p99_ms")
    return Budget("ms", "a limit of the test's own", mean=mean_ms, p99=p99_ms)
